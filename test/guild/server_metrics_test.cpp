#include "guild/server_metrics.hpp"

#include <boost/asio/ip/udp.hpp>
#include <boost/test/unit_test.hpp>

#include "guild/server_fixture.hpp"

using namespace dbcord;
using guild::route_label;
using guild::server_metrics;

namespace {

bool holds(const std::string& text, std::string_view line) { return text.find(std::string(line) + "\n") != text.npos; }

}  // namespace

BOOST_AUTO_TEST_SUITE(server_metrics_text)

BOOST_AUTO_TEST_CASE(ids_and_tokens_of_a_route_are_not_shown) {
  BOOST_TEST(route_label("/api/v10/channels/1400000000000000001/messages?limit=5") == "/channels/{}/messages");
  BOOST_TEST(route_label("/api/v9/users/@me") == "/users/@me");
  BOOST_TEST(route_label("/webhooks/12/abcdefghijklmnopqrstuvwxyz/messages/@original") == "/webhooks/{}/{}/messages/@original");
  BOOST_TEST(route_label("/api/") == "/");
  BOOST_TEST(route_label("") == "/");
}

BOOST_AUTO_TEST_CASE(everything_that_was_counted_is_told) {
  server_metrics m;
  m.count_request("GET", "/api/v10/channels/12", 200);
  m.count_request("GET", "/api/v10/channels/34", 200);
  m.count_request("POST", "/api/v10/channels/34/messages", 429);
  m.count_request("BREW", "/coffee", 404);
  m.count_commit(3, 1000);
  m.observe_sync(std::chrono::microseconds(300));
  m.set_connections(5, 2);
  auto text = m.text();
  BOOST_TEST(holds(text, R"(dbcord_guild_requests_total{method="GET",route="/channels/{}",status="200"} 2)"), text);
  BOOST_TEST(holds(text, R"(dbcord_guild_requests_total{method="any",route="other",status="404"} 1)"), text);
  BOOST_TEST(holds(text, "dbcord_guild_rate_limited_total 1"));
  BOOST_TEST(holds(text, "dbcord_guild_log_records_total 3"));
  BOOST_TEST(holds(text, "dbcord_guild_log_bytes_total 1000"));
  BOOST_TEST(holds(text, R"(dbcord_guild_connections{kind="gateway"} 2)"));
  BOOST_TEST(holds(text, R"(dbcord_guild_fsync_seconds_bucket{le="0.00025"} 0)"));
  BOOST_TEST(holds(text, R"(dbcord_guild_fsync_seconds_bucket{le="0.0005"} 1)"));
}

BOOST_AUTO_TEST_CASE(what_strangers_make_up_does_not_fill_memory) {
  server_metrics m;
  auto before = m.text().size();
  for (int i = 0; i < 5000; ++i) m.count_request("M" + std::to_string(i), "/made/up" + std::to_string(i), 404);
  BOOST_TEST(m.text().size() < before + 200);
  for (int i = 0; i < 5000; ++i) m.count_request(std::string(static_cast<std::size_t>(i % 1000 + 1), 'X'), "/x", 200);
  BOOST_TEST(m.text().size() < before + 400000);
  BOOST_TEST(m.text().find(R"(method="any",route="other",status="200")") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_server_tells_its_metrics_to_whoever_asks_on_loopback) {
  server_metrics m;
  guild::server_options options;
  options.metrics = &m;
  dbcord::test::server_fixture f(options);
  BOOST_TEST(f.send("POST", "/record", "x")->status == 200);
  auto answer = f.send("GET", "/metrics");
  BOOST_TEST(answer->status == 200);
  BOOST_TEST(holds(answer->body, R"(dbcord_guild_requests_total{method="POST",route="/record",status="200"} 1)"), answer->body);
  BOOST_TEST(holds(answer->body, R"(dbcord_guild_connections{kind="http"} 1)"));
  BOOST_TEST(holds(answer->body, "dbcord_guild_messages 42"));
}

BOOST_AUTO_TEST_CASE(a_server_on_all_addresses_tells_its_metrics_to_this_machine_only) {
  namespace asio = boost::asio;
  server_metrics m;
  guild::server_options options;
  options.metrics = &m;
  options.address = "0.0.0.0";
  dbcord::test::server_fixture f(options);
  BOOST_TEST(f.send("GET", "/metrics")->body.find("dbcord_guild_") != std::string::npos);
  // An address of this machine that is not loopback; nothing is sent to find it out.
  asio::io_context context;
  asio::ip::udp::socket outward(context);
  boost::system::error_code no_network;
  outward.connect({asio::ip::make_address("198.51.100.1"), 9}, no_network);
  auto own = no_network ? asio::ip::address() : outward.local_endpoint().address();
  if (own.is_unspecified() || own.is_loopback()) {
    BOOST_TEST_MESSAGE("NOT TESTED: this machine has no other address");
    return;
  }
  auto request = f.make("GET", "/metrics");
  request.url = "http://" + own.to_string() + ":" + std::to_string(f.server->port()) + "/metrics";
  auto answer = f.world.run(f.client.send(std::move(request), f.soon()));
  BOOST_REQUIRE(answer);
  BOOST_TEST(answer->body == "GET ");  // the core's answer: no such thing here
}

BOOST_AUTO_TEST_SUITE_END()
