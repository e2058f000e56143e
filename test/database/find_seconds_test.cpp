// How long a find takes that reads values from Discord, whose limits count requests and not the downloads of files: about what `explain` has said before.

#include "database/find_requests_fixture.hpp"

using namespace dbcord;
using namespace dbcord::test;

namespace {

struct find_seconds_fixture : find_requests_fixture {
  find_seconds_fixture() : find_requests_fixture(true) {}

  static double seconds_in(const std::string& plan) {
    auto at = plan.find("about ");
    return at == plan.npos ? 0 : std::stod(plan.substr(plan.find(", ", at) + 2));
  }
  // Within a factor of two, or of a second and a half: `explain` says whole seconds, one at least.
  void compare(const std::string& name, const database::find_request& request) {
    world.run_for(1min);  // what Discord's limits were used for is over
    auto explained = request;
    explained.explain_only = true;
    (void)cost(explained);
    auto plan = answer.plan;
    auto said = seconds_in(plan);
    auto begun = world.now();
    auto requests = cost(request);
    auto taken = std::chrono::duration<double>(world.now() - begun).count();
    auto text = fmt::format("{}: {:.0f} s said, {:.1f} s taken with {} requests and downloads; {}", name, said, taken, requests, plan);
    BOOST_TEST_MESSAGE(text);
    auto more = std::max(said, taken), less = std::min(said, taken);
    BOOST_TEST((more <= 2 * less || more - less <= 1.5), text);
  }
  void compare_finds() {
    compare("scan", asking(R"({"text":{"$contains":"bbb"}})"));
    compare("key range", asking(R"({"id":{"$gte":100,"$lt":160}})"));
    compare("scattered keys", asking(R"({"id":{"$in":[1,100,200,300,400,500,600,700,800,900,1000,1100]}})"));
    compare("one key", asking(R"({"id":17})"));
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(find_seconds, find_seconds_fixture)

BOOST_AUTO_TEST_CASE(explain_says_how_long_a_find_of_rows_in_messages_of_their_own_takes) {
  fill();
  compare_finds();
}

BOOST_AUTO_TEST_CASE(explain_says_how_long_a_find_of_rows_in_files_of_their_own_takes) {
  text_bytes = 2'500;
  fill();
  compare_finds();
}

BOOST_AUTO_TEST_CASE(explain_says_how_long_a_find_of_rows_in_pages_takes) {
  fill_pages();
  compare_finds();
  begin_again();
  compare("scan by a new process", asking(R"({"text":{"$contains":"bbb"}})"));
}

BOOST_AUTO_TEST_CASE(explain_says_how_long_a_find_of_rows_in_the_log_takes) {
  fill_log();
  compare_finds();
}

BOOST_AUTO_TEST_CASE(explain_says_how_long_a_find_through_search_takes) {
  fill();
  (void)cost(asking(R"({"group":7})", 10'000, "search"));  // not ready, for the first time
  world.run_for(2min);
  for (int g = 0; g < filled_groups; ++g) (void)cost(asking(fmt::format(R"({{"group":{}}})", g), 10'000, "search"));
  compare("search, many hits", asking(R"({"kind":"1"})", 10'000, "search"));
}

BOOST_AUTO_TEST_SUITE_END()
