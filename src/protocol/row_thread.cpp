#include "protocol/row_thread.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "dbcord/base/sha256.hpp"
#include "protocol/ascii_json.hpp"
#include "protocol/machine_line.hpp"

namespace dbcord::protocol {
namespace {

constexpr std::size_t entry_limit = 2000;  // Discord docs, Create Message
constexpr std::size_t tag_size = 20;
constexpr std::size_t shown_units = 60;    // of the key, UTF-16; Discord docs, Start Thread: names have up to 100 characters
constexpr std::string_view name_middle = " (history ";
constexpr std::string_view entry_kind = "version";

bool is_tag(std::string_view text) {
  auto is_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  return text.size() == tag_size && std::all_of(text.begin(), text.end(), is_hex);
}

// Whole code points of valid UTF-8; in names no control character has a place, and none may call anybody.
std::string head_of(std::string_view key) {
  std::string head;
  std::size_t units = 0;
  for (std::size_t i = 0; i < key.size();) {
    auto first = static_cast<unsigned char>(key[i]);
    std::size_t bytes = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    units += bytes == 4 ? 2 : 1;
    if (units > shown_units) break;
    bool plain = bytes > 1 || (first > 0x20 && first != 0x7F && first != '@');
    if (plain) head += key.substr(i, bytes);
    else head += '_';
    i += bytes;
  }
  return head;
}

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Embedding programs may call themselves anything.
bool is_word(std::string_view text) {
  auto plain = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-'; };
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), plain);
}

std::string heading_of(const shown_version& v) {
  auto text = fmt::format("**Version {}**, {}, LSN {}: {}", v.of.version, v.when, v.of.lsn, v.deleted ? "deleted" : "written");
  if (is_number(v.who)) text += fmt::format(" by <@{}>", v.who);
  if (is_word(v.command)) text += fmt::format(" with `/{}`", v.command);
  return text + "\n";
}

// Not in the middle of an escape.
std::string_view cut(std::string_view ascii, std::size_t size) {
  auto kept = ascii.substr(0, size);
  auto escape = kept.rfind('\\');
  if (escape != std::string_view::npos && kept.size() - escape < 6) kept = kept.substr(0, escape);
  while (!kept.empty() && kept.back() == ' ') kept.remove_suffix(1);
  return kept;
}

}  // namespace

std::string row_thread_tag(table_id table, std::string_view key) {
  return base::sha256_hex(fmt::format("{}\n{}", table, key)).substr(0, tag_size);
}

std::string row_thread_name(std::string_view key, std::string_view tag) { return fmt::format("{}{}{})", head_of(key), name_middle, tag); }

std::optional<std::string> tag_of_thread_name(std::string_view name) {
  auto tail = name_middle.size() + tag_size + 1;
  if (name.size() <= tail || name.back() != ')') return std::nullopt;
  auto end = name.substr(name.size() - tail);
  auto tag = end.substr(name_middle.size(), tag_size);
  if (!end.starts_with(name_middle) || !is_tag(tag)) return std::nullopt;
  return std::string(tag);
}

std::string encode_thread_entry(const shown_version& v) {
  machine_line line{std::string(entry_kind), {}};
  line.set("k", v.of.tag);
  line.set("v", v.of.version);
  line.set("l", v.of.lsn);
  auto heading = heading_of(v), last = to_text(line);
  if (v.deleted) return heading + last;
  if (!v.instead.empty()) return heading + v.instead + "\n" + last;
  auto ascii = to_ascii_json(v.json);
  auto whole = heading + json_block(ascii) + "\n" + last;
  if (whole.size() <= entry_limit) return whole;
  auto note = fmt::format("\nThe first part of it; all {} bytes: `/dbc_get` with `as_of:{}`.\n", v.json.size(), v.of.lsn);
  auto around = heading.size() + json_block("").size() + note.size() + last.size();
  return heading + json_block(cut(ascii, entry_limit - around)) + note + last;
}

std::optional<thread_entry> decode_thread_entry(std::string_view content) {
  auto line = find_machine_line(content);
  if (!line || line->kind != entry_kind) return std::nullopt;
  auto tag = line->text("k");
  auto version = line->number("v"), lsn = line->number("l");
  if (!tag || !is_tag(*tag) || !version || !lsn) return std::nullopt;
  return thread_entry{std::move(*tag), *version, *lsn};
}

}  // namespace dbcord::protocol
