// The bot on the guild's core: real REST, real gateway session, a person who types; only the engine is scripted.

#include "bot/bot.hpp"

#include <boost/test/unit_test.hpp>

#include "bot/kept_log.hpp"
#include "commands/command_table.hpp"
#include "commands/fake_engine.hpp"
#include "discord/guild_fixture.hpp"
#include "simulation/simulated_user.hpp"

using namespace dbcord;
using namespace std::chrono_literals;

namespace {

class kept_events final : public bot::bot_events {
 public:
  int ready = 0;
  int saved = 0;
  std::string fatal;
  void on_ready() override { ++ready; }
  void on_session(const protocol::gateway_saved_session&) override { ++saved; }
  void on_fatal(base::error e) override { fatal = e.message; }
};

struct bot_fixture {
  test::kept_log log;
  kept_events events;
  discord::test::guild_fixture there;
  simulation::process& process;
  test::fake_engine& engine;
  simulation::simulated_user user;

  explicit bot_fixture(guild::core_options options = {})
      : there(options), process(there.world.start("bot under test", &log)), engine(process.make<test::fake_engine>()),
        user(there.world, there.guild, "ann") {
    engine.env = &process.env();
    engine.database_names = {"prod"};
  }
  ~bot_fixture() { there.world.kill(process); }

  bot::bot& make_bot(std::string token = {}) {
    auto credentials = there.guild.credentials();
    if (token.empty()) token = credentials.bot_token;
    auto& net = process.make<simulation::simulated_transport>(process.env(), there.net, "bot under test");
    auto& scheduler = process.make<discord::request_scheduler>(process.env(), net, there.options("Bot " + token));
    auto& client = process.make<discord::client>(process.env(), scheduler);
    auto& interactions = process.make<discord::interaction_client>(process.env(), scheduler);
    bot::bot_options o;
    o.self = there.identity().self;
    o.dispatch.guild = credentials.guild;
    o.gateway.token = token;
    o.gateway.identify_interval = base::duration::zero();
    bot::bot_events& listener = events;
    return process.make<bot::bot>(process.env(), client, interactions, net, engine, o, listener);
  }
  std::string start(bot::bot& b) {
    auto started = there.world.run(process, b.start(there.after(1min)));
    if (!started) return started.error().message;
    return there.world.run_until([this] { return events.ready > 0; }, 1min) ? "" : "not ready";
  }
  void stop(bot::bot& b) {
    BOOST_TEST(there.world.run(process, b.stop(there.after(10s))));
    BOOST_TEST(there.world.run(process, b.join(there.after(10s))));
  }
  std::string type(simulation::slash_command command) {
    std::optional<simulation::user_reply> reply;
    user.send(std::move(command), 1min, [&](simulation::user_reply r) { reply = std::move(r); });
    BOOST_TEST(there.world.run_until([&] { return reply.has_value(); }, 2min));
    if (!reply) return "(nothing)";
    return reply->what == simulation::user_reply::kind::answered ? reply->text : "(" + reply->text + ")";
  }
};

struct without_intent : bot_fixture {
  static guild::core_options options() {
    guild::core_options o;
    o.message_content_intent = false;
    return o;
  }
  without_intent() : bot_fixture(options()) {}
};

struct without_permissions : bot_fixture {
  static guild::core_options options() {
    guild::core_options o;
    o.bot_permissions = (1 << 10) | (1 << 11) | (1 << 16) | (1 << 14) | (1 << 15);
    return o;
  }
  without_permissions() : bot_fixture(options()) {}
};

}  // namespace

BOOST_AUTO_TEST_SUITE(the_bot)

BOOST_FIXTURE_TEST_CASE(a_person_types_a_command_and_reads_its_reply, bot_fixture) {
  auto& b = make_bot();
  BOOST_TEST(start(b) == "");
  BOOST_TEST(there.world.run_until([this] { return user.sees_command("dbc_delete"); }, 1min));
  simulation::slash_command command;
  command.name = "dbc_delete";
  command.options = {simulation::text_option("database", "prod"), simulation::text_option("table", "users"),
                     simulation::text_option("key", "k")};
  BOOST_TEST(type(command) == "Deleted `k` from `prod.users`. https://discord.com/channels/1/2/3");
  BOOST_TEST(engine.write_context->who.size() > 10u);
  BOOST_TEST(events.saved > 0);
  stop(b);
}

BOOST_FIXTURE_TEST_CASE(commands_are_registered_only_when_the_guild_shows_other_ones, bot_fixture) {
  auto& first = make_bot();
  BOOST_TEST(start(first) == "");
  BOOST_TEST(log.has("commands registered count=" + std::to_string(commands::table().size())));
  stop(first);
  log.text.clear();
  events.ready = 0;
  auto& second = make_bot();
  BOOST_TEST(start(second) == "");
  BOOST_TEST(!log.has("commands registered"));
  stop(second);
}

BOOST_FIXTURE_TEST_CASE(a_missing_intent_is_named, without_intent) {
  BOOST_TEST(start(make_bot()) == "The Message Content Intent is off, so the bot cannot read its own rows. Switch it on in the Developer Portal, "
                                  "under Bot, Privileged Gateway Intents.");
}

BOOST_FIXTURE_TEST_CASE(missing_permissions_are_named, without_permissions) {
  BOOST_TEST(start(make_bot()) == "The bot lacks permissions in this server: Manage Channels, Manage Messages, Manage Roles. Grant them to its role "
                                  "in Server Settings, Roles.");
}

BOOST_FIXTURE_TEST_CASE(a_wrong_token_is_refused_with_a_sentence, bot_fixture) {
  auto sentence = start(make_bot("wrong"));
  BOOST_TEST(sentence.find("token") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(stopping_answers_what_runs_and_what_comes, bot_fixture) {
  auto& b = make_bot();
  BOOST_TEST(start(b) == "");
  BOOST_TEST(there.world.run_until([this] { return user.sees_command("dbc_inspect"); }, 1min));
  engine.takes = 5s;
  database::database_summary summary;
  summary.name = "prod";
  engine.database_answer = summary;
  std::vector<std::string> replies;
  auto ask = [&] {
    simulation::slash_command command;
    command.name = "dbc_inspect";
    user.send(command, 1min, [&](simulation::user_reply r) { replies.push_back(r.text); });
  };
  ask();
  there.world.run_for(1s);
  there.world.after(1s, ask);
  BOOST_TEST(there.world.run(process, b.stop(there.after(20s))));
  there.world.run_for(5s);
  BOOST_REQUIRE(replies.size() == 2u);
  BOOST_TEST(replies[0] == "❌ dbcord is shutting down; nothing was done. Try again when it is back.");
  BOOST_TEST(replies[1].starts_with("1 database."));
}

BOOST_AUTO_TEST_SUITE_END()
