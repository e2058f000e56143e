#include "protocol/row_page.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/code_points.hpp"
#include "protocol/ascii_json.hpp"
#include "protocol/json_node.hpp"
#include "protocol/machine_line.hpp"
#include "protocol/page_parts.hpp"
#include "protocol/whole_number.hpp"

namespace dbcord::protocol {
namespace {

constexpr std::size_t line_overhead = 48;   // brackets, commas, two numbers
constexpr std::size_t shown_key_max = 40;   // characters of a key in the content, which is for people

std::string key_json(std::string_view key) {
  std::string json;
  append_json_string(json, key);
  return json;
}

// The key as people read it; a long one is cut between two code points.
std::string shown_key(std::string_view key) {
  auto shown = to_ascii_json(key_json(key));
  if (shown.size() <= shown_key_max) return shown;
  for (auto size = std::min(key.size(), shown_key_max); size > 0; --size) {
    if (size < key.size() && base::continues_code_point(key[size])) continue;
    shown = to_ascii_json(key_json(key.substr(0, size)));
    if (shown.size() <= shown_key_max) break;
  }
  return shown + "...";
}

std::string line_of(const row_version& row) {
  auto line = "[" + key_json(row.key);
  fmt::format_to(std::back_inserter(line), ",{},{},", row.version, row.lsn);
  line += row.json;
  line += "]\n";
  return line;
}

// Of the JSON string that the text begins with: its length, quotes included; 0: there is none.
std::size_t string_length(std::string_view text) {
  if (text.empty() || text.front() != '"') return 0;
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      return at + 1;
    }
  }
  return 0;
}

// The number that the text begins with, and a comma behind it; both are taken off.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  auto comma = text.find(',');
  if (comma == std::string_view::npos) return std::nullopt;
  auto value = whole_number(text.substr(0, comma));
  text.remove_prefix(comma + 1);
  return value;
}

std::optional<page_slot> parse_line(std::string_view line) {
  if (line.size() < 2 || line.front() != '[' || line.back() != ']') return std::nullopt;
  line = line.substr(1, line.size() - 2);
  auto key_size = string_length(line);
  if (key_size == 0 || key_size >= line.size() || line[key_size] != ',') return std::nullopt;
  auto key = parse_json(line.substr(0, key_size));
  if (!key || key->type != json_node::kind::string) return std::nullopt;
  line.remove_prefix(key_size + 1);
  auto version = take_number(line);
  auto lsn = version ? take_number(line) : std::nullopt;
  if (!lsn || line.empty()) return std::nullopt;
  return page_slot{std::move(key->text), *version, *lsn, line};
}

}  // namespace

std::size_t page_line_bound(const row_version& row) {
  // A control character takes six bytes; keys have none, but that is not for this file to know.
  return row.json.size() + 6 * row.key.size() + line_overhead;
}

row_page encode_page(std::span<const row_version> rows) {
  row_page page;
  std::vector<page_part> parts;
  std::uint64_t newest = 0;
  for (const auto& row : rows) {
    auto line = line_of(row);
    bool next = page.parts.empty() || page.parts.back().size() + line.size() > page_part_bytes;
    if (next && page.parts.size() == page_parts_max) break;
    if (next) {
      page.parts.emplace_back();
      parts.emplace_back();
    }
    page.parts.back() += line;
    ++parts.back().lines;
    newest = std::max(newest, row.lsn);
    page.part_of_row.push_back(static_cast<unsigned>(page.parts.size()));
  }
  std::string listed;
  std::size_t first = 0;
  for (std::size_t i = 0; i < page.parts.size(); ++i) {
    auto last = first + parts[i].lines - 1;
    listed += fmt::format("{}: {} to {}, {} rows\n", i + 1, shown_key(rows[first].key), shown_key(rows[last].key), parts[i].lines);
    parts[i].hash = record_hash(page.parts[i]);
    first += parts[i].lines;
  }
  machine_line line{"page", {}};
  line.set("t", rows.front().table);
  line.set("l", newest);
  set_parts(line, parts);
  page.content = fmt::format("**{}** page of {} rows\n{}{}", rows.front().table_name, page.part_of_row.size(), listed, to_text(line));
  return page;
}

std::optional<page_header> decode_page(std::string_view content) {
  auto line = find_machine_line(content);
  if (!line || line->kind != "page") return std::nullopt;
  auto table = line->number("t"), lsn = line->number("l");
  auto parts = parts_of(*line, page_parts_max, page_part_bytes);
  if (!table || !lsn || !parts) return std::nullopt;
  page_header header{*table, *lsn, 0, {}};
  for (auto& p : *parts) {
    if (p.lines == 0) return std::nullopt;
    header.rows += p.lines;
    header.parts.push_back({p.lines, std::move(p.hash)});
  }
  return header;
}

base::result<void> check_page_part(const page_header& header, unsigned part, std::string_view bytes) {
  if (part == 0 || part > header.parts.size()) return damaged_part(part, "the page has no such part");
  return check_part(header.parts[part - 1].hash, part, bytes);
}

base::result<std::vector<page_slot>> decode_page_part(const page_header& header, unsigned part, std::string_view bytes) {
  auto sound = check_page_part(header, part, bytes);
  if (!sound) return sound.error();
  const auto& stated = header.parts[part - 1];
  std::vector<page_slot> slots;
  while (!bytes.empty()) {
    auto end = bytes.find('\n');
    auto slot = end == std::string_view::npos ? std::nullopt : parse_line(bytes.substr(0, end));
    if (!slot) return damaged_part(part, fmt::format("line {} is no row", slots.size() + 1));
    slots.push_back(std::move(*slot));
    bytes.remove_prefix(end + 1);
  }
  if (slots.size() != stated.rows) return damaged_part(part, fmt::format("it has {} rows, not {}", slots.size(), stated.rows));
  return slots;
}

std::optional<page_slot> find_in_page_part(std::string_view bytes, std::string_view key) {
  std::size_t from = 0, to = bytes.size();  // of line starts
  while (from < to) {
    auto middle = from + (to - from) / 2;
    auto before = bytes.substr(from, middle - from).rfind('\n');
    auto begin = before == std::string_view::npos ? from : from + before + 1;
    auto end = bytes.find('\n', begin);
    if (end == std::string_view::npos) return std::nullopt;
    auto slot = parse_line(bytes.substr(begin, end - begin));
    if (!slot) return std::nullopt;
    if (slot->key == key) return slot;
    if (slot->key < key) {
      from = end + 1;
    } else {
      to = begin;
    }
  }
  return std::nullopt;
}

}  // namespace dbcord::protocol
