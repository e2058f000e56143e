#include "protocol/canonical_value.hpp"

#include <cstdint>
#include <map>

#include "protocol/decimal.hpp"

namespace dbcord::protocol {
std::string canonical_number(std::string_view text) {
  auto d = parse_decimal(text);
  if (d.digits.empty()) return "0";
  return (d.negative ? "-" : "") + d.digits + "e" + std::to_string(d.exponent);
}

std::string canonical(const json_node& value) {
  switch (value.type) {
    case json_node::kind::number: return canonical_number(value.text);
    case json_node::kind::array: {
      std::string out = "[";
      for (const auto& item : value.items) out += canonical(item) + ",";
      return out + "]";
    }
    case json_node::kind::object: {
      std::map<std::string, std::string> sorted;
      for (const auto& [name, member] : value.members) sorted[name] = canonical(member);
      std::string out = "{";
      for (const auto& [name, text] : sorted) {
        append_json_string(out, name);
        out += ":" + text + ",";
      }
      return out + "}";
    }
    default: return to_json(value);
  }
}

std::optional<std::string> key_text(const json_node& value) {
  if (value.type == json_node::kind::string) return value.text;
  if (value.type != json_node::kind::number) return std::nullopt;
  auto d = parse_decimal(value.text);
  if (d.digits.empty()) return "0";
  constexpr std::int64_t longest = 40;  // digits; an integer that long is no key that a person meant
  if (d.exponent < 0 || d.exponent + static_cast<std::int64_t>(d.digits.size()) > longest) return std::nullopt;
  return (d.negative ? "-" : "") + d.digits + std::string(static_cast<std::size_t>(d.exponent), '0');
}

}  // namespace dbcord::protocol
