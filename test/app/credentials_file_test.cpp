#include "app/credentials_file.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>

#include "support/temporary_directory.hpp"

using namespace dbcord::app;

namespace {

void write(const std::filesystem::path& directory, const std::string& text) {
  std::ofstream(directory / "credentials.json") << text;
}

constexpr auto complete = R"({"api_url":"http://127.0.0.1:1/api/v10","gateway_url":"ws://127.0.0.1:1","guild_id":"1401000000000000000",
 "channel_id":"1402000000000000001","application_id":"1400000000000000009","bot_token":"b.b.b","owner_token":"o.o.o","more":1})";

}  // namespace

BOOST_AUTO_TEST_SUITE(credentials)

BOOST_AUTO_TEST_CASE(are_read_whole) {
  dbcord::test::temporary_directory folder;
  write(folder.path(), complete);
  auto read = read_credentials(folder.path());
  BOOST_REQUIRE(read);
  BOOST_TEST(read->api_url == "http://127.0.0.1:1/api/v10");
  BOOST_TEST(read->guild.str() == "1401000000000000000");
  BOOST_TEST(read->channel.str() == "1402000000000000001");
  BOOST_TEST(read->application.str() == "1400000000000000009");
  BOOST_TEST(read->owner_token == "o.o.o");
}

BOOST_AUTO_TEST_CASE(a_directory_without_a_guild_says_what_to_start) {
  dbcord::test::temporary_directory folder;
  auto read = read_credentials(folder.path());
  BOOST_REQUIRE(!read);
  BOOST_TEST(read.error().message.find("dbcord serve --local " + folder.path().string()) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_file_of_another_kind_is_refused_with_the_reason) {
  dbcord::test::temporary_directory folder;
  for (auto [text, reason] : {std::pair{"{\"api_url\":\"x\"}", "gateway_url is missing"}, std::pair{"[]", "no JSON object"},
                              std::pair{"{", "position"}}) {
    write(folder.path(), text);
    auto read = read_credentials(folder.path());
    BOOST_REQUIRE(!read);
    BOOST_TEST(read.error().message.find(reason) != std::string::npos, read.error().message);
  }
}

BOOST_AUTO_TEST_SUITE_END()
