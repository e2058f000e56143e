#include "database/row_input.hpp"

#include <fmt/format.h>

#include "database/field_names.hpp"
#include "protocol/canonical_value.hpp"
#include "protocol/field_path.hpp"
#include "protocol/names.hpp"
#include "protocol/row_message.hpp"

namespace dbcord::database {
namespace {

base::result<protocol::json_node> parse_object(std::string_view json, std::string_view argument, std::size_t cap) {
  if (json.size() > cap) {
    return base::error(errc::too_large, fmt::format("{} has {} bytes; at most {} are allowed", argument, json.size(), cap));
  }
  auto node = protocol::parse_json(json);
  if (!node) {
    return base::error(errc::invalid_json, fmt::format("{} is not valid JSON: {}", argument, node.error().message));
  }
  if (!node->is_object()) {
    return base::error(errc::invalid_json, fmt::format("{} must be a JSON object like {{\"name\": \"value\"}}", argument));
  }
  return node;
}

bool is_valid_utf8(std::string_view text) {
  std::string quoted;
  protocol::append_json_string(quoted, text);
  return protocol::parse_json(quoted).has_value();
}

}  // namespace

base::result<void> check_key(std::string_view key) {
  if (key.empty()) return base::error(base::errc::invalid_argument, "key is empty; give the row a key");
  if (key.size() > protocol::max_key_bytes) {
    return base::error(errc::too_large,
                       fmt::format("key has {} bytes; at most {} are allowed", key.size(), protocol::max_key_bytes));
  }
  if (protocol::has_control_character(key) || !is_valid_utf8(key)) {
    return base::error(base::errc::invalid_argument, "key must be text in UTF-8 without control characters");
  }
  return {};
}

base::result<void> check_index_field(std::string_view field, std::string_view primary_key) {
  if (!check_key(field) || protocol::has_empty_part(field) || field.starts_with('$') || !protocol::is_usable_path(field)) {
    return base::error(base::errc::invalid_argument, fmt::format("field: give the name of a field, or a path like address.city with a name on each side of a dot, up to {} bytes "
                                                                 "in up to {} parts, and not beginning with $",
                                                                 protocol::max_key_bytes, protocol::max_path_segments));
  }
  if (field == primary_key) {
    return base::error(base::errc::invalid_argument,
                       fmt::format("field: {} is the primary key, which is unique and by which rows are found anyway", field));
  }
  return {};
}

base::result<checked_row> check_row(new_row input, const std::string& primary_key, std::size_t row_cap, row_source from) {
  bool of_file = from == row_source::file || from == row_source::copy;
  std::string_view name = of_file ? "the row" : from == row_source::step ? "value" : "value_json";
  auto node = parse_object(input.json, name, row_cap);
  if (!node) return node.error();
  auto bad = from == row_source::copy ? std::nullopt : unusable_field(*node, name);
  if (bad) return base::error(errc::invalid_json, std::move(*bad));
  const auto* field = node->find(primary_key);
  auto from_field = field ? protocol::key_text(*field) : std::nullopt;
  if (field && !from_field) {
    return base::error(errc::invalid_json, fmt::format("{}'s primary key field \"{}\" must be a string or an integer", name, primary_key));
  }
  if (!field && input.key.empty() && of_file) {
    return base::error(errc::invalid_json, fmt::format("the row has no field \"{}\", the primary key of the table", primary_key));
  }
  if (!field && input.key.empty()) {
    return base::error(errc::invalid_json,
                       fmt::format("the row has no key: give key, or its primary key field \"{}\"", primary_key));
  }
  if (field && !input.key.empty() && *from_field != input.key) {
    return base::error(errc::invalid_json, fmt::format("key is \"{}\" but the row's primary key field \"{}\" is \"{}\"; make them agree",
                                                       input.key, primary_key, *from_field));
  }
  checked_row row;
  row.key = field ? std::move(*from_field) : std::move(input.key);
  auto usable = check_key(row.key);
  if (!usable && field) return base::error(usable.error().code, fmt::format("{}'s primary key field \"{}\": {}", name, primary_key, usable.error().message));
  if (!usable) return usable.error();
  if (!field) node->members.emplace(node->members.begin(), primary_key, protocol::json_node::make_string(row.key));
  row.json = protocol::to_json(*node);
  if (row.json.size() > row_cap) {  // with its key, or written as it is kept
    return base::error(errc::too_large, fmt::format("{} would have {} bytes as it is kept; at most {} are allowed", name, row.json.size(), row_cap));
  }
  return row;
}

std::optional<std::string> empty_patch(const protocol::json_node& patch, std::string_view name) {
  if (!patch.members.empty()) return std::nullopt;
  return fmt::format("{} names no field, so nothing would change; give what changes, e.g. {{\"role\": \"admin\"}}", name);
}

base::result<protocol::json_node> check_patch(std::string_view json, std::size_t row_cap) {
  constexpr std::string_view name = "patch_json";
  auto patch = parse_object(json, name, row_cap);
  if (!patch) return patch;
  auto bad = empty_patch(*patch, name);
  if (!bad) bad = unusable_patch(*patch, name);
  if (bad) return base::error(errc::invalid_json, std::move(*bad));
  return patch;
}

base::result<protocol::json_node> check_whole_row(std::string_view json, std::size_t row_cap) {
  constexpr std::string_view name = "row_json";
  auto row = parse_object(json, name, row_cap);
  auto bad = row ? unusable_field(*row, name) : std::nullopt;
  if (bad) return base::error(errc::invalid_json, std::move(*bad));
  return row;
}

}  // namespace dbcord::database
