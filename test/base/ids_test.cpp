// Ids: what is an id, and the time that stands in it.

#include "dbcord/base/ids.hpp"

#include <boost/test/unit_test.hpp>

using namespace dbcord::base;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_CASE(only_decimal_digits_are_an_id) {
  BOOST_TEST(parse_id<message_id>("175928847299117063")->value == 175928847299117063u);
  BOOST_TEST(parse_id<message_id>("18446744073709551615")->value == UINT64_MAX);
  for (auto text : {"", " 1", "1 ", "+1", "-1", "1a", "0x1", "18446744073709551616"}) {
    BOOST_TEST(!parse_id<message_id>(text).has_value(), text);
  }
}

// The example of Discord's own documentation (Reference, Snowflakes).
BOOST_AUTO_TEST_CASE(an_id_tells_when_it_was_made) {
  BOOST_CHECK(created_at(message_id{175928847299117063}) == system_time(1462015105796ms));
}

BOOST_AUTO_TEST_CASE(the_cursor_of_a_time_lies_below_all_ids_of_its_millisecond) {
  message_id made{175928847299117063};
  auto cursor = id_at<message_id>(created_at(made));
  BOOST_CHECK(cursor <= made);
  BOOST_CHECK(created_at(cursor) == created_at(made));
  BOOST_CHECK(id_at<message_id>(created_at(made) + 1ms) > made);
}

BOOST_AUTO_TEST_CASE(times_before_discord_have_the_lowest_cursor) {
  BOOST_TEST(id_at<message_id>(system_time{}).value == 0u);
  BOOST_CHECK(created_at(message_id{UINT64_MAX}) > system_time{});  // no overflow at the far end
}
