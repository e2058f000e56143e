// Pins: what pinning, unpinning and the two lists promise and refuse.

#include <boost/test/unit_test.hpp>

#include "dbcord/base/time_text.hpp"
#include "guild/guild_fixture.hpp"
#include "guild/permissions.hpp"

namespace dbcord::guild::test {
namespace {

struct pin_fixture : guild_fixture {
  std::string pins() const { return channel_path() + "/messages/pins"; }
  answer pin(const std::string& id) { return bot("PUT", pins() + "/" + id); }
};

BOOST_FIXTURE_TEST_SUITE(core_pin, pin_fixture)

BOOST_AUTO_TEST_CASE(a_pinned_message_is_listed_and_marked_also_after_a_restart) {
  auto id = post("important").id();
  BOOST_TEST(pin(id).status == 204);
  auto list = bot("GET", pins());
  BOOST_TEST(list.str("items.0.message.id") == id);
  BOOST_TEST(list.str("items.0.pinned_at") == base::to_iso8601(now));
  BOOST_TEST(list.at("items.0.message.pinned").as_bool());
  BOOST_TEST(!list.at("has_more").as_bool());
  BOOST_TEST(bot("GET", channel_path()).str("last_pin_timestamp") == base::to_iso8601(now));
  restart();
  BOOST_TEST(bot("GET", pins()).text == list.text);
  BOOST_TEST(bot("GET", channel_path() + "/pins").str("0.id") == id);
}

BOOST_AUTO_TEST_CASE(pinning_says_so_in_the_channel_and_to_the_sessions) {
  auto id = post("important").id();
  connect_bot(1);
  take_frames(1);
  pin(id);
  std::vector<std::string> names;
  auto frames = take_frames(1);
  for (auto& frame : frames) names.emplace_back(at(frame, "t").as_string());
  std::vector<std::string> expected{"MESSAGE_UPDATE", "CHANNEL_PINS_UPDATE", "MESSAGE_CREATE"};
  BOOST_TEST(names == expected, boost::test_tools::per_element());
  BOOST_TEST(at(frames[0], "d.edited_timestamp").is_null());
  BOOST_TEST(at(frames[1], "d.last_pin_timestamp").as_string() == base::to_iso8601(now));
  BOOST_TEST(at(frames[2], "d.type").as_int64() == 6);
  BOOST_TEST(at(frames[2], "d.message_reference.message_id").as_string() == id);
  auto notice = std::string(at(frames[2], "d.id").as_string());
  BOOST_TEST(pin(notice).code() == 50021);
  BOOST_TEST(bot("PATCH", channel_path() + "/messages/" + notice, {{"content", "x"}}).code() == 50021);
  BOOST_TEST(bot("DELETE", channel_path() + "/messages/" + notice).status == 204);
}

BOOST_AUTO_TEST_CASE(pinning_twice_changes_nothing) {
  auto id = post("important").id();
  pin(id);
  auto before = records.size();
  BOOST_TEST(pin(id).status == 204);
  BOOST_TEST(records.size() == before);
}

BOOST_AUTO_TEST_CASE(an_edit_keeps_the_pin_and_unpinning_takes_it_away) {
  auto id = post("important").id();
  pin(id);
  auto edited = bot("PATCH", channel_path() + "/messages/" + id, {{"content", "more"}});
  BOOST_TEST(edited.at("pinned").as_bool());
  BOOST_TEST(bot("DELETE", pins() + "/" + id).status == 204);
  BOOST_TEST(bot("GET", pins()).at("items").as_array().empty());
  BOOST_TEST(bot("GET", channel_path()).at("last_pin_timestamp").is_null());
  BOOST_TEST(bot("DELETE", channel_path() + "/pins/" + id).status == 204);
}

BOOST_AUTO_TEST_CASE(a_deleted_message_is_no_pin_any_more) {
  auto id = post("important").id();
  pin(id);
  connect_bot(1);
  take_frames(1);
  bot("DELETE", channel_path() + "/messages/" + id);
  BOOST_TEST(bot("GET", pins()).at("items").as_array().empty());
  BOOST_TEST(take_events(1, "CHANNEL_PINS_UPDATE").empty());
}

BOOST_AUTO_TEST_CASE(the_list_pages_by_the_time_of_pinning) {
  std::vector<std::string> ids;
  for (auto text : {"a", "b", "c"}) ids.push_back(post(text).id());
  for (auto i : {2, 0, 1}) advance(seconds(1)), pin(ids[static_cast<std::size_t>(i)]);
  auto page = bot("GET", pins() + "?limit=2");
  BOOST_TEST(page.str("items.0.message.id") == ids[1]);
  BOOST_TEST(page.str("items.1.message.id") == ids[0]);
  BOOST_TEST(page.at("has_more").as_bool());
  page = bot("GET", pins() + "?before=" + page.str("items.1.pinned_at"));
  BOOST_TEST(page.at("items").as_array().size() == 1u);
  BOOST_TEST(page.str("items.0.message.id") == ids[2]);
  BOOST_TEST(bot("GET", pins() + "?limit=51").code() == 50035);
  BOOST_TEST(bot("GET", pins() + "?before=never").code() == 50035);
}

BOOST_AUTO_TEST_CASE(a_channel_has_room_for_250_pins) {
  for (int i = 0; i < 250; ++i) BOOST_REQUIRE_EQUAL(pin(post("x").id()).status, 204);
  auto refused = pin(post("x").id());
  BOOST_TEST(refused.status == 400);
  BOOST_TEST(refused.code() == 30003);
  BOOST_TEST(bot("GET", pins()).at("items").as_array().size() == 50u);
  BOOST_TEST(pin("1").code() == 10008);
}

BOOST_AUTO_TEST_CASE(pinning_needs_its_own_permission) {
  auto options = default_options();
  options.bot_permissions = permission::manage_messages;
  pin_fixture weak;
  weak.options = options;
  weak.records.clear();
  weak.restart();
  auto id = weak.post("x").id();
  BOOST_TEST(weak.pin(id).code() == 50013);
  BOOST_TEST(weak.bot("GET", weak.pins()).status == 200);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace dbcord::guild::test
