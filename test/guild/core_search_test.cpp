// Guild search: when messages are found, what filters mean, what is refused.

#include <boost/test/unit_test.hpp>

#include "guild/guild_fixture.hpp"
#include "guild/permissions.hpp"

namespace dbcord::guild::test {
namespace {

struct search_fixture : guild_fixture {
  explicit search_fixture(core_options options = default_options()) : guild_fixture(std::move(options)) {}

  answer search(std::string query) { return bot("GET", path(std::move(query))); }
  std::string path(std::string query) const {
    return "/guilds/" + guild_id() + "/messages/search?" + std::move(query);
  }
  // The index is there and everything written is in it.
  void index_all() {
    search("content=x");
    advance(seconds(10));
  }
  std::vector<std::string> found(const std::string& query) {
    auto a = search(query);
    BOOST_REQUIRE_MESSAGE(a.status == 200, a.text);
    std::vector<std::string> contents;
    for (auto& group : a.at("messages").as_array()) contents.emplace_back(at(group, "0.content").as_string());
    return contents;
  }
  std::string make_channel(const char* name) {
    return bot("POST", "/guilds/" + guild_id() + "/channels", {{"name", name}}).id();
  }
  answer say(const std::string& channel, std::string_view content) {
    return bot("POST", "/channels/" + channel + "/messages", {{"content", content}});
  }
};

using texts = std::vector<std::string>;

BOOST_FIXTURE_TEST_SUITE(core_search, search_fixture)

BOOST_AUTO_TEST_CASE(the_first_search_is_told_to_wait_for_the_index) {
  post("find the needle");
  auto first = search("content=needle");
  BOOST_TEST(first.status == 202);
  BOOST_TEST(first.code() == 110000);
  BOOST_TEST(first.at("documents_indexed").as_int64() == 0);
  BOOST_TEST(first.at("retry_after").as_int64() >= 1);
  BOOST_TEST(!has(first.body, "messages"));
  advance(seconds(first.at("retry_after").as_int64()));
  auto second = search("content=NEEDLE");
  BOOST_REQUIRE_EQUAL(second.status, 200);
  BOOST_TEST(second.at("total_results").as_int64() == 1);
  BOOST_TEST(second.at("doing_deep_historical_index").as_bool() == false);
  BOOST_TEST(second.str("messages.0.0.content") == "find the needle");
  BOOST_TEST(second.at("messages.0.0.hit").as_bool());
  BOOST_TEST(second.at("messages.0").as_array().size() == 1u);
}

BOOST_AUTO_TEST_CASE(what_is_written_later_is_found_after_the_delay) {
  index_all();
  post("late news");
  BOOST_TEST(found("content=late").empty());
  advance(options.search_delay - milliseconds(1));
  BOOST_TEST(found("content=late").empty());
  advance(milliseconds(1));
  BOOST_TEST(found("content=late").size() == 1u);
}

BOOST_AUTO_TEST_CASE(edits_enter_late_and_deletions_leave_at_once) {
  auto id = post("first words").id();
  index_all();
  bot("PATCH", channel_path() + "/messages/" + id, {{"content", "second thoughts"}});
  BOOST_TEST(found("content=second").empty());
  advance(options.search_delay);
  BOOST_TEST(found("content=second").size() == 1u);
  BOOST_TEST(found("content=first").empty());
  bot("DELETE", channel_path() + "/messages/" + id);
  BOOST_TEST(found("content=second").empty());
}

BOOST_AUTO_TEST_CASE(a_deleted_channel_is_found_no_more) {
  auto other = make_channel("other");
  say(other, "word");
  index_all();
  BOOST_TEST(found("content=word").size() == 1u);
  bot("DELETE", "/channels/" + other);
  BOOST_TEST(found("content=word").empty());
}

BOOST_AUTO_TEST_CASE(words_are_a_phrase_with_slop) {
  post("red fox");
  post("red quick brown fox");
  post("fox red");
  index_all();
  BOOST_TEST(found("content=red%20fox") == (texts{"red quick brown fox", "red fox"}));
  BOOST_TEST(found("content=red%20fox&slop=0") == (texts{"red fox"}));
  BOOST_TEST(search("content=red%20fox&slop=0").at("total_results").as_int64() == 1);
  BOOST_TEST(found("content=re").empty());
}

BOOST_AUTO_TEST_CASE(results_page_by_offset_and_by_id) {
  texts ids;
  for (int i = 0; i < 30; ++i) ids.push_back(post("word").id()), advance(milliseconds(5));
  index_all();
  auto page = search("content=word");
  BOOST_TEST(page.at("messages").as_array().size() == 25u);
  BOOST_TEST(page.at("total_results").as_int64() == 30);
  BOOST_TEST(page.str("messages.0.0.id") == ids[29]);
  BOOST_TEST(search("content=word&offset=25").at("messages").as_array().size() == 5u);
  auto upward = search("content=word&sort_order=asc&limit=2&min_id=" + ids[3]);
  BOOST_TEST(upward.str("messages.0.0.id") == ids[4]);
  BOOST_TEST(upward.at("total_results").as_int64() == 26);
  BOOST_TEST(search("content=word&max_id=" + ids[3]).str("messages.0.0.id") == ids[2]);
  BOOST_TEST(search("content=word&offset=9975").at("messages").as_array().empty());
}

BOOST_AUTO_TEST_CASE(filters_name_channels_authors_and_things) {
  auto other = make_channel("other");
  say(other, "alpha here");
  owner("POST", channel_path() + "/messages", {{"content", "alpha of a person <@" + application_id() + ">"}});
  post("alpha https://example.com/x");
  bot("POST", channel_path() + "/messages", {{"content", "alpha embed"}, {"embeds", {{{"title", "t"}}}}});
  upload("POST", channel_path() + "/messages", {{"content", "alpha file"}}, {{"a.png", "bytes"}},
         bot_header());
  auto pinned = post("alpha pinned").id();
  bot("PUT", channel_path() + "/messages/pins/" + pinned);
  index_all();
  auto person = owner("GET", "/users/@me").id();
  BOOST_TEST(found("content=alpha").size() == 6u);
  BOOST_TEST(found("channel_id=" + other) == (texts{"alpha here"}));
  BOOST_TEST(found("content=alpha&channel_id=" + other + "&channel_id=" + channel_id()).size() == 6u);
  BOOST_TEST(found("content=alpha&author_id=" + person).size() == 1u);
  BOOST_TEST(found("content=alpha&author_type=user").size() == 1u);
  BOOST_TEST(found("content=alpha&author_type=-user").size() == 5u);
  BOOST_TEST(found("mentions=" + application_id()).size() == 1u);
  BOOST_TEST(found("has=link") == (texts{"alpha https://example.com/x"}));
  BOOST_TEST(found("link_hostname=example.com").size() == 1u);
  BOOST_TEST(found("has=embed") == (texts{"alpha embed"}));
  BOOST_TEST(found("has=image") == (texts{"alpha file"}));
  BOOST_TEST(found("has=image&has=embed").size() == 2u);
  BOOST_TEST(found("has=video").empty());
  BOOST_TEST(found("has=poll").empty());
  BOOST_TEST(found("attachment_extension=png").size() == 1u);
  BOOST_TEST(found("attachment_filename=b.png").empty());
  BOOST_TEST(found("content=alpha&has=-file&has=-link").size() == 4u);
  BOOST_TEST(found("pinned=true") == (texts{"alpha pinned"}));
  BOOST_TEST(found("content=alpha&pinned=false").size() == 5u);
}

BOOST_AUTO_TEST_CASE(threads_are_searched_and_named) {
  auto thread = bot("POST", channel_path() + "/threads", {{"name", "t"}, {"type", 11}}).id();
  say(thread, "inside");
  index_all();
  auto a = search("content=inside");
  BOOST_TEST(a.str("messages.0.0.channel_id") == thread);
  BOOST_TEST(a.str("threads.0.id") == thread);
  BOOST_TEST(a.str("members.0.user_id") == application_id());
}

BOOST_AUTO_TEST_CASE(relevance_goes_before_age_if_asked_for) {
  post("apple apple");
  post("a long sentence with one apple in it");
  index_all();
  BOOST_TEST(found("content=apple&sort_by=relevance").front() == "apple apple");
  BOOST_TEST(found("content=apple").front() != "apple apple");
}

BOOST_AUTO_TEST_CASE(hits_show_no_reactions) {
  auto id = post("liked").id();
  bot("PUT", channel_path() + "/messages/" + id + "/reactions/%F0%9F%91%8D/@me");
  index_all();
  auto a = search("content=liked");
  BOOST_TEST(has(a.body, "messages.0.0.content"));
  BOOST_TEST(!has(a.body, "messages.0.0.reactions"));
}

BOOST_AUTO_TEST_CASE(senseless_parameters_are_refused) {
  for (auto query : {"limit=0", "limit=26", "offset=9976", "slop=101", "sort_by=age", "sort_order=up",
                     "has=hands", "author_type=cat", "channel_id=x", "min_id=x", "content=%FF"}) {
    BOOST_TEST(search(query).code() == 50035, query);
  }
  BOOST_TEST(search("content=" + std::string(1025, 'a')).code() == 50035);
  std::string many;
  for (int i = 0; i < 501; ++i) many += "&channel_id=" + std::to_string(i);
  BOOST_TEST(search(many).code() == 50035);
  BOOST_TEST(bot("GET", "/guilds/1/messages/search").code() == 10004);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_read_is_not_found) {
  auto options = default_options();
  options.bot_permissions = 0;
  search_fixture weak(options);
  weak.post("secret");
  weak.index_all();
  BOOST_TEST(weak.found("content=secret").size() == 1u);
  auto deny = std::to_string(permission::read_message_history);
  weak.owner("PUT", weak.channel_path() + "/permissions/" + weak.application_id(),
             {{"type", 1}, {"allow", "0"}, {"deny", deny}});
  BOOST_TEST(weak.found("content=secret").empty());
  BOOST_TEST(weak.found("channel_id=" + weak.channel_id()).empty());
  BOOST_TEST(weak.owner("GET", weak.path("content=secret")).at("total_results").as_int64() == 1);
}

BOOST_AUTO_TEST_CASE(a_bot_without_the_message_content_privilege_cannot_search) {
  auto options = default_options();
  options.message_content_intent = false;
  search_fixture g(options);
  BOOST_TEST(g.search("content=x").code() == 50001);
}

BOOST_AUTO_TEST_CASE(age_restricted_channels_are_left_out_unless_asked_for) {
  bot("PATCH", channel_path(), {{"nsfw", true}});
  post("hidden");
  index_all();
  BOOST_TEST(found("content=hidden").empty());
  BOOST_TEST(found("content=hidden&include_nsfw=true").size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_large_past_is_searched_before_it_is_indexed_whole) {
  for (int i = 0; i < 12'000; ++i) post("old");
  auto wait = search("content=old").at("retry_after").as_int64();
  BOOST_TEST(wait >= 1);
  advance(milliseconds(101));
  auto a = search("content=old");
  BOOST_REQUIRE_EQUAL(a.status, 200);
  BOOST_TEST(a.at("doing_deep_historical_index").as_bool());
  BOOST_TEST(a.at("total_results").as_int64() < 12'000);
  advance(seconds(1));
  a = search("content=old");
  BOOST_TEST(!a.at("doing_deep_historical_index").as_bool());
  BOOST_TEST(a.at("total_results").as_int64() == 12'000);
}

BOOST_AUTO_TEST_CASE(a_phrase_of_common_words_looks_at_so_many_messages_only_and_shows_none_that_it_did_not_look_at) {
  for (int i = 0; i < 6000; ++i) post(i < 500 ? "red fox" : "fox red");
  index_all();
  BOOST_TEST(search("content=red").at("total_results").as_int64() == 6000);
  // The newest 4000 are none; what lies behind them counts, since nobody has looked.
  auto a = search("content=red%20fox&slop=0");
  BOOST_TEST(a.at("total_results").as_int64() == 2000);
  BOOST_TEST(a.at("messages").as_array().empty());
  auto oldest = search("content=red%20fox&slop=0&sort_order=asc");
  BOOST_TEST(oldest.at("messages").as_array().size() == 25u);
  BOOST_TEST(found("content=red%20fox&slop=0&sort_order=asc&offset=490").size() == 10u);
}

BOOST_AUTO_TEST_CASE(misses_on_request_are_the_same_each_time) {
  auto options = default_options();
  options.search_misses_per_million = 500'000;
  search_fixture g(options);
  for (int i = 0; i < 200; ++i) g.post("word");
  g.index_all();
  auto total = g.search("content=word").at("total_results").as_int64();
  BOOST_TEST(total > 50);
  BOOST_TEST(total < 150);
  g.restart();
  g.index_all();
  BOOST_TEST(g.search("content=word").at("total_results").as_int64() == total);
}

BOOST_AUTO_TEST_CASE(searching_has_a_limit_of_its_own) {
  auto options = default_options();
  options.rate_limits = true;
  search_fixture g(options);
  BOOST_TEST(g.search("content=x").status == 202);
  auto refused = g.search("content=x");
  BOOST_TEST(refused.status == 429);
  BOOST_TEST(has(refused.body, "retry_after"));
  g.advance(seconds(1));
  BOOST_TEST(g.search("content=x").status == 200);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace dbcord::guild::test
