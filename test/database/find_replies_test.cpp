// What a find's reply says of how its rows were found: in memory only if they were, and else with what it has really taken.

#include "database/find_requests_fixture.hpp"
#include "support/contains.hpp"

using namespace dbcord;
using namespace dbcord::test;

namespace {

struct find_replies_fixture : find_requests_fixture {
  // What a reply says that it has taken, in all.
  static std::uint64_t stated_in(const std::string& plan) {
    std::uint64_t all = 0;
    for (std::string_view what : {" request", " download"}) {
      auto at = plan.rfind(what);
      if (at != plan.npos) all += std::stoull(plan.substr(plan.rfind(' ', at - 1) + 1));
    }
    return all;
  }
  // Reads something or nothing, and says so.
  void check(const std::string& name, database::find_request request) {
    auto taken = cost(request);
    auto text = fmt::format("{}: {} taken; {}", name, taken, answer.plan);
    BOOST_TEST_MESSAGE(text);
    BOOST_TEST(stated_in(answer.plan) == taken, text);
    BOOST_TEST(contains(answer.plan, "in memory, 0 requests") == !contains(answer.plan, " read from "), text);
    BOOST_TEST((taken == 0 || !contains(answer.plan, ", 0 requests")), text);
    BOOST_TEST(!contains(answer.plan, "about"), text);
    BOOST_TEST(!contains(answer.plan, "is read"), text);
    BOOST_TEST(!contains(answer.plan, "are read"), text);
    request.explain_only = true;
    (void)cost(request);
    bool reads = contains(answer.plan, " read from ");
    BOOST_TEST(contains(answer.plan, "in memory, 0 requests") == !reads, answer.plan);
  }
  void check_all() {
    check("scan", asking(R"({"text":{"$contains":"bbb"}})"));
    check("one key", asking(R"({"id":17})"));
    check("the same key", asking(R"({"id":17})"));
    check("keys", asking(R"({"id":{"$in":[1,100,200,300,400,500,600,700]}})"));
    check("key range", asking(R"({"id":{"$gte":100,"$lt":160}})"));
    check("no such key", asking(R"({"id":"nobody"})"));
    check("unique index", asking(R"({"n":17})"));
    check("index", asking(R"({"group":7})"));
    check("index, and more", asking(R"({"group":7,"text":{"$contains":"bbb"}})"));
    check("any of", asking(R"({"$or":[{"group":7},{"id":{"$in":[5,6,8]}},{"n":{"$lt":50}}]})"));
    check("index, limit", asking(R"({"group":7})", 5));
    check("some, limit", asking(R"({"kind":"1"})", 25));
    check("sorted", sorted("{}", "n desc", 25));
    check("sorted by what memory lacks", sorted(R"({"group":7})", "kind", 25));
    check("nothing matches by what memory keeps", asking(R"({"n":{"$nin":[]},"group":{"$in":[77]}})"));
    auto counted = asking(R"({"group":7})");
    counted.count_only = true;
    check("counted by an index", counted);
    counted = asking(R"({"kind":"1"})");
    counted.count_only = true;
    check("counted by reading", counted);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(find_replies, find_replies_fixture)

BOOST_AUTO_TEST_CASE(a_reply_says_what_was_read_and_what_that_took) {
  fill();
  add_index("n", true);
  add_index("group");
  check_all();
}

BOOST_AUTO_TEST_CASE(so_it_does_of_rows_in_pages) {
  fill_pages();
  add_index("n", true);
  add_index("group");
  check_all();
}

BOOST_AUTO_TEST_CASE(so_it_does_of_rows_in_the_log) {
  fill_log();
  add_index("n", true);
  add_index("group");
  check_all();
}

BOOST_AUTO_TEST_CASE(so_it_does_through_search) {
  fill();
  auto search = [](std::string where) { return asking(std::move(where), 10'000, "search"); };
  auto says_all = [&](const std::string& name, const database::find_request& request) {
    auto taken = cost(request);
    BOOST_TEST_MESSAGE(name << ": " << taken << " taken; " << answer.plan);
    BOOST_TEST(stated_in(answer.plan) == taken, answer.plan);
    BOOST_TEST(!contains(answer.plan, ", 0 requests"), answer.plan);
  };
  says_all("search that is not ready", search(R"({"group":7})"));
  world.run_for(2min);
  says_all("search that has shown nothing yet", search(R"({"group":7})"));
  says_all("search that has shown all", search(R"({"group":7})"));
}

// A find of a row in a page takes its message, for the addresses of its files, and the file that it lies in. The addresses of pages that were seen stay known.
BOOST_AUTO_TEST_CASE(a_find_by_a_unique_key_takes_one_download_once_the_page_was_seen) {
  fill_pages();
  add_index("n", true);
  auto nth_find = [&](int n) { return cost(asking(fmt::format(R"({{"n":{}}})", n))); };
  std::uint64_t dearest = 0;
  for (int n = 0; n < filled_rows; n += 50) dearest = std::max(dearest, nth_find(n));
  BOOST_TEST(dearest == 1u);  // this process has written the pages
  begin_again();
  std::uint64_t all = 0, of_two = 0, finds = 0;
  for (int n = 0; n < filled_rows; n += 20, ++finds) {
    auto taken = nth_find(n);
    BOOST_TEST(answer.rows.size() == 1u);
    BOOST_TEST(taken <= 2u);
    all += taken;
    of_two += taken == 2;
  }
  BOOST_TEST_MESSAGE(finds << " finds by a unique key in " << users().pages << " pages: " << all << " requests and downloads, " << of_two << " of them take two");
  BOOST_TEST(of_two <= users().pages);
  world.run_for(25h);  // the addresses have expired
  BOOST_TEST(nth_find(30) <= 2u);
  BOOST_TEST(answer.rows.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_page_whose_message_is_gone_is_not_read_by_an_address_that_is_kept) {
  fill_pages();
  add_index("n", true);
  auto first = asking(R"({"n":7})");
  (void)cost(first);
  auto page = answer.rows.at(0).location;
  drain();
  database::call_options options{database::priority::interactive, world.now() + 1min};
  BOOST_REQUIRE(run(stack->rest.remove(page.channel, page.message, options)).has_value());
  stack->engine->messages_deleted(page.channel, {page.message});
  world.run_for(1min);
  drain();
  (void)cost(first);
  BOOST_TEST(answer.rows.size() == 1u);
  BOOST_TEST((answer.rows.at(0).location.message != page.message));
}

BOOST_AUTO_TEST_CASE(a_prefix_of_the_primary_key_counts_and_reads_only_its_range) {
  begin_process();
  BOOST_REQUIRE(open().has_value());
  BOOST_REQUIRE(run(stack->engine->create_database("prod", context())).has_value());
  BOOST_REQUIRE(run(stack->engine->create_table("prod", "users", "id", context())).has_value());
  for (int begun = 0; begun < filled_rows; begun += 40) {
    std::vector<database::new_row> some;
    for (int i = begun; i < begun + 40; ++i) {
      some.push_back({{}, fmt::format(R"({{"id":"{}{:04}","text":"{}"}})", i % 3 == 0 ? "a" : i % 3 == 1 ? "b" : "c", i, std::string(1'600, 'x'))});
    }
    BOOST_REQUIRE(run(stack->engine->import("prod", "users", std::move(some), context())).has_value());
    drain();
  }
  auto counting = [](std::string where) {
    auto request = asking(std::move(where));
    request.count_only = true;
    return request;
  };
  BOOST_TEST(cost(counting(R"({"id":{"$prefix":"a"}})")) == 0u);
  BOOST_TEST(answer.matched == 400u);
  BOOST_TEST(cost(counting(R"({"id":{"$prefix":"a00"}})")) == 0u);
  BOOST_TEST(answer.matched == 34u);
  BOOST_TEST(cost(counting(R"({"id":{"$gte":"a0100","$lt":"b0100"}})")) == 0u);
  BOOST_TEST(cost(counting(R"({"id":"b0001"})")) == 0u);
  BOOST_TEST(answer.matched == 1u);
  BOOST_TEST(cost(asking(R"({"id":{"$prefix":"c11"}})", 5)) <= 5u);
  BOOST_TEST(answer.matched == 34u);
  BOOST_TEST(!answer.not_all_seen);
  auto two = cost(asking(R"({"$or":[{"id":{"$prefix":"a000"}},{"id":{"$prefix":"b000"}}]})"));
  BOOST_TEST(keys() == "a0000 a0003 a0006 a0009 b0001 b0004 b0007");
  BOOST_TEST(two <= 2u);
  // A key that reads like an integer may be a number's, and then it has no prefix.
  BOOST_REQUIRE(insert("12", R"({"id":12})").has_value());
  BOOST_REQUIRE(insert("123", R"({"id":"123"})").has_value());
  (void)cost(counting(R"({"id":{"$prefix":"12"}})"));
  BOOST_TEST(answer.matched == 1u);
  (void)cost(counting(R"({"id":{"$lt":"a0006"}})"));
  BOOST_TEST(answer.matched == 3u);
}

BOOST_AUTO_TEST_SUITE_END()
