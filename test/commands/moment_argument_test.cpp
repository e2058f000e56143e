#include <boost/test/unit_test.hpp>

#include "commands/moment_argument.hpp"
#include "database/clocks_differ.hpp"
#include "dbcord/base/time_text.hpp"

using namespace dbcord;
using namespace std::chrono_literals;

namespace {

// The time of the moment; "LSN n"; or "none".
std::string moment_of(std::string_view text, base::system_time now = base::system_time(4102444799s)) {  // 2099
  auto m = commands::parse_moment(text, now);
  if (!m) return "none";
  return m->lsn != 0 ? "LSN " + std::to_string(m->lsn) : base::to_iso8601(m->time);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(moment_argument)

BOOST_AUTO_TEST_CASE(moments_are_lsns_or_times) {
  BOOST_TEST(moment_of("1234") == "LSN 1234");
  BOOST_TEST(moment_of("2026-11-23T12:00:01.123000+00:00") == "2026-11-23T12:00:01.123000+00:00");
  BOOST_TEST(moment_of("2026-11-23 12:00:01.5Z") == "2026-11-23T12:00:01.500000+00:00");
  BOOST_TEST(moment_of("2026-11-23T12:00:01") == "2026-11-23T12:00:01.999999+00:00");
  BOOST_TEST(moment_of("2026-11-23T12:00+01:30") == "2026-11-23T10:30:59.999999+00:00");
  BOOST_TEST(moment_of("2024-02-29") == "2024-02-29T23:59:59.999999+00:00");
}

BOOST_AUTO_TEST_CASE(a_day_a_minute_or_a_second_that_goes_on_means_the_present) {
  base::system_time now(1786015861s);  // 2026-08-06T11:31:01
  auto present = base::to_iso8601(now + database::clocks_differ / 2);
  for (auto text : {"2026-08-06", "2026-08-06T11:31Z", "2026-08-06T13:31+02:00", "2026-08-06T11:31:06Z"}) {
    BOOST_TEST_CONTEXT(text) BOOST_TEST(moment_of(text, now) == present);
  }
  BOOST_TEST(moment_of("2026-08-05", now) == "2026-08-05T23:59:59.999999+00:00");
  BOOST_TEST(moment_of("2026-08-06T11:31:01Z", now) == "2026-08-06T11:31:01.999999+00:00");  // over by the time that two clocks may differ
  BOOST_TEST(moment_of("2026-08-07", now) == "2026-08-07T23:59:59.999999+00:00");
}

BOOST_AUTO_TEST_CASE(years_that_no_clock_shows_are_far_away_all_the_same) {
  base::system_time now(1786015861s);
  auto far = commands::parse_moment("9999-12-31", now), ancient = commands::parse_moment("0001-01-01", now);
  BOOST_REQUIRE((far && ancient));
  BOOST_TEST((far->time > now + 24h * 365 * 200));
  BOOST_TEST((ancient->time < base::system_time{}));
}

BOOST_AUTO_TEST_CASE(anything_else_is_none) {
  for (auto text : {"", "0", "-5", "yesterday", "2026-02-29", "2026-13-01", "2026-11-23T", "2026-11-23T25:00", "2026-11-23T12:60", "2026-11-23T12:00:60",
                    "2026-11-23T12:00:01.", "2026-11-23T12:00Zx", "2026-11-23T12:00+1", "99999999999999999999999", "2026-11-23x"}) {
    BOOST_TEST_CONTEXT(text) BOOST_TEST(moment_of(text) == "none");
  }
}

BOOST_AUTO_TEST_SUITE_END()
