#include <zlib.h>
#include <zstd.h>

#include <boost/test/unit_test.hpp>

#include "guild/server_fixture.hpp"

using namespace std::chrono_literals;
using namespace dbcord;
using dbcord::test::server_fixture;

namespace {

int code_of_close(const discord::stream_event& e) { return std::get<discord::stream_closed>(e).code; }

class inflater {
 public:
  inflater() { inflateInit(&z_); }
  ~inflater() { inflateEnd(&z_); }
  std::string operator()(std::string data) {
    std::string out(1 << 16, '\0');
    z_.next_in = reinterpret_cast<Bytef*>(data.data());
    z_.avail_in = static_cast<uInt>(data.size());
    z_.next_out = reinterpret_cast<Bytef*>(out.data());
    z_.avail_out = static_cast<uInt>(out.size());
    BOOST_REQUIRE_EQUAL(inflate(&z_, Z_SYNC_FLUSH), Z_OK);
    out.resize(out.size() - z_.avail_out);
    return out;
  }

 private:
  z_stream z_{};
};

class unzstd {
 public:
  ~unzstd() { ZSTD_freeDCtx(context_); }
  std::string operator()(std::string_view data) {
    std::string out(1 << 16, '\0');
    ZSTD_inBuffer from{data.data(), data.size(), 0};
    ZSTD_outBuffer to{out.data(), out.size(), 0};
    while (from.pos < from.size) {
      auto left = ZSTD_decompressStream(context_, &to, &from);
      BOOST_REQUIRE(!ZSTD_isError(left));
      BOOST_TEST(left != 0u);  // 0 would be the end of the frame
    }
    out.resize(to.pos);
    return out;
  }

 private:
  ZSTD_DCtx* context_ = ZSTD_createDCtx();
};

}  // namespace

BOOST_AUTO_TEST_SUITE(server_gateway)

BOOST_FIXTURE_TEST_CASE(upgrades_on_root_and_gateway_only, server_fixture) {
  BOOST_TEST(text(*connect("/?v=10&encoding=json")) == "hello v=10&encoding=json");
  BOOST_TEST(text(*connect("/gateway")) == "hello ");
  auto elsewhere = world.run(client.open(base_url("ws") + "/api/v10/users/@me", soon()));
  BOOST_REQUIRE(!elsewhere);
  BOOST_TEST(elsewhere.error().message.find("404") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(carries_messages_both_ways, server_fixture) {
  auto stream = connect();
  text(*stream);
  for (int i = 0; i < 100; ++i) {
    BOOST_REQUIRE(world.run(stream->send(std::to_string(i))));
    BOOST_TEST(text(*stream) == "echo " + std::to_string(i));
  }
}

BOOST_FIXTURE_TEST_CASE(the_cores_close_code_arrives_after_the_frames_before_it, server_fixture) {
  auto stream = connect();
  text(*stream);
  BOOST_REQUIRE(world.run(stream->send("close me")));
  BOOST_TEST(text(*stream) == "last words");
  BOOST_TEST(code_of_close(next(*stream)) == 4004);
}

BOOST_FIXTURE_TEST_CASE(the_core_learns_the_peers_close_code_or_that_it_vanished, server_fixture) {
  std::promise<int> closed, vanished;
  core.on_disconnect = [&](int code) { closed.set_value(code); };
  auto stream = connect();
  text(*stream);
  world.run(stream->close(4200, "later"));
  BOOST_TEST(closed.get_future().get() == 4200);
  core.on_disconnect = [&](int code) { vanished.set_value(code); };
  stream = connect();
  text(*stream);
  stream.reset();
  BOOST_TEST(vanished.get_future().get() == 1006);
}

BOOST_AUTO_TEST_CASE(a_peer_that_does_not_read_is_closed_and_the_rest_goes_on) {
  guild::server_options options;
  options.gateway_queue_bytes = 8 << 20;
  server_fixture f(options);
  std::promise<int> gone;
  f.core.on_disconnect = [&](int code) { gone.set_value(code); };
  auto stream = f.connect();
  BOOST_REQUIRE(f.world.run(stream->send("flood")));
  BOOST_TEST(gone.get_future().get() == 1006);
  BOOST_TEST(f.send("GET", "/x")->status == 200);
}

BOOST_FIXTURE_TEST_CASE(zlib_stream_is_one_stream_for_all_messages, server_fixture) {
  auto stream = connect("/?v=10&encoding=json&compress=zlib-stream");
  inflater inflate;
  BOOST_TEST(inflate(text(*stream)) == "hello v=10&encoding=json&compress=zlib-stream");
  for (int i = 0; i < 3; ++i) {
    std::string message(20000, static_cast<char>('a' + i));
    BOOST_REQUIRE(world.run(stream->send(message)));
    auto frame = std::get<discord::stream_frame>(next(*stream));
    BOOST_TEST(frame.binary);
    BOOST_TEST(frame.data.ends_with(std::string_view("\0\0\xff\xff", 4)));
    BOOST_TEST(inflate(frame.data) == "echo " + message);
  }
}

BOOST_FIXTURE_TEST_CASE(zstd_stream_is_one_frame_for_all_messages, server_fixture) {
  auto stream = connect("/?v=10&encoding=json&compress=zstd-stream");
  unzstd decode;
  BOOST_TEST(decode(text(*stream)) == "hello v=10&encoding=json&compress=zstd-stream");
  for (int i = 0; i < 3; ++i) {
    std::string message(20000, static_cast<char>('a' + i));
    BOOST_REQUIRE(world.run(stream->send(message)));
    auto frame = std::get<discord::stream_frame>(next(*stream));
    BOOST_TEST(frame.binary);
    BOOST_TEST(frame.data.size() < 1000u);
    BOOST_TEST(decode(frame.data) == "echo " + message);
  }
}

BOOST_FIXTURE_TEST_CASE(a_compression_that_is_not_known_is_none, server_fixture) {
  auto stream = connect("/?v=10&encoding=json&compress=lz4-stream");
  BOOST_TEST(text(*stream) == "hello v=10&encoding=json&compress=lz4-stream");
}

BOOST_FIXTURE_TEST_CASE(ticks_come_when_the_core_wants_them, server_fixture) {
  core.next_tick_at = world.env().clock.wall_now() + 50ms;  // seen when the connection opens
  auto stream = connect();
  BOOST_TEST(text(*stream).starts_with("hello"));
  BOOST_TEST(text(*stream) == "tick");
}

BOOST_FIXTURE_TEST_CASE(stopping_closes_gateway_connections_with_1001, server_fixture) {
  auto stream = connect();
  text(*stream);
  auto last = boost::asio::co_spawn(world.env().make_strand(), stream->receive(), boost::asio::use_future);
  stop();
  BOOST_TEST(code_of_close(last.get()) == 1001);
}

BOOST_AUTO_TEST_SUITE_END()
