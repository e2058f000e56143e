// Finds through guild search, which is a minute late, never finds one message in a hundred, and at first is not ready: they are exact all the same.

#include <fmt/format.h>

#include "database/database_fixture.hpp"
#include "database/storage_upkeep.hpp"

using namespace dbcord;
using namespace dbcord::test;
using database::errc;

namespace {

guild::core_options late_and_lossy() {
  auto options = database_fixture::guild_options(false);
  options.search_delay = 60s;
  options.search_misses_per_million = 10'000;
  return options;
}

struct search_fixture : database_fixture {
  static constexpr int rows = 400, groups = 10;
  static constexpr std::size_t row_bytes = 1'000;

  search_fixture() : database_fixture(late_and_lossy()) {
    options.memory_cap = 256 * 1024;  // holds about a third of the rows
    options.checkpoints.tail_messages = 20;
    options.page_from = 1'000'000;    // search knows nothing of rows in pages
  }

  static std::string key(int i) { return "k" + std::to_string(1'000 + i); }
  // With a name that has a dot, so that memory keeps no fingerprints that would answer what search is asked.
  static std::string json(int i) {
    return "{\"id\":\"" + key(i) + "\",\"d.o\":true,\"n\":" + std::to_string(i) + ",\"group\":" + std::to_string(i % groups) + ",\"text\":\"" +
           std::string(row_bytes, static_cast<char>('a' + i % 26)) + "\"}";
  }
  void fill() {
    create();
    for (int begun = 0; begun < rows; begun += 40) {
      std::vector<database::new_row> some;
      for (int i = begun; i < begun + 40; ++i) some.push_back({{}, json(i)});
      put_all(std::move(some));
    }
    drain();
  }
  base::result<database::find_answer> ask(std::string where, std::string via = "search", bool explain = false) {
    database::find_request request;
    request.where_json = std::move(where);
    request.via = std::move(via);
    request.limit = 1'000;
    request.explain_only = explain;
    return run(stack->engine->find("prod", "users", std::move(request), reading()));
  }
  std::string plan(std::string where, std::string via = "search") {
    auto answer = ask(std::move(where), std::move(via), true);
    return answer ? answer->plan : answer.error().message;
  }
  std::size_t matching(std::string where, std::string via = "search") {
    auto answer = ask(std::move(where), std::move(via));
    BOOST_TEST_REQUIRE(answer.has_value(), answer.error().message);
    BOOST_TEST(answer->matched == answer->rows.size());
    last_plan = answer->plan;
    return answer->matched;
  }
  // Every group is asked for, so that search shows all it has.
  void see_all() {
    BOOST_TEST(matching(R"({"group":0})") == rows / groups);  // not ready, for the first time
    world.run_for(2min);
    for (int g = 0; g < groups; ++g) BOOST_TEST(matching("{\"group\":" + std::to_string(g) + "}") == rows / groups);
  }
  bool says(std::string_view words) const { return last_plan.find(words) != std::string::npos; }
  // Requests of one find.
  std::uint64_t cost(const std::string& where, std::string via) {
    auto before = net.stats().requests;
    BOOST_TEST(matching(where, std::move(via)) == rows / groups);
    return net.stats().requests - before;
  }
  void close() {
    run(stack->engine->close(world.now() + 30s));
    kill();
  }

  std::string last_plan;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(find_by_search, search_fixture)

BOOST_AUTO_TEST_CASE(search_that_is_not_ready_costs_time_and_no_rows) {
  fill();
  BOOST_TEST(matching(R"({"group":3})") == rows / groups);
  BOOST_TEST(says("not ready"), last_plan);
  BOOST_TEST(matching(R"({"group":3})") == rows / groups);
  world.run_for(2min);
  BOOST_TEST(matching(R"({"group":3})") == rows / groups);
  BOOST_TEST(says("guild search for group, 2 requests"), last_plan);  // 40 hits
}

BOOST_AUTO_TEST_CASE(rows_in_pages_are_said_to_be_out_of_its_reach) {
  create();
  BOOST_REQUIRE(run(stack->engine->storage().set_layout("prod", "users", protocol::table_layout::pages, context())).has_value());
  for (int i = 0; i < 2; ++i) {
    std::vector<database::new_row> some;
    for (int n = 0; n < 20; ++n) some.push_back({{}, json(20 * i + n)});
    BOOST_REQUIRE(run(stack->engine->import("prod", "users", std::move(some), context())).has_value());
  }
  drain();
  BOOST_TEST(plan(R"({"group":3})") == "guild search for group, about 1 request, 1 s; 40 rows in pages cannot be searched and are looked at in memory");
  world.run_for(2min);
  for (int i = 0; i < 2; ++i) BOOST_TEST(matching(R"({"group":3})") == 4u);
  BOOST_TEST(says("; 40 rows in pages, which cannot be searched, were looked at in memory"), last_plan);
}

BOOST_AUTO_TEST_CASE(what_search_has_shown_once_needs_no_reading_again) {
  fill();
  see_all();
  BOOST_TEST(cost(R"({"group":3})", "memory") >= 4u);
  cost(R"({"group":3})", "search");
  BOOST_TEST(cost(R"({"group":3})", "search") <= 6u);  // what search never shows stays in memory
  BOOST_TEST(cost(R"({"group":3})", "auto") <= 6u);
  auto found = ask(R"({"n":123})");
  BOOST_REQUIRE(found.has_value());
  BOOST_REQUIRE(found->rows.size() == 1u);
  BOOST_TEST(found->rows.front().json == json(123));
}

BOOST_AUTO_TEST_CASE(a_find_right_after_a_change_is_right_though_search_is_late) {
  fill();
  see_all();
  for (int i = 3; i < 103; i += 10) BOOST_REQUIRE(update(key(i), R"({"group":77})").has_value());
  for (int i = 4; i < 104; i += 10) BOOST_REQUIRE(remove(key(i)).has_value());
  BOOST_REQUIRE(insert("new", R"({"group":77})").has_value());
  auto right = [&] {
    BOOST_TEST(matching(R"({"group":77})") == 11u);
    BOOST_TEST(matching(R"({"group":3})") == 30u);
    BOOST_TEST(matching(R"({"group":4})") == 30u);
  };
  right();
  drain();
  right();
  world.run_for(2min);
  right();
  right();
  restart();
  right();
  BOOST_TEST(run(stack->engine->verify("prod", "users", reading()))->problems == 0u);
}

BOOST_AUTO_TEST_CASE(empty_pages_end_nothing_while_more_is_stated) {
  fill();
  BOOST_TEST(matching(R"({"group":3})") == rows / groups);
  world.run_for(2min);
  std::set<base::message_id> hidden;  // the newest 25, for good
  stack->store.on_search = [&](database::search_page& page) {
    for (const auto& hit : page.hits) {
      if (hidden.size() < 25) hidden.insert(hit.id);
    }
    std::erase_if(page.hits, [&](const auto& hit) { return hidden.contains(hit.id); });
  };
  stack->store.searches = 0;
  BOOST_TEST(matching(R"({"group":3})") == rows / groups);
  BOOST_TEST(stack->store.searches == 2);
  BOOST_TEST((says("15 hits") || says("14 hits") || says("13 hits")), last_plan);
}

BOOST_AUTO_TEST_CASE(an_index_that_is_made_anew_makes_everything_unseen) {
  fill();
  see_all();
  auto before = plan(R"({"group":3})");
  stack->store.on_search = [](database::search_page& page) {
    page.still_indexing = true;
    page.hits.clear();
    page.total = 0;
  };
  BOOST_TEST(matching(R"({"group":3})") == rows / groups);
  BOOST_TEST(says("being made ready"), last_plan);
  stack->store.on_search = {};
  BOOST_TEST(plan(R"({"group":3})") != before);
  stack->store.on_search = [](database::search_page& page) { page.hits.clear(), page.total = 0; };  // ready, and nothing is in it
  for (int g = 0; g < groups; ++g) BOOST_TEST(matching("{\"group\":" + std::to_string(g) + "}") == rows / groups);
}

// As when dbcord loses the permission to read the channel.
BOOST_AUTO_TEST_CASE(search_that_shows_nothing_at_all_is_not_believed) {
  fill();
  see_all();
  stack->store.on_search = [](database::search_page& page) { page.hits.clear(), page.total = 0; };
  BOOST_TEST(matching(R"({"group":3})") == rows / groups);
  BOOST_TEST(says("shows nothing of the table's channel"), last_plan);
  stack->store.on_search = {};
  BOOST_TEST(matching(R"({"group":12345})") == 0u);
  BOOST_TEST(says("guild search for group, 2 requests"), last_plan);
}

BOOST_AUTO_TEST_CASE(messages_deleted_by_hand_are_missed_by_search_only_until_dbcord_knows_that_it_may_not_know) {
  fill();
  see_all();
  database::call_options call{database::priority::interactive, world.now() + 1min};
  auto channel = run(stack->engine->inspect_table("prod", "users", reading()))->channel;
  for (int i = 3; i < 203; i += 10) {
    auto row = run(stack->engine->get("prod", "users", key(i), reading()));
    BOOST_REQUIRE(run(stack->rest.remove(channel, row->location.message, call)).has_value());
  }
  stack->engine->events_missed();
  BOOST_TEST(matching(R"({"group":3})") == rows / groups);
}

BOOST_AUTO_TEST_CASE(search_that_fails_is_done_without) {
  fill();
  see_all();
  stack->store.unsearchable = true;
  BOOST_TEST(matching(R"({"group":3})") == rows / groups);
  BOOST_TEST(says("guild search failed: Searching failed."), last_plan);
}

BOOST_AUTO_TEST_CASE(rows_without_all_their_tokens_are_always_read) {
  fill();
  see_all();
  std::string many = "{\"group\":500";
  for (int i = 0; i < 150; ++i) many += ",\"f" + std::to_string(i) + "\":" + std::to_string(i);
  BOOST_REQUIRE(insert("wide", many + "}").has_value());
  drain();
  world.run_for(2min);
  for (int i = 0; i < 2; ++i) {
    BOOST_TEST(matching(R"({"group":500})") == 1u);
    BOOST_TEST(matching(R"({"f149":149})") == 1u);
  }
}

BOOST_AUTO_TEST_CASE(what_was_seen_survives_a_clean_end_and_no_other) {
  fill();
  see_all();
  see_all();
  auto seen = plan(R"({"group":3})");
  auto unseen_after_nothing = [&] {
    auto text = plan(R"({"group":3})");
    return text.find("not yet seen") == std::string::npos ? 0 : std::stoi(text.substr(text.find("; ") + 2));
  };
  BOOST_TEST(unseen_after_nothing() < 20);
  auto written = inspect().checkpoints;
  for (int i = 0; i < 25; ++i) BOOST_REQUIRE(insert("more" + std::to_string(i), "{}").has_value());  // a checkpoint is due
  world.run_for(1min);
  BOOST_TEST(inspect().checkpoints > written);
  drain();
  close();
  start();
  BOOST_REQUIRE(open().has_value());
  BOOST_TEST(unseen_after_nothing() < 60);
  restart();
  BOOST_TEST(unseen_after_nothing() > 200);
  BOOST_TEST(matching(R"({"group":3})") == rows / groups);
}

BOOST_AUTO_TEST_CASE(a_loss_of_the_index_is_not_forgotten_by_a_clean_end) {
  fill();
  see_all();
  for (int i = 0; i < 25; ++i) BOOST_REQUIRE(insert("more" + std::to_string(i), "{}").has_value());
  world.run_for(1min);
  drain();
  stack->store.on_search = [](database::search_page& page) { page.ready = false; };
  BOOST_TEST(matching(R"({"group":3})") == rows / groups);
  close();
  start();
  BOOST_REQUIRE(open().has_value());
  stack->store.on_search = [](database::search_page& page) { page.hits.clear(), page.total = 0; };
  BOOST_TEST(matching(R"({"group":3})") == rows / groups);
}

BOOST_AUTO_TEST_CASE(a_find_that_would_take_too_many_requests_is_refused_with_its_cost) {
  fill();
  database::find_request request;
  request.where_json = R"({"group":3})";
  request.limit = rows;  // it cannot end early
  request.request_budget = 2;
  for (std::string via : {"auto", "memory", "search"}) {
    request.via = via;
    auto refused = run(stack->engine->find("prod", "users", request, reading()));
    BOOST_TEST_REQUIRE(refused.has_error(), via);
    BOOST_TEST((refused.error().code == errc::limit_reached));
    BOOST_TEST(refused.error().message.starts_with("this find would take about "), refused.error().message);
    BOOST_TEST(refused.error().message.find("may take 2 requests") != std::string::npos, refused.error().message);
  }
  BOOST_TEST(stack->store.searches == 0);
  request.request_budget = 500;
  BOOST_TEST(run(stack->engine->find("prod", "users", request, reading()))->matched == rows / groups);
}

// Discord shows no result behind the 9,975th of one search, so there are several, each for messages older than what the one before has shown.
BOOST_AUTO_TEST_CASE(more_rows_than_one_search_can_show_are_all_found) {
  constexpr std::size_t many = database::search_request::offset_max + 75;
  options.memory_cap = 64 * 1024 * 1024;
  create();
  for (std::size_t begun = 0; begun < many; begun += 1'005) {
    std::vector<database::new_row> some;
    for (std::size_t i = begun; i < std::min(many, begun + 1'005); ++i) some.push_back({{}, fmt::format(R"({{"id":"k{}","kind":"one"}})", i)});
    BOOST_REQUIRE(run(stack->engine->import("prod", "users", std::move(some), context())).has_value());
  }
  drain();
  world.run_for(2min);
  database::find_request request;
  request.where_json = R"({"kind":"one"})";
  request.via = "search";
  request.limit = 2 * many;
  request.request_budget = 2'000;
  for (int pass = 0; pass < 2; ++pass) {  // the first one finds the index not ready
    stack->store.searches = 0;
    auto answer = run(stack->engine->find("prod", "users", request, reading()));
    BOOST_TEST_REQUIRE(answer.has_value(), answer.error().message);
    BOOST_TEST(answer->matched == many);
    BOOST_TEST(answer->rows.size() == many);
    world.run_for(2min);
  }
  BOOST_TEST(stack->store.searches > static_cast<int>(many / database::search_request::page_size * 95 / 100));
}

BOOST_AUTO_TEST_CASE(bad_paths_are_refused_by_name) {
  create();
  auto refusal = [&](std::string where, std::string via) { return ask(std::move(where), std::move(via)).error().message; };
  BOOST_TEST(refusal("{}", "telepathy") == "the argument via must be auto, search or memory");
  for (std::string where : {"{}", R"({"a":null})", R"({"a":{"$gt":1}})", R"({"$or":[{"a":1},{"a":2}]})", R"({"a.0":1})"}) {
    BOOST_TEST(refusal(where, "search").starts_with("the argument via:search needs a field in where_json that equals"), where);
  }
}

BOOST_AUTO_TEST_SUITE_END()
