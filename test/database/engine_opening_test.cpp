// Several databases are opened side by side: who starts behind a crash waits for one lease, not for one after the other.

#include <fmt/format.h>

#include <algorithm>

#include "database/database_fixture.hpp"
#include "protocol/channel_topic.hpp"
#include "simulation/owner_view.hpp"

using namespace dbcord;
using namespace dbcord::test;

namespace {

struct several_fixture : database_fixture {
  static constexpr int databases = 12;
  several_fixture() {
    options.exclusive_by_lock = false;
    start();
    BOOST_REQUIRE(open().has_value());
    for (int i = 0; i < databases; ++i) {
      BOOST_REQUIRE(run(stack->engine->create_database(name(i), context())).has_value());
      BOOST_REQUIRE(run(stack->engine->create_table(name(i), "t", "id", context())).has_value());
      BOOST_REQUIRE(run(stack->engine->insert(name(i), "t", {"a", fmt::format(R"({{"n":{}}})", i)}, context())).has_value());
    }
  }
  static std::string name(int i) { return fmt::format("d{}", i); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(opening_several, several_fixture)

BOOST_AUTO_TEST_CASE(twelve_wait_for_two_leases_and_have_their_rows) {
  kill();
  start();
  auto begun = world.now();
  BOOST_REQUIRE(open(30min).has_value());
  BOOST_TEST((world.now() - begun < 3 * options.lease));  // eight at once
  BOOST_TEST(stack->engine->failed().empty());
  BOOST_TEST(stack->engine->databases().size() == static_cast<std::size_t>(databases));
  for (int i = 0; i < databases; ++i) {
    auto row = run(stack->engine->get(name(i), "t", "a", reading()));
    BOOST_REQUIRE(row.has_value());
    BOOST_TEST(row->json == fmt::format(R"({{"id":"a","n":{}}})", i));
  }
}

BOOST_AUTO_TEST_CASE(one_that_another_process_holds_ends_the_start_without_waiting_for_the_others) {
  auto* holder = process;
  start("second");
  auto begun = world.now();
  auto refused = open(30min);
  BOOST_REQUIRE(!refused.has_value());
  BOOST_TEST((refused.error().code == database::errc::fenced));
  BOOST_TEST((world.now() - begun < 2 * options.lease));
  BOOST_TEST(stack->engine->databases().empty());
  run(stack->engine->close(world.now() + 1min));
  world.kill(*holder);
}

BOOST_AUTO_TEST_SUITE_END()

namespace {

struct empty_guild_fixture : database_fixture {
  engine_stack* first = nullptr;
  simulation::process* holder = nullptr;
  std::optional<base::error> fenced;
  // Two processes where there is no database yet.
  empty_guild_fixture() {
    options.exclusive_by_lock = false;
    start();
    BOOST_REQUIRE(open().has_value());
    first = stack;
    holder = process;
    options.on_fenced = [this](base::error e) { fenced = std::move(e); };
    start("second");
    BOOST_REQUIRE(open().has_value());
  }
  base::result<void> look(std::string name) { return run(stack->engine->look_for(std::move(name), world.now() + 1min)); }
  // How many channels the databases of that name have for the log's first segment, empty ones aside.
  std::ptrdiff_t logs_of(const std::string& name) {
    database::call_options request{database::priority::read, world.now() + 1min};
    auto present = run(stack->rest.channels(request));
    BOOST_REQUIRE(present.has_value());
    return std::count_if(present->value.begin(), present->value.end(), [&](const auto& c) {
      auto topic = protocol::decode_topic(c.topic);
      return topic && topic->role == protocol::channel_role::log && topic->database_name == name && c.last_message;
    });
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(two_in_an_empty_guild, empty_guild_fixture)

BOOST_AUTO_TEST_CASE(one_that_is_asked_for_a_database_which_the_other_has_made_ends) {
  BOOST_REQUIRE(world.run(*holder, first->engine->create_database("prod", context())).has_value());
  BOOST_TEST(stack->engine->databases().empty());
  BOOST_TEST(look("other").has_value());
  BOOST_TEST(!fenced.has_value());
  auto looked = look("prod");
  BOOST_REQUIRE(!looked.has_value());
  BOOST_TEST((looked.error().code == database::errc::fenced));
  BOOST_TEST(fenced.has_value());
  world.kill(*holder);
}

BOOST_AUTO_TEST_CASE(one_whose_other_is_gone_takes_the_database_over) {
  BOOST_REQUIRE(world.run(*holder, first->engine->create_database("prod", context())).has_value());
  BOOST_REQUIRE(world.run(*holder, first->engine->create_table("prod", "users", "id", context())).has_value());
  BOOST_REQUIRE(world.run(*holder, first->engine->insert("prod", "users", {"a", "{}"}, context())).has_value());
  world.kill(*holder);
  BOOST_TEST(look("").has_value());  // which there are
  BOOST_TEST(!fenced.has_value());
  BOOST_TEST(get("a") == R"({"id":"a"})");
}

BOOST_AUTO_TEST_CASE(a_list_is_shown_when_nobody_can_look_and_a_name_is_not_denied) {
  net.plan.connect_refused = 1;
  auto asked = world.now();
  BOOST_TEST(look("").has_value());
  BOOST_TEST((world.now() - asked <= 4s));
  BOOST_TEST(!look("prod").has_value());
  BOOST_TEST(!fenced.has_value());
  net.plan = {};
  BOOST_TEST(look("prod").has_value());
  world.kill(*holder);
}

// Its catalog may be shown as it was before the drop for as long as Discord shows old history.
BOOST_AUTO_TEST_CASE(a_database_that_was_just_dropped_here_is_not_taken_for_one_of_another_process) {
  world.kill(*holder);
  for (int i = 0; i < 5; ++i) {
    BOOST_REQUIRE(run(stack->engine->create_database("prod", context())).has_value());
    BOOST_REQUIRE(run(stack->engine->administration().drop_database("prod", context())).has_value());
    net.plan.stale_history = 1;
    net.plan.stale_max = options.staleness;
    for (auto until = world.now() + options.staleness; world.now() < until; world.run_for(50ms)) {
      auto looked = look("prod");
      BOOST_TEST(looked.has_value());
      BOOST_TEST(stack->engine->databases().empty());
    }
    net.plan = {};
    world.run_for(1min);
  }
  BOOST_TEST(stack->engine->failed().empty());
}

// Neither comes to find the other one's record. Which one counts is the same for every start; nobody has used the other one, and with its name it would come back as
// soon as that is dropped.
BOOST_AUTO_TEST_CASE(of_two_that_were_left_complete_the_younger_one_is_given_up) {
  auto make = [](database::engine* e, database::write_context c) -> actor::task<void> { (void)co_await e->create_database("prod", std::move(c)); };
  auto catalogs = [this] {
    std::vector<base::channel_id> all;
    for (const auto& c : simulation::channels_in(guild)) {
      auto topic = protocol::decode_topic(c.topic);
      if (topic && topic->role == protocol::channel_role::catalog) all.push_back(c.id);
    }
    return all;
  };
  auto both_complete = [&] {
    auto all = catalogs();
    return all.size() == 2 && std::all_of(all.begin(), all.end(), [this](auto c) { return !simulation::messages_in(guild, c).empty(); });
  };
  holder->spawn(make(first->engine.get(), context()));
  process->spawn(make(stack->engine.get(), context()));
  while (!both_complete()) world.run_for(50ms);
  world.kill(*holder);
  kill();
  restart();
  world.run_for(1min);
  BOOST_TEST(catalogs().size() == 1u);
  BOOST_TEST(stack->engine->databases().size() == 1u);
  BOOST_REQUIRE(run(stack->engine->create_table("prod", "users", "id", context())).has_value());
  BOOST_REQUIRE(insert("a", "{}").has_value());
  restart();
  BOOST_TEST(get("a") == R"({"id":"a"})");
  BOOST_REQUIRE(run(stack->engine->administration().drop_database("prod", context())).has_value());
  world.run_for(1min);
  restart();
  BOOST_TEST(stack->engine->databases().empty());
  BOOST_TEST(catalogs().empty());
}

// Both find that there is none of that name, or that one is half made.
BOOST_AUTO_TEST_CASE(two_that_make_a_database_at_once_go_on_with_the_same) {
  auto make = [](database::engine* e, std::string name, database::write_context c, std::optional<bool>* made) -> actor::task<void> {
    auto done = co_await e->create_database(std::move(name), std::move(c));
    *made = done.has_value();
  };
  for (base::duration head_start : {0ms, 50ms, 100ms, 200ms, 300ms, 600ms, 1000ms, 2000ms, 4000ms}) {
    auto name = fmt::format("made-{}", head_start / 1ms);
    std::optional<bool> one, two;
    holder->spawn(make(first->engine.get(), name, context(), &one));
    world.run_for(head_start);
    process->spawn(make(stack->engine.get(), name, context(), &two));
    world.run_for(2min);
    BOOST_TEST_CONTEXT(name) {
      BOOST_REQUIRE((one.has_value() && two.has_value()));
      BOOST_TEST(*one != *two);
      BOOST_TEST(logs_of(name) == 1);
    }
  }
  world.kill(*holder);
}

BOOST_AUTO_TEST_SUITE_END()
