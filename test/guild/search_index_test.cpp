// The words' index: what it finds, forgets and costs.

#include <fmt/format.h>
#include <boost/test/unit_test.hpp>
#include <map>
#include <set>

#include "dbcord/base/random.hpp"
#include "guild/search_index.hpp"
#include "guild/search_tokens.hpp"

namespace dbcord::guild {
namespace {

constexpr base::channel_id here{1}, there{2};

struct index_fixture {
  void put(std::uint64_t id, std::string_view text, base::channel_id where = here, std::uint32_t traits = 0) {
    index.put({{id}, where, traits, text});
  }
  std::vector<std::uint64_t> find(std::vector<std::string> words, search_filter filter = {}) const {
    filter.words = std::move(words);
    if (filter.channels.empty()) filter.channels = {here, there};
    std::vector<std::uint64_t> ids;
    for (auto& hit : index.find(filter).hits) ids.push_back(hit.id.value);
    return ids;
  }
  search_index index;
};

using ids = std::vector<std::uint64_t>;

BOOST_FIXTURE_TEST_SUITE(search_index_suite, index_fixture)

BOOST_AUTO_TEST_CASE(text_is_cut_into_lower_case_words) {
  auto cut = [](std::string_view text) { return split_words(text); };
  std::vector<std::string> expected{"joey", "s", "kx7f_3a9b", "42", "größe", "日", "本"};
  BOOST_TEST(cut("Joey's `KX7F_3a9b`,42 — GRÖßE…日本") == expected, boost::test_tools::per_element());
  BOOST_TEST(cut(" .-\n").empty());
  BOOST_TEST(cut("a\xFF"
                 "b")
                 .size() == 2u);
  BOOST_TEST(cut(std::string(300, 'x')).size() == 2u);
  BOOST_TEST(cut("\xF0\x9F").empty());
}

BOOST_AUTO_TEST_CASE(a_phrase_may_have_so_many_words_between_its_own) {
  std::vector<std::string> phrase{"red", "fox"};
  BOOST_TEST(count_phrase("the red fox and the Red Fox", phrase, 0) == 2u);
  BOOST_TEST(count_phrase("red quick brown fox", phrase, 1) == 0u);
  BOOST_TEST(count_phrase("red quick brown fox", phrase, 2) == 1u);
  BOOST_TEST(count_phrase("fox red", phrase, 100) == 0u);
}

BOOST_AUTO_TEST_CASE(all_words_must_be_there_and_the_newest_comes_first) {
  put(10, "red fox");
  put(20, "red dog", there);
  put(30, "fox fox red");
  BOOST_TEST(find({"red", "fox"}) == (ids{30, 10}));
  BOOST_TEST(find({"red"}) == (ids{30, 20, 10}));
  BOOST_TEST(find({"cat"}).empty());
  BOOST_TEST(find({"red", "cat"}).empty());
  BOOST_TEST(find({}) == (ids{30, 20, 10}));
}

BOOST_AUTO_TEST_CASE(filters_narrow_what_is_found) {
  put(10, "x", here, 1);
  put(20, "x", there, 2);
  put(30, "x", here, 3);
  BOOST_TEST(find({"x"}, {.channels = {there}}) == (ids{20}));
  BOOST_TEST(find({"x"}, {.channels = {base::channel_id{9}}}).empty());
  BOOST_TEST(find({"x"}, {.above = {10}, .below = {30}}) == (ids{20}));
  BOOST_TEST(find({"x"}, {.all_of = 3}) == (ids{30}));
  BOOST_TEST(find({"x"}, {.none_of = 1}) == (ids{20}));
  BOOST_TEST(find({"x"}, {.any_of = {1, 2}}) == (ids{30}));
  BOOST_TEST(find({"x"}, {.any_of = {3}}) == (ids{30, 20, 10}));
}

BOOST_AUTO_TEST_CASE(what_is_removed_or_replaced_is_not_found_by_its_old_words) {
  put(10, "old words");
  put(20, "old words");
  index.remove({20});
  index.remove({20});
  index.remove({99});
  put(10, "new words");
  BOOST_TEST(find({"old"}).empty());
  BOOST_TEST(find({"words"}) == (ids{10}));
  BOOST_TEST(index.size() == 1u);
  put(5, "words that came late");
  put(20, "words again");
  BOOST_TEST(find({"words"}) == (ids{20, 10, 5}));
}

// Against a plain model, through many removals, so that the index compacts itself several times.
BOOST_AUTO_TEST_CASE(it_agrees_with_a_plain_model) {
  base::seeded_random random(11);
  std::map<std::uint64_t, std::set<std::string>> model;
  auto check = [&](const std::string& word) {
    ids expected;
    for (auto& [id, words] : model) {
      if (words.contains(word)) expected.insert(expected.begin(), id);
    }
    BOOST_REQUIRE(find({word}) == expected);
  };
  for (std::uint64_t step = 1; step <= 30'000; ++step) {
    auto id = random.next() % 4 ? step * 10 : random.next() % (step * 10) + 1;
    if (random.next() % 3 == 0) {
      index.remove({id});
      model.erase(id);
    } else {
      std::string a = fmt::format("w{}", random.next() % 50), b = fmt::format("r{}", random.next() % 5000);
      put(id, a + " " + b + " " + a);
      model[id] = {a, b};
    }
    if (step % 3000 == 0) check("w7"), check("r42");
  }
  // Everything but a little goes: the index shrinks with it.
  auto before = index.bytes();
  for (auto i = model.begin(); std::next(i, 50) != model.end();) {
    index.remove({i->first});
    i = model.erase(i);
  }
  for (int i = 0; i < 50; ++i) check(fmt::format("w{}", i));
  BOOST_TEST(index.size() == 50u);
  BOOST_TEST(index.bytes() <= before);
}

BOOST_AUTO_TEST_CASE(a_rare_word_is_found_among_many_messages_at_once) {
  base::seeded_random random(3);
  constexpr std::uint64_t count = 100'000;
  for (std::uint64_t i = 1; i <= count; ++i) {
    put(i << 22, fmt::format("row {} of table users has lsn {} and token q{:016x}", i, i, random.next()));
  }
  put((count + 1) << 22, "the needle");
  BOOST_TEST(find({"needle"}).size() == 1u);
  BOOST_TEST(index.find({.words = {"row", "table"}, .channels = {here, there}}).total == count);
  BOOST_TEST(index.bytes() / count < 200u);  // with two words of its own in each message
}

BOOST_AUTO_TEST_CASE(of_very_many_the_first_are_kept_and_all_are_counted) {
  constexpr std::size_t more = 5000, count = search_index::hits_max + more;
  for (std::uint64_t id = 1; id <= count; ++id) put(id, "common");
  for (std::uint64_t id = 1; id <= 20; ++id) put(id, "common again");  // the oldest entered last
  search_filter filter{.words = {"common"}, .channels = {here}};
  auto newest = index.find(filter);
  BOOST_TEST(newest.total == count);
  BOOST_REQUIRE_EQUAL(newest.hits.size(), search_index::hits_max);
  BOOST_TEST(newest.hits.front().id.value == count);
  BOOST_TEST(newest.hits.back().id.value == more + 1);
  auto oldest = index.find(filter, true);
  BOOST_TEST(oldest.total == count);
  BOOST_TEST(oldest.hits.front().id.value == 1u);
  BOOST_TEST(oldest.hits.back().id.value == search_index::hits_max);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace dbcord::guild
