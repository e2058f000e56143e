// What a find takes of Discord when values are not in memory: no more than its rows are worth, and about what `explain` has said before.

#include "database/find_requests_fixture.hpp"

using namespace dbcord;
using namespace dbcord::test;

namespace {

struct find_estimates : find_requests_fixture {
  // `explain` is right within a quarter, or two requests; where a find may end early, it says what it takes at most.
  void compare(const std::string& name, const database::find_request& request) {
    auto said = estimate(request);
    auto plan = answer.plan;
    auto taken = cost(request);
    auto text = fmt::format("{}: {} said, {} taken; {}; {}", name, said, taken, plan, answer.plan);
    BOOST_TEST_MESSAGE(text);
    auto apart = std::max(said, taken) - std::min(said, taken);
    bool right = apart <= 2 || 4 * apart <= taken;
    bool at_most = plan.find("up to") != std::string::npos && taken <= said;
    BOOST_TEST((right || at_most), text);
  }
  // Many rows match, or none: with a limit a find takes less, or hardly more, than it takes to read all.
  void compare_limited(const std::string& name, std::uint64_t extra) {
    auto all = first_cost(asking(R"({"kind":{"$prefix":"1"}})"));
    BOOST_TEST(answer.matched == filled_rows / 2u);
    BOOST_TEST(!answer.not_all_seen);
    auto few = first_cost(asking(R"({"kind":{"$prefix":"1"}})", 5));
    BOOST_TEST(keys() == "1 1001 1003 1005 1007");
    BOOST_TEST(answer.not_all_seen);
    BOOST_TEST((answer.matched >= 5u && answer.matched < filled_rows / 2u));
    auto none_at_all = first_cost(asking(R"({"kind":{"$prefix":"2"}})"));
    auto none = first_cost(asking(R"({"kind":{"$prefix":"2"}})", 5));
    BOOST_TEST(answer.matched == 0u);
    BOOST_TEST(!answer.not_all_seen);
    auto text = fmt::format("{}: {} requests for all, {} for five; for none {}, with a limit {}", name, all, few, none_at_all, none);
    BOOST_TEST_MESSAGE(text);
    BOOST_TEST(2 * few <= all, text);
    BOOST_TEST(none <= none_at_all + extra, text);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(find_requests, find_estimates)

BOOST_AUTO_TEST_CASE(a_page_that_is_full_ends_the_reading_and_one_that_does_not_fill_costs_hardly_more) {
  fill();
  compare_limited("messages", 2);
  auto next = asking(R"({"kind":{"$prefix":"1"}})", 5);
  next.skip = 3;
  cost(next);
  BOOST_TEST(answer.rows.at(0).key == "1005");
  auto unsorted = sorted(R"({"kind":{"$prefix":"1"}})", "n desc", 1);
  cost(unsorted);
  BOOST_TEST(keys() == "1199");
  BOOST_TEST(answer.matched == filled_rows / 2u);  // nothing knows of n what is not read
}

BOOST_AUTO_TEST_CASE(so_it_does_where_rows_lie_in_pages) {
  fill_pages();
  compare_limited("pages", 5);
}

BOOST_AUTO_TEST_CASE(so_it_does_where_rows_lie_in_the_log) {
  fill_log();
  compare_limited("log", 5);
}

BOOST_AUTO_TEST_CASE(rows_are_read_in_the_order_of_an_index_until_the_page_is_full) {
  fill();
  auto all = cost(sorted(R"({"text":{"$contains":"a"}})", "n desc", 5));
  BOOST_TEST(keys() == "1196 1170 1144 1118 1092");
  BOOST_TEST(!answer.not_all_seen);
  add_index("n");
  auto highest = cost(sorted("{}", "n desc", 5));
  BOOST_TEST(keys() == "1199 1198 1197 1196 1195");
  BOOST_TEST(highest <= 5u);
  BOOST_TEST(!answer.not_all_seen);
  BOOST_TEST(answer.matched == std::uint64_t{filled_rows});  // all match
  auto lowest = sorted("{}", "n", 3);
  lowest.skip = 2;
  BOOST_TEST(cost(lowest) <= 5u);
  BOOST_TEST(keys() == "2 3 4");
  auto some = cost(sorted(R"({"text":{"$contains":"a"}})", "n desc", 5));
  BOOST_TEST(keys() == "1196 1170 1144 1118 1092");
  auto none = cost(sorted(R"({"text":{"$contains":"B"}})", "n desc", 5));
  BOOST_TEST(answer.matched == 0u);
  auto text = fmt::format("{} requests without the index; {} for the highest, {} for some, {} for none", all, highest, some, none);
  BOOST_TEST_MESSAGE(text);
  BOOST_TEST(some <= all, text);
  BOOST_TEST(4 * none <= 5 * all + 20, text);
}

BOOST_AUTO_TEST_CASE(a_find_that_may_end_early_is_refused_only_when_it_has_taken_all_that_it_may) {
  fill();
  for (auto field : {"n", "group"}) add_index(field);  // with which memory has fewer of the rows
  auto within = [](database::find_request request, std::size_t budget) {
    request.request_budget = budget;
    return request;
  };
  auto few = within(asking(R"({"kind":{"$prefix":"1"}})", 25), 12);
  BOOST_TEST(estimate(few) > 12u);
  BOOST_TEST(answer.plan.ends_with("; it is refused if not enough match within 12 requests"), answer.plan);
  BOOST_TEST(cost(few) <= 12u);
  BOOST_TEST(keys().starts_with("1 1001 1003 1005 1007 "));
  BOOST_TEST(answer.plan.find("refused") == std::string::npos, answer.plan);
  auto nothing = within(asking(R"({"kind":{"$prefix":"2"}})", 5), 12);
  auto sentence = refusal(nothing);
  BOOST_TEST(sentence.starts_with("this find has found 0 of the 5 rows that it needs with 1"), sentence);
  BOOST_TEST(sentence.ends_with(" requests, and may take no more; make an index on kind, or ask for fewer rows by their keys or by limit"), sentence);
  BOOST_TEST((taken >= 12u && taken <= 13u), taken);
  for (std::string where : {R"({"kind":{"$prefix":"1"}})", "{}"}) {  // those that cannot end early
    auto all = within(asking(where), 12);
    BOOST_TEST(estimate(all) > 12u);
    BOOST_TEST(answer.plan.ends_with("; it is refused, since it may take 12 requests"), answer.plan);
    BOOST_TEST(refusal(all).starts_with("this find would take about "));
    BOOST_TEST(taken == 0u);
  }
  auto count = within(asking(R"({"kind":{"$prefix":"1"}})", 5), 12);
  count.count_only = true;
  BOOST_TEST(refusal(count).starts_with("this find would take about "));
  BOOST_TEST(refusal(within(sorted(R"({"kind":{"$prefix":"1"}})", "kind", 25), 12)).starts_with("this find would take about "));
  BOOST_TEST(taken == 0u);
  auto by_index = within(sorted(R"({"kind":{"$prefix":"1"}})", "n", 25), 12);
  BOOST_TEST(estimate(by_index) > 12u);
  BOOST_TEST(answer.plan.ends_with("; it is refused if not enough match within 12 requests"), answer.plan);
  BOOST_TEST(cost(by_index) <= 12u);
  BOOST_TEST(keys().starts_with("1 3 5 7 9 "));
  BOOST_TEST(cost(within(nothing, 500)) > 12u);
}

BOOST_AUTO_TEST_CASE(a_find_of_pages_takes_no_more_than_it_may) {
  fill_pages();
  check_budget_of(5);
}

BOOST_AUTO_TEST_CASE(so_does_one_of_the_log) {
  fill_log();
  check_budget_of(15);
}

BOOST_AUTO_TEST_CASE(what_lies_outside_two_bounds_or_a_range_of_integer_keys_is_not_read) {
  fill();
  auto all = cost(asking(R"({"text":{"$contains":"nowhere"}})"));
  for (bool indexed : {false, true}) {
    if (indexed) add_index("n");
    for (std::string field : {"id", "n"}) {
      if (field == "n" && !indexed) continue;
      auto some = cost(asking(fmt::format(R"({{"{}":{{"$gte":500,"$lt":504}}}})", field)));
      BOOST_TEST(answer.matched == 4u);
      BOOST_TEST(some <= 4u);
      BOOST_TEST_MESSAGE(field << ": " << all << " requests for a scan, " << some << " for four");
    }
  }
  auto some = cost(asking(R"({"$or":[{"n":7},{"id":300},{"n":{"$gt":900,"$lte":902}}]})"));
  BOOST_TEST(answer.matched == 4u);
  BOOST_TEST(some <= 4u);
  BOOST_TEST(all > 20u);
}

BOOST_AUTO_TEST_CASE(explain_says_what_a_find_takes) {
  fill();
  add_index("n", true);
  add_index("group");
  compare("scan", asking(R"({"text":{"$contains":"bbb"}})"));
  compare("one key", asking(R"({"id":17})"));
  compare("keys", asking(R"({"id":{"$in":[1,100,200,300,400,500,600,700]}})"));
  compare("key range", asking(R"({"id":{"$gte":100,"$lt":160}})"));
  compare("unique index", asking(R"({"n":17})"));
  compare("index range", asking(R"({"n":{"$gte":100,"$lt":400}})"));
  compare("index", asking(R"({"group":7})"));
  compare("index, and more", asking(R"({"group":7,"text":{"$contains":"bbb"}})"));
  compare("any of", asking(R"({"$or":[{"group":7},{"id":{"$in":[5,6,8]}},{"n":{"$lt":50}}]})"));
  compare("index, limit", asking(R"({"group":7})", 5));
  BOOST_TEST(answer.matched == std::uint64_t{filled_rows / filled_groups});
  compare("all, limit", asking("{}", 25));
  compare("some, limit", asking(R"({"kind":{"$prefix":"1"}})", 25));
  compare("all", asking("{}"));
  compare("sorted", sorted("{}", "n desc", 25));
  compare("sorted, some", sorted(R"({"kind":{"$prefix":"1"}})", "n", 25));
}

BOOST_AUTO_TEST_CASE(rows_that_are_known_to_match_are_counted_without_their_values) {
  fill();
  add_index("group");
  auto counting = [](std::string where) {
    auto request = asking(std::move(where));
    request.count_only = true;
    return request;
  };
  BOOST_TEST(cost(counting("{}")) == 0u);
  BOOST_TEST(answer.matched == std::uint64_t{filled_rows});
  BOOST_TEST(cost(counting(R"({"group":3})")) == 0u);
  BOOST_TEST(answer.matched == std::uint64_t{filled_rows / filled_groups});
  BOOST_TEST(cost(counting(R"({"n":{"$gte":0}})")) > 0u);
  BOOST_TEST(answer.matched == std::uint64_t{filled_rows});
}

BOOST_AUTO_TEST_CASE(explain_says_what_a_find_takes_of_the_newest_rows) {
  fill();
  for (int i = filled_rows; i < filled_rows + 60; ++i) BOOST_REQUIRE(insert(std::to_string(i), json(i)).has_value());
  drain();
  (void)cost(asking("{}"));
  world.run_for(24h);
  for (int i = 0; i < filled_rows; i += 2) BOOST_REQUIRE(update(std::to_string(i), R"({"kind":"3"})").has_value());
  drain();
  compare("newest keys", asking(R"({"id":{"$gte":1200}})"));
  compare("changed rows", asking(R"({"kind":"3"})"));
  compare("some keys", asking(R"({"id":{"$gte":0,"$lt":40}})"));
}

BOOST_AUTO_TEST_CASE(explain_says_what_a_find_takes_of_the_log) {
  fill_log();
  compare("log, scan", asking(R"({"text":{"$contains":"bbb"}})"));
  compare("log, key range", asking(R"({"id":{"$gte":100,"$lt":160}})"));
  compare("log, one key", asking(R"({"id":600})"));
  compare("log, all, limit", asking("{}", 25));
}

BOOST_AUTO_TEST_CASE(explain_says_what_a_find_takes_of_pages) {
  fill_pages();
  add_index("group");
  compare("pages, one key", asking(R"({"id":17})"));
  begin_again();
  compare("pages, index", asking(R"({"group":7})"));
  begin_again();
  compare("pages, limit", asking("{}", 25));
  begin_again();
  compare("pages, scan", asking(R"({"text":{"$contains":"bbb"}})"));
  compare("pages, scan again", asking(R"({"text":{"$contains":"bbb"}})"));
}

BOOST_AUTO_TEST_CASE(explain_says_what_a_find_takes_through_search) {
  fill();
  (void)cost(asking(R"({"group":7})", 10'000, "search"));  // not ready, for the first time
  world.run_for(2min);
  compare("search, unseen", asking(R"({"group":7})", 10'000, "search"));
  for (int g = 0; g < filled_groups; ++g) (void)cost(asking(fmt::format(R"({{"group":{}}})", g), 10'000, "search"));
  compare("search, seen", asking(R"({"group":7})", 10'000, "search"));
  compare("search, many hits", asking(R"({"kind":"1"})", 10'000, "search"));
  compare("search, one hit", asking(R"({"n":1100})", 10'000, "search"));
}

BOOST_AUTO_TEST_SUITE_END()
