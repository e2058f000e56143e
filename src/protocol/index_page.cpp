#include "protocol/index_page.hpp"

#include <fmt/format.h>

#include "dbcord/base/sha256.hpp"
#include "protocol/ascii_json.hpp"
#include "protocol/canonical_value.hpp"
#include "protocol/log_record.hpp"
#include "protocol/machine_line.hpp"
#include "protocol/whole_number.hpp"

namespace dbcord::protocol {
namespace {

constexpr std::size_t index_content_max = 2'000;  // Discord docs, Create Message
constexpr std::size_t shown_field_max = 100;      // of the field, in the heading
constexpr std::string_view page_kind = "index";
constexpr std::string_view base_name = "base", changes_name = "changes";
constexpr std::string_view added_begin = "{\"op\":\"add\",", removed_begin = "{\"op\":\"remove\",";

std::string ascii_value(const json_node& value) { return to_ascii_json(to_json(value)); }

std::string ascii_name(std::string_view text) {
  std::string json;
  append_json_string(json, text);
  return to_ascii_json(json);
}

std::string value_hash(const json_node& value) { return base::sha256_hex(canonical(value)); }

std::uint64_t first_64_bits(std::string_view hex) { return whole_number(hex.substr(0, 16), 16).value_or(0); }

// `value`: canonical, or "#" and its hash.
std::uint64_t hash_of(std::string_view value, std::string_view key) { return first_64_bits(base::sha256_hex(fmt::format("{}\n{}", value, key))); }

std::string index_heading(const index_page& page) {
  auto field = ascii_name(page.field);
  if (field.size() > shown_field_max) field = "a long field's path";
  auto text = fmt::format("**{}** {}index on {}: ", page.table_name, page.unique ? "unique " : "", field);
  auto lines = page.lines.size();
  if (page.of.kind == index_page_kind::changes) return text + fmt::format("{} change{} up to LSN {}\n", lines, lines == 1 ? "" : "s", page.of.lsn);
  if (lines == 0) return text + fmt::format("no {}entries at LSN {}\n", page.before > 0 ? "further " : "", page.of.lsn);
  auto all = page.before + lines;
  return text + fmt::format("entries {} to {}{} at LSN {}\n", page.before + 1, all, page.of.last ? fmt::format(" of {}", all) : "", page.of.lsn);
}

std::string index_content(const index_page& page, const std::vector<page_part>& parts, bool attached, std::string_view lines) {
  machine_line line{std::string(page_kind), {}};
  line.set("t", page.of.table);
  line.set("i", page.of.index);
  line.set("k", std::string(page.of.kind == index_page_kind::base ? base_name : changes_name));
  line.set("g", page.of.generation);
  line.set("s", page.of.sequence);
  line.set("l", page.of.lsn);
  set_parts(line, parts);
  if (page.of.last) line.set("last", 1);
  if (attached) line.set("a", 1);
  if (page.of.shown) {
    line.set("c", page.of.shown->entries);
    line.set("f", fmt::format("{:016x}", page.of.shown->sum));
  }
  auto text = index_heading(page);
  if (!attached && !lines.empty()) text += json_block(lines) + "\n";
  return text + to_text(line);
}

// The hash of the entry in a line; empty: it is none.
std::optional<std::uint64_t> hash_of_line(std::string_view line) {
  auto node = parse_json(line, max_wrapped_depth);
  if (!node || !node->is_object()) return std::nullopt;
  const auto* key = node->find("key");
  if (!key || key->type != json_node::kind::string) return std::nullopt;
  if (const auto* value = node->find("value")) return index_entry_hash(*value, key->text);
  const auto* hash = node->find("value_hash");
  if (!hash || hash->type != json_node::kind::string) return std::nullopt;
  return hash_of("#" + hash->text, key->text);
}

// Takes a line off the beginning.
std::string_view next_line(std::string_view& bytes) {
  auto end = bytes.find('\n');
  auto line = bytes.substr(0, end);
  bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
  return line;
}

}  // namespace

std::string index_entry(const json_node& value, std::string_view key) {
  auto shown = ascii_value(value);
  if (shown.size() <= index_value_bytes_max) return fmt::format("{{\"value\":{},\"key\":{}}}", shown, ascii_name(key));
  return fmt::format("{{\"value_hash\":\"{}\",\"value_bytes\":{},\"key\":{}}}", value_hash(value), shown.size(), ascii_name(key));
}

std::uint64_t index_entry_hash(const json_node& value, std::string_view key) {
  if (ascii_value(value).size() > index_value_bytes_max) return hash_of("#" + value_hash(value), key);
  return hash_of(canonical(value), key);
}

std::string index_change(bool added, std::string_view entry) { return fmt::format("{}{}", added ? added_begin : removed_begin, entry.substr(1)); }

std::uint64_t index_page_header::lines() const {
  std::uint64_t all = 0;
  for (const auto& p : parts) all += p.lines;
  return all;
}

encoded_index_page encode_index_page(const index_page& page, bool attach) {
  encoded_index_page encoded;
  std::string lines;
  std::size_t bytes = 0;
  for (const auto& line : page.lines) bytes += line.size() + 1;
  if (!attach && bytes <= index_content_max) {
    for (const auto& line : page.lines) lines += (lines.empty() ? "" : "\n") + line;
    std::vector<page_part> only{{page.lines.size(), record_hash(lines)}};
    encoded.content = index_content(page, only, false, lines);
    if (encoded.content.size() <= index_content_max) return encoded;
  }
  std::vector<page_part> parts;
  for (const auto& line : page.lines) {
    bool next = parts.empty() || encoded.parts.back().size() + line.size() + 1 > index_part_bytes;
    if (next) {
      encoded.parts.emplace_back();
      parts.emplace_back();
    }
    encoded.parts.back().append(line).push_back('\n');
    ++parts.back().lines;
  }
  if (parts.empty()) parts.emplace_back(), encoded.parts.emplace_back("\n");  // a file cannot be empty
  for (std::size_t i = 0; i < parts.size(); ++i) parts[i].hash = record_hash(encoded.parts[i]);
  encoded.content = index_content(page, parts, true, {});
  return encoded;
}

std::optional<index_page_header> decode_index_page(std::string_view content) {
  auto line = find_machine_line(content);
  if (!line || line->kind != page_kind) return std::nullopt;
  auto table = line->number("t"), index = line->number("i"), generation = line->number("g"), sequence = line->number("s"), lsn = line->number("l");
  auto kind = line->text("k");
  auto parts = parts_of(*line, index_parts_max, index_part_bytes);
  if (!table || !index || !generation || !sequence || !lsn || !kind || !parts) return std::nullopt;
  if (*kind != base_name && *kind != changes_name) return std::nullopt;
  index_page_header header;
  header.table = *table;
  header.index = *index;
  header.kind = *kind == base_name ? index_page_kind::base : index_page_kind::changes;
  header.generation = *generation;
  header.sequence = *sequence;
  header.lsn = *lsn;
  header.last = line->number("last") == 1;
  header.attached = line->number("a") == 1;
  auto entries = line->number("c");
  auto sum = line->text("f");
  auto bits = sum ? whole_number(*sum, 16) : std::nullopt;
  if (entries.has_value() != bits.has_value()) return std::nullopt;
  if (entries) header.shown = index_digest{*entries, *bits};
  if (!header.attached && parts->size() != 1) return std::nullopt;
  header.parts = std::move(*parts);
  return header;
}

std::string_view inline_lines(std::string_view content) { return find_json_block(content).value_or(std::string_view()); }

base::result<index_digest> read_index_part(const index_page_header& header, std::size_t part, std::string_view bytes) {
  if (part == 0 || part > header.parts.size()) return damaged_part(part, "the page has no such part");
  const auto& stated = header.parts[part - 1];
  auto sound = check_part(stated.hash, part, bytes);
  if (!sound) return sound.error();
  index_digest change;
  for (std::uint64_t left = stated.lines; left > 0; --left) {
    auto line = next_line(bytes);
    bool removed = header.kind == index_page_kind::changes && line.starts_with(removed_begin);
    bool added = header.kind == index_page_kind::base || line.starts_with(added_begin);
    auto hash = removed || added ? hash_of_line(line) : std::nullopt;
    if (!hash) return damaged_part(part, fmt::format("line {} is no entry", stated.lines - left + 1));
    if (removed) {
      change.remove(*hash);
    } else {
      change.add(*hash);
    }
  }
  return change;
}

}  // namespace dbcord::protocol
