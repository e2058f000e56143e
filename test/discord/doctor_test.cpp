// What the doctor says of a guild that is as the database assumes, and of guilds that are not.

#include "discord/doctor.hpp"

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include "discord/doctor_channels.hpp"
#include "discord/guild_fixture.hpp"
#include "protocol/channel_topic.hpp"

namespace dbcord::discord::test {
namespace {

guild::core_options no_administrator() {
  guild::core_options o;
  o.bot_permissions = permission::needed | permission::for_threads;
  return o;
}

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

// A database's category with two channels, as the engine makes them.
struct database_doctor_fixture : doctor_fixture {
  database_doctor_fixture() : doctor_fixture(no_administrator()) {
    database::new_channel c;
    c.kind = database::channel_kind::category;
    c.name = "dbcord-prod";
    c.private_to_bot = true;
    category = make(c);
    c.kind = database::channel_kind::text;
    c.parent = category;
    log = make(of(protocol::channel_role::log, "1", c));
    table = make(of(protocol::channel_role::table, "users", c));
  }
  static database::new_channel of(protocol::channel_role role, std::string object, database::new_channel c) {
    c.name = std::string(to_string(role)) + "-" + object;
    c.topic = protocol::encode_topic({role, "abcdefghij234567", "prod", std::move(object)});
    return c;
  }
  base::channel_id make(database::new_channel c) {
    auto made = run(store.create_channel(std::move(c), within()));
    BOOST_REQUIRE(made.has_value());
    return made->value.id;
  }
  // By the owner: an overwrite of the bot itself (type 1), or of everybody (type 0).
  void overwrite(base::channel_id where, int type, std::uint64_t allow, std::uint64_t deny) {
    auto& owner = process->make<request_scheduler>(env, transport, options(guild.credentials().owner_token));
    rest_request r;
    r.method = "PUT";
    r.route = "/channels/{}/permissions/{}";
    r.top_level = where.str();
    r.path = "/channels/" + where.str() + "/permissions/" + (type == 1 ? identity().self.str() : identity().guild.str());
    r.body = fmt::format(R"({{"type":{},"allow":"{}","deny":"{}"}})", type, allow, deny);
    r.headers.emplace_back("Content-Type", "application/json");
    r.deadline = after(1min);
    BOOST_REQUIRE(run(owner.send(std::move(r)))->status == 204);
  }
  std::vector<std::string> of_databases() const {
    std::vector<std::string> all;
    for (const auto& f : findings)
      if (f.check == "databases") all.push_back((f.verdict == verdict::ok ? "ok: " : f.verdict == verdict::warning ? "warning: " : "failed: ") + f.sentence);
    return all;
  }
  std::string log_place() const { return "#log-1 (" + log.str() + ")"; }
  std::string table_place() const { return "#table-users (" + table.str() + ")"; }

  base::channel_id category, log, table;
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

BOOST_FIXTURE_TEST_SUITE(doctor_of_databases, database_doctor_fixture)

BOOST_AUTO_TEST_CASE(a_database_in_whose_channels_the_bot_may_do_what_it_needs_is_named) {
  BOOST_TEST(examine());
  BOOST_TEST(of_databases() == std::vector<std::string>{"ok: prod: the bot may do what it needs in its 2 channels"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_the_bot_lacks_in_a_database_s_channels_is_named_and_the_trial_goes_on) {
  using namespace permission;
  auto own = view_channel | send_messages | read_message_history | attach_files | embed_links | manage_messages;
  overwrite(log, 1, own & ~(send_messages | attach_files), send_messages | attach_files);
  overwrite(table, 1, 0, view_channel);
  overwrite(category, 1, own, manage_channels);
  BOOST_TEST(!examine());
  std::vector<std::string> expected{"failed: prod: the bot lacks Manage Channels in the category dbcord-prod (" + category.str() + "); grant that there",
                                    "failed: prod: the bot lacks Send Messages and Attach Files in " + log_place() + "; grant that there",
                                    "failed: prod: the bot cannot see " + table_place() + "; give it View Channels there"};
  BOOST_TEST(of_databases() == expected, boost::test_tools::per_element());
  BOOST_TEST(begins(said("channels"), "ok"), said("channels"));
}

BOOST_AUTO_TEST_CASE(a_category_of_people_s_own_need_let_the_bot_make_nothing_and_a_view_of_an_index_is_not_needed) {
  using namespace permission;
  database::new_channel c;
  c.kind = database::channel_kind::category;
  c.name = "archive";
  auto own = make(c);
  c.kind = database::channel_kind::text;
  c.parent = own;
  make(of(protocol::channel_role::table, "old", c));
  auto index = make(of(protocol::channel_role::index, "1.2", c));
  overwrite(own, 1, 0, manage_channels);
  overwrite(index, 1, 0, send_messages);
  BOOST_TEST(examine());
  std::vector<std::string> expected{"warning: prod: the bot lacks Send Messages in #index-12 (" + index.str() + "); without that the index works, and people cannot see it there"};
  BOOST_TEST(of_databases() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_only_threads_and_drops_need_is_a_warning_and_what_the_bot_is_given_itself_outweighs_everybody) {
  using namespace permission;
  overwrite(table, 0, 0, view_channel | send_messages_in_threads | manage_channels | attach_files);
  overwrite(log, 0, 0, read_message_history | view_channel);
  BOOST_TEST(examine());
  std::vector<std::string> expected{"warning: prod: the bot lacks Manage Channels in " + table_place() + "; without that it cannot be deleted when it is not needed any more",
                                    "warning: prod: the bot lacks Send Messages in Threads in " + table_place() + "; without that rows get no threads there, or theirs are not erased"};
  BOOST_TEST(of_databases() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_CASE(of_many_channels_that_deny_something_some_are_named_and_the_others_counted) {
  boost::json::array channels;
  for (int i = 1; i <= 23; ++i) {
    auto topic = protocol::encode_topic({protocol::channel_role::table, "abcdefghij234567", "prod", "t" + std::to_string(i)});
    channels.push_back(boost::json::object{{"id", std::to_string(100 + i)}, {"name", "t"}, {"topic", topic},
                                           {"permission_overwrites", boost::json::parse(R"([{"id":"7","type":0,"allow":"0","deny":"2048"},{"id":"8","type":0,"allow":"2048","deny":"0"}])")}});
  }
  permission_report in_guild;
  in_guild.effective = permission::needed | permission::for_threads;
  in_guild.roles = {base::role_id{1}, base::role_id{7}};
  auto found = judge_channels(channels, in_guild, base::guild_id{1}, base::user_id{2});
  BOOST_TEST(found.size() == 21u);
  BOOST_TEST(found.front().sentence == "prod: the bot lacks Send Messages in #t (101); grant that there");
  BOOST_TEST(found.back().sentence == "the bot lacks permissions in 3 more channels of databases");
  BOOST_TEST((found.back().verdict == verdict::failed));
  in_guild.roles.push_back(base::role_id{8});  // of several roles one that allows is enough
  found = judge_channels(channels, in_guild, base::guild_id{1}, base::user_id{2});
  BOOST_TEST(found.size() == 1u);
  BOOST_TEST((found.front().verdict == verdict::ok));
  in_guild.effective = ~0ull;  // an administrator
  in_guild.roles.pop_back();
  BOOST_TEST(judge_channels(channels, in_guild, base::guild_id{1}, base::user_id{2}).size() == 1u);
}

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
