#pragma once
// predicate: which rows a query is about, in MongoDB's words: {"age": {"$gte": 18}, "$or": [{"role": "admin"}, …]}. Immutable value,
// any thread. parse() never throws; its errors are one sentence that names the field or operator.
//
// Fields are dotted paths (field_path.hpp). A condition holds if it holds for the field's value or, when that is an array, for one of
// its items; $ne, $nin, $not are the exact opposites of $eq, $in and what they enclose. null is equal to a missing field; in a list of objects
// a field is missing only when no item has it. $gt and its kin
// compare numbers with numbers, strings with strings, booleans with booleans (value_order.hpp), and hold for nothing else.
// Beyond MongoDB: {"$contains": x} for a text within a string, an item of an array, the name of a member; {"$prefix": "text"}.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/json_node.hpp"
#include "protocol/value_set.hpp"

namespace dbcord::protocol {

enum class comparison { eq, gt, gte, lt, lte, in, contains, prefix, exists };

// One field's condition. Negations are nodes of their own.
struct field_condition {
  std::string path;
  comparison how = comparison::eq;
  json_node operand;
  std::vector<std::string> canonical;  // eq: of the operand; in: of each of its items, sorted
  std::vector<std::uint16_t> fingerprints = {};  // fingerprints_demanded()
  value_set equals = {};  // eq, in: the same as canonical
};

class predicate {
 public:
  enum class junction { condition, all_of, any_of, none_of };

  // The predicate of {}: true for every row.
  predicate() = default;
  static base::result<predicate> parse(std::string_view where_json);
  static base::result<predicate> parse(const json_node& where);

  bool matches(const json_node& row) const;
  // The same for a row's JSON as to_json writes it; cheap for rows whose text shows that they cannot match.
  bool matches(std::string_view row_json) const;

  bool matches_everything() const { return kind_ == junction::all_of && parts_.empty(); }
  // For planners: what the tree is made of. `parts` of a condition are empty.
  junction kind() const { return kind_; }
  const field_condition& condition() const { return condition_; }
  const std::vector<predicate>& parts() const { return parts_; }
  std::size_t conditions() const;  // in the whole tree
  // Conditions that every matching row fulfils: those of the tree's top conjunction.
  std::vector<const field_condition*> demanded() const;

 private:
  friend class predicate_parser;

  void collect_demanded(std::vector<const field_condition*>& out) const;

  junction kind_ = junction::all_of;
  field_condition condition_;
  std::vector<predicate> parts_;
  std::vector<std::string> required_texts_;  // of the top: without each of them in its JSON no row matches
};

// Whether the condition holds for one value (not for its items).
bool holds_for(const field_condition& c, const json_node& value);

}  // namespace dbcord::protocol
