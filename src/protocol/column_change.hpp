#pragma once
// column_change: one change of a table's columns (a field is added, dropped or renamed), and what it makes of a row, of a patch and of a schema. Value type, any
// thread; never throws on input bytes.
//
// Fields may be dotted paths through objects, not through lists. As JSON: {"add":"age","rule":{"type":"int","default":0}}, {"drop":"age"},
// {"rename":"age","to":"years"}.

#include <optional>
#include <string>
#include <string_view>

#include "protocol/row_schema.hpp"

namespace dbcord::protocol {

class column_change {
 public:
  enum class kind { add, drop, rename };

  // `rule`: as under "properties" of a schema. Errors are sentences that name the field.
  static base::result<column_change> add(std::string field, std::string_view rule_json);
  static base::result<column_change> drop(std::string field);
  static base::result<column_change> rename(std::string field, std::string to);
  static base::result<column_change> parse(std::string_view json);
  std::string json() const;
  // As a person types it: "drop:age", "rename:age to:years".
  std::string arguments() const;

  // The other one is to be undone by this one, also when only some rows have its form: what was dropped and is gone stays gone, of course.
  bool takes_back(const column_change& other) const;
  // As a person types what takes this one back.
  std::string arguments_back() const;

  kind what() const { return what_; }
  const std::string& field() const { return field_; }
  const std::string& to() const { return to_; }

  // Brings a row into its new form; false: it is in that already.
  bool apply(json_node& row) const;
  // A merge patch made for rows of the old form, for such of the new one.
  void apply_to_patch(json_node& patch) const;
  // Why a row cannot be brought into the new form without losing something, or does not fit then. `taking_back`: it may be one that has that form already, since
  // the change that is taken back has not reached it.
  std::optional<std::string> obstacle(const json_node& row, std::size_t row_cap, bool taking_back = false) const;
  // The part of that which holds whatever the schema says: the row's new form would be too deep, or take more than `row_cap` bytes as JSON.
  std::optional<std::string> unwritable(const json_node& row, std::size_t row_cap) const;
  // The schema of the new form. An error: the change does not go with the schema.
  base::result<row_schema> apply_to(const row_schema& schema) const;
  // Rows that lack the field, or one in it, get a default.
  bool fills() const;
  // A path that lies at the dropped or renamed field, or below it.
  bool concerns(std::string_view path) const;
  // What such a path is called in the new form, if it is there at all.
  std::string renamed(std::string_view path) const;

 private:
  column_change() = default;

  kind what_ = kind::add;
  std::string field_, to_;
  json_node rule_;          // of an added field
  row_schema rules_;        // the same, as a schema of its own
};

}  // namespace dbcord::protocol
