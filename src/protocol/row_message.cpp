#include "protocol/row_message.hpp"

#include <fmt/format.h>

#include "protocol/ascii_json.hpp"
#include "protocol/content_limit.hpp"
#include "protocol/json_node.hpp"
#include "protocol/machine_line.hpp"
#include "protocol/search_tokens.hpp"

namespace dbcord::protocol {
namespace {


std::string ascii_string(std::string_view utf8) {
  std::string json;
  append_json_string(json, utf8);
  return to_ascii_json(json);
}

// "**users** "u_1" version 3": the key as a JSON string between the first and the last quote of the first line.
std::optional<std::string> key_of_heading(std::string_view content) {
  auto line = content.substr(0, content.find('\n'));
  auto first = line.find('"'), last = line.rfind('"');
  if (first == std::string_view::npos || first == last) return std::nullopt;
  auto key = parse_json(line.substr(first, last - first + 1));
  if (!key || key->type != json_node::kind::string) return std::nullopt;
  return key->text;
}

// Tokens have a small line of their own, "-# token token", above the machine line, whose field "s" says whether they are all: programs that know
// nothing of tokens read such messages as well.
constexpr std::string_view tokens_begin = "-# ";
constexpr std::string_view all_tokens = "all", some_tokens = "some";

// Heading and block, what fits of the tokens, the machine line.
std::string content_of(const row_version& row, const std::string& above, machine_line line) {
  auto plain = above + to_text(line);
  line.set("s", std::string(some_tokens));
  auto with_field = above.size() + to_text(line).size() + tokens_begin.size() + 1;
  constexpr auto word_size = search_token_letters + 1;
  if (!row.channel || with_field + word_size > content_limit) return plain;
  auto parsed = parse_json(row.json);
  if (!parsed) return plain;
  auto tokens = tokens_of(row.channel, *parsed, (content_limit - with_field) / word_size);
  if (tokens.complete) line.set("s", std::string(all_tokens));
  std::string words;
  for (const auto& word : tokens.words) words += (words.empty() ? "" : " ") + word;
  return fmt::format("{}{}{}\n{}", above, tokens_begin, words, to_text(line));
}

}  // namespace

row_message encode_row(const row_version& row, placement where) {
  machine_line line{"row", {}};
  line.set("t", row.table);
  line.set("v", row.version);
  line.set("l", row.lsn);
  line.set("d", record_hash(row.json));
  auto heading = fmt::format("**{}** {} version {}\n", row.table_name, ascii_string(row.key), row.version);
  auto ascii = to_ascii_json(row.json);
  line.set("b", std::string("here"));
  auto above = heading + json_block(ascii) + "\n";
  bool fits = above.size() + to_text(line).size() <= content_limit;
  if (where == placement::automatic && fits) return {content_of(row, above, line), std::nullopt};
  line.set("b", std::string("file"));
  return {content_of(row, heading, line), row.json};
}

std::optional<row_header> decode_row(std::string_view content) {
  auto line = find_machine_line(content);
  if (!line || line->kind != "row") return std::nullopt;
  auto table = line->number("t"), version = line->number("v"), lsn = line->number("l");
  auto hash = line->text("d"), where = line->text("b");
  auto key = key_of_heading(content);
  if (!table || !version || !lsn || !hash || !where || !key) return std::nullopt;
  row_header header{*table, *key, *version, *lsn, *hash, *where == "file"};
  header.searchable = line->text("s") == all_tokens;
  if (!header.attached && !decode_row_json(header, content, std::nullopt)) return std::nullopt;
  return header;
}

base::result<std::string> decode_row_json(const row_header& header, std::string_view content,
                                          const std::optional<std::string>& attachment) {
  std::string json;
  if (header.attached) {
    if (!attachment) return base::error(base::errc::invalid_argument, "the attachment of the row is missing");
    json = *attachment;
  } else {
    auto block = find_json_block(content);
    if (!block) return base::error(base::errc::invalid_argument, "the row message has no JSON block");
    auto node = parse_json(*block);
    if (!node) return node.error();
    json = to_json(*node);
  }
  if (record_hash(json) != header.json_hash) {
    return base::error(base::errc::invalid_argument, fmt::format("the row \"{}\" is damaged: its checksum is wrong", header.key));
  }
  return json;
}

}  // namespace dbcord::protocol
