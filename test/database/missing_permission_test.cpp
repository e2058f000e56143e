// The bot loses permissions while it works: the reply names what it lacks, and where.

#include "commands/command_table.hpp"
#include "database/database_administration.hpp"
#include "database/database_fixture.hpp"
#include "database/row_operation.hpp"
#include "discord/client.hpp"
#include "protocol/channel_topic.hpp"

using namespace dbcord;
using namespace dbcord::test;

namespace {

guild::core_options for_no_administrator() {
  auto how = database_fixture::guild_options(false);
  how.bot_permissions = discord::permission::needed;
  return how;
}

struct permission_fixture : database_fixture {
  permission_fixture() : database_fixture(for_no_administrator()) { create(); }
  // By the owner, of the bot in a channel, whose overwrites of the bot itself it replaces.
  void deny(base::channel_id where, std::uint64_t denied) {
    auto as = engine_stack::scheduler_options(guild.credentials());
    as.token = guild.credentials().owner_token;
    auto& owner = process->make<discord::request_scheduler>(process->env(), stack->transport, as);
    discord::rest_request r;
    r.method = "PUT";
    r.route = "/channels/{}/permissions/{}";
    r.top_level = where.str();
    r.path = "/channels/" + where.str() + "/permissions/" + guild.credentials().application.str();  // a bot's user has its id
    r.body = "{\"type\":1,\"allow\":\"" + std::to_string((discord::permission::view_channel | discord::permission::send_messages) & ~denied) + "\",\"deny\":\"" + std::to_string(denied) + "\"}";
    r.headers.emplace_back("Content-Type", "application/json");
    r.deadline = world.now() + 1min;
    BOOST_REQUIRE(run(owner.send(std::move(r)))->status == 204);
  }
  std::string give(std::string name, std::map<std::string, commands::argument_value, std::less<>> arguments) {
    commands::invocation call;
    call.name = std::move(name);
    call.arguments = std::move(arguments);
    call.permissions = static_cast<std::uint64_t>(commands::permission::administrator);
    call.idempotency_key = context().idempotency_key;
    call.deadline = world.now() + 1min;
    auto answer = run(commands::execute({*stack->engine, process->env()}, std::move(call)));
    return (answer.ok ? "" : "! ") + answer.text;
  }
  static bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(missing_permissions, permission_fixture)

BOOST_AUTO_TEST_CASE(a_write_that_the_log_may_not_take_names_the_permission_and_the_channel) {
  auto log = inspect().log_channel;
  deny(log, discord::permission::send_messages);
  auto told = give("dbc_insert", {{"database", "prod"}, {"table", "users"}, {"value_json", R"({"id":"a"})"}});
  BOOST_TEST(has(told, "the bot lacks Send Messages in <#" + log.str() + ">"), told);
}

BOOST_AUTO_TEST_CASE(a_verification_that_may_not_read_the_table_names_the_permission_and_the_channel) {
  BOOST_REQUIRE(insert("a", "{}").has_value());
  drain();
  auto channel = inspect().tables.at(0).channel;
  deny(channel, discord::permission::view_channel);
  auto told = give("dbc_verify", {{"database", "prod"}, {"table", "users"}});
  BOOST_TEST(has(told, "the bot cannot see <#" + channel.str() + ">; give it View Channels there"), told);
}

BOOST_AUTO_TEST_CASE(a_snapshot_that_cannot_be_written_names_the_permissions_and_the_channel) {
  BOOST_REQUIRE(insert("a", "{}").has_value());
  auto kept = run(stack->engine->snapshot("prod", "users", reading()));
  BOOST_REQUIRE(kept.has_value());
  deny(kept->location.channel, discord::permission::attach_files | discord::permission::send_messages);
  auto told = give("dbc_snapshot", {{"database", "prod"}, {"table", "users"}});
  BOOST_TEST(has(told, "it needs Send Messages and Attach Files"), told);
  BOOST_TEST(has(told, "in <#" + kept->location.channel.str() + ">"), told);
}

BOOST_AUTO_TEST_CASE(a_channel_that_may_not_be_deleted_is_told_of_until_it_is_gone) {
  BOOST_REQUIRE(insert("a", "{}").has_value());
  drain();
  auto channel = inspect().tables.at(0).channel;
  deny(channel, discord::permission::manage_channels);
  BOOST_REQUIRE(run(stack->engine->drop_table("prod", "users", context())).has_value());
  world.run_for(10s);
  auto told = give("dbc_inspect", {{"database", "prod"}});
  BOOST_TEST(has(told, "1 channel of what was dropped is still there, <#" + channel.str() + ">: "), told);
  BOOST_TEST(has(told, "the bot lacks Manage Channels in <#" + channel.str() + ">"), told);
  deny(channel, 0);
  world.run_for(10min);
  told = give("dbc_inspect", {{"database", "prod"}});
  BOOST_TEST(!has(told, "of what was dropped"), told);
}

BOOST_AUTO_TEST_CASE(rows_that_may_not_be_written_are_told_of_with_the_permission_the_channel_and_since_when) {
  auto channel = inspect().tables.at(0).channel;
  deny(channel, discord::permission::send_messages);
  BOOST_REQUIRE(insert("a", "{}").has_value());
  world.run_for(2min);
  auto told = give("dbc_inspect", {{"database", "prod"}});
  BOOST_TEST(has(told, "\n- Rows of `users` could not be written into <#" + channel.str() + "> when that was last tried ("), told);
  BOOST_TEST(has(told, "the bot lacks Send Messages in <#" + channel.str() + ">"), told);
  auto figures = run(stack->engine->administration().figures("prod", reading()));
  BOOST_REQUIRE((figures.has_value() && figures->write_problems.size() == 1));
  BOOST_TEST((figures->write_problems[0].lasts > 110s && figures->write_problems[0].lasts <= 121s));
  deny(channel, 0);
  drain();
  told = give("dbc_inspect", {{"database", "prod"}});
  BOOST_TEST(!has(told, "could not be written"), told);
}

BOOST_AUTO_TEST_CASE(a_log_that_may_not_be_written_is_told_of_until_it_is_written_again) {
  auto log = inspect().log_channel;
  deny(log, discord::permission::send_messages);
  (void)give("dbc_insert", {{"database", "prod"}, {"table", "users"}, {"value_json", R"({"id":"a"})"}});
  auto told = give("dbc_inspect", {{"database", "prod"}});
  BOOST_TEST(has(told, "\n- Its log <#" + log.str() + "> could not be written when that was last tried ("), told);
  BOOST_TEST(has(told, "the bot lacks Send Messages in <#" + log.str() + ">"), told);
  deny(log, 0);
  BOOST_REQUIRE(insert("b", "{}").has_value());
  told = give("dbc_inspect", {{"database", "prod"}});
  BOOST_TEST(!has(told, "could not be written"), told);
}

BOOST_AUTO_TEST_SUITE_END()

namespace {

std::string lacks_history_of(base::channel_id where) { return "the bot lacks Read Message History in <#" + where.str() + ">"; }

// Most of 400 rows are not in memory: each has a message of its own, or (in_log) only its record of the log.
struct evicted_permission_fixture : permission_fixture {
  void fill(bool in_log) {
    kill();
    options.memory_cap = 256 * 1024;
    options.page_from = 1'000'000;
    restart();
    if (in_log) deny(inspect().tables.at(0).channel, discord::permission::send_messages);
    for (int i = 0; i < 10; ++i) {
      std::vector<database::new_row> some;
      for (int k = 0; k < 40; ++k) some.push_back({"k" + std::to_string(40 * i + k), R"({"text":")" + std::string(1'000, 'x') + R"("})"});
      put_all(std::move(some));
    }
    if (!in_log) drain();
  }
  void all_are_refused_soon(base::channel_id where) {
    auto before = net.stats().requests;
    auto told = give("dbc_find", {{"database", "prod"}, {"table", "users"}, {"where_json", "{}"}, {"sort", "text"}});
    BOOST_TEST(has(told, lacks_history_of(where)), told);
    BOOST_TEST(net.stats().requests - before < 10u);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(missing_permissions_of_evicted_rows, evicted_permission_fixture)

// The list of the channel's messages is empty then, and each row would be asked for by itself.
BOOST_AUTO_TEST_CASE(a_find_that_may_not_read_the_table_s_channel_names_the_permission_behind_one_refusal) {
  fill(false);
  auto channel = inspect().tables.at(0).channel;
  deny(channel, discord::permission::read_message_history);
  all_are_refused_soon(channel);
}

BOOST_AUTO_TEST_CASE(a_find_that_may_not_read_the_log_names_the_permission_behind_one_refusal) {
  fill(true);
  auto log = inspect().log_channel;
  deny(log, discord::permission::read_message_history);
  all_are_refused_soon(log);
}

BOOST_AUTO_TEST_SUITE_END()

namespace {

// With a lease, so that claims are read.
struct lease_permission_fixture : permission_fixture {
  lease_permission_fixture() {
    kill();
    options.exclusive_by_lock = false;
    restart();
  }
  base::channel_id channel(protocol::channel_role role) {
    database::call_options request{database::priority::read, world.now() + 1min};
    auto present = run(stack->rest.channels(request));
    for (const auto& c : present->value) {
      auto topic = protocol::decode_topic(c.topic);
      if (topic && topic->role == role) return c.id;
    }
    return {};
  }
  static std::string history_of(base::channel_id where) { return lacks_history_of(where); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(missing_permissions_with_a_lease, lease_permission_fixture)

// An empty list is all that Discord shows then.
BOOST_AUTO_TEST_CASE(a_read_that_may_not_ask_for_claims_names_the_permission_and_says_that_nothing_was_done) {
  BOOST_REQUIRE(insert("a", "{}").has_value());
  auto control = channel(protocol::channel_role::control);
  deny(control, discord::permission::read_message_history);
  world.run_for(1min);
  for (bool reads : {true, false}) {  // what refuses an insert is a read, too
    auto told = reads ? give("dbc_get", {{"database", "prod"}, {"table", "users"}, {"key", "a"}})
                      : give("dbc_insert", {{"database", "prod"}, {"table", "users"}, {"value_json", R"({"id":"a"})"}});
    BOOST_TEST(has(told, "! Nothing is shown and nothing was done: whether another dbcord process writes database prod cannot be asked now"), told);
    BOOST_TEST(has(told, history_of(control)), told);
  }
  BOOST_TEST(has(give("dbc_inspect", {{"database", "prod"}}), history_of(control)));
  deny(control, 0);
  BOOST_TEST(get("a") == R"({"id":"a"})");
  BOOST_TEST(!has(give("dbc_inspect", {{"database", "prod"}}), "could not make sure"));
}

// The log shows nothing either then, and does not say why.
BOOST_AUTO_TEST_CASE(a_read_that_a_missing_permission_prevents_names_it_at_once_whichever_channel_it_is) {
  BOOST_REQUIRE(insert("a", "{}").has_value());
  for (auto where : {channel(protocol::channel_role::control), inspect().log_channel}) {
    deny(where, discord::permission::read_message_history);
    world.run_for(1min);
    auto begun = world.now();
    auto told = give("dbc_get", {{"database", "prod"}, {"table", "users"}, {"key", "a"}});
    BOOST_TEST(has(told, "! Nothing is shown and nothing was done: "), told);
    BOOST_TEST(has(told, history_of(where)), told);
    BOOST_TEST((world.now() - begun < 5s));
    BOOST_TEST(has(give("dbc_inspect", {{"database", "prod"}}), history_of(where)));
    deny(where, 0);
    BOOST_TEST(get("a") == R"({"id":"a"})");
  }
}

// They stand in the log, and count once it is sure that nobody else writes.
BOOST_AUTO_TEST_CASE(a_write_of_which_nobody_may_be_told_for_want_of_claims_names_the_permission) {
  BOOST_REQUIRE(insert("a", "{}").has_value());
  auto control = channel(protocol::channel_role::control);
  deny(control, discord::permission::read_message_history);
  world.run_for(1min);
  const std::string since = ", since it could not be made sure of in time that no other dbcord process writes database prod (", nobody_knows = "hether this was done is not known yet";
  auto told = give("dbc_insert", {{"database", "prod"}, {"table", "users"}, {"value_json", R"({"id":"b"})"}});
  BOOST_TEST(told.starts_with("! W" + nobody_knows + since), told);
  BOOST_TEST(has(told, history_of(control)), told);
  BOOST_TEST(has(told, "). It is done as a whole or not at all: look before you repeat it, or ask later: `/dbc_jobs receipt:"), told);
  BOOST_TEST(!has(told, "Discord's answer did not come"), told);
  // Who stands behind it in the queue.
  database::row_operation step;
  step.action = database::row_action::insert;
  step.table = "users";
  step.key = "c";
  step.json = R"({"id":"c"})";
  auto done = run(stack->engine->transact("prod", {step}, context(30s)));
  BOOST_REQUIRE(!done.has_value());
  BOOST_TEST((done.error().code == database::errc::outcome_unknown));
  BOOST_TEST(done.error().message.starts_with("w" + nobody_knows + since), done.error().message);
  BOOST_TEST(has(done.error().message, history_of(control)), done.error().message);
  std::vector<database::new_row> some{{{}, R"({"id":"d"})"}};
  auto imported = run(stack->engine->import("prod", "users", std::move(some), context(30s)));
  BOOST_REQUIRE(!imported.has_value());
  BOOST_TEST((imported.error().code == database::errc::outcome_unknown));
  BOOST_TEST(has(imported.error().message, "whether others were is not known yet" + since), imported.error().message);
  BOOST_TEST(has(imported.error().message, history_of(control)), imported.error().message);
  deny(control, 0);
  world.run_for(10s);
  BOOST_TEST(find("{}") == "a b c d ");
}

BOOST_AUTO_TEST_CASE(a_start_that_may_not_read_claims_or_the_catalog_names_the_permission) {
  for (auto role : {protocol::channel_role::control, protocol::channel_role::catalog}) {
    auto where = channel(role);
    deny(where, discord::permission::read_message_history);
    kill();
    start();
    auto begun = world.now();
    auto opened = open(1h);
    BOOST_TEST((world.now() - begun < 3min));
    auto told = stack->engine->failed();
    auto said = !opened ? opened.error().message : told.empty() ? std::string() : told.front();
    BOOST_TEST(has(said, history_of(where)), said);
    deny(where, 0);
    restart();
  }
}

BOOST_AUTO_TEST_SUITE_END()
