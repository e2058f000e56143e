// What is read together with the first rows of a slice, and what comes of it in which order.

#include <boost/test/unit_test.hpp>

#include "database/read_batches.hpp"

namespace dbcord::database {
namespace {

protocol::image_row to_read(std::string key, std::uint64_t message, unsigned part = 0, std::uint64_t log_message = 7, std::uint64_t size = 100) {
  protocol::image_row row{std::move(key), "", 1, log_message, base::message_id{log_message}, base::message_id{message}, false};
  row.part = part;
  row.resident = false;
  row.json_size = size;
  return row;
}
protocol::image_row in_memory(std::string key) {
  auto row = to_read(std::move(key), 1);
  row.resident = true;
  return row;
}

std::string keys_of(const std::vector<protocol::image_row>& rows) {
  std::string keys;
  for (const auto& r : rows) keys += r.key;
  return keys;
}

// "read:shown read:shown"
std::string order_of(std::vector<protocol::image_row> rows, std::size_t at_least, const message_spread& spread) {
  read_batches batches(std::move(rows), spread);
  auto order = ":" + keys_of(batches.ready());
  while (!batches.ended()) {
    auto some = batches.lacking(at_least);
    order += " " + keys_of(some);
    for (auto& r : some) r.resident = true;
    batches.put({std::move(some)});
    order += ":" + keys_of(batches.ready());
  }
  return order;
}

const message_spread two_hundred([] {
  std::vector<std::uint64_t> ids;
  for (std::uint64_t i = 1; i <= 200; ++i) ids.push_back(i);
  return ids;
}(), 200);

}  // namespace

BOOST_AUTO_TEST_SUITE(reading_in_batches)

BOOST_AUTO_TEST_CASE(what_one_listing_shows_is_read_with_the_first_that_lies_there) {
  std::vector<protocol::image_row> rows{to_read("a", 5), to_read("b", 150), to_read("c", 20), to_read("d", 199), to_read("e", 103)};
  BOOST_TEST(order_of(rows, 1, two_hundred) == ": ace:a bd:bcde");
  BOOST_TEST(order_of(rows, 2, two_hundred) == ": abcde:abcde");
}

BOOST_AUTO_TEST_CASE(so_is_what_one_part_of_a_page_or_one_record_of_the_log_holds) {
  BOOST_TEST(order_of({to_read("a", 5, 1), to_read("b", 5, 2), to_read("c", 5, 1), to_read("d", 6, 1)}, 1, two_hundred) == ": ac:a b:bc d:d");
  BOOST_TEST(order_of({to_read("a", 0, 0, 1), to_read("b", 0, 0, 2), to_read("c", 0, 0, 1)}, 1, two_hundred) == ": ac:a b:bc");
}

BOOST_AUTO_TEST_CASE(a_value_in_a_file_of_its_own_is_read_when_its_turn_comes) {
  BOOST_TEST(order_of({to_read("a", 5), to_read("b", 6, 0, 7, 5'000), to_read("c", 7)}, 1, two_hundred) == ": ac:a b:bc");
}

BOOST_AUTO_TEST_CASE(rows_in_memory_are_shown_without_reading) {
  BOOST_TEST(order_of({in_memory("a"), in_memory("b"), to_read("c", 5), in_memory("d")}, 1, two_hundred) == ":ab c:cd");
  BOOST_TEST(order_of({in_memory("a")}, 1, two_hundred) == ":a");
  BOOST_TEST(order_of({}, 1, two_hundred) == ":");
}

BOOST_AUTO_TEST_CASE(no_more_is_read_at_a_time_than_lies_in_so_many_places) {
  std::vector<protocol::image_row> rows{to_read("a", 5, 1), to_read("b", 6, 1), to_read("c", 5, 1), to_read("d", 7, 1)};
  read_batches batches(rows, two_hundred);
  BOOST_TEST(keys_of(batches.lacking(100, 2)) == "abc");
  read_batches some(rows, two_hundred);
  BOOST_TEST(keys_of(some.lacking(100, 0)) == "ac");  // something is read in any case
}

BOOST_AUTO_TEST_CASE(nothing_comes_along_behind_the_last_that_is_needed) {
  std::vector<protocol::image_row> rows{in_memory("a"), to_read("b", 5), to_read("c", 150), to_read("d", 20), to_read("e", 21)};
  read_batches batches(rows, two_hundred);
  BOOST_TEST(keys_of(batches.ready()) == "a");
  auto some = batches.lacking(1, 10, 3);
  BOOST_TEST(keys_of(some) == "bd");
  for (auto& r : some) r.resident = true;
  batches.put({std::move(some)});
  BOOST_TEST(keys_of(batches.ready()) == "b");
  BOOST_TEST(keys_of(batches.lacking(1, 10, 1)) == "c");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_read_stops_those_behind_it_when_its_turn_comes_and_is_not_read_again) {
  read_batches batches({to_read("a", 5, 1), to_read("b", 6, 1), to_read("c", 5, 1)}, two_hundred);
  auto rows = batches.lacking(1);
  BOOST_TEST(keys_of(rows) == "ac");
  rows[0].resident = true;
  BOOST_TEST(!batches.unreadable());
  batches.put({std::move(rows), {{1, base::error(errc::damaged, "c is nowhere")}}});
  BOOST_TEST(keys_of(batches.ready()) == "a");
  BOOST_TEST(!batches.unreadable());
  rows = batches.lacking(10);
  BOOST_TEST(keys_of(rows) == "b");
  rows[0].resident = true;
  batches.put({std::move(rows)});
  BOOST_TEST(keys_of(batches.ready()) == "b");
  BOOST_TEST_REQUIRE(batches.unreadable());
  BOOST_TEST(batches.unreadable()->message == "c is nowhere");
  BOOST_TEST(!batches.ended());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace dbcord::database
