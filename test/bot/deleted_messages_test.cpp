#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include "bot/deleted_messages.hpp"

using namespace dbcord;

namespace {

// "channel: id id …", or "none".
std::string read(std::string_view type, std::string_view event) {
  auto gone = bot::read_deleted_messages(type, boost::json::parse(event).as_object());
  if (!gone) return "none";
  auto text = std::to_string(gone->channel.value) + ":";
  for (auto m : gone->messages) text += " " + std::to_string(m.value);
  return text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(deleted_messages)

BOOST_AUTO_TEST_CASE(one_or_many) {
  BOOST_TEST(read("MESSAGE_DELETE", R"({"id":"7","channel_id":"5","guild_id":"1"})") == "5: 7");
  BOOST_TEST(read("MESSAGE_DELETE_BULK", R"({"ids":["7","8"],"channel_id":"5"})") == "5: 7 8");
}

BOOST_AUTO_TEST_CASE(a_channel) {
  auto read_channel = [](std::string_view type, std::string_view event) {
    auto gone = bot::read_deleted_channel(type, boost::json::parse(event).as_object());
    return gone ? gone->value : 0;
  };
  BOOST_TEST(read_channel("CHANNEL_DELETE", R"({"id":"7","guild_id":"1","type":0})") == 7u);
  BOOST_TEST(read_channel("CHANNEL_CREATE", R"({"id":"7","guild_id":"1","type":0})") == 0u);
  BOOST_TEST(read_channel("CHANNEL_DELETE", R"({"id":7})") == 0u);
}

BOOST_AUTO_TEST_CASE(anything_else_is_nothing) {
  BOOST_TEST(read("MESSAGE_CREATE", R"({"id":"7","channel_id":"5"})") == "none");
  BOOST_TEST(read("MESSAGE_DELETE", R"({"id":7,"channel_id":"5"})") == "none");
  BOOST_TEST(read("MESSAGE_DELETE", R"({"id":"7"})") == "none");
  BOOST_TEST(read("MESSAGE_DELETE_BULK", R"({"ids":"7","channel_id":"5"})") == "none");
  BOOST_TEST(read("MESSAGE_DELETE_BULK", R"({"ids":[7,null,"x",{}],"channel_id":"5"})") == "none");
}

BOOST_AUTO_TEST_SUITE_END()
