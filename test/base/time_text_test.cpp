// Times as text, both ways.

#include "dbcord/base/time_text.hpp"

#include <boost/test/unit_test.hpp>

using namespace dbcord::base;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_CASE(times_are_written_as_discord_and_http_write_them) {
  system_time when(1786015861123456us);
  BOOST_TEST(to_iso8601(when) == "2026-08-06T11:31:01.123456+00:00");
  BOOST_TEST(to_http_date(when) == "Thu, 06 Aug 2026 11:31:01 GMT");
  BOOST_TEST(to_utc_text(when) == "2026-08-06T11:31:01Z");
  BOOST_TEST(to_iso8601(system_time{}) == "1970-01-01T00:00:00.000000+00:00");
}

BOOST_AUTO_TEST_CASE(an_http_date_survives_writing_and_reading) {
  for (auto seconds : {0s, 951782400s /* 29 February */, 1786015861s, 4102444799s}) {
    system_time when(seconds);
    BOOST_TEST_REQUIRE(parse_http_date(to_http_date(when)).has_value());
    BOOST_CHECK(*parse_http_date(to_http_date(when)) == when);
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_http_date_is_refused) {
  for (auto text : {"", "now", "Thu, 06 Aug 2026", "Thu, 06 Aug 2026 11:31:01", "Thu, 06 Aug 2026 11:31:01 CET", "Thu, 31 Feb 2026 11:31:01 GMT",
                    "Thu, 06 Xyz 2026 11:31:01 GMT", "Thu, 06 Aug 2026 24:31:01 GMT", "Thu, 06 Aug 2026 11:60:01 GMT",
                    "Thu, 06 Aug 2026 11:31:01 GMT+1"}) {
    BOOST_TEST(!parse_http_date(text).has_value(), text);
  }
}
