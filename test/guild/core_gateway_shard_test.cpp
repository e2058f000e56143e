// Shards, requests for members, encodings: what of the gateway depends on what a client asked for.

#include <boost/test/unit_test.hpp>

#include "guild/gateway.hpp"
#include "guild/guild_fixture.hpp"

namespace dbcord::guild::test {
namespace {

struct shard_fixture : guild_fixture {
  json::value identify_shard(connection_id id, std::int64_t index, std::int64_t count) {
    connect(id);
    send(id, {{"op", 2}, {"d", {{"token", credentials().bot_token}, {"intents", 513}, {"shard", {index, count}}}}});
    return take_events(id, "READY").at(0);
  }
  std::int64_t shard_of_guild(std::int64_t count) const {
    return static_cast<std::int64_t>((credentials().guild.value >> 22) % static_cast<std::uint64_t>(count));
  }
  json::value ask_members(connection_id id, json::object d) {
    d["guild_id"] = guild_id();
    send(id, {{"op", 8}, {"d", d}});
    auto chunks = take_events(id, "GUILD_MEMBERS_CHUNK");
    return chunks.empty() ? json::value() : chunks.at(0);
  }
};

BOOST_FIXTURE_TEST_SUITE(core_gateway_shard, shard_fixture)

BOOST_AUTO_TEST_CASE(the_guild_and_its_events_are_on_one_shard_only) {
  auto here = shard_of_guild(2);
  auto with = identify_shard(1, here, 2), without = identify_shard(2, 1 - here, 2);
  BOOST_TEST(at(with, "guilds").as_array().size() == 1u);
  BOOST_TEST(at(without, "guilds").as_array().empty());
  BOOST_TEST(at(without, "shard.1").as_int64() == 2);
  post("x");
  BOOST_TEST(take_events(1, "MESSAGE_CREATE").size() == 1u);
  BOOST_TEST(take_frames(2).empty());
}

BOOST_AUTO_TEST_CASE(a_shard_without_the_guild_resumes_too) {
  auto ready = identify_shard(1, 1 - shard_of_guild(2), 2);
  disconnect(1, 1006);
  connect(2);
  send(2, {{"op", 6}, {"d", {{"token", credentials().bot_token}, {"session_id", at(ready, "session_id")}, {"seq", 1}}}});
  BOOST_TEST(take_events(2, "RESUMED").size() == 1u);
}

BOOST_AUTO_TEST_CASE(several_sessions_of_one_shard_hear_everything) {
  auto here = shard_of_guild(3);
  identify_shard(1, here, 3);
  identify_shard(2, here, 3);
  take_frames(1);
  take_frames(2);
  post("x");
  BOOST_TEST(take_events(1, "MESSAGE_CREATE").size() == 1u);
  BOOST_TEST(take_events(2, "MESSAGE_CREATE").size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_command_fails_at_once_if_only_other_shards_are_there) {
  auto made = bot("POST", "/applications/" + application_id() + "/commands", {{"name", "c"}, {"description", "d"}});
  identify_shard(1, 1 - shard_of_guild(2), 2);
  connect_owner(2);
  take_frames(2);
  owner("POST", "/interactions",
        {{"type", 2}, {"application_id", application_id()}, {"guild_id", guild_id()}, {"channel_id", channel_id()},
         {"data", {{"id", made.id()}, {"name", "c"}, {"type", 1}}}});
  BOOST_TEST(take_events(2, "INTERACTION_FAILURE").size() == 1u);
  BOOST_TEST(take_events(1, "INTERACTION_CREATE").empty());
}

BOOST_AUTO_TEST_CASE(members_are_found_by_id_and_by_the_beginning_of_their_name) {
  connect_bot(1);
  auto by_id = ask_members(1, {{"user_ids", {application_id(), "5"}}});
  BOOST_TEST(at(by_id, "members").as_array().size() == 1u);
  BOOST_TEST(at(by_id, "members.0.user.id").as_string() == application_id());
  BOOST_TEST(at(by_id, "not_found.0").as_string() == "5");
  auto by_name = ask_members(1, {{"query", "OWN"}, {"limit", 10}});
  BOOST_TEST(at(by_name, "members.0.user.username").as_string() == "owner");
  BOOST_TEST(!has(by_name, "not_found"));
  BOOST_TEST(at(ask_members(1, {{"query", "nobody"}, {"limit", 10}}), "members").as_array().empty());
  BOOST_TEST(at(ask_members(1, {{"query", ""}, {"limit", 1}}), "members").as_array().size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_nonce_that_is_too_long_is_not_echoed) {
  connect_bot(1);
  BOOST_TEST(has(ask_members(1, {{"query", ""}, {"limit", 0}, {"nonce", std::string(32, 'n')}}), "nonce"));
  BOOST_TEST(!has(ask_members(1, {{"query", ""}, {"limit", 0}, {"nonce", std::string(33, 'n')}}), "nonce"));
}

BOOST_AUTO_TEST_CASE(with_limits_on_all_members_can_be_asked_for_each_thirty_seconds) {
  options.rate_limits = true;
  restart();
  connect_bot(1);
  BOOST_TEST(has(ask_members(1, {{"query", ""}, {"limit", 0}}), "members"));
  advance(seconds(10));
  BOOST_TEST(ask_members(1, {{"query", ""}, {"limit", 1}}).is_object());
  send(1, {{"op", 8}, {"d", {{"guild_id", guild_id()}, {"query", ""}, {"limit", 0}, {"nonce", "n"}}}});
  auto limited = take_events(1, "RATE_LIMITED");
  BOOST_REQUIRE_EQUAL(limited.size(), 1u);
  BOOST_TEST(at(limited[0], "opcode").as_int64() == 8);
  BOOST_TEST(at(limited[0], "retry_after").as_double() == 20.0);
  BOOST_TEST(at(limited[0], "meta.nonce").as_string() == "n");
  advance(seconds(20));
  BOOST_TEST(has(ask_members(1, {{"query", ""}, {"limit", 0}}), "members"));
}

BOOST_AUTO_TEST_CASE(an_encoding_that_is_not_served_is_closed) {
  connect(1, "v=10&encoding=etf");
  BOOST_TEST(close_code(1).value() == 4002);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace dbcord::guild::test
