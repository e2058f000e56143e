#include "guild/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <utility>

namespace dbcord::guild {
namespace {

struct code_point {
  std::uint32_t value;
  std::size_t length;
  bool valid;
};

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

code_point decode_first(std::string_view text) {
  static constexpr std::array<std::uint32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
  auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return {first, 1, true};
  std::size_t length = first >= 0xF0 && first < 0xF8 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 0;
  if (length == 0 || first >= 0xF8 || text.size() < length) return {0xFFFD, 1, false};
  std::uint32_t value = first & (0xFF >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if (!is_continuation(text[i])) return {0xFFFD, 1, false};
    value = (value << 6) | (static_cast<unsigned char>(text[i]) & 0x3F);
  }
  bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (value < least[length] || value > 0x10FFFF || surrogate) return {0xFFFD, 1, false};
  return {value, length, true};
}

bool is_space(std::uint32_t c) {
  return (c >= 9 && c <= 13) || c == ' ' || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000 || c == 0xFEFF;
}

bool is_stripped(std::uint32_t c) {
  bool control = (c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7F && c < 0xA0);
  bool bidirectional =
      (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0x200E || c == 0x200F;
  return control || bidirectional;
}

// The start of the last code point of a non-empty text.
std::size_t last_start(std::string_view text) {
  std::size_t at = text.size() - 1;
  while (at > 0 && text.size() - at < 4 && is_continuation(text[at])) --at;
  return at;
}

bool is_ascii_alnum(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::size_t count_code_points(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !is_continuation(c); }));
}

bool is_valid_utf8(std::string_view text) {
  while (!text.empty()) {
    auto c = decode_first(text);
    if (!c.valid) return false;
    text.remove_prefix(c.length);
  }
  return true;
}

std::string_view trim(std::string_view text) {
  while (!text.empty()) {
    auto c = decode_first(text);
    if (!is_space(c.value)) break;
    text.remove_prefix(c.length);
  }
  while (!text.empty()) {
    auto at = last_start(text);
    if (!is_space(decode_first(text.substr(at)).value)) break;
    text.remove_suffix(text.size() - at);
  }
  return text;
}

std::string clean_content(std::string_view text) {
  auto plain = [](char c) { return c >= 0x20 && c < 0x7F; };
  if (std::all_of(text.begin(), text.end(), [&](char c) { return plain(c) || c == '\n' || c == '\t'; })) {
    return std::string(trim(text));
  }
  std::string kept;
  kept.reserve(text.size());
  for (auto rest = text; !rest.empty();) {
    auto c = decode_first(rest);
    if (c.valid && !is_stripped(c.value)) kept.append(rest, 0, c.length);
    rest.remove_prefix(c.length);
  }
  return std::string(trim(kept));
}

std::string normalise_channel_name(std::string_view name) {
  std::string out;
  auto dash = [&] {
    if (!out.empty() && out.back() != '-') out += '-';
  };
  for (auto rest = trim(name); !rest.empty();) {
    auto c = decode_first(rest);
    if (is_space(c.value) || c.value == '-') {
      dash();
    } else if (c.value >= 0x80) {
      if (c.valid && !is_stripped(c.value)) out.append(rest, 0, c.length);
    } else if (is_ascii_alnum(rest[0]) || rest[0] == '_') {
      out += c.value >= 'A' && c.value <= 'Z' ? static_cast<char>(c.value + 32) : rest[0];
    }
    rest.remove_prefix(c.length);
  }
  while (!out.empty() && out.back() == '-') out.pop_back();
  return out;
}

std::string sanitise_filename(std::string_view name) {
  if (auto slash = name.find_last_of("/\\"); slash != name.npos) name.remove_prefix(slash + 1);
  std::string out;
  for (char c : name) {
    if (is_ascii_alnum(c) || c == '_' || c == '.' || c == '-') {
      out += c;
    } else if (c == ' ') {
      out += '_';
    }
  }
  out.erase(0, std::min(out.find_first_not_of("_."), out.size()));
  while (!out.empty() && (out.back() == '_' || out.back() == '.')) out.pop_back();
  if (out.size() > 1024) out.resize(1024);
  return out;
}

std::string guess_content_type(std::string_view filename) {
  static constexpr std::pair<std::string_view, std::string_view> types[] = {
      {".txt", "text/plain; charset=utf-8"},
      {".md", "text/markdown; charset=utf-8"},
      {".json", "application/json; charset=utf-8"},
      {".jsonl", "application/jsonl"},
      {".ndjson", "application/x-ndjson"},
      {".csv", "text/csv; charset=utf-8"},
      {".xml", "application/xml"},
      {".html", "text/html; charset=utf-8"},
      {".pdf", "application/pdf"},
      {".zip", "application/zip"},
      {".gz", "application/gzip"},
      {".png", "image/png"},
      {".jpg", "image/jpeg"},
      {".jpeg", "image/jpeg"},
      {".gif", "image/gif"},
      {".webp", "image/webp"}};
  for (auto [ending, type] : types) {
    if (filename.ends_with(ending)) return std::string(type);
  }
  return "application/octet-stream";
}

namespace {

// Takes exactly `digits` digits off the front.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  int n = 0;
  if (text.size() < digits) return std::nullopt;
  auto [end, ec] = std::from_chars(text.data(), text.data() + digits, n);
  if (ec != std::errc{} || end != text.data() + digits || n < 0) return std::nullopt;
  text.remove_prefix(digits);
  return n;
}

bool take_char(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

// ".123" as a part of a second; digits past the ninth are dropped.
std::optional<std::chrono::nanoseconds> take_fraction(std::string_view& text) {
  if (!take_char(text, '.')) return std::chrono::nanoseconds(0);
  std::int64_t value = 0, scale = 1'000'000'000;
  std::size_t digits = 0;
  for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits) {
    if (scale == 1) continue;
    scale /= 10;
    value += (text[digits] - '0') * scale;
  }
  if (digits == 0) return std::nullopt;
  text.remove_prefix(digits);
  return std::chrono::nanoseconds(value);
}

std::optional<std::chrono::minutes> take_offset(std::string_view& text) {
  if (text.empty() || take_char(text, 'Z') || take_char(text, 'z')) return std::chrono::minutes(0);
  // A '+' that a client did not escape arrives as a space.
  bool minus = text.starts_with('-');
  if (!minus && !text.starts_with('+') && !text.starts_with(' ')) return std::nullopt;
  text.remove_prefix(1);
  auto h = take_number(text, 2);
  take_char(text, ':');
  auto m = take_number(text, 2);
  if (!h || !m || *h > 23 || *m > 59) return std::nullopt;
  std::chrono::minutes offset(*h * 60 + *m);
  return minus ? -offset : offset;
}

}  // namespace

