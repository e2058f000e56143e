#pragma once
// row_filter: which rows a find is about. So far equality on fields (dotted paths); the query language grows here.
// Pure, any thread.

#include <optional>
#include <string>
#include <vector>

#include "database/errors.hpp"
#include "protocol/json_node.hpp"

namespace dbcord::database {

class row_filter {
 public:
  static base::result<row_filter> parse(std::string_view where_json);

  bool matches(std::string_view row_json) const;
  // The primary key that the filter demands, if it demands one.
  std::optional<std::string> key(std::string_view primary_key) const;

 private:
  struct condition {
    std::string path;       // dotted
    protocol::json_node value;
    std::string canonical;  // of the value
    std::string verbatim;   // text that the row must contain to match at all; empty: no such text
  };

  std::vector<condition> conditions_;
};

}  // namespace dbcord::database
