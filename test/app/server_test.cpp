// dbcord::server as an embedding program uses it: public headers, its own io_context, a local guild over real sockets.

#include "dbcord/server.hpp"

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <future>

#include "app/embedded_guild.hpp"
#include "discord/beast_transport.hpp"
#include "discord/rest_message_store.hpp"
#include "protocol/control_record.hpp"
#include "support/temporary_directory.hpp"

using namespace dbcord;
using namespace std::chrono_literals;

namespace {

struct server_fixture {
  test::temporary_directory directory;
  boost::asio::io_context context;
  base::null_logger silent;
  std::unique_ptr<app::embedded_guild> guild;

  server_options local() {
    server_options o;
    o.local = directory.path();
    o.rate_limits = false;
    return o;
  }
  std::unique_ptr<server> open(server_options o) {
    auto opened = server::open(std::move(o));
    if (!opened) BOOST_FAIL(opened.error().message);
    return std::move(*opened);
  }
  void begin(boost::asio::awaitable<void> work) {
    boost::asio::co_spawn(context, std::move(work), [](std::exception_ptr failure) {
      if (failure) std::rethrow_exception(failure);
    });
  }
  void run_what_was_begun() {
    context.restart();
    context.run();
  }
  // On the program's own io_context.
  template <class T>
  base::result<T> run(async<T> call) {
    auto done = boost::asio::co_spawn(context, std::move(call), boost::asio::use_future);
    run_what_was_begun();
    return done.get();
  }
  void make_bank(server& db) {
    BOOST_REQUIRE(run(db.create_database("bank")).has_value());
    BOOST_REQUIRE(run(db.create_table("bank", "accounts", "id")).has_value());
    for (auto name : {"ann", "bob", "eve"}) BOOST_REQUIRE(run(db.insert("bank", "accounts", account(name, 100))).has_value());
  }
  // In a process of its own, as far as servers can see.
  void open_guild() {
    app::embedded_guild_options o;
    o.directory = directory.path();
    o.rate_limits = false;
    auto opened = app::embedded_guild::open(silent, std::move(o));
    if (!opened) BOOST_FAIL(opened.error().message);
    guild = std::move(*opened);
  }
  server_options remote() {
    server_options o;
    o.api_url = guild->api_url();
    o.token = guild->credentials().bot_token;
    o.guild = guild->credentials().guild;
    o.lease = 7s;
    return o;
  }
  // As a process does that found the lease of the one before run out.
  actor::task<int> claim_all(const actor::environment& env) {
    discord::beast_transport net(env);
    discord::scheduler_options rest;
    rest.api_url = guild->api_url();
    rest.token = "Bot " + guild->credentials().bot_token;
    discord::request_scheduler scheduler(env, net, rest);
    discord::rest_message_store store(env, scheduler, discord::store_identity{guild->credentials().guild, {}});
    database::call_options call{database::priority::read, env.after(10s)};
    auto channels = co_await store.channels(call);
    int claims = 0;
    for (const auto& c : channels.value().value) {
      if (c.name != "dbc-control") continue;
      auto stated = std::chrono::duration_cast<std::chrono::seconds>(env.clock.wall_now().time_since_epoch()).count();
      database::new_message message;
      message.content = protocol::encode_claim({"another", stated, true});
      message.nonce = "claim";
      auto posted = co_await store.post(c.id, std::move(message), call);
      claims += posted.has_value();
    }
    co_await scheduler.stop(env.now());
    co_return claims;
  }
  void claim() {
    app::runtime world(silent);
    BOOST_TEST(world.run(claim_all(world.env())) == 1);
  }
  static std::string account(std::string_view id, int balance) { return fmt::format(R"({{"id":"{}","balance":{}}})", id, balance); }
  static int balance_of(const std::string& json) { return std::stoi(json.substr(json.find("\"balance\":") + 10)); }
  int balance(server& db, std::string id) { return balance_of(run(db.get("bank", "accounts", std::move(id)))->json); }
};

async<void> transfer(transaction& t, std::string from, std::string to, int amount) {
  auto giver = co_await t.get("accounts", from);
  if (!giver) co_return giver.error();
  auto taker = co_await t.get("accounts", to);
  if (!taker) co_return taker.error();
  if (!*giver || !*taker) co_return base::error(base::errc::invalid_argument, "no such account");
  int left = server_fixture::balance_of(**giver) - amount;
  if (left < 0) co_return base::error(base::errc::invalid_argument, from + " has too little");
  auto has = server_fixture::balance_of(**taker) + amount;
  t.put("accounts", from, server_fixture::account(from, left));
  t.put("accounts", to, server_fixture::account(to, has));
  co_return base::result<void>();
}

server::transaction_body transfer_of(std::string from, std::string to, int amount) {
  return [=](transaction& t) { return transfer(t, from, to, amount); };
}

base::result<std::string> one_more(std::optional<std::string> json) {
  return server_fixture::account("counter", json ? server_fixture::balance_of(*json) + 1 : 1);
}

boost::asio::awaitable<void> count_up(server& db, int times, int& failures) {
  for (int i = 0; i < times; ++i) {
    auto done = co_await db.fetch_and_update("bank", "accounts", "counter", one_more);
    if (!done) ++failures;
  }
}

boost::asio::awaitable<void> move_around(server& db, std::vector<std::string> names, int& failures) {
  for (std::size_t i = 0; i < 15; ++i) {
    auto done = co_await db.transact("bank", transfer_of(names[i % 3], names[(i + 1) % 3], 7));
    if (!done) ++failures;
  }
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(embedding, server_fixture)

BOOST_AUTO_TEST_CASE(a_program_keeps_rows_and_finds_them_again_after_it_has_closed) {
  {
    auto db = open(local());
    make_bank(*db);
    auto done = run(db->update("bank", "accounts", "ann", R"({"balance":70})"));
    BOOST_TEST(done->version == 2u);
    BOOST_TEST(run(db->remove("bank", "accounts", "eve")).has_value());
    db->close();
    BOOST_TEST((run(db->get("bank", "accounts", "ann")).error().code == base::errc::stopping));
  }
  auto db = open(local());
  BOOST_TEST(db->databases().size() == 1u);
  BOOST_TEST(db->tables("bank").front() == "accounts");
  BOOST_TEST(balance(*db, "ann") == 70);
  database::find_request poor;
  poor.where_json = R"({"balance":{"$lt":100}})";
  auto found = run(db->find("bank", "accounts", poor));
  BOOST_REQUIRE(found->rows.size() == 1u);
  BOOST_TEST(found->rows[0].key == "ann");
  auto history = run(db->history("bank", "accounts", {"ann"}));
  BOOST_REQUIRE(history->changes.size() == 2u);
  BOOST_TEST(history->changes[0].command == "server");
  BOOST_TEST(balance_of(run(db->get_as_of("bank", "accounts", "ann", {history->changes[1].lsn, {}}))->json) == 100);
}

BOOST_AUTO_TEST_CASE(transfers_at_once_lose_nothing_and_one_that_refuses_changes_nothing) {
  auto db = open(local());
  make_bank(*db);
  int failures = 0;
  begin(move_around(*db, {"ann", "bob", "eve"}, failures));
  begin(move_around(*db, {"eve", "ann", "bob"}, failures));
  begin(move_around(*db, {"bob", "ann", "eve"}, failures));
  run_what_was_begun();
  BOOST_TEST(failures == 0);
  BOOST_TEST(balance(*db, "ann") + balance(*db, "bob") + balance(*db, "eve") == 300);
  auto before = balance(*db, "ann");
  auto refused = run(db->transact("bank", transfer_of("ann", "bob", 1'000)));
  BOOST_REQUIRE(!refused);
  BOOST_TEST(refused.error().message == "ann has too little");
  BOOST_TEST(balance(*db, "ann") == before);
}

BOOST_AUTO_TEST_CASE(a_counter_counts_every_call_of_writers_that_compete) {
  auto db = open(local());
  make_bank(*db);
  int failures = 0;
  for (int writer = 0; writer < 4; ++writer) begin(count_up(*db, 20, failures));
  run_what_was_begun();
  BOOST_TEST(failures == 0);
  BOOST_TEST(balance(*db, "counter") == 80);
}

BOOST_AUTO_TEST_CASE(versions_and_idempotency_keys_tell_what_has_happened_meanwhile) {
  auto db = open(local());
  make_bank(*db);
  call_options once;
  once.idempotency_key = "transfer-1";
  BOOST_TEST(!run(db->transact("bank", transfer_of("ann", "bob", 30), once))->repeated);
  BOOST_TEST(run(db->transact("bank", transfer_of("ann", "bob", 30), once))->repeated);
  BOOST_TEST(balance(*db, "ann") == 70);
  BOOST_TEST(run(db->compare_and_set("bank", "accounts", "ann", 2, account("ann", 5))).has_value());
  BOOST_TEST((run(db->compare_and_set("bank", "accounts", "ann", 2, account("ann", 6))).error().code == database::errc::conflict));
  call_options third;
  third.expected_version = 3;
  BOOST_TEST(run(db->replace("bank", "accounts", "ann", account("ann", 7), third)).has_value());
  BOOST_TEST((run(db->remove("bank", "accounts", "ann", third)).error().code == database::errc::conflict));
  BOOST_TEST((run(db->get("bank", "accounts", "nobody")).error().code == database::errc::unknown_key));
}

BOOST_AUTO_TEST_CASE(schemas_indexes_and_imports_are_as_with_commands) {
  auto db = open(local());
  make_bank(*db);
  BOOST_TEST(run(db->set_schema("bank", "accounts", R"({"properties":{"balance":"int"}})")).has_value());
  BOOST_TEST(run(db->create_index("bank", "accounts", "balance", false)).has_value());
  auto done = run(db->import("bank", "accounts", {{"", account("joe", 1)}, {"", R"({"id":"x","balance":"much"})"}}));
  BOOST_TEST(done->accepted == 1u);
  BOOST_REQUIRE(done->refused.size() == 1u);
  BOOST_TEST(done->refused[0].index == 1u);
  BOOST_TEST(run(db->drop_table("bank", "accounts")).has_value());
  BOOST_TEST(db->tables("bank").empty());
}

BOOST_AUTO_TEST_CASE(what_cannot_be_opened_says_why) {
  BOOST_TEST(server::open({}).error().message == "either the directory of a local guild or a bot's token is needed");
  server_options remote;
  remote.token = "a.token.of_a_bot";
  BOOST_TEST(server::open(remote).error().message == "the id of the guild is missing");
  remote.guild = base::guild_id{1};
  remote.lease = 3s;
  BOOST_TEST(server::open(remote).error().message == "the lease must be at least 5 seconds more than the staleness");
  remote.lease = 30s;
  remote.api_url = "http://127.0.0.1:9/api/v10";  // nobody
  remote.ready_within = 200ms;
  BOOST_TEST((server::open(remote).error().code == base::errc::timeout));
  auto none = local();
  none.threads = 0;
  BOOST_TEST(server::open(none).error().message == "the server needs at least one thread");
  auto db = open(local());
  auto second = server::open(local());
  BOOST_REQUIRE(!second);
  BOOST_TEST_MESSAGE(second.error().message);
  remote.api_url = db->api_url();
  remote.ready_within = 1min;
  BOOST_TEST(server::open(remote).error().message.starts_with("the bot token is wrong"));
}

BOOST_AUTO_TEST_CASE(closing_ends_the_calls_that_still_run) {
  auto db = open(local());
  make_bank(*db);
  std::atomic<int> ended = 0;
  for (int i = 0; i < 50; ++i) {
    auto call = db->insert("bank", "accounts", account("k" + std::to_string(i), i));
    boost::asio::co_spawn(context, std::move(call), [&ended](std::exception_ptr failure, base::result<database::write_receipt>) {
      if (!failure) ++ended;
    });
  }
  auto program = std::async(std::launch::async, [this] { run_what_was_begun(); });
  db->close();
  program.get();
  BOOST_TEST(ended == 50);
}

BOOST_AUTO_TEST_CASE(a_second_program_is_refused_until_the_first_has_closed) {
  open_guild();
  auto first = open(remote());
  make_bank(*first);
  auto second = server::open(remote());
  BOOST_REQUIRE(!second);
  BOOST_TEST(second.error().message.starts_with("database bank is in use"));
  first->close();
  auto third = open(remote());
  BOOST_TEST(balance(*third, "ann") == 100);
}

BOOST_AUTO_TEST_CASE(a_program_is_told_when_another_process_has_taken_its_databases_over) {
  open_guild();
  std::promise<base::error> told;
  auto options = remote();
  options.failed = [&told](base::error e) { told.set_value(std::move(e)); };
  auto db = open(options);
  make_bank(*db);
  claim();
  auto error = told.get_future();
  BOOST_REQUIRE((error.wait_for(1min) == std::future_status::ready));
  BOOST_TEST((error.get().code == database::errc::fenced));
  BOOST_TEST((run(db->insert("bank", "accounts", account("late", 1))).error().code == database::errc::fenced));
}

BOOST_AUTO_TEST_CASE(the_program_that_README_shows_is_the_one_that_is_tested) {
  auto text = [](const char* name) {
    std::ifstream file(std::string(DBCORD_SOURCE_DIR) + name);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  auto program = text("/test/app/embedding/bank.cpp");
  BOOST_TEST(!program.empty());
  BOOST_TEST((text("/README.md").find("```cpp\n" + program + "```") != std::string::npos));
}

BOOST_AUTO_TEST_SUITE_END()
