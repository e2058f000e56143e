// What the doctor says of a guild that is as the database assumes, and of guilds that are not.

#include "discord/doctor.hpp"

#include <boost/test/unit_test.hpp>

#include "discord/guild_fixture.hpp"

namespace dbcord::discord::test {
namespace {

struct doctor_fixture : guild_fixture {
  using guild_fixture::guild_fixture;

  bool examine(doctor_options o = {}) { return examine_by(scheduler, o); }
  bool examine_by(request_scheduler& by, doctor_options o = {}) {
    o.upload = 64 * 1024;
    doctor_context context{env, by, identity().guild, o, [this](doctor_finding f) { findings.push_back(std::move(f)); }};
    return run(discord::examine(std::move(context), after(5min)));
  }
  // "failed: the bot lacks …"; empty when that was not said.
  std::string said(std::string_view check) const {
    for (const auto& f : findings)
      if (f.check == check) return (f.verdict == verdict::ok ? "ok: " : f.verdict == verdict::warning ? "warning: " : "failed: ") + f.sentence;
    return {};
  }
  std::size_t channels() {
    auto list = run(store.channels(within()));
    BOOST_REQUIRE(list.has_value());
    return list->value.size();
  }

  std::vector<doctor_finding> findings;
};

bool begins(const std::string& text, std::string_view with) { return text.starts_with(with); }

}  // namespace

BOOST_FIXTURE_TEST_SUITE(doctor, doctor_fixture)

BOOST_AUTO_TEST_CASE(a_guild_that_is_as_assumed_passes_and_nothing_is_left_in_it) {
  auto before = channels();
  BOOST_TEST(examine());
  for (const auto& f : findings) BOOST_TEST((f.verdict == verdict::ok), f.check << ": " << f.sentence);
  for (auto check : {"token", "guild", "intents", "slash commands", "gateway", "permissions", "threads", "room", "channels", "privacy", "text",
                     "rate limits", "nonce", "history", "clock", "attachments", "deletion", "search"})
    BOOST_TEST(begins(said(check), "ok"), check << ": " << said(check));
  BOOST_TEST(channels() == before);
}

BOOST_AUTO_TEST_CASE(a_wrong_token_ends_the_examination) {
  auto& wrong = process->make<request_scheduler>(env, transport, options("Bot MTIz.abc.def"));
  BOOST_TEST(!examine_by(wrong));
  BOOST_TEST(findings.size() == 1u);
  BOOST_TEST(begins(said("token"), "failed"));
}

BOOST_AUTO_TEST_CASE(a_person_s_token_is_refused) {
  auto& person = process->make<request_scheduler>(env, transport, options(guild.credentials().owner_token));
  BOOST_TEST(!examine_by(person));
  BOOST_TEST(said("token").find("needs a bot's") != std::string::npos, said("token"));
}

BOOST_AUTO_TEST_CASE(a_server_of_which_the_bot_is_no_member_is_named) {
  doctor_context context{env, scheduler, base::guild_id{1234567890123456789}, {}, [this](doctor_finding f) { findings.push_back(std::move(f)); }};
  BOOST_TEST(!run(discord::examine(std::move(context), after(1min))));
  BOOST_TEST(said("guild").find("1234567890123456789") != std::string::npos, said("guild"));
}

BOOST_AUTO_TEST_CASE(a_history_that_is_later_than_assumed_fails) {
  simulation::fault_plan late;
  late.stale_history = 1;
  late.stale_max = 5s;
  net.plan = late;
  doctor_options o;
  o.staleness = 1ms;
  BOOST_TEST(!examine(o));
  BOOST_TEST(begins(said("history"), "failed"), said("history"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_CASE(lacking_permissions_are_named_and_nothing_is_tried) {
  guild::core_options o;
  o.bot_permissions = permission::view_channel | permission::send_messages;
  doctor_fixture f(o);
  BOOST_TEST(!f.examine());
  BOOST_TEST(f.said("permissions").find("Manage Channels") != std::string::npos);
  BOOST_TEST(f.said("channels") == "");
}

BOOST_AUTO_TEST_CASE(lacking_permissions_for_threads_are_named_and_no_failure) {
  guild::core_options o;
  o.bot_permissions = permission::needed;  // members may make threads; nobody but moderators deletes them
  doctor_fixture f(o);
  BOOST_TEST(f.examine());
  BOOST_TEST(f.said("threads") == "warning: the bot lacks: Manage Threads; without them rows get no threads, or theirs are not erased");
}

BOOST_AUTO_TEST_CASE(a_missing_intent_fails) {
  guild::core_options o;
  o.message_content_intent = false;
  doctor_fixture f(o);
  BOOST_TEST(!f.examine());
  BOOST_TEST(begins(f.said("intents"), "failed"), f.said("intents"));
}

BOOST_AUTO_TEST_CASE(a_search_that_finds_nothing_is_a_warning) {
  guild::core_options o;
  o.search_misses_per_million = 1'000'000;
  doctor_fixture f(o);
  BOOST_TEST(f.examine());
  BOOST_TEST(begins(f.said("search"), "warning"), f.said("search"));
}

BOOST_AUTO_TEST_CASE(an_upload_limit_below_what_the_database_writes_fails) {
  guild::core_options o;
  o.upload_limit = 1024;
  doctor_fixture f(o);
  BOOST_TEST(!f.examine());
  BOOST_TEST(begins(f.said("attachments"), "failed"), f.said("attachments"));
}

}  // namespace dbcord::discord::test
