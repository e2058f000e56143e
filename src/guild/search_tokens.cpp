#include "guild/search_tokens.hpp"

#include "base/code_points.hpp"

namespace dbcord::guild {
namespace {

struct decoded {
  std::uint32_t value = 0;  // 0: no code point
  std::size_t length = 1;
};

decoded decode(std::string_view text) {
  auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  auto first = byte(0);
  if (first < 0x80) return {first, 1};
  std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 1;
  if (length == 1 || text.size() < length) return {};
  std::uint32_t value = first & (0xFFu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    value = value << 6 | (byte(i) & 0x3Fu);
  }
  return {value, length};
}

bool in_range(std::uint32_t c, std::uint32_t least, std::uint32_t most) {
  return c >= least && c <= most;
}

bool is_ideograph(std::uint32_t c) {
  return in_range(c, 0x2E80, 0x2FDF) || in_range(c, 0x3041, 0x309F) || in_range(c, 0x3400, 0x9FFF) ||
         in_range(c, 0xF900, 0xFAFF) || in_range(c, 0x20000, 0x3FFFF);
}

bool is_word_part(std::uint32_t c) {
  if (c < 0x80) return in_range(c, '0', '9') || in_range(c, 'a', 'z') || in_range(c, 'A', 'Z') || c == '_';
  if (c < 0xC0) return c == 0xAA || c == 0xB5 || c == 0xBA;
  if (c == 0xD7 || c == 0xF7) return false;
  return !in_range(c, 0x2000, 0x206F) && !in_range(c, 0x2190, 0x2BFF) && !in_range(c, 0x3000, 0x3020) &&
         !in_range(c, 0xFE00, 0xFE6F) && !in_range(c, 0xFF00, 0xFF0F) && c != 0xFFFD;
}

// Simple case folding of the alphabets that have it most.
std::uint32_t lower(std::uint32_t c) {
  if (in_range(c, 'A', 'Z') || in_range(c, 0xC0, 0xDE) || in_range(c, 0x391, 0x3A9) || in_range(c, 0x410, 0x42F))
    return c + 32;
  if (in_range(c, 0x400, 0x40F)) return c + 80;
  bool paired = in_range(c, 0x100, 0x12F) || in_range(c, 0x14A, 0x177) || in_range(c, 0x460, 0x481);
  return paired && c % 2 == 0 ? c + 1 : c;
}

// The places of each word of the phrase in the text, in rising order.
using places = std::vector<std::vector<std::size_t>>;

places find_places(std::string_view text, std::span<const std::string> phrase) {
  places found(phrase.size());
  search_words words(text);
  for (std::size_t at = 0; words.next(); ++at) {
    for (std::size_t i = 0; i < phrase.size(); ++i) {
      if (phrase[i] == words.word()) found[i].push_back(at);
    }
  }
  return found;
}

// Whether the phrase fits behind `start`, each word as early as it can stand.
bool fits(const places& found, std::size_t start, std::size_t slop) {
  auto last = start;
  for (std::size_t i = 1; i < found.size(); ++i) {
    auto next = found[i].begin();
    while (next != found[i].end() && *next <= last) ++next;
    if (next == found[i].end()) return false;
    last = *next;
  }
  return last - start <= found.size() - 1 + slop;
}

}  // namespace

bool search_words::next() {
  word_.clear();
  while (!rest_.empty()) {
    auto c = decode(rest_);
    bool part = c.value && is_word_part(c.value);
    bool alone = part && is_ideograph(c.value);
    bool ends = !part || alone || word_.size() + c.length > word_max;
    if (ends && !word_.empty()) {
      if (!part) rest_.remove_prefix(c.length);
      return true;
    }
    rest_.remove_prefix(c.length);
    if (part) base::append_code_point(word_, lower(c.value));
    if (alone) return true;
  }
  return !word_.empty();
}

std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> made;
  search_words words(text);
  while (words.next()) made.emplace_back(words.word());
  return made;
}

std::size_t count_phrase(std::string_view text, std::span<const std::string> phrase, std::size_t slop) {
  if (phrase.empty()) return 0;
  auto found = find_places(text, phrase);
  std::size_t count = 0;
  for (auto start : found[0]) count += fits(found, start, slop);
  return count;
}

}  // namespace dbcord::guild
