#include "bot/interaction.hpp"

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

using namespace dbcord;
using namespace dbcord::bot;

namespace {
std::optional<interaction> parsed(std::string_view text) { return parse_interaction(boost::json::parse(boost::json::string_view(text)).as_object()); }
}  // namespace

BOOST_AUTO_TEST_SUITE(interactions)

BOOST_AUTO_TEST_CASE(a_command_is_read_with_its_arguments_and_files) {
  auto i = parsed(R"({"id":"5","type":2,"token":"t","guild_id":"9","member":{"user":{"id":"42"}},"attachment_size_limit":100,
    "data":{"id":"1","name":"dbc_import","type":1,"options":[
      {"name":"database","type":3,"value":"prod"},{"name":"limit","type":4,"value":7},{"name":"flag","type":5,"value":true},
      {"name":"file","type":11,"value":"77"}],
    "resolved":{"attachments":{"77":{"id":"77","filename":"a.json","size":3,"url":"http://x/a"}}}}})");
  BOOST_REQUIRE(i.has_value());
  BOOST_TEST(i->id.value == 5u);
  BOOST_TEST(i->guild.value == 9u);
  BOOST_TEST(i->who == "42");
  BOOST_TEST(i->file_limit == 100u);
  BOOST_TEST(i->command == "dbc_import");
  BOOST_TEST(std::get<std::string>(i->arguments.at("database")) == "prod");
  BOOST_TEST(std::get<std::int64_t>(i->arguments.at("limit")) == 7);
  BOOST_TEST(std::get<bool>(i->arguments.at("flag")));
  BOOST_TEST(!i->arguments.contains("file"));
  BOOST_TEST(i->files.at("file").url == "http://x/a");
  BOOST_TEST(i->files.at("file").size == 3u);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_answered_is_nothing) {
  BOOST_TEST(!parsed(R"({"type":2,"token":"t"})").has_value());
  BOOST_TEST(!parsed(R"({"id":"5","type":2})").has_value());
  BOOST_TEST(!parsed(R"({"id":"5","type":99,"token":"t"})").has_value());
  BOOST_TEST(!parsed(R"({"id":"x","type":2,"token":"t"})").has_value());
}

BOOST_AUTO_TEST_CASE(malformed_parts_are_left_out) {
  auto i = parsed(R"({"id":"5","type":2,"token":"t","user":{"id":"42"},"attachment_size_limit":-4,"data":{"name":7,"options":[3,{"name":"a"},{"value":1},
    {"name":"f","type":11,"value":"1"},{"name":"n","type":10,"value":1.5},{"name":"o","value":{}}],"resolved":[]}})");
  BOOST_REQUIRE(i.has_value());
  BOOST_TEST(i->who == "42");
  BOOST_TEST(i->arguments.empty());
  BOOST_TEST(i->files.empty());
  BOOST_TEST(i->file_limit == 0u);
  BOOST_TEST(parsed(R"({"id":"5","type":2,"token":"t","data":[]})")->command.empty());
}

BOOST_AUTO_TEST_SUITE_END()
