// Nonces: echoed, and with enforce_nonce a repeated create makes nothing new.

#include <boost/test/unit_test.hpp>

#include "guild/guild_fixture.hpp"
#include "guild/nonce_window.hpp"

namespace dbcord::guild::test {
namespace {

struct nonce_fixture : guild_fixture {
  answer create(const json::value& nonce, bool enforce = true, std::string_view content = "x") {
    return bot("POST", channel_path() + "/messages",
               {{"content", content}, {"nonce", nonce}, {"enforce_nonce", enforce}});
  }
};

BOOST_FIXTURE_TEST_SUITE(core_nonce, nonce_fixture)

BOOST_AUTO_TEST_CASE(a_nonce_is_echoed_as_it_was_in_answer_and_event_but_not_kept) {
  connect_bot(1);
  auto text = create("abc", false);
  BOOST_TEST(text.str("nonce") == "abc");
  BOOST_TEST(create(17, false).at("nonce").as_int64() == 17);
  auto events = take_events(1, "MESSAGE_CREATE");
  BOOST_TEST(at(events[0], "nonce").as_string() == "abc");
  BOOST_TEST(at(events[1], "nonce").as_int64() == 17);
  BOOST_TEST(!has(bot("GET", channel_path() + "/messages/" + text.id()).body, "nonce"));
}

BOOST_AUTO_TEST_CASE(a_repeated_create_gives_the_first_message) {
  connect_bot(1);
  auto first = create("abc", true, "first");
  take_frames(1);
  auto again = create("abc", true, "second");
  BOOST_TEST(again.status == 200);
  BOOST_TEST(again.text == first.text);
  BOOST_TEST(take_frames(1).empty());
  BOOST_TEST(bot("GET", channel_path() + "/messages").body.as_array().size() == 1u);
}

BOOST_AUTO_TEST_CASE(without_enforcement_both_are_made) {
  BOOST_TEST(create("abc", false).id() != create("abc", false).id());
}

BOOST_AUTO_TEST_CASE(nonces_belong_to_their_author) {
  auto mine = create("abc").id();
  auto theirs = owner("POST", channel_path() + "/messages",
                      {{"content", "x"}, {"nonce", "abc"}, {"enforce_nonce", true}});
  BOOST_TEST(theirs.id() != mine);
}

BOOST_AUTO_TEST_CASE(a_repeat_after_the_deletion_says_unknown_message_also_after_a_restart) {
  auto first = create("abc").id();
  bot("DELETE", channel_path() + "/messages/" + first);
  BOOST_TEST(create("abc").code() == 10008);
  restart();
  BOOST_TEST(create("abc").code() == 10008);
}

BOOST_AUTO_TEST_CASE(the_window_survives_a_restart_and_ends_after_some_minutes) {
  auto first = create("abc").id();
  advance(nonce_window::length - milliseconds(1));
  restart();
  BOOST_TEST(create("abc").id() == first);
  advance(milliseconds(1));
  BOOST_TEST(create("abc").id() != first);
}

BOOST_AUTO_TEST_CASE(a_nonce_has_at_most_25_characters) {
  BOOST_TEST(create(json::value(std::string(25, 'n'))).status == 200);
  BOOST_TEST(create(json::value(std::string(26, 'n'))).code() == 50035);
  BOOST_TEST(create(true).code() == 50035);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace dbcord::guild::test
