// Databases that could not be opened when their process started.

#include "database/database_fixture.hpp"
#include "protocol/channel_topic.hpp"
#include "support/contains.hpp"

namespace {

using namespace dbcord;
using namespace std::chrono_literals;
using database::errc;
using test::contains;
using test::fault;

struct two_databases : test::database_fixture {
  two_databases() {
    options.exclusive_by_lock = false;
    options.on_fenced = [this](base::error why) { fenced.push_back(why.message); };
    create();
    BOOST_REQUIRE(run(stack->engine->create_database("other", context())).has_value());
    BOOST_REQUIRE(run(stack->engine->create_table("other", "users", "id", context())).has_value());
    auto present = run(stack->rest.channels({database::priority::read, world.now() + 1min}));
    for (const auto& c : present->value) {
      auto topic = protocol::decode_topic(c.topic);
      if (topic && topic->role == protocol::channel_role::control) control[topic->database_name] = c.id;
    }
    run(stack->engine->close(world.now() + 10s));
    kill();
  }

  // A process that must not claim that database, and opens what it can.
  void start_without(const std::string& name) {
    start();
    forbid(name);
    BOOST_REQUIRE(open().has_value());
    BOOST_REQUIRE(stack->engine->failed().size() == 1u);
  }
  void forbid(const std::string& name) {
    stack->store.on_post = [channel = control.at(name)](base::channel_id to, const auto&) { return to == channel ? fault::refused : fault::none; };
  }
  void allow() { stack->store.on_post = [](base::channel_id, const auto&) { return fault::none; }; }
  bool is_open(const std::string& name) {
    auto all = stack->engine->databases();
    return std::find(all.begin(), all.end(), name) != all.end();
  }

  std::map<std::string, base::channel_id> control;
  std::vector<std::string> fenced;
};

BOOST_FIXTURE_TEST_SUITE(databases_that_were_not_opened, two_databases)

BOOST_AUTO_TEST_CASE(one_is_opened_as_soon_as_that_is_possible) {
  start_without("other");
  auto refused = run(stack->engine->get("other", "users", "a", reading()));
  BOOST_TEST(contains(refused.error().message, "could not be opened"));
  world.run_for(40s);  // tried once more, and still forbidden
  BOOST_TEST(!is_open("other"));
  BOOST_TEST(stack->engine->failed().size() == 1u);
  allow();
  world.run_for(1min);
  BOOST_TEST(is_open("other"));
  BOOST_TEST(stack->engine->failed().empty());
  BOOST_TEST(run(stack->engine->insert("other", "users", {"a", "{}"}, context())).has_value());
  BOOST_TEST(insert("a", "{}").has_value());
  BOOST_TEST(fenced.empty());
}

// Each of two processes would answer commands that only the other one can carry out.
BOOST_AUTO_TEST_CASE(of_two_processes_that_have_one_each_one_ends) {
  start_without("other");
  auto* first = process;
  auto* first_stack = stack;
  start("second");
  forbid("prod");
  BOOST_REQUIRE(open().has_value());
  BOOST_TEST(is_open("other"));
  BOOST_TEST(!is_open("prod"));
  auto* second = process;
  allow();
  BOOST_REQUIRE(world.run_until([&] { return !fenced.empty(); }, 2min));
  BOOST_TEST(contains(fenced.front(), "database prod is in use"));
  world.kill(*second);
  process = first;
  stack = first_stack;
  allow();
  BOOST_REQUIRE(world.run_until([&] { return is_open("other"); }, 10min));
  BOOST_TEST(is_open("prod"));
  BOOST_TEST(fenced.size() == 1u);
}

BOOST_AUTO_TEST_CASE(an_end_does_not_wait_for_another_processs_lease) {
  start("killed");
  BOOST_REQUIRE(open().has_value());
  world.run_for(10s);
  kill();
  start_without("other");
  allow();
  auto& store = stack->store;
  bool claimed = false;
  store.on_post = [&](base::channel_id to, const auto&) {
    claimed = claimed || to == control.at("other");
    return fault::none;
  };
  BOOST_REQUIRE(world.run_until([&] { return claimed; }, 30s));
  world.run_for(2s);
  BOOST_TEST(!is_open("other"));
  auto before = world.now();
  run(stack->engine->close(world.now() + 20s));
  BOOST_TEST((world.now() - before < 5s));
  world.run_for(1min);
  BOOST_TEST(!is_open("other"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
