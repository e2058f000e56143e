#include "app/interaction_request.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>
#include <fstream>

#include "support/temporary_directory.hpp"

using namespace dbcord;
using namespace dbcord::app;

namespace {

const interaction_place place{{1}, {2}, {3}, "session"};

commands::parsed_line line_with(std::vector<commands::parsed_argument> arguments) {
  return {"dbc_import", std::move(arguments)};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(interaction_requests)

BOOST_AUTO_TEST_CASE(carry_the_command_and_typed_values_as_a_client_sends_them) {
  using commands::argument_kind;
  auto line = line_with({{"database", argument_kind::text, std::string("shop")},
                         {"limit", argument_kind::integer, std::int64_t{5}},
                         {"deep", argument_kind::boolean, true}});
  auto request = make_interaction(line, boost::json::object{{"id", "77"}, {"version", "78"}}, place, "n", read_file_part);
  BOOST_REQUIRE(request);
  auto expected = boost::json::parse(
      R"({"type":2,"application_id":"3","guild_id":"1","channel_id":"2","session_id":"session","nonce":"n",
          "data":{"type":1,"name":"dbc_import","id":"77","version":"78","options":[
            {"type":3,"name":"database","value":"shop"},{"type":4,"name":"limit","value":5},{"type":5,"name":"deep","value":true}],
            "attachments":[]}})");
  BOOST_TEST(boost::json::serialize(request->payload) == boost::json::serialize(expected));
  BOOST_TEST(request->files.empty());
}

BOOST_AUTO_TEST_CASE(a_text_that_discord_does_not_take_is_refused_with_its_argument) {
  std::string two_bytes;
  for (int i = 0; i < 6'000; ++i) two_bytes += "ä";
  auto fits = line_with({{"where_json", commands::argument_kind::json, two_bytes}});
  BOOST_TEST(make_interaction(fits, {}, place, "n", read_file_part).has_value());
  auto line = line_with({{"database", commands::argument_kind::text, std::string("shop")}, {"value_json", commands::argument_kind::json, two_bytes + "x"}});
  auto refused = make_interaction(line, {}, place, "n", read_file_part);
  BOOST_REQUIRE(!refused);
  const std::string long_one = "value_json: it has 6001 characters, and Discord takes at most 6000 in an argument; ";
  BOOST_TEST(refused.error().message == long_one + "make it shorter");
  auto command = boost::json::parse(R"({"options":[{"type":3,"name":"value_json"},{"type":11,"name":"file"}]})").as_object();
  auto with_file = make_interaction(line, command, place, "n", read_file_part);
  BOOST_REQUIRE(!with_file);
  BOOST_TEST(with_file.error().message == long_one + "put it into a file, and give file: with its path instead");
}

BOOST_AUTO_TEST_CASE(a_file_goes_along_and_its_option_names_it) {
  test::temporary_directory folder;
  std::ofstream(folder.path() / "rows.jsonl") << "{}\n";
  auto line = line_with({{"file", commands::argument_kind::attachment, (folder.path() / "rows.jsonl").string()}});
  auto request = make_interaction(line, {}, place, "n", read_file_part);
  BOOST_REQUIRE(request);
  BOOST_REQUIRE(request->files.size() == 1u);
  BOOST_TEST(request->files[0].filename == "rows.jsonl");
  BOOST_TEST(request->files[0].bytes == "{}\n");
  const auto& data = request->payload.at("data").as_object();
  BOOST_TEST(boost::json::serialize(data.at("options")) == R"([{"type":11,"name":"file","value":"0"}])");
  BOOST_TEST(boost::json::serialize(data.at("attachments")) == R"([{"id":"0","filename":"rows.jsonl","file_size":3}])");
}

BOOST_AUTO_TEST_CASE(a_missing_file_names_the_argument_and_the_path) {
  auto line = line_with({{"file", commands::argument_kind::attachment, std::string("/nowhere/rows.jsonl")}});
  auto request = make_interaction(line, {}, place, "n", read_file_part);
  BOOST_REQUIRE(!request);
  BOOST_TEST(request.error().message == "file: cannot read /nowhere/rows.jsonl: No such file or directory");
}

BOOST_AUTO_TEST_SUITE_END()
