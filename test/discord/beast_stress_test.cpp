#include <boost/test/unit_test.hpp>

#include "guild/server_fixture.hpp"

using namespace std::chrono_literals;
using namespace dbcord;

namespace {

struct tally {
  std::atomic<int> answered = 0, not_sent = 0, interrupted = 0, other = 0;

  void count(const base::result<discord::http_response>& r) {
    using discord::transport_errc;
    if (r) ++(r->status == 200 ? answered : other);
    else if (r.error().code == make_error_code(transport_errc::not_sent)) ++not_sent;
    else if (r.error().code == make_error_code(transport_errc::interrupted)) ++interrupted;
    else ++other;
  }
};

actor::task<void> hurry(discord::beast_transport& client, test::real_environment& world, std::string url, tally& results) {
  for (int i = 0; i < 60; ++i) {
    discord::http_request request;
    request.method = "POST";
    request.url = url;
    request.body.assign(world.random.below(100000), 'x');
    request.reserved = world.random.below(4) == 0;
    auto patience = std::chrono::microseconds(world.random.below(3) == 0 ? world.random.below(3000) : 20000000);
    results.count(co_await client.send(std::move(request), world.after(patience)));
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(beast_stress)

// Deadlines that strike at every point of an exchange, from several threads: every request ends in exactly one of three
// ways, and no connection is lost to the pool.
BOOST_AUTO_TEST_CASE(many_threads_and_deadlines_leak_no_connection) {
  test::server_fixture server;
  test::real_environment world(4);
  discord::beast_transport_options options;
  options.connections = 4;
  discord::beast_transport client(world.env(), options);
  tally results;
  std::vector<std::future<void>> running;
  for (int i = 0; i < 32; ++i) {
    auto work = hurry(client, world, server.base_url("http") + "/x", results);
    running.push_back(boost::asio::co_spawn(world.env().make_strand(), std::move(work), boost::asio::use_future));
  }
  for (auto& r : running) r.get();
  BOOST_TEST(results.other == 0);
  BOOST_TEST(results.answered + results.not_sent + results.interrupted == 32 * 60);
  BOOST_TEST(results.answered >= 32 * 60 / 2);
  BOOST_TEST_MESSAGE("answered " << results.answered << ", not sent " << results.not_sent << ", interrupted " << results.interrupted);

  // All four connections can still be used at once: the server holds their answers until all have arrived.
  server.store.hold();
  std::vector<std::future<base::result<discord::http_response>>> together;
  for (int i = 0; i < 4; ++i) {
    auto work = client.send(server.make("POST", "/record", "x"), world.after(20s));
    together.push_back(boost::asio::co_spawn(world.env().make_strand(), std::move(work), boost::asio::use_future));
  }
  server.store.wait_for_commit(1);
  server.store.let_go();
  for (auto& t : together) BOOST_TEST(t.get()->status == 200);
  world.leave();
}

BOOST_AUTO_TEST_SUITE_END()
