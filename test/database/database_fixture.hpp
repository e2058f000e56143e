#pragma once
// A database engine on the guild's core in virtual time, with processes that come and go.

#include <boost/test/unit_test.hpp>

#include "database/database_administration.hpp"
#include "database/faulty_store.hpp"
#include "database/faulty_thread_store.hpp"
#include "discord/rest_message_store.hpp"
#include "discord/rest_thread_store.hpp"
#include "simulation/simulated_transport.hpp"
#include "simulation/world.hpp"

namespace dbcord::test {

using namespace std::chrono_literals;

// One process's stack, from the transport up to the engine. Lives in a simulated process.
struct engine_stack {
  engine_stack(const actor::environment& e, simulation::network& net, guild::credentials who, database::engine_options options)
      : env(e),
        transport(e, net, "bot"),
        scheduler(e, transport, scheduler_options(who)),
        rest(e, scheduler, {who.guild, base::user_id{who.application.value}}),
        store(rest),
        rest_threads(scheduler, who.guild),
        threads(rest_threads),
        engine(database::make_engine(e, store, options)) {
    engine->administration().keep_threads_in(threads);
  }

  static discord::scheduler_options scheduler_options(const guild::credentials& who) {
    discord::scheduler_options options;
    options.api_url = "http://guild.test/api/v10";
    options.token = "Bot " + who.bot_token;
    return options;
  }

  const actor::environment& env;
  simulation::simulated_transport transport;
  discord::request_scheduler scheduler;
  discord::rest_message_store rest;
  faulty_store store;
  discord::rest_thread_store rest_threads;
  faulty_thread_store threads;
  std::unique_ptr<database::engine> engine;
};

struct database_fixture {
  explicit database_fixture(bool rate_limits = false) : database_fixture(guild_options(rate_limits)) {}
  explicit database_fixture(const guild::core_options& how) : guild(world, trace, how), net(world, guild, trace) {
    options.exclusive_by_lock = true;
  }

  static guild::core_options guild_options(bool rate_limits) {
    guild::core_options options;
    options.public_url = "http://guild.test";
    options.rate_limits = rate_limits;
    return options;
  }

  // A new process; the one before goes on unless it was killed.
  engine_stack& start(std::string name = "bot") {
    process = &world.start(std::move(name), log);
    stack = &process->make<engine_stack>(process->env(), net, guild.credentials(), options);
    return *stack;
  }
  void kill() {
    world.kill(*process);
    process = nullptr;
    stack = nullptr;
  }
  base::result<void> open(base::duration limit = 5min) { return run(stack->engine->open(world.now() + limit)); }
  // Kill -9, a new process, opened.
  void restart() {
    if (process) kill();
    start();
    auto opened = open();
    if (!opened) BOOST_FAIL(opened.error().message);
    for (const auto& why : stack->engine->failed()) BOOST_FAIL(why);
  }
  template <class T>
  T run(actor::task<T> work) {
    return world.run(*process, std::move(work));
  }

  database::write_context context(base::duration patience = 5min) {
    database::write_context c;
    c.idempotency_key = std::to_string(base::id_at<base::interaction_id>(world.wall_now()).value + ++last_key);
    c.who = "1400";
    c.command = "test";
    c.deadline = world.now() + patience;
    return c;
  }
  database::read_context reading() { return {world.now() + 5min}; }

  // The session that most tests begin with: database prod with table users.
  void create() {
    start();
    BOOST_REQUIRE(open().has_value());
    BOOST_REQUIRE(run(stack->engine->create_database("prod", context())).has_value());
    BOOST_REQUIRE(run(stack->engine->create_table("prod", "users", "id", context())).has_value());
  }
  // From now on no listing need show what is younger than the engine reckons with.
  void let_listings_lag() {
    guild::fault_plan behind;
    behind.history_stale = 1;
    behind.stale_max = options.staleness;
    guild.set_faults(behind);
  }
  base::result<database::write_receipt> insert(std::string key, std::string json) {
    return run(stack->engine->insert("prod", "users", {std::move(key), std::move(json)}, context()));
  }
  // All of them, in one import.
  void put_all(std::vector<database::new_row> rows) {
    auto put = run(stack->engine->import("prod", "users", std::move(rows), context()));
    BOOST_TEST_REQUIRE(put.has_value(), put.error().message);
    BOOST_TEST_REQUIRE(put->refused.empty(), put->refused.front().reason);
  }
  base::result<database::write_receipt> update(std::string key, std::string patch) {
    return run(stack->engine->update("prod", "users", std::move(key), std::move(patch), context()));
  }
  base::result<database::write_receipt> remove(std::string key) {
    return run(stack->engine->remove("prod", "users", std::move(key), context()));
  }
  // The row's JSON, or the error's sentence.
  std::string get(std::string key) {
    auto found = run(stack->engine->get("prod", "users", std::move(key), reading()));
    return found ? found->json : found.error().message;
  }
  std::string find(std::string where) {
    database::find_request request;
    request.where_json = std::move(where);
    auto found = run(stack->engine->find("prod", "users", std::move(request), reading()));
    if (!found) return found.error().message;
    std::string keys;
    for (const auto& r : found->rows) keys += r.key + " ";
    return keys;
  }
  database::database_summary inspect() { return *run(stack->engine->inspect("prod", reading())); }
  // Lets the materialiser finish.
  void drain() {
    for (int i = 0; i < 1000 && inspect().tables.at(0).not_materialised != 0; ++i) world.run_for(1s);
  }

  simulation::world world{1};
  simulation::trace trace{world.now_reference()};
  simulation::simulated_guild guild;
  simulation::network net;
  database::engine_options options;
  simulation::process* process = nullptr;
  engine_stack* stack = nullptr;
  base::logger* log = nullptr;  // of processes started from now on
  std::uint64_t last_key = 0;
};

}  // namespace dbcord::test
