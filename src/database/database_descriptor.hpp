#pragma once
// database_descriptor: what databases are to have, as a file says it and people keep it beside their programs: tables with primary key, schema, indexes
// and layout. Immutable value, any thread; never throws on input bytes.
//
// {"databases": {"prod": {"tables": {"users": {"pk": "id", "schema": {"required": ["id"]}, "indexes": [{"field": "email", "unique": true}], "layout": "auto"}}}}}
// An index may also say "channel": true or false. schema, indexes, layout and channel that are left out may be anything; databases and tables that are not named, too.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "database/engine.hpp"

namespace dbcord::database {

class database_descriptor {
 public:
  struct index {
    std::string field;
    bool unique = false;
    std::optional<bool> channel = {};  // whether it has one
  };
  struct table {
    std::string primary_key;
    std::optional<std::string> schema_json;
    std::optional<std::vector<index>> indexes;
    std::optional<std::string> layout;
  };
  using tables = std::map<std::string, table>;

  // An error is one sentence that names the place, like databases.prod.tables.users.pk.
  static base::result<database_descriptor> parse(std::string_view json);
  static database_descriptor of(const database_summary& present);
  // Indented JSON that parse() accepts.
  std::string text() const;

  // Null: nothing is said of it.
  const tables* of_database(const std::string& name) const;
  // What is otherwise than it should be, a few words each.
  std::vector<std::string> differences(const database_summary& present) const;
  // What could simply be made.
  struct missing {
    std::vector<std::string> tables;
    std::vector<std::pair<std::string, index>> indexes;  // of tables that are there
    std::vector<std::pair<std::string, index>> channels;  // of indexes that are there
  };
  missing missing_in(const database_summary& present) const;

 private:
  std::map<std::string, tables> databases_;
};

// "a, b, c and 4 more".
std::string listed(const std::vector<std::string>& things, std::size_t shown = 3);

}  // namespace dbcord::database