std::optional<base::system_time> parse_iso8601(std::string_view text) {
  using namespace std::chrono;
  auto y = take_number(text, 4);
  bool ok = y && take_char(text, '-');
  auto mo = ok ? take_number(text, 2) : std::nullopt;
  ok = mo && take_char(text, '-');
  auto d = ok ? take_number(text, 2) : std::nullopt;
  ok = d && (take_char(text, 'T') || take_char(text, ' '));
  auto h = ok ? take_number(text, 2) : std::nullopt;
  ok = h && take_char(text, ':');
  auto mi = ok ? take_number(text, 2) : std::nullopt;
  ok = mi && take_char(text, ':');
  auto s = ok ? take_number(text, 2) : std::nullopt;
  if (!s || *h > 23 || *mi > 59 || *s > 60) return std::nullopt;
  // Outside of these years nanoseconds overflow.
  year_month_day date(year(*y), month(static_cast<unsigned>(*mo)), day(static_cast<unsigned>(*d)));
  if (!date.ok() || *y < 1970 || *y > 2200) return std::nullopt;
  auto fraction = take_fraction(text);
  auto offset = fraction ? take_offset(text) : std::nullopt;
  if (!offset || !text.empty()) return std::nullopt;
  return base::system_time(sys_days(date)) + hours(*h) + minutes(*mi) + seconds(*s) + *fraction - *offset;
}

std::string base64url(std::string_view bytes) {
  static constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (char c : bytes) {
    bits = (bits << 8) | static_cast<unsigned char>(c);
    for (count += 8; count >= 6; count -= 6) out += digits[(bits >> (count - 6)) & 63];
  }
  if (count > 0) out += digits[(bits << (6 - count)) & 63];
  return out;
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    int high = hex_digit(text[i + 1]), low = hex_digit(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

}  // namespace dbcord::guild
