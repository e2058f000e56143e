#include "protocol/machine_line.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "protocol/whole_number.hpp"

namespace dbcord::protocol {
namespace {

constexpr std::string_view block_begin = "```json\n";
constexpr std::string_view block_end = "\n```";

bool is_value_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' ||
         c == ':' || c == '-';
}

bool is_value(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), is_value_character); }

std::string_view next_word(std::string_view& rest) {
  auto end = rest.find(' ');
  auto word = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return word;
}

}  // namespace

std::optional<std::uint64_t> machine_line::number(std::string_view name) const {
  auto it = fields.find(name);
  if (it == fields.end()) return std::nullopt;
  return whole_number(it->second);
}

std::optional<std::string> machine_line::text(std::string_view name) const {
  auto it = fields.find(name);
  if (it == fields.end()) return std::nullopt;
  return it->second;
}

std::string to_text(const machine_line& line) {
  auto out = fmt::format("`dbcord/{} {}", format_version, line.kind);
  for (const auto& [name, value] : line.fields) out += fmt::format(" {}={}", name, value);
  return out + "`";
}

std::optional<machine_line> find_machine_line(std::string_view content) {
  auto start = content.rfind('\n');
  auto last = content.substr(start == std::string_view::npos ? 0 : start + 1);
  auto prefix = fmt::format("`dbcord/{} ", format_version);
  if (last.size() <= prefix.size() || last.substr(0, prefix.size()) != prefix || last.back() != '`') return std::nullopt;
  auto rest = last.substr(prefix.size(), last.size() - prefix.size() - 1);
  machine_line line;
  line.kind = next_word(rest);
  if (!is_value(line.kind)) return std::nullopt;
  while (!rest.empty()) {
    auto word = next_word(rest);
    auto equals = word.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    auto name = word.substr(0, equals), value = word.substr(equals + 1);
    if (!is_value(name) || !is_value(value)) return std::nullopt;
    if (!line.fields.emplace(name, value).second) return std::nullopt;
  }
  return line;
}

std::optional<std::string_view> find_json_block(std::string_view content) {
  auto begin = content.find(block_begin);
  if (begin == std::string_view::npos) return std::nullopt;
  begin += block_begin.size();
  auto end = content.find(block_end, begin);
  if (end == std::string_view::npos) return std::nullopt;
  return content.substr(begin, end - begin);
}

std::string json_block(std::string_view json) {
  return std::string(block_begin).append(json).append(block_end);
}

}  // namespace dbcord::protocol
