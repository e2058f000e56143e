#include "app/dot_env.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "app/text_file.hpp"
#include "base/byte_order_mark.hpp"
#include "commands/nearest_name.hpp"

namespace dbcord::app {
namespace {

constexpr std::string_view spaces = " \t\r";

std::string_view trim(std::string_view text) {
  auto begin = text.find_first_not_of(spaces);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(spaces) - begin + 1);
}

bool is_name(std::string_view text) {
  auto is_word = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  if (text.empty() || (text[0] >= '0' && text[0] <= '9')) return false;
  for (char c : text)
    if (!is_word(c)) return false;
  return true;
}

char unescape(char c) { return c == 'n' ? '\n' : c == 't' ? '\t' : c; }

// What stands between the quotes; nothing when they do not close or something but a comment follows.
base::result<std::string> quoted_value(std::string_view text) {
  std::string value;
  char quote = text[0];
  std::size_t i = 1;
  for (; i < text.size() && text[i] != quote; ++i) {
    if (quote == '"' && text[i] == '\\' && i + 1 < text.size()) {
      value += unescape(text[++i]);
    } else {
      value += text[i];
    }
  }
  if (i >= text.size()) return base::error(base::errc::invalid_argument, "a quote is not closed");
  auto rest = trim(text.substr(i + 1));
  if (!rest.empty() && rest[0] != '#') return base::error(base::errc::invalid_argument, "text follows the closing quote");
  return value;
}

base::result<std::string> value_of(std::string_view text) {
  if (!text.empty() && (text[0] == '"' || text[0] == '\'')) return quoted_value(text);
  if (auto comment = text.find(" #"); comment != text.npos) text = trim(text.substr(0, comment));
  return std::string(text);
}

base::error at_line(std::size_t number, std::string_view what) {
  return {base::errc::invalid_argument, fmt::format("line {}: {}", number, what)};
}

base::result<void> parse_line(std::string_view line, std::size_t number, env_pairs& pairs) {
  line = trim(line);
  if (line.empty() || line[0] == '#') return {};
  if (line.starts_with("export ")) line = trim(line.substr(7));
  auto equals = line.find('=');
  auto name = trim(line.substr(0, equals));
  if (equals == line.npos || !is_name(name)) return at_line(number, "expected NAME=value");
  auto value = value_of(trim(line.substr(equals + 1)));
  if (!value) return at_line(number, value.error().message);
  pairs.emplace_back(name, std::move(*value));
  return {};
}

}  // namespace

base::result<env_pairs> parse_dot_env(std::string_view text) {
  env_pairs pairs;
  text = base::without_byte_order_mark(text);
  for (std::size_t number = 1; !text.empty(); ++number) {
    auto end = text.find('\n');
    auto done = parse_line(text.substr(0, end), number, pairs);
    if (!done) return done.error();
    text = end == text.npos ? std::string_view{} : text.substr(end + 1);
  }
  return pairs;
}

base::result<env_pairs> load_dot_env(const std::filesystem::path& file) {
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) return env_pairs();
  auto text = read_text_file(file);
  if (!text) return text.error();
  auto pairs = parse_dot_env(*text);
  if (!pairs) return base::error(pairs.error().code, file.string() + ", " + pairs.error().message);
  for (const auto& [name, value] : *pairs) ::setenv(name.c_str(), value.c_str(), 0);
  return pairs;
}

std::vector<std::string> unknown_names(const env_pairs& pairs, const std::vector<std::string>& known) {
  std::vector<std::string> sentences;
  for (const auto& [name, value] : pairs) {
    if (!name.starts_with("DBCORD_") || std::find(known.begin(), known.end(), name) != known.end()) continue;
    auto near = commands::nearest_name(name, known);
    sentences.push_back(fmt::format("{} is no setting of dbcord and is ignored{}", name, near.empty() ? std::string() : fmt::format("; did you mean {}?", near)));
  }
  return sentences;
}

}  // namespace dbcord::app
