// What is sent and how answers are judged, where the guild's core cannot be made to answer so.

#include <boost/test/unit_test.hpp>

#include "discord/json_read.hpp"
#include "discord/rest_message_store.hpp"
#include "discord/scheduler_fixture.hpp"

namespace dbcord::discord::test {
namespace {

using database::store_errc;

struct store_fixture : scheduler_fixture {
  rest_message_store store{sim.env(), scheduler, {base::guild_id{1}, base::user_id{2}}};

  base::result<database::dated<database::stored_message>> post(database::new_message m) {
    database::call_options o{database::priority::commit, sim.after(1min)};
    return sim.run(store.post(base::channel_id{5}, std::move(m), o));
  }
  static database::new_message message() {
    database::new_message m;
    m.content = "hello";
    m.nonce = "abc";
    return m;
  }
  static std::string echo(std::string content, std::string attachments = "[]") {
    return R"({"id":"10","channel_id":"5","author":{"id":"2"},"content":")" + content +
           R"(","attachments":)" + attachments + "}";
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(message_store_by_script, store_fixture)

BOOST_AUTO_TEST_CASE(a_message_pings_nobody_and_cannot_be_stored_twice) {
  net.then(answer(200, echo("hello")));
  BOOST_TEST(post(message()).has_value());
  auto sent = parse_object(net.seen().at(0).request.body);
  BOOST_REQUIRE(sent.has_value());
  BOOST_TEST(string_at(*sent, "nonce") == "abc");
  BOOST_TEST(bool_at(*sent, "enforce_nonce"));
  BOOST_TEST(integer_at(*sent, "flags").value() == 4100);
  BOOST_TEST(array_at(*object_at(*sent, "allowed_mentions"), "parse")->empty());
}

BOOST_AUTO_TEST_CASE(an_altered_echo_is_refused_content) {
  net.then(answer(200, echo("hell")));
  auto posted = post(message());
  BOOST_TEST((posted.error().code == store_errc::content_refused));
  BOOST_TEST(posted.error().detail == "altered");
  auto m = message();
  m.attachments.push_back({"a.bin", "12345"});
  for (const char* list : {"[]", R"([{"id":"1","size":4,"url":"u"}])",
                           R"([{"id":"1","size":5,"url":"u"},{"id":"2","size":5,"url":"u"}])"}) {
    net.then(answer(200, echo("hello", list)));
    BOOST_TEST((post(m).error().code == store_errc::content_refused));
  }
  net.then(answer(200, echo("hello", R"([{"id":"1","size":5,"url":"u"}])")));
  BOOST_TEST(post(m).has_value());
}

BOOST_AUTO_TEST_CASE(the_second_sending_repeats_the_first_byte_by_byte) {
  net.then(answer(502));
  net.then(answer(200, echo("hello")));
  auto m = message();
  BOOST_TEST(post(m).has_value());
  BOOST_REQUIRE(net.seen().size() == 2u);
  BOOST_TEST(net.seen()[0].request.body == net.seen()[1].request.body);
}

BOOST_AUTO_TEST_CASE(a_refusal_of_the_second_sending_says_nothing_of_the_first) {
  for (int status : {400, 403, 404, 500}) {
    net.then(failure(transport_errc::interrupted));
    net.then(answer(status, R"({"code":10008,"message":"Unknown Message"})"));
    BOOST_TEST((post(message()).error().code == store_errc::unknown), status);
  }
  net.then(failure(transport_errc::interrupted));
  net.then(answer(401));
  BOOST_TEST((post(message()).error().code == store_errc::unknown));
}

BOOST_AUTO_TEST_CASE(an_answer_that_cannot_be_read_is_in_doubt) {
  net.then(answer(200, "<html>"));
  net.then(answer(200, R"({"id":"10"})"));
  BOOST_TEST((post(message()).error().code == store_errc::unknown));
  BOOST_TEST(net.seen().size() == 2u);
}

BOOST_AUTO_TEST_CASE(discords_codes_become_outcomes_with_one_sentence) {
  struct expectation {
    int status;
    const char* body;
    store_errc outcome;
  };
  for (auto [status, body, outcome] : std::vector<expectation>{
           {403, R"({"code":50013,"message":"Missing Permissions"})", store_errc::forbidden},
           {403, R"({"code":50001,"message":"Missing Access"})", store_errc::forbidden},
           {404, R"({"code":10003,"message":"Unknown Channel"})", store_errc::not_found},
           {400, R"({"code":200000,"message":"Blocked"})", store_errc::content_refused},
           {400, R"({"code":240000,"message":"Blocked"})", store_errc::content_refused},
           {413, R"({"code":40005,"message":"Request entity too large"})", store_errc::content_refused},
           {403, R"({"code":400001,"message":"File uploads limited"})", store_errc::content_refused},
           {400, R"({"code":30013,"message":"Maximum number of guild channels reached"})",
            store_errc::channel_limit},
           {400,
            R"({"code":50035,"errors":{"parent_id":{"_errors":[{"code":"CHANNEL_PARENT_MAX_CHANNELS"}]}}})",
            store_errc::channel_limit},
           {400, R"({"code":50035,"errors":{"content":{"_errors":[{"code":"BASE_TYPE_MAX_LENGTH"}]}}})",
            store_errc::content_refused},
           {400, R"({"code":50035,"errors":{"nonce":{"_errors":[{"code":"X"}]}}})", store_errc::not_done},
           {403, "<html>Cloudflare</html>", store_errc::forbidden},
           {405, "", store_errc::not_done}}) {
    net.then(answer(status, body));
    auto posted = post(message());
    BOOST_REQUIRE(posted.has_error());
    BOOST_TEST((posted.error().code == outcome), body);
    BOOST_TEST(posted.error().message.starts_with("Writing the message failed: "));
    BOOST_TEST(posted.error().message.ends_with("."));
    BOOST_TEST(posted.error().detail.find(std::to_string(status)) != std::string::npos);
  }
  BOOST_TEST(net.seen().size() == 13u);  // none was repeated
}

BOOST_AUTO_TEST_CASE(what_search_answers_is_read_or_refused_whole) {
  database::call_options o{database::priority::read, sim.after(1min)};
  auto search = [&] { return sim.run(store.search({base::channel_id{5}, "abcdefghij", base::message_id{99}, 25}, o)); };
  net.then(answer(202, R"({"message":"Index not yet available. Try again later","code":110000,"documents_indexed":0,"retry_after":2})"));
  BOOST_TEST(!search()->ready);
  auto url = net.seen()[0].request.url;
  BOOST_TEST(url.ends_with("/guilds/1/messages/search?content=abcdefghij&channel_id=5&limit=25&max_id=99&offset=25"), url);
  net.then(answer(200, R"({"doing_deep_historical_index":true,"total_results":7,"messages":[[)" + echo("a") + "],[" + echo("b") + "]]}"));
  auto page = search();
  BOOST_REQUIRE(page.has_value());
  BOOST_TEST((page->ready && page->still_indexing && page->total == 7u && page->hits.size() == 2u));
  for (std::string bad : {R"({"total_results":1})", R"({"messages":[]})", R"({"messages":[],"total_results":-1})", R"({"messages":[{}],"total_results":1})",
                          R"({"messages":[[{}]],"total_results":1})", "[]", "x"}) {
    net.then(answer(200, bad));
    BOOST_TEST((search().error().code == store_errc::not_done), bad);
  }
  net.then(answer(403, R"({"code":50001,"message":"Missing Access"})"));
  BOOST_TEST((search().error().code == store_errc::forbidden));
}

BOOST_AUTO_TEST_CASE(attachments_are_fetched_without_the_token_and_only_whole) {
  database::attachment_info a{base::attachment_id{1}, "a.bin", 5, "https://cdn.example/a.bin?ex=1"};
  database::call_options o{database::priority::read, sim.after(1min)};
  net.then(answer(200, "12345"));
  BOOST_TEST(sim.run(store.download(a, o)).value() == "12345");
  BOOST_TEST(net.seen()[0].request.url == a.url);
  for (const auto& h : net.seen()[0].request.headers) BOOST_TEST(h.first != "Authorization");
  net.then(answer(200, "1234"));
  BOOST_TEST((sim.run(store.download(a, o)).error().code == store_errc::not_done));
  net.then(answer(404, "This content is no longer available."));
  BOOST_TEST((sim.run(store.download(a, o)).error().code == store_errc::not_found));
  a.url = "/users/@me";
  BOOST_TEST(sim.run(store.download(a, o)).has_error());
  BOOST_TEST(net.seen().size() == 3u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace dbcord::discord::test
