// A snapshot brings back all of the guild: threads with their counts, pins, reactions, roles, members.

#include <boost/test/unit_test.hpp>

#include "guild/guild_fixture.hpp"

namespace dbcord::guild::test {
namespace {

// Keeps a snapshot as a driver does: the messages' records at places of its own.
class kept_snapshot final : public core_history, public record_reader {
 public:
  explicit kept_snapshot(core_snapshot taken) : taken_(std::move(taken)) {}

  base::result<void> replay(history_sink& to) override {
    for (auto& record : taken_.records) {
      if (auto ok = to.take_record(record, {}); !ok) return ok;
    }
    for (auto& channel : taken_.messages) {
      for (auto& entry : channel.entries) entry.where = ++next_, entry.size = 1;
      if (auto ok = to.take_messages(channel); !ok) return ok;
    }
    return {};
  }
  std::string read(record_place place) override { return taken_.unplaced.at(place.where - 1); }

 private:
  core_snapshot taken_;
  std::uint64_t next_ = 0;
};

struct snapshot_fixture : guild_fixture {
  std::string ask(guild::core& of, const std::string& path) {
    http_request r{"GET", "/api/v10" + path, {{"Authorization", credentials().owner_token}}, {}};
    return of.handle(r, now).response->body;
  }
};

BOOST_FIXTURE_TEST_SUITE(core_snapshot_suite, snapshot_fixture)

BOOST_AUTO_TEST_CASE(a_snapshot_brings_back_threads_pins_reactions_roles_and_members) {
  auto message = post("start").id();
  bot("PUT", channel_path() + "/messages/" + message + "/reactions/%F0%9F%91%8D/@me");
  bot("PUT", channel_path() + "/messages/pins/" + message);
  bot("POST", channel_path() + "/messages/" + message + "/threads", {{"name", "talk"}});
  auto thread = "/channels/" + message;
  auto gone = bot("POST", thread + "/messages", {{"content", "gone"}}).id();
  bot("POST", thread + "/messages", {{"content", "stays"}});
  bot("DELETE", thread + "/messages/" + gone);
  auto archived = bot("POST", channel_path() + "/threads", {{"name", "old"}, {"type", 11}}).id();
  bot("PATCH", "/channels/" + archived, {{"archived", true}, {"locked", true}});
  auto guild = "/guilds/" + guild_id();
  auto role = bot("POST", guild + "/roles", {{"name", "readers"}, {"color", 7}}).id();
  bot("PUT", guild + "/members/" + application_id() + "/roles/" + role);
  bot("PATCH", guild + "/members/@me", {{"nick", "Store"}});
  owner("PATCH", guild + "/roles/" + guild_id(), {{"permissions", "1024"}});

  kept_snapshot kept(core().take_snapshot(now));
  auto opened = guild::core::open(options, random, attachments, now, kept, kept);
  BOOST_REQUIRE_MESSAGE(opened.has_value(), opened.error().message);
  for (auto& path :
       {thread, thread + "/messages", "/channels/" + archived, channel_path(), channel_path() + "/messages",
        channel_path() + "/messages/pins", guild + "/threads/active", guild + "/roles",
        guild + "/members?limit=9", channel_path() + "/threads/archived/public"}) {
    BOOST_TEST(ask(**opened, path) == ask(core(), path), path);
  }
  auto shown = ask(**opened, thread);
  BOOST_TEST(shown.find(R"("message_count":1,"total_message_sent":2)") != shown.npos, shown);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace dbcord::guild::test
