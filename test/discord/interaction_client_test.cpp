#include <boost/test/unit_test.hpp>

#include "discord/interaction_client.hpp"
#include "discord/json_read.hpp"
#include "discord/scheduler_fixture.hpp"

namespace dbcord::discord::test {
namespace {

namespace json = boost::json;

struct interaction_fixture : scheduler_fixture {
  interaction_client client{sim.env(), scheduler};
  base::interaction_id id{77};
  base::application_id application{88};

  base::result<void> respond(json::object data, std::vector<file_part> files = {}) {
    return sim.run(
        client.respond(id, "tok", callback_type::message, std::move(data), std::move(files), sim.after(3s)));
  }
  const http_request& sent(std::size_t n = 0) { return net.seen().at(n).request; }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(interaction_answers, interaction_fixture)

BOOST_AUTO_TEST_CASE(a_callback_goes_unauthenticated_on_a_reserved_connection_and_pings_nobody) {
  net.then(answer(204, ""));
  BOOST_TEST(respond({{"content", "hi"}}).has_value());
  BOOST_TEST(sent().url == "http://guild/api/v10/interactions/77/tok/callback");
  BOOST_TEST(sent().reserved);
  for (const auto& h : sent().headers) BOOST_TEST(h.first != "Authorization");
  auto body = parse_object(sent().body);
  BOOST_TEST(integer_at(*body, "type").value() == 4);
  auto* data = object_at(*body, "data");
  BOOST_TEST(string_at(*data, "content") == "hi");
  BOOST_TEST(array_at(*object_at(*data, "allowed_mentions"), "parse")->empty());
}

BOOST_AUTO_TEST_CASE(files_of_a_callback_are_named_in_its_data) {
  net.then(answer(204, ""));
  BOOST_TEST(respond({{"content", "x"}}, {{"rows.json", "[1]"}}).has_value());
  BOOST_TEST(sent().body.find(R"("attachments":[{"id":0,"filename":"rows.json"}])") != std::string::npos);
  BOOST_TEST(sent().body.find("[1]") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_expired_and_an_answered_interaction_are_told_apart) {
  net.then(answer(404, R"({"code":10062,"message":"Unknown interaction"})"));
  BOOST_TEST((respond({}).error().code == interaction_errc::expired));
  net.then(answer(400, R"({"code":40060,"message":"Interaction has already been acknowledged."})"));
  BOOST_TEST((respond({}).error().code == interaction_errc::already_acknowledged));
  BOOST_TEST(net.seen().size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_refused_webhook_token_does_not_end_the_traffic_of_the_bot) {
  net.then(answer(401, R"({"code":50027,"message":"Invalid Webhook Token"})"));
  auto edited = sim.run(client.edit_original(application, "tok", {{"content", "x"}}, {}, sim.after(3s)));
  BOOST_TEST((edited.error().code == interaction_errc::expired));
  BOOST_TEST(send(request_to("1")).has_value());
}

BOOST_AUTO_TEST_CASE(a_callback_in_doubt_is_said_to_be_so_and_not_repeated) {
  net.then(failure(transport_errc::interrupted));
  BOOST_TEST((respond({}).error().code == transport_errc::interrupted));
  BOOST_TEST(net.seen().size() == 1u);
}

BOOST_AUTO_TEST_CASE(an_edit_in_doubt_is_repeated_once) {
  net.then(failure(transport_errc::interrupted));
  net.then(answer(200, R"({"id":"9","content":"x"})"));
  auto edited = sim.run(client.edit_original(application, "tok", {{"content", "x"}}, {}, sim.after(3s)));
  BOOST_REQUIRE(edited.has_value());
  BOOST_TEST(string_at(*edited, "id") == "9");
  BOOST_TEST(sent(0).url == "http://guild/api/v10/webhooks/88/tok/messages/@original");
  BOOST_TEST(sent(0).body == sent(1).body);
}

BOOST_AUTO_TEST_CASE(a_callback_that_cannot_be_sent_in_time_says_so) {
  net.otherwise([](const auto&) { return failure(transport_errc::not_sent); });
  auto e = respond({}).error();
  BOOST_TEST(!is_ambiguous(e));
  BOOST_TEST(e.message.starts_with("Answering the command failed: "), e.message);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace dbcord::discord::test
