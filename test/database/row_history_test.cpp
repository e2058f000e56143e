#include <boost/test/unit_test.hpp>

#include "database/row_history.hpp"

using namespace dbcord;
using namespace std::chrono_literals;
using database::past_version;
using database::row_history;

namespace {

base::message_id sent(base::duration after_epoch) { return base::id_at<base::message_id>(base::system_time(std::chrono::hours(24 * 365 * 50)) + after_epoch); }

std::optional<row_history::live_version> no_row(const std::string&) { return std::nullopt; }

struct row_history_fixture {
  row_history history;
  database::channel_garbage garbage;

  void add(std::uint64_t lsn, base::message_id row = {}, bool deleted = false) {
    history.add("k", {lsn, lsn, sent(std::chrono::hours(lsn)), row, deleted}, lsn + 1, garbage);
  }
  std::size_t kept() const { return history.of("k") ? history.of("k")->size() : 0; }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(row_histories, row_history_fixture)

BOOST_AUTO_TEST_CASE(only_the_newest_versions_are_kept_and_the_messages_of_others_are_garbage) {
  history.set_limits({2, 30min}, no_row, garbage);
  for (std::uint64_t lsn = 1; lsn <= 4; ++lsn) add(lsn, base::message_id{100 + lsn});
  BOOST_TEST(kept() == 2u);
  BOOST_TEST(history.of("k")->front().lsn == 3u);
  const auto& superseded = garbage.of(database::garbage_kind::superseded);
  BOOST_TEST((std::vector(superseded.begin(), superseded.end()) == std::vector{base::message_id{101}, base::message_id{102}}));
  BOOST_TEST(history.forgotten_to("k") == 3u);
  BOOST_TEST(history.forgotten_to("other") == 0u);
  BOOST_TEST(history.messages() == 2u);
}

BOOST_AUTO_TEST_CASE(none_at_all_is_kept_when_the_limit_is_none) {
  history.set_limits({0, 30min}, no_row, garbage);
  add(1, base::message_id{7});
  BOOST_TEST(kept() == 0u);
  BOOST_TEST(history.size() == 0u);
  BOOST_TEST(history.forgotten_to("k") == 2u);
  BOOST_TEST(garbage.size() == 1u);
  BOOST_TEST(history.memory() == 0u);
}

BOOST_AUTO_TEST_CASE(versions_superseded_before_a_time_are_forgotten) {
  for (std::uint64_t lsn = 1; lsn <= 4; ++lsn) add(lsn, base::message_id{100 + lsn});
  history.expire(base::created_at(sent(3h)) + 1min, no_row, garbage);
  BOOST_TEST(kept() == 2u);  // 3 was superseded by 4, later
  BOOST_TEST(garbage.size() == 2u);
  history.expire(base::created_at(sent(100h)), no_row, garbage);
  BOOST_TEST(kept() == 1u);  // nobody knows when 4 was superseded
  add(5, {}, true);
  history.expire("k", base::created_at(sent(100h)), no_row, garbage);
  BOOST_TEST(kept() == 0u);
  BOOST_TEST(history.forgotten_to("k") == 5u);
  BOOST_TEST(history.messages() == 0u);
}

BOOST_AUTO_TEST_CASE(the_last_of_them_was_superseded_when_the_row_was_written_as_it_is) {
  add(1, base::message_id{101});
  add(2, base::message_id{102});
  auto live = [](const std::string&) { return std::optional(row_history::live_version{7, sent(50h)}); };
  history.expire(base::created_at(sent(50h)), live, garbage);
  BOOST_TEST(kept() == 1u);
  BOOST_TEST(history.forgotten_to("k") == 2u);
  history.expire("other", base::created_at(sent(51h)), live, garbage);
  BOOST_TEST(kept() == 1u);
  history.expire("k", base::created_at(sent(51h)), live, garbage);
  BOOST_TEST(kept() == 0u);
  BOOST_TEST(history.forgotten_to("k") == 7u);
  BOOST_TEST(garbage.size() == 2u);
}

BOOST_AUTO_TEST_CASE(when_memory_is_short_the_older_half_goes) {
  for (std::uint64_t lsn = 1; lsn <= 5; ++lsn) add(lsn, base::message_id{100 + lsn});
  history.halve(base::system_time{}, no_row, garbage);
  BOOST_TEST(kept() == 2u);
  BOOST_TEST(history.forgotten_to("k") == 4u);
  BOOST_TEST(history.given_up().count == 3u);
  history.halve(base::system_time{1h}, no_row, garbage);
  history.halve(base::system_time{2h}, no_row, garbage);
  history.halve(base::system_time{3h}, no_row, garbage);  // nothing is left
  BOOST_TEST(history.given_up().count == 5u);
  BOOST_TEST((history.given_up().last == base::system_time{2h}));
  BOOST_TEST(history.memory() == 0u);
  BOOST_TEST(history.forgotten_to("k") == 6u);
  BOOST_TEST(garbage.size() == 5u);
}

// Between its last version and the row as it is there may be any number of records of other rows.
BOOST_AUTO_TEST_CASE(when_all_versions_go_what_the_key_was_is_unknown_until_the_row_was_written_as_it_is) {
  auto live = [](const std::string&) { return std::optional(row_history::live_version{7, sent(50h)}); };
  add(1, base::message_id{101});
  add(2, {}, true);
  history.set_limits({0, 30min}, live, garbage);
  BOOST_TEST(kept() == 0u);
  BOOST_TEST(history.forgotten_to("k") == 2u);  // it was not there from then on
  history.set_limits({1, 30min}, live, garbage);
  add(3, base::message_id{103});
  history.halve(base::system_time{}, live, garbage);
  BOOST_TEST(kept() == 0u);
  BOOST_TEST(history.forgotten_to("k") == 7u);
  add(8, base::message_id{108});
  auto later = [](const std::string&) { return std::optional(row_history::live_version{20, sent(90h)}); };
  history.set_limits({0, 30min}, later, garbage);
  BOOST_TEST(history.forgotten_to("k") == 20u);
}

BOOST_AUTO_TEST_CASE(versions_that_one_record_has_written_are_told_apart_by_their_numbers) {
  for (std::uint64_t version : {1, 2}) history.add("k", {version, 7, sent(1h), {}, false}, 7, garbage);
  using attached = row_history::attached;
  auto message = sent(3h), other = sent(4h);
  BOOST_TEST((history.attach("k", 1, 7, message) == attached::now));
  BOOST_TEST((history.attach("k", 3, 7, other) == attached::unknown));
  BOOST_TEST((history.attach("k", 2, 7, other) == attached::now));
  BOOST_TEST((history.of("k")->front().row_message == message));
  BOOST_TEST((history.of("k")->back().row_message == other));
}

BOOST_AUTO_TEST_CASE(a_version_finds_its_message_later) {
  add(1);
  add(2, {}, true);
  BOOST_TEST((history.oldest_in_log() == 1u));
  using attached = row_history::attached;
  auto message = sent(3h), later = sent(4h);
  BOOST_TEST((history.attach("k", 1, 1, sent(30min)) == attached::unknown));  // older than its record: of another one
  BOOST_TEST((history.attach("k", 1, 1, message) == attached::now));
  BOOST_TEST((history.attach("k", 1, 1, message) == attached::before));
  BOOST_TEST((history.attach("k", 1, 1, later) == attached::unknown));
  BOOST_TEST((history.attach("k", 2, 2, later) == attached::unknown));  // a deletion has none
  BOOST_TEST((history.attach("x", 1, 1, later) == attached::unknown));
  BOOST_TEST(!history.oldest_in_log().has_value());
  BOOST_TEST(history.messages() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
