// Paging through a channel's history in all directions.

#include <boost/test/unit_test.hpp>

#include "guild/guild_fixture.hpp"

namespace dbcord::guild::test {
namespace {

// Ten messages with the contents 0 to 9.
struct history_fixture : guild_fixture {
  history_fixture() {
    for (int i = 0; i < 10; ++i) ids.push_back(post(std::to_string(i)).id());
  }

  std::string page(const std::string& query) {
    std::string contents;
    auto found = bot("GET", channel_path() + "/messages?" + query);
    BOOST_REQUIRE_EQUAL(found.status, 200);
    for (auto& m : found.body.as_array()) contents += at(m, "content").as_string();
    return contents;
  }

  std::vector<std::string> ids;
};

BOOST_FIXTURE_TEST_SUITE(core_history, history_fixture)

BOOST_AUTO_TEST_CASE(without_a_cursor_the_newest_come_newest_first) {
  BOOST_TEST(page("") == "9876543210");
  BOOST_TEST(page("limit=3") == "987");
}

BOOST_AUTO_TEST_CASE(before_gives_the_newest_below) {
  BOOST_TEST(page("limit=3&before=" + ids[5]) == "432");
  BOOST_TEST(page("before=" + ids[0]) == "");
  BOOST_TEST(page("limit=2&before=18446744073709551615") == "98");
}

BOOST_AUTO_TEST_CASE(after_gives_the_oldest_above_listed_newest_first) {
  BOOST_TEST(page("limit=3&after=0") == "210");
  BOOST_TEST(page("limit=3&after=" + ids[5]) == "876");
  BOOST_TEST(page("after=" + ids[9]) == "");
}

BOOST_AUTO_TEST_CASE(around_gives_both_sides_and_the_middle) {
  BOOST_TEST(page("limit=5&around=" + ids[5]) == "76543");
  BOOST_TEST(page("limit=4&around=" + ids[9]) == "987");
}

BOOST_AUTO_TEST_CASE(a_cursor_need_not_exist) {
  bot("DELETE", channel_path() + "/messages/" + ids[5]);
  BOOST_TEST(page("limit=2&before=" + ids[5]) == "43");
  BOOST_TEST(page("limit=2&after=" + ids[5]) == "76");
  BOOST_TEST(page("limit=4&around=" + ids[5]) == "7643");
}

BOOST_AUTO_TEST_CASE(a_walk_upwards_sees_everything_once) {
  std::string seen, cursor = "0";
  for (;;) {
    auto found = bot("GET", channel_path() + "/messages?limit=3&after=" + cursor);
    auto& list = found.body.as_array();
    if (list.empty()) break;
    for (auto m = list.rbegin(); m != list.rend(); ++m) seen += at(*m, "content").as_string();
    cursor = std::string(at(list.front(), "id").as_string());
  }
  BOOST_TEST(seen == "0123456789");
}

BOOST_AUTO_TEST_CASE(limits_and_cursors_are_checked) {
  for (auto query : {"limit=0", "limit=101", "limit=x", "limit=", "before=x", "after=-1", "around=%zz1x"}) {
    auto refused = bot("GET", channel_path() + "/messages?" + query);
    if (std::string_view(query).starts_with("around")) continue;  // a broken escape counts as absent
    BOOST_TEST(refused.code() == 50035, query);
  }
}

BOOST_AUTO_TEST_CASE(a_bot_without_the_content_right_sees_only_its_own_words) {
  auto without = guild_fixture::default_options();
  without.message_content_intent = false;
  guild_fixture g(without);
  g.post("mine");
  g.owner("POST", g.channel_path() + "/messages", {{"content", "theirs"}});
  auto found = g.bot("GET", g.channel_path() + "/messages");
  BOOST_TEST(found.str("0.content") == "");
  BOOST_TEST(found.str("1.content") == "mine");
  BOOST_TEST(g.owner("GET", g.channel_path() + "/messages").str("0.content") == "theirs");
}

BOOST_AUTO_TEST_CASE(a_message_in_a_thread_tells_its_place_there) {
  auto thread = "/channels/" + bot("POST", channel_path() + "/threads", {{"name", "t"}, {"type", 11}}).id();
  for (int i = 0; i < 3; ++i) {
    auto made = bot("POST", thread + "/messages", {{"content", "x"}});
    BOOST_TEST(made.at("position").as_int64() == i);
  }
  auto page = bot("GET", thread + "/messages");
  BOOST_TEST(at(page.body, "0.position").as_int64() == 2);
  BOOST_TEST(bot("GET", thread).at("total_message_sent").as_int64() == 3);
  BOOST_TEST(!has(bot("GET", channel_path() + "/messages/" + ids[0]).body, "position"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace dbcord::guild::test
