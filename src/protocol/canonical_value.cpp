#include "protocol/canonical_value.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <map>

namespace dbcord::protocol {
namespace {

struct decimal {
  bool negative = false;
  std::string digits;          // without leading or trailing zeros; empty: zero
  std::int64_t exponent = 0;   // of the last digit
};

decimal parse_decimal(std::string_view text) {
  decimal d;
  if (!text.empty() && text[0] == '-') {
    d.negative = true;
    text.remove_prefix(1);
  }
  auto e = text.find_first_of("eE");
  if (e != std::string_view::npos) {
    auto exponent = text.substr(e + 1);
    if (!exponent.empty() && exponent[0] == '+') exponent.remove_prefix(1);
    // An exponent beyond 64 bits keeps the clamp; such numbers differ by their digits only.
    auto parsed = std::from_chars(exponent.data(), exponent.data() + exponent.size(), d.exponent);
    if (parsed.ec != std::errc{}) d.exponent = exponent[0] == '-' ? INT32_MIN : INT32_MAX;
    text = text.substr(0, e);
  }
  auto point = text.find('.');
  d.digits = text.substr(0, point);
  if (point != std::string_view::npos) {
    d.digits += text.substr(point + 1);
    d.exponent -= static_cast<std::int64_t>(text.size() - point - 1);
  }
  auto last = d.digits.find_last_not_of('0');
  if (last == std::string::npos) return {};
  d.exponent += static_cast<std::int64_t>(d.digits.size() - last - 1);
  d.digits.erase(last + 1);
  d.digits.erase(0, d.digits.find_first_not_of('0'));
  return d;
}

}  // namespace

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
