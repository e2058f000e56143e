#include <boost/test/unit_test.hpp>

#include "commands/moment_argument.hpp"
#include "dbcord/base/time_text.hpp"

using namespace dbcord;

namespace {

// The time of the moment; "LSN n"; or "none".
std::string moment_of(std::string_view text) {
  auto m = commands::parse_moment(text);
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

BOOST_AUTO_TEST_CASE(anything_else_is_none) {
  for (auto text : {"", "0", "-5", "yesterday", "2026-02-29", "2026-13-01", "2026-11-23T", "2026-11-23T25:00", "2026-11-23T12:60", "2026-11-23T12:00:60",
                    "2026-11-23T12:00:01.", "2026-11-23T12:00Zx", "2026-11-23T12:00+1", "99999999999999999999999", "2026-11-23x"}) {
    BOOST_TEST_CONTEXT(text) BOOST_TEST(moment_of(text) == "none");
  }
}

BOOST_AUTO_TEST_SUITE_END()
