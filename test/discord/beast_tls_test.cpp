#include <boost/asio/ssl/stream.hpp>
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <iterator>

#include "discord/beast_fixture.hpp"
#include "discord/self_signed.hpp"

using namespace std::chrono_literals;
using namespace dbcord;
using discord::transport_errc;
using test::is;
using test::tcp;
namespace ssl = boost::asio::ssl;

namespace {

// Answers every request of a TLS connection; quiet when the peer does not like us.
test::script_server::script tls_script(const test::self_signed& identity, std::string body) {
  return [&identity, body](tcp::socket& s) {
    ssl::context context(ssl::context::tls_server);
    context.use_certificate(boost::asio::buffer(identity.certificate), ssl::context::pem);
    context.use_private_key(boost::asio::buffer(identity.key), ssl::context::pem);
    ssl::stream<tcp::socket&> stream(s, context);
    boost::system::error_code ec;
    stream.handshake(ssl::stream_base::server, ec);
    while (!ec && !test::read_request(stream).empty()) test::say(stream, test::ok(body));
  };
}

struct tls_fixture : test::transport_fixture {
  test::self_signed identity = test::make_self_signed("localhost", "127.0.0.1");
  void trust() {
    discord::beast_transport_options options;
    options.extra_authorities = identity.certificate;
    use(options);
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(beast_tls)

BOOST_FIXTURE_TEST_CASE(a_self_signed_server_is_refused_and_sees_no_request, tls_fixture) {
  test::script_server server({tls_script(identity, "secret")});
  auto answer = send(get(server.url("https")));
  BOOST_REQUIRE(!answer);
  BOOST_TEST(is(answer.error(), transport_errc::not_sent));
  BOOST_TEST(answer.error().message.find("its certificate is not trusted: self") != std::string::npos, answer.error().message);
  auto stream = world.run(client->open(server.url("wss"), world.after(5s)));
  BOOST_REQUIRE(!stream);
  BOOST_TEST(is(stream.error(), transport_errc::not_sent));
}

BOOST_FIXTURE_TEST_CASE(an_injected_authority_is_trusted_and_the_connection_used_again, tls_fixture) {
  trust();
  test::script_server server({tls_script(identity, "secret")});
  for (int i = 0; i < 5; ++i) {
    auto answer = send(get(server.url("https")));
    BOOST_REQUIRE_MESSAGE(answer, answer.error().message);
    BOOST_TEST(answer->body == "secret");
  }
  BOOST_TEST(server.accepted() == 1);
  client.reset();
}

BOOST_FIXTURE_TEST_CASE(a_trusted_certificate_for_another_name_is_refused, tls_fixture) {
  identity = test::make_self_signed("elsewhere.example", "127.0.0.2");
  trust();
  test::script_server server({tls_script(identity, "secret")});
  auto answer = send(get(server.url("https")));
  BOOST_REQUIRE(!answer);
  BOOST_TEST(is(answer.error(), transport_errc::not_sent));
}

BOOST_FIXTURE_TEST_CASE(tls_below_1_2_is_refused, tls_fixture) {
  trust();
  test::script_server server({[&](tcp::socket& s) {
    ssl::context context(ssl::context::tls_server);
    SSL_CTX_set_security_level(context.native_handle(), 0);
    SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context.native_handle(), TLS1_1_VERSION);
    context.use_certificate(boost::asio::buffer(identity.certificate), ssl::context::pem);
    context.use_private_key(boost::asio::buffer(identity.key), ssl::context::pem);
    ssl::stream<tcp::socket&> stream(s, context);
    boost::system::error_code ec;
    stream.handshake(ssl::stream_base::server, ec);
  }});
  auto answer = send(get(server.url("https")));
  BOOST_REQUIRE(!answer);
  BOOST_TEST(is(answer.error(), transport_errc::not_sent));
}

BOOST_FIXTURE_TEST_CASE(a_server_that_never_answers_the_handshake_is_given_up_at_the_deadline, tls_fixture) {
  std::promise<void> over;
  test::script_server server({[done = over.get_future().share()](tcp::socket&) { done.wait(); }});
  auto answer = send(get(server.url("https")), 100ms);
  over.set_value();
  BOOST_REQUIRE(!answer);
  BOOST_TEST(is(answer.error(), transport_errc::not_sent));
  BOOST_TEST(answer.error().message.ends_with("the deadline passed"), answer.error().message);
}

BOOST_FIXTURE_TEST_CASE(a_connection_that_ended_while_idle_is_replaced_unnoticed, tls_fixture) {
  trust();
  std::promise<void> closed;
  auto once = [&](tcp::socket& s) {
    ssl::context context(ssl::context::tls_server);
    context.use_certificate(boost::asio::buffer(identity.certificate), ssl::context::pem);
    context.use_private_key(boost::asio::buffer(identity.key), ssl::context::pem);
    ssl::stream<tcp::socket&> stream(s, context);
    stream.handshake(ssl::stream_base::server);
    test::read_request(stream);
    test::say(stream, test::ok("first"));
    SSL_shutdown(stream.native_handle());
    boost::system::error_code ignored;
    stream.next_layer().shutdown(tcp::socket::shutdown_send, ignored);
    closed.set_value();
    char c;
    s.read_some(boost::asio::buffer(&c, 1), ignored);
  };
  test::script_server server({once, tls_script(identity, "second")});
  BOOST_TEST(send(get(server.url("https")))->body == "first");
  closed.get_future().wait();
  auto answer = send(get(server.url("https")));
  BOOST_REQUIRE_MESSAGE(answer, answer.error().message);
  BOOST_TEST(answer->body == "second");
  client.reset();
}

BOOST_AUTO_TEST_SUITE_END()
