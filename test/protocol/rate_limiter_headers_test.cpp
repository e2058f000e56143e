#include <boost/test/unit_test.hpp>

#include "protocol/rate_limit_headers.hpp"

namespace dbcord::protocol::test {
namespace {

using namespace std::chrono_literals;
using list = std::vector<std::pair<std::string, std::string>>;

rate_limit_headers refused(const list& headers, std::string_view body) {
  return read_rate_limit_headers(429, headers, body);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(rate_limiter_headers)

BOOST_AUTO_TEST_CASE(a_counted_answer_is_read_exactly_whatever_the_case_of_its_headers) {
  list headers{{"x-ratelimit-limit", "5"},
               {"X-RateLimit-Remaining", "3"},
               {"X-RateLimit-Reset", "1785542400.123"},
               {"X-Ratelimit-Reset-After", "4.567"},
               {"X-RateLimit-Bucket", "abcd1234"}};
  auto h = read_rate_limit_headers(200, headers, "");
  BOOST_REQUIRE(h.counted.has_value());
  BOOST_TEST(h.counted->limit == 5);
  BOOST_TEST(h.counted->remaining == 3);
  BOOST_TEST((h.counted->reset_after == 4567ms));
  BOOST_TEST((h.counted->reset == base::system_time(1785542400s + 123ms)));
  BOOST_TEST(h.bucket == "abcd1234");
  BOOST_TEST(h.any);
}

BOOST_AUTO_TEST_CASE(a_missing_header_is_not_remaining_zero) {
  BOOST_TEST(!read_rate_limit_headers(200, list{{"X-RateLimit-Limit", "5"}}, "").counted.has_value());
  BOOST_TEST(!read_rate_limit_headers(200, list{}, "").any);
}

BOOST_AUTO_TEST_CASE(unreadable_numbers_count_as_absent) {
  for (const char* bad : {"", "-1", "x", "1e3", "99999999999999999999", "5.", ".5"}) {
    list headers{
        {"X-RateLimit-Limit", bad}, {"X-RateLimit-Remaining", bad}, {"X-RateLimit-Reset-After", bad}};
    BOOST_TEST(!read_rate_limit_headers(200, headers, "").counted.has_value(), bad);
    BOOST_TEST(!refused({{"Retry-After", "soon"}}, "<html>").retry_after.has_value());
  }
}

BOOST_AUTO_TEST_CASE(the_bodys_retry_after_is_exact_and_the_header_only_rounds_it_up) {
  auto h = refused({{"Retry-After", "1"}}, R"({"message":"","retry_after":0.661,"global":true})");
  BOOST_TEST((h.retry_after == 661ms));
  BOOST_TEST((h.scope == rate_scope::global));
}

BOOST_AUTO_TEST_CASE(a_header_beyond_the_rounding_is_a_longer_limit_and_wins) {
  auto h = refused({{"Retry-After", "40"}}, R"({"retry_after":0.3})");
  BOOST_TEST((h.retry_after == 40s));
  BOOST_TEST((h.scope == rate_scope::user));
}

BOOST_AUTO_TEST_CASE(a_shared_limit_waits_the_longer_time) {
  auto h = refused(
      {{"Retry-After", "1337"}, {"X-RateLimit-Scope", "shared"}, {"X-RateLimit-Reset-After", "64.57"}},
      R"({"retry_after":64.57,"global":false})");
  BOOST_TEST((h.retry_after == 1337s));
  BOOST_TEST((h.scope == rate_scope::shared));
}

BOOST_AUTO_TEST_CASE(absurd_times_are_bounded) {
  BOOST_TEST((refused({{"Retry-After", "8000000000"}}, "").retry_after == 24h));
  BOOST_TEST((refused({}, R"({"retry_after":1e300})").retry_after == 24h));
  BOOST_TEST(!refused({}, R"({"retry_after":"1"})").retry_after.has_value());
  BOOST_TEST(!refused({}, R"({"retry_after":-5})").retry_after.has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace dbcord::protocol::test
