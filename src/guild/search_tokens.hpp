#pragma once
// How text is cut into the words that search knows. Discord's own tokeniser is not published (facts 8.2);
// here: runs of letters, digits and '_', lower-cased, without stemming or stop words; an ideograph is a word
// of its own. Pure, any thread; any bytes are taken, broken UTF-8 separates words.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dbcord::guild {

// Takes the words of a text one after the other. The text must outlive it.
class search_words {
 public:
  static constexpr std::size_t word_max = 255;  // bytes; longer runs are cut there

  explicit search_words(std::string_view text) : rest_(text) {}

  // False at the end; else `word()` is the next one, good until the next call.
  bool next();
  std::string_view word() const { return word_; }

 private:
  std::string_view rest_;
  std::string word_;
};

std::vector<std::string> split_words(std::string_view text);

// Where a phrase stands in a text: its words in their order, with at most `slop` other words among them.
// The number of places where it begins, 0 for none.
std::size_t count_phrase(std::string_view text, std::span<const std::string> phrase, std::size_t slop);

}  // namespace dbcord::guild
