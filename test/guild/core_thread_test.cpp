// Threads: what starting, changing, joining and listing promise and refuse.

#include <boost/test/unit_test.hpp>

#include "dbcord/base/time_text.hpp"
#include "guild/guild_fixture.hpp"
#include "guild/permissions.hpp"

namespace dbcord::guild::test {
namespace {

constexpr std::uint64_t reader = permission::view_channel | permission::read_message_history;

struct thread_fixture : guild_fixture {
  explicit thread_fixture(core_options options = default_options()) : guild_fixture(std::move(options)) {}

  answer from_message(const std::string& message, const json::value& body = {{"name", "talk"}}) {
    return bot("POST", channel_path() + "/messages/" + message + "/threads", body);
  }
  answer alone(json::object body = {}) {
    body.emplace("name", "talk");
    return bot("POST", channel_path() + "/threads", body);
  }
  std::string open_thread() {
    auto made = alone({{"type", 11}});
    BOOST_REQUIRE_MESSAGE(made.status == 201, made.text);
    return made.id();
  }
  answer patch(const std::string& thread, const json::value& body) {
    return bot("PATCH", "/channels/" + thread, body);
  }
  answer say(const std::string& thread, const char* content = "hi") {
    return bot("POST", "/channels/" + thread + "/messages", {{"content", content}});
  }
  bool is_archived(const std::string& thread) {
    return bot("GET", "/channels/" + thread).at("thread_metadata.archived").as_bool();
  }
  std::string archived_list(const char* kind) const { return channel_path() + "/threads/archived/" + kind; }
};

// The bot has no more than @everyone; what it may do besides comes by overwrites.
struct weak_thread_fixture : thread_fixture {
  static core_options weak() {
    auto options = default_options();
    options.bot_permissions = 0;
    return options;
  }
  weak_thread_fixture() : thread_fixture(weak()) {}
  void overwrite(std::uint64_t allow, std::uint64_t deny) {
    auto done = owner("PUT", channel_path() + "/permissions/" + application_id(),
                      {{"type", 1}, {"allow", std::to_string(allow)}, {"deny", std::to_string(deny)}});
    BOOST_REQUIRE_EQUAL(done.status, 204);
  }
  std::string owners_thread(int type) {
    auto made = owner("POST", channel_path() + "/threads", {{"name", "mine"}, {"type", type}});
    BOOST_REQUIRE_MESSAGE(made.status == 201, made.text);
    return made.id();
  }
};

BOOST_AUTO_TEST_SUITE(core_thread)

BOOST_FIXTURE_TEST_CASE(a_thread_of_a_message_has_its_id_and_the_message_shows_it, thread_fixture) {
  auto message = post("start").id();
  auto made = from_message(message);
  BOOST_REQUIRE_EQUAL(made.status, 201);
  BOOST_TEST(made.id() == message);
  for (auto key : {"id", "type", "flags", "guild_id", "name", "owner_id", "thread_metadata", "message_count",
                   "member_count", "total_message_sent", "parent_id", "member.join_timestamp"}) {
    BOOST_TEST(has(made.body, key), key);
  }
  BOOST_TEST(made.at("type").as_int64() == 11);
  BOOST_TEST(made.str("parent_id") == channel_id());
  BOOST_TEST(made.str("owner_id") == application_id());
  BOOST_TEST(made.at("thread_metadata.archived").as_bool() == false);
  auto shown = bot("GET", channel_path() + "/messages/" + message);
  BOOST_TEST((shown.at("flags").as_int64() & 32) == 32);
  BOOST_TEST(shown.str("thread.id") == message);
  BOOST_TEST(from_message(message).code() == 160004);
  restart();
  BOOST_TEST(bot("GET", "/channels/" + message).text == made.text);
}

BOOST_FIXTURE_TEST_CASE(the_starter_in_the_thread_refers_to_the_message_and_does_not_count, thread_fixture) {
  auto message = post("start").id();
  auto thread = from_message(message).id();
  auto history = bot("GET", "/channels/" + thread + "/messages");
  BOOST_REQUIRE_EQUAL(history.body.as_array().size(), 1u);
  BOOST_TEST(history.at("0.type").as_int64() == 21);
  BOOST_TEST(history.str("0.message_reference.message_id") == message);
  BOOST_TEST(history.str("0.message_reference.channel_id") == channel_id());
  BOOST_TEST(history.str("0.referenced_message.content") == "start");
  auto gone = say(thread).id();
  say(thread);
  bot("DELETE", "/channels/" + thread + "/messages/" + gone);
  auto shown = bot("GET", "/channels/" + thread);
  BOOST_TEST(shown.at("message_count").as_int64() == 1);
  BOOST_TEST(shown.at("total_message_sent").as_int64() == 2);
  auto starter = history.str("0.id");
  BOOST_TEST(bot("DELETE", "/channels/" + thread + "/messages/" + starter).code() == 50021);
  BOOST_TEST(bot("PATCH", "/channels/" + thread + "/messages/" + starter, {{"content", "x"}}).code() ==
             50021);
}

BOOST_FIXTURE_TEST_CASE(the_parent_is_told_of_a_thread_without_a_message_or_of_an_older_one, thread_fixture) {
  auto older = post("older").id();
  auto newest = post("newest").id();
  from_message(newest);
  auto list = bot("GET", channel_path() + "/messages");
  BOOST_TEST(list.at("0.type").as_int64() == 0);
  from_message(older);
  auto told = bot("GET", channel_path() + "/messages?limit=1");
  BOOST_TEST(told.at("0.type").as_int64() == 18);
  BOOST_TEST(told.str("0.content") == "talk");
  BOOST_TEST(told.str("0.message_reference.channel_id") == older);
  auto thread = open_thread();
  told = bot("GET", channel_path() + "/messages?limit=1");
  BOOST_TEST(told.at("0.type").as_int64() == 18);
  BOOST_TEST(told.str("0.message_reference.channel_id") == thread);
  BOOST_TEST(from_message(told.str("0.id")).code() == 50068);
}

BOOST_FIXTURE_TEST_CASE(a_thread_without_a_message_is_private_unless_the_type_is_given, thread_fixture) {
  auto made = alone();
  BOOST_TEST(made.at("type").as_int64() == 12);
  BOOST_TEST(made.at("thread_metadata.invitable").as_bool());
  BOOST_TEST(made.at("message_count").as_int64() == 0);
  BOOST_TEST(alone({{"type", 11}}).at("type").as_int64() == 11);
  BOOST_TEST(alone({{"type", 0}}).at("errors.type._errors.0.code").as_string() == "BASE_TYPE_CHOICES");
  // no system message tells of the private one
  BOOST_TEST(bot("GET", channel_path() + "/messages").body.as_array().size() == 1u);
}

BOOST_FIXTURE_TEST_CASE(a_bad_form_is_refused_field_by_field, thread_fixture) {
  auto refused = bot("POST", channel_path() + "/threads",
                     {{"name", ""}, {"auto_archive_duration", 61}, {"rate_limit_per_user", -1}});
  BOOST_TEST(refused.code() == 50035);
  BOOST_TEST(has(refused.body, "errors.name._errors.0"));
  BOOST_TEST(has(refused.body, "errors.auto_archive_duration._errors.0"));
  BOOST_TEST(has(refused.body, "errors.rate_limit_per_user._errors.0"));
  BOOST_TEST(from_message("1").code() == 10008);
  auto thread = open_thread();
  BOOST_TEST(bot("POST", "/channels/" + thread + "/threads", {{"name", "x"}}).code() == 50024);
  BOOST_TEST(patch(thread, {{"archived", "yes"}}).code() == 50035);
}

BOOST_FIXTURE_TEST_CASE(events_come_in_discords_order, thread_fixture) {
  connect_bot(1);
  auto message = post("start").id();
  take_frames(1);
  from_message(message);
  std::vector<std::string> names;
  for (auto& frame : take_frames(1)) names.emplace_back(at(frame, "t").as_string());
  std::vector<std::string> expected{"THREAD_CREATE", "THREAD_MEMBERS_UPDATE", "MESSAGE_UPDATE",
                                    "MESSAGE_CREATE"};
  BOOST_TEST(names == expected, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(thread_create_is_new_and_has_the_receivers_membership, thread_fixture) {
  connect_bot(1);
  connect_owner(2);
  auto thread = open_thread();
  auto events = take_events(1, "THREAD_CREATE");
  BOOST_REQUIRE_EQUAL(events.size(), 1u);
  BOOST_TEST(at(events[0], "newly_created").as_bool());
  BOOST_TEST(at(events[0], "member.user_id").as_string() == application_id());
  auto others = take_events(2, "THREAD_CREATE");
  BOOST_REQUIRE_EQUAL(others.size(), 1u);
  BOOST_TEST(!has(others[0], "member"));
  auto text = say(thread);
  auto told = take_events(1, "MESSAGE_CREATE");
  BOOST_REQUIRE_EQUAL(told.size(), 1u);
  BOOST_TEST(at(told[0], "channel_type").as_int64() == 11);
}

BOOST_FIXTURE_TEST_CASE(an_archived_thread_is_read_only_until_somebody_writes, thread_fixture) {
  auto thread = open_thread();
  auto text = say(thread).id();
  advance(seconds(5));
  auto archived = patch(thread, {{"archived", true}});
  BOOST_REQUIRE_EQUAL(archived.status, 200);
  BOOST_TEST(archived.str("thread_metadata.archive_timestamp") == base::to_iso8601(now));
  BOOST_TEST(patch(thread, {{"name", "other"}}).code() == 50083);
  BOOST_TEST(bot("PATCH", "/channels/" + thread + "/messages/" + text, {{"content", "x"}}).code() == 50083);
  BOOST_TEST(bot("PUT", "/channels/" + thread + "/thread-members/@me").code() == 50083);
  BOOST_TEST(bot("DELETE", "/channels/" + thread + "/messages/" + text).status == 204);
  connect_bot(1);
  take_frames(1);
  BOOST_TEST(say(thread).status == 200);
  BOOST_TEST(!is_archived(thread));
  std::vector<std::string> names;
  for (auto& frame : take_frames(1)) names.emplace_back(at(frame, "t").as_string());
  std::vector<std::string> expected{"THREAD_UPDATE", "THREAD_MEMBER_UPDATE", "MESSAGE_CREATE"};
  BOOST_TEST(names == expected, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(one_request_can_unarchive_and_change, thread_fixture) {
  auto thread = open_thread();
  patch(thread, {{"archived", true}, {"locked", true}});
  auto changed = patch(thread, {{"archived", false}, {"locked", false}, {"name", "Two  Words"}});
  BOOST_TEST(changed.str("name") == "Two  Words");
  BOOST_TEST(!changed.at("thread_metadata.archived").as_bool());
}

BOOST_FIXTURE_TEST_CASE(an_idle_thread_archives_itself, thread_fixture) {
  auto thread = alone({{"type", 11}, {"auto_archive_duration", 60}}).id();
  advance(minutes(50));
  say(thread);
  connect_bot(1);
  disconnect(1, 4000);
  advance(minutes(59));
  BOOST_TEST(!is_archived(thread));
  advance(minutes(2));
  BOOST_TEST(is_archived(thread));
  restart();
  BOOST_TEST(is_archived(thread));
}

BOOST_FIXTURE_TEST_CASE(the_active_list_is_newest_first_with_own_memberships, thread_fixture) {
  auto first = open_thread();
  auto second = alone().id();
  auto third = open_thread();
  patch(third, {{"archived", true}});
  auto list = bot("GET", "/guilds/" + guild_id() + "/threads/active");
  BOOST_REQUIRE_EQUAL(list.at("threads").as_array().size(), 2u);
  BOOST_TEST(list.str("threads.0.id") == second);
  BOOST_TEST(list.str("threads.1.id") == first);
  BOOST_TEST(list.str("members.0.id") == second);
  BOOST_TEST(list.str("members.0.user_id") == application_id());
  BOOST_TEST(!list.at("has_more").as_bool());
}

BOOST_FIXTURE_TEST_CASE(archived_lists_page_by_the_time_of_archiving, thread_fixture) {
  std::vector<std::string> threads;
  for (int i = 0; i < 5; ++i) threads.push_back(open_thread());
  for (auto& t : threads) advance(seconds(1)), patch(t, {{"archived", true}});
  auto page = bot("GET", archived_list("public") + "?limit=2");
  BOOST_TEST(page.str("threads.0.id") == threads[4]);
  BOOST_TEST(page.str("threads.1.id") == threads[3]);
  BOOST_TEST(page.at("has_more").as_bool());
  auto before = page.str("threads.1.thread_metadata.archive_timestamp");
  page = bot("GET", archived_list("public") + "?limit=3&before=" + before);
  BOOST_TEST(page.str("threads.0.id") == threads[2]);
  BOOST_TEST(page.at("threads").as_array().size() == 3u);
  BOOST_TEST(!page.at("has_more").as_bool());
  BOOST_TEST(bot("GET", archived_list("public") + "?limit=1").code() == 50035);
  BOOST_TEST(bot("GET", archived_list("public") + "?before=yesterday").code() == 50035);
  BOOST_TEST(bot("GET", archived_list("private")).at("threads").as_array().empty());
}

BOOST_FIXTURE_TEST_CASE(joined_private_archived_threads_page_by_id, thread_fixture) {
  auto first = alone().id(), second = alone().id();
  patch(first, {{"archived", true}});
  patch(second, {{"archived", true}});
  auto path = channel_path() + "/users/@me/threads/archived/private";
  auto page = bot("GET", path);
  BOOST_TEST(page.str("threads.0.id") == second);
  BOOST_TEST(bot("GET", path + "?before=" + second).str("threads.0.id") == first);
  BOOST_TEST(owner("GET", path).at("threads").as_array().empty());
  BOOST_TEST(owner("GET", archived_list("private")).at("threads").as_array().size() == 2u);
}

BOOST_FIXTURE_TEST_CASE(members_join_leave_and_are_added, thread_fixture) {
  connect_bot(1);
  auto thread = open_thread();
  auto members = "/channels/" + thread + "/thread-members";
  take_frames(1);
  BOOST_TEST(bot("DELETE", members + "/@me").status == 204);
  auto left = take_events(1, "THREAD_MEMBERS_UPDATE");
  BOOST_REQUIRE_EQUAL(left.size(), 1u);
  BOOST_TEST(at(left[0], "removed_member_ids.0").as_string() == application_id());
  BOOST_TEST(at(left[0], "member_count").as_int64() == 0);
  BOOST_TEST(bot("GET", members + "/" + application_id()).status == 404);
  BOOST_TEST(bot("PUT", members + "/@me").status == 204);
  std::vector<std::string> names;
  for (auto& frame : take_frames(1)) names.emplace_back(at(frame, "t").as_string());
  std::vector<std::string> expected{"THREAD_CREATE", "THREAD_MEMBERS_UPDATE"};
  BOOST_TEST(names == expected, boost::test_tools::per_element());
  BOOST_TEST(bot("PUT", members + "/" + owner("GET", "/users/@me").id()).status == 204);
  // without GUILD_MEMBERS the bot hears of itself only
  BOOST_TEST(take_events(1, "THREAD_MEMBERS_UPDATE").empty());
  auto shown = bot("GET", members + "/" + application_id() + "?with_member=true");
  BOOST_TEST(has(shown.body, "member.user.id"));
  BOOST_TEST(bot("GET", members).code() == 50001);
  BOOST_TEST(owner("GET", members).body.as_array().size() == 2u);
  BOOST_TEST(bot("PUT", members + "/12345").code() == 10013);
  BOOST_TEST(bot("PUT", channel_path() + "/thread-members/@me").code() == 50024);
}

BOOST_FIXTURE_TEST_CASE(who_writes_becomes_a_member, thread_fixture) {
  auto thread = open_thread();
  owner("POST", "/channels/" + thread + "/messages", {{"content", "me too"}});
  BOOST_TEST(bot("GET", "/channels/" + thread).at("member_count").as_int64() == 2);
}

BOOST_FIXTURE_TEST_CASE(deleting_a_thread_leaves_its_message_and_deleting_the_message_leaves_it,
                        thread_fixture) {
  connect_bot(1);
  auto message = post("start").id();
  auto thread = from_message(message).id();
  take_frames(1);
  BOOST_TEST(bot("DELETE", "/channels/" + thread).str("id") == thread);
  auto events = take_events(1, "THREAD_DELETE");
  BOOST_REQUIRE_EQUAL(events.size(), 1u);
  BOOST_TEST(events[0].as_object().size() == 4u);
  BOOST_TEST(at(events[0], "parent_id").as_string() == channel_id());
  auto shown = bot("GET", channel_path() + "/messages/" + message);
  BOOST_TEST(shown.at("flags").as_int64() == 0);
  BOOST_TEST(!has(shown.body, "thread"));
  BOOST_TEST(bot("GET", "/channels/" + thread).code() == 10003);
  BOOST_TEST(from_message(message).status == 201);
  bot("DELETE", channel_path() + "/messages/" + message);
  BOOST_TEST(bot("GET", "/channels/" + message).status == 200);
}

BOOST_FIXTURE_TEST_CASE(deleting_the_channel_takes_its_threads_and_their_files_with_it, thread_fixture) {
  auto thread = open_thread();
  upload("POST", "/channels/" + thread + "/messages", {{"content", "f"}}, {{"a.txt", "a"}}, bot_header());
  connect_bot(1);
  take_frames(1);
  bot("DELETE", channel_path());
  BOOST_TEST(bot("GET", "/channels/" + thread).code() == 10003);
  BOOST_TEST(forgotten.size() == 1u);
  BOOST_TEST(take_events(1, "THREAD_DELETE").empty());
  restart();
  BOOST_TEST(bot("GET", "/channels/" + thread).code() == 10003);
}

BOOST_FIXTURE_TEST_CASE(threads_are_neither_channels_of_the_guild_nor_counted_as_such, thread_fixture) {
  auto thread = open_thread();
  BOOST_TEST(bot("GET", "/guilds/" + guild_id() + "/channels").body.as_array().size() == 1u);
  connect(1);
  send(1, {{"op", 2},
           {"d", {{"token", credentials().bot_token}, {"intents", 1}, {"properties", json::object()}}}});
  auto guild = take_events(1, "GUILD_CREATE");
  BOOST_REQUIRE_EQUAL(guild.size(), 1u);
  BOOST_TEST(at(guild[0], "channels").as_array().size() == 1u);
  BOOST_TEST(at(guild[0], "threads.0.id").as_string() == thread);
  BOOST_TEST(has(guild[0], "threads.0.member.join_timestamp"));
  BOOST_TEST(!has(guild[0], "threads.0.member.user_id"));
  BOOST_TEST(bot("PUT", "/channels/" + thread + "/permissions/" + guild_id(), {{"type", 0}}).code() == 50024);
}

BOOST_FIXTURE_TEST_CASE(active_threads_are_limited_archived_ones_are_not, thread_fixture) {
  for (int i = 0; i < 1000; ++i) open_thread();
  BOOST_TEST(alone().code() == 160006);
  auto list = bot("GET", "/guilds/" + guild_id() + "/threads/active");
  auto one = list.str("threads.0.id");
  patch(one, {{"archived", true}});
  open_thread();
  BOOST_TEST(say(one).code() == 160006);
  BOOST_TEST(patch(one, {{"archived", false}}).code() == 160006);
}

BOOST_FIXTURE_TEST_CASE(starting_threads_needs_its_own_permissions, weak_thread_fixture) {
  overwrite(0, permission::create_public_threads);
  auto message = post("x").id();
  BOOST_TEST(from_message(message).code() == 50013);
  BOOST_TEST(alone({{"type", 11}}).code() == 50013);
  BOOST_TEST(alone().status == 201);
  overwrite(0, permission::create_private_threads);
  BOOST_TEST(alone().code() == 50013);
  BOOST_TEST(from_message(message).status == 201);
}

BOOST_FIXTURE_TEST_CASE(writing_in_a_thread_needs_send_messages_in_threads, weak_thread_fixture) {
  auto thread = owners_thread(11);
  overwrite(0, permission::send_messages);
  BOOST_TEST(post("x").code() == 50013);
  BOOST_TEST(say(thread).status == 200);
  overwrite(0, permission::send_messages_in_threads);
  BOOST_TEST(post("x").status == 200);
  BOOST_TEST(say(thread).code() == 50013);
}

BOOST_FIXTURE_TEST_CASE(a_private_thread_is_for_its_members_and_moderators, weak_thread_fixture) {
  connect_bot(1);
  auto thread = owners_thread(12);
  BOOST_TEST(take_frames(1).empty());
  BOOST_TEST(bot("GET", "/channels/" + thread).code() == 50001);
  BOOST_TEST(bot("GET", "/guilds/" + guild_id() + "/threads/active").at("threads").as_array().empty());
  owner("PUT", "/channels/" + thread + "/thread-members/" + application_id());
  auto events = take_events(1, "THREAD_CREATE");
  BOOST_REQUIRE_EQUAL(events.size(), 1u);
  BOOST_TEST(has(events[0], "member"));
  BOOST_TEST(!has(events[0], "newly_created"));
  BOOST_TEST(bot("GET", "/channels/" + thread).status == 200);
  BOOST_TEST(bot("GET", archived_list("private")).code() == 50013);
  bot("DELETE", "/channels/" + thread + "/thread-members/@me");
  BOOST_TEST(bot("GET", "/channels/" + thread).code() == 50001);
  overwrite(permission::manage_threads, 0);
  BOOST_TEST(bot("GET", "/channels/" + thread).status == 200);
}

BOOST_FIXTURE_TEST_CASE(locking_is_for_moderators_and_locked_threads_are_shut, weak_thread_fixture) {
  auto thread = owners_thread(11);
  BOOST_TEST(patch(thread, {{"name", "x"}}).code() == 50013);
  owner("PATCH", "/channels/" + thread, {{"archived", true}});
  BOOST_TEST(patch(thread, {{"archived", false}}).status == 200);
  owner("PATCH", "/channels/" + thread, {{"archived", true}, {"locked", true}});
  BOOST_TEST(patch(thread, {{"archived", false}}).code() == 50013);
  BOOST_TEST(say(thread).code() == 160005);
  BOOST_TEST(bot("DELETE", "/channels/" + thread).code() == 50013);
  auto own = open_thread();
  BOOST_TEST(patch(own, {{"name", "renamed"}, {"auto_archive_duration", 60}}).status == 200);
  BOOST_TEST(patch(own, {{"locked", true}}).code() == 50013);
  BOOST_TEST(patch(own, {{"rate_limit_per_user", 5}}).code() == 50013);
  BOOST_TEST(patch(own, {{"archived", true}}).status == 200);
}

BOOST_FIXTURE_TEST_CASE(gaining_sight_of_a_channel_brings_its_active_threads, weak_thread_fixture) {
  auto thread = owners_thread(11);
  overwrite(0, permission::view_channel);
  connect_bot(1);
  take_frames(1);
  overwrite(permission::view_channel, 0);
  auto events = take_events(1, "THREAD_LIST_SYNC");
  BOOST_REQUIRE_EQUAL(events.size(), 1u);
  BOOST_TEST(at(events[0], "channel_ids.0").as_string() == channel_id());
  BOOST_TEST(at(events[0], "threads.0.id").as_string() == thread);
  BOOST_TEST(at(events[0], "members").as_array().empty());
  overwrite(reader, 0);
  BOOST_TEST(take_events(1, "THREAD_LIST_SYNC").empty());
}

BOOST_AUTO_TEST_CASE(starting_threads_has_a_hidden_shared_limit) {
  auto options = guild_fixture::default_options();
  options.rate_limits = true;
  thread_fixture g(options);
  for (int i = 0; i < 50; ++i) g.open_thread(), g.advance(milliseconds(100));
  auto refused = g.alone();
  BOOST_TEST(refused.status == 429);
  BOOST_TEST(refused.header("X-RateLimit-Scope").value() == "shared");
  BOOST_TEST(refused.str("message") == "The resource is being rate limited.");
  g.advance(minutes(5));
  BOOST_TEST(g.alone().status == 201);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace dbcord::guild::test
