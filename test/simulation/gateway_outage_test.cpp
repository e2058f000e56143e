// The gateway is down and nobody gets in, for a minute: no event comes, and no command. What the program itself asks for (the C++ API) goes on by REST, and
// what people have deleted meanwhile is found when the gateway is back.

#include <fmt/format.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "simulation/owner_view.hpp"
#include "simulation/store_checks.hpp"
#include "simulation/supervisor.hpp"
#include "simulation/workload.hpp"

using namespace std::chrono_literals;
using namespace dbcord;
using namespace dbcord::simulation;

namespace {

struct gateway_outage_fixture {
  gateway_outage_fixture() {
    bot.start();
    BOOST_TEST_REQUIRE(world_of.run_until([this] { return bot.ready(); }, 5min));
    BOOST_REQUIRE(run(engine().create_database(name, writing())).has_value());
    BOOST_REQUIRE(run(engine().create_table(name, "t", "id", writing())).has_value());
    BOOST_REQUIRE(run(engine().create_table(name, client_table, "id", writing())).has_value());
    BOOST_REQUIRE(run(engine().insert(name, client_table, {bot.ledger().name, R"({"n":0})"}, writing())).has_value());
  }

  static scenario with_a_client() {
    scenario s;
    s.client = true;
    return s;
  }
  void note(std::string_view line) {
    opened += line.find(" opens ") != line.npos;
    turned_away += line.ends_with("(refused)");
  }
  database::engine& engine() { return *bot.program()->engine(); }
  template <class T>
  T run(actor::task<T> work) {
    return world_of.run(*bot.where(), std::move(work));
  }
  database::write_context writing() {
    database::write_context context;
    context.who = "1";
    context.command = "test";
    context.deadline = world_of.now() + 20s;
    return context;
  }
  database::read_context reading() { return {world_of.now() + 20s}; }
  database::row row_of(std::string key) {
    auto found = run(engine().get(name, "t", std::move(key), reading()));
    BOOST_TEST_REQUIRE(found.has_value());
    return *found;
  }
  bool stands_on_discord(const database::message_link& where) {
    auto all = messages_in(guild, where.channel);
    return std::any_of(all.begin(), all.end(), [&](const auto& m) { return m.id == where.message; });
  }
  std::uint64_t deleted_by_hand() { return run(engine().inspect_table(name, "t", reading()))->deleted_by_hand; }

  void close_gateway() {
    net.plan.open_refused = 1;
    net.drop_links();
    opened = turned_away = 0;
  }
  void reopen_gateway() {
    BOOST_TEST(turned_away >= 2u);  // it was tried,
    BOOST_TEST(opened == turned_away);  // and in vain
    net.plan.open_refused = 0;
  }

  // One step of a program that writes, changes, deletes and reads; each is acknowledged, and stands in the log.
  void work(int step) {
    auto key = "k" + std::to_string(step);
    auto made = run(engine().insert(name, "t", {key, R"({"n":1})"}, writing()));
    BOOST_TEST_REQUIRE(made.has_value(), made.error().message);
    BOOST_TEST(stands_on_discord(made->location));
    auto changed = run(engine().update(name, "t", key, R"({"n":2})", writing()));
    BOOST_TEST_REQUIRE(changed.has_value(), changed.error().message);
    BOOST_TEST(row_of(key).json == fmt::format(R"({{"id":"{}","n":2}})", key));
    auto requests = net.stats().requests;
    auto before = run(engine().get_as_of(name, "t", key, {made->lsn, {}}, reading()));
    BOOST_TEST_REQUIRE(before.has_value(), before.error().message);
    BOOST_TEST(before->json == fmt::format(R"({{"id":"{}","n":1}})", key));
    BOOST_TEST(net.stats().requests > requests);  // a superseded version is read from Discord
    if (step % 2 == 1) BOOST_REQUIRE(run(engine().remove(name, "t", key, writing())).has_value());
  }

  const std::string name{database_name};
  std::size_t opened = 0;       // gateway connections that the bot has asked for since the outage began,
  std::size_t turned_away = 0;  // and of those, refused ones
  world world_of{7};
  trace seen{world_of.now_reference(), [this](std::string_view line) { note(line); }};
  simulated_guild guild{world_of, seen, {}};
  network net{world_of, guild, seen};
  supervisor bot{world_of, guild, net, seen, with_a_client()};
};

void expect_work_to_go_on(gateway_outage_fixture& f, bool session_lost) {
  BOOST_REQUIRE(f.run(f.engine().insert(f.name, "t", {"kept", R"({"n":0})"}, f.writing())).has_value());
  BOOST_REQUIRE(await_materialised(f.world_of, f.bot, 5min).empty());
  auto shown = f.row_of("kept").location;

  auto begun = f.world_of.now();
  f.close_gateway();
  f.bot.rest_client(false);
  if (session_lost) f.guild.restart();
  BOOST_REQUIRE(delete_message(f.guild, shown.channel, shown.message));
  int steps = 0;
  for (; f.world_of.now() < begun + 1min; ++steps) {
    f.work(steps);
    f.world_of.run_for(4s);
  }
  f.bot.rest_client(true);
  BOOST_TEST(steps >= 8);
  BOOST_TEST(f.bot.ledger().acknowledged >= 20u);  // increments of the embedded client
  BOOST_TEST(f.bot.ledger().repeats == 0u);        // none of which had to be asked for twice
  BOOST_TEST(f.deleted_by_hand() == 0u);           // nobody has told
  BOOST_TEST((f.row_of("kept").location.message == shown.message));

  f.reopen_gateway();
  bool noticed = f.world_of.run_until([&] { return f.opened > f.turned_away; }, 2min);
  BOOST_TEST(noticed);
  f.world_of.run_for(30s);
  BOOST_TEST(f.deleted_by_hand() == 1u);
  BOOST_REQUIRE(await_materialised(f.world_of, f.bot, 5min).empty());
  auto again = f.row_of("kept");
  BOOST_TEST((again.location.message != shown.message));
  BOOST_TEST(f.stands_on_discord(again.location));
  BOOST_TEST(again.json == R"({"id":"kept","n":0})");
  BOOST_TEST(f.bot.ledger().violations.empty());
  BOOST_TEST(f.net.log_violations().empty());
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(gateway_outage, gateway_outage_fixture)

BOOST_AUTO_TEST_CASE(the_program_goes_on_by_rest_and_a_session_that_resumes_tells_what_was_deleted) { expect_work_to_go_on(*this, false); }

BOOST_AUTO_TEST_CASE(the_program_goes_on_by_rest_and_after_a_new_session_what_was_deleted_is_looked_for) { expect_work_to_go_on(*this, true); }

BOOST_AUTO_TEST_SUITE_END()
