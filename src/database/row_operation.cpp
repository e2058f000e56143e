#include "database/row_operation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "database/field_names.hpp"
#include "database/row_input.hpp"
#include "protocol/canonical_value.hpp"
#include "protocol/field_path.hpp"
#include "protocol/shown_value.hpp"

namespace dbcord::database {
namespace {

using protocol::json_node;
using kind = json_node::kind;

constexpr std::array<std::pair<std::string_view, row_action>, 6> actions{{{"insert", row_action::insert},
                                                                          {"put", row_action::put},
                                                                          {"update", row_action::update},
                                                                          {"delete", row_action::remove},
                                                                          {"get", row_action::get},
                                                                          {"check", row_action::check}}};
constexpr std::string_view known_members =
    "op, table, key, value, patch, add, where, expected_version, must_exist and must_not_exist";

base::error wrong(std::string sentence) { return {errc::invalid_json, std::move(sentence)}; }

class step_parser {
 public:
  explicit step_parser(const json_node& step) : step_(step) {}

  base::result<row_operation> parse() {
    if (!step_.is_object()) return wrong(R"(must be an object like {"op": "update", "table": "t", "key": "k", "patch": {"n": 1}})");
    for (const auto& [name, value] : step_.members) {
      if (auto bad = member(name, value)) return *bad;
    }
    if (auto bad = whole()) return *bad;
    return std::move(op_);
  }

 private:
  using complaint = std::optional<base::error>;

  complaint member(const std::string& name, const json_node& value) {
    if (name == "op") return action(value);
    if (name == "table") return text(name, value, op_.table);
    if (name == "key") return key(value);
    if (name == "value" || name == "patch" || name == "add" || name == "where") return part(name, value);
    if (name == "expected_version") return version(value);
    if (name == "must_exist" || name == "must_not_exist") return exists(name, value);
    return wrong(fmt::format("\"{}\" is not known here; known are {}", name, known_members));
  }

  complaint action(const json_node& value) {
    auto found = std::find_if(actions.begin(), actions.end(), [&](const auto& a) { return value.type == kind::string && a.first == value.text; });
    if (found == actions.end()) return wrong(fmt::format("op must be one of insert, put, update, delete, get, check, not {}", protocol::shown_value(value)));
    op_.action = found->second;
    named_ = true;
    return std::nullopt;
  }

  static complaint text(const std::string& name, const json_node& value, std::string& into) {
    if (value.type != kind::string) return wrong(fmt::format("{} must be a text, not {}", name, protocol::shown_value(value)));
    into = value.text;
    return std::nullopt;
  }

  complaint key(const json_node& value) {
    auto text = protocol::key_text(value);
    if (!text) return wrong(fmt::format("key must be a text or a whole number, not {}", protocol::shown_value(value)));
    auto usable = check_key(*text);
    if (!usable) return usable.error();
    op_.key = std::move(*text);
    return std::nullopt;
  }

  complaint part(const std::string& name, const json_node& value) {
    if (!value.is_object()) return wrong(fmt::format("{} must be an object, not {}", name, protocol::shown_value(value)));
    if (name == "add") return add(value);
    if (name == "where") return where(value);
    if (name == "value") {
      op_.json = protocol::to_json(value);
    } else {
      op_.patch = value;
    }
    return std::nullopt;
  }

  complaint add(const json_node& value) {
    for (const auto& [field, amount] : value.members) {
      if (amount.type != kind::number) return wrong(fmt::format("add: {} must be a number, not {}", field, protocol::shown_value(amount)));
      if (!protocol::is_usable_path(field) || protocol::has_empty_part(field) || field.starts_with('$')) return wrong(fmt::format("add: \"{}\" is not a field's name or path", field));
      op_.add.push_back({field, amount.text});
    }
    return std::nullopt;
  }

  complaint where(const json_node& value) {
    auto parsed = protocol::predicate::parse(value);
    if (!parsed) return wrong("where: " + parsed.error().message);
    op_.where = std::move(*parsed);
    return std::nullopt;
  }

  complaint version(const json_node& value) {
    std::uint64_t number = 0;
    const auto* end = value.text.data() + value.text.size();
    auto parsed = std::from_chars(value.text.data(), end, number);
    if (value.type != kind::number || parsed.ec != std::errc{} || parsed.ptr != end) {
      return wrong(fmt::format("expected_version must be a whole number from 0, not {}", protocol::shown_value(value)));
    }
    op_.expected_version = number;
    return std::nullopt;
  }

  complaint exists(const std::string& name, const json_node& value) {
    if (value.type != kind::boolean) return wrong(fmt::format("{} must be true or false, not {}", name, protocol::shown_value(value)));
    bool wanted = (value.text == "true") == (name == "must_exist");
    if (op_.exists && *op_.exists != wanted) return wrong("must_exist and must_not_exist contradict each other");
    op_.exists = wanted;
    return std::nullopt;
  }

  complaint whole() const {
    bool writes_row = op_.action == row_action::insert || op_.action == row_action::put;
    bool updates = op_.action == row_action::update;
    if (!named_) return wrong("op is missing; it is one of insert, put, update, delete, get, check");
    if (op_.table.empty()) return wrong("table is missing");
    if (writes_row == op_.json.empty()) return wrong(writes_row ? "value is missing: the row as an object" : "value belongs to insert and put only");
    if (!writes_row && op_.key.empty()) return wrong("key is missing");
    if (updates == (step_.find("patch") == nullptr && op_.add.empty())) {
      return wrong(updates ? "patch or add is missing: what changes" : "patch and add belong to update only");
    }
    const auto* patch = step_.find("patch");
    auto bad = updates && op_.add.empty() && patch ? empty_patch(*patch, "patch") : std::nullopt;
    if (!bad && patch) bad = unusable_patch(*patch, "patch");
    if (bad) return wrong(*bad);
    return std::nullopt;
  }

  const json_node& step_;
  row_operation op_;
  bool named_ = false;
};

}  // namespace

base::result<std::vector<row_operation>> parse_row_operations(std::string_view json, std::size_t row_cap) {
  if (json.size() > row_cap) return base::error(errc::too_large, fmt::format("{} bytes are too many; at most {} are allowed", json.size(), row_cap));
  auto list = protocol::parse_json(json);
  if (!list) return wrong("not valid JSON: " + list.error().message);
  if (list->type == kind::array && list->items.empty()) return wrong(R"(the list is empty, so there is nothing to do; give steps like [{"op": "get", "table": "t", "key": "k"}])");
  if (list->type != kind::array) return wrong(R"(must be a JSON list like [{"op": "get", "table": "t", "key": "k"}])");
  if (list->items.size() > max_row_operations) {
    return base::error(errc::too_large, fmt::format("{} steps are too many; at most {} are allowed", list->items.size(), max_row_operations));
  }
  std::vector<row_operation> operations;
  for (std::size_t i = 0; i < list->items.size(); ++i) {
    auto parsed = step_parser(list->items[i]).parse();
    if (!parsed) return base::error(parsed.error().code, fmt::format("step {}: {}", i + 1, parsed.error().message));
    operations.push_back(std::move(*parsed));
  }
  return operations;
}

}  // namespace dbcord::database
