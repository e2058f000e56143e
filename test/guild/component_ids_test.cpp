#include "guild/component_ids.hpp"

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include "guild/guild_fixture.hpp"

using namespace dbcord::guild;
using namespace dbcord::guild::test;

BOOST_AUTO_TEST_SUITE(guild_component_ids)

BOOST_AUTO_TEST_CASE(every_component_without_a_number_gets_the_next_free_one) {
  auto rows = json::parse(R"([{"type":1,"components":[{"type":2,"id":2},{"type":2},{"type":2,"id":0}]},{"type":1}])").as_array();
  number_components(rows);
  auto expected = json::parse(
      R"([{"type":1,"components":[{"type":2,"id":2},{"type":2,"id":3},{"type":2,"id":4}],"id":1},{"type":1,"id":5}])");
  BOOST_TEST(json::value(rows) == expected);
}

BOOST_AUTO_TEST_CASE(a_sent_message_shows_the_numbers) {
  guild_fixture g;
  auto body = json::parse(
      R"({"content":"x","components":[{"type":1,"components":[{"type":2,"style":1,"label":"a","custom_id":"b"}]}]})");
  auto sent = g.bot("POST", g.channel_path() + "/messages", body);
  BOOST_TEST(at(sent.body, "components.0.id").as_int64() == 1);
  BOOST_TEST(at(sent.body, "components.0.components.0.id").as_int64() == 2);
}

BOOST_AUTO_TEST_SUITE_END()
