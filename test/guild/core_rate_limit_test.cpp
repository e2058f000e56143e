// Rate limits: windows, keys, headers, hidden limits, exemptions.

#include <boost/test/unit_test.hpp>

#include "guild/core_interaction_fixture.hpp"
#include "guild/rate_limits.hpp"

namespace dbcord::guild::test {
namespace {

struct limited_fixture : guild_fixture {
  limited_fixture() : guild_fixture(core_options{}) {}

  std::string messages() const { return channel_path() + "/messages"; }
  answer patch_channel(const json::value& body) { return bot("PATCH", channel_path(), body); }
};

BOOST_FIXTURE_TEST_SUITE(core_rate_limit, limited_fixture)

BOOST_AUTO_TEST_CASE(a_window_begins_at_its_first_request) {
  auto first = post("1");
  BOOST_TEST(first.header("X-RateLimit-Limit").value() == "5");
  BOOST_TEST(first.header("X-RateLimit-Remaining").value() == "4");
  BOOST_TEST(first.header("X-RateLimit-Reset-After").value() == "5.000");
  BOOST_TEST(first.header("X-RateLimit-Reset").value() == "1790000005.000");
  advance(milliseconds(4250));
  for (int i = 2; i <= 5; ++i) BOOST_TEST(post("x").status == 200);
  auto refused = post("6");
  BOOST_TEST(refused.status == 429);
  advance(milliseconds(749));
  BOOST_TEST(post("x").status == 429);
  advance(milliseconds(1));
  BOOST_TEST(post("x").header("X-RateLimit-Remaining").value() == "4");
}

BOOST_AUTO_TEST_CASE(a_refusal_says_how_long_and_whose) {
  for (int i = 0; i < 5; ++i) post("x");
  advance(milliseconds(4339));
  auto refused = post("x");
  BOOST_TEST(refused.status == 429);
  BOOST_TEST(refused.text ==
             R"({"message":"You are being rate limited.","retry_after":0.661,"global":false})");
  BOOST_TEST(refused.header("Retry-After").value() == "1");
  BOOST_TEST(refused.header("X-RateLimit-Scope").value() == "user");
  BOOST_TEST(refused.header("X-RateLimit-Remaining").value() == "0");
  BOOST_TEST(refused.header("X-RateLimit-Reset-After").value() == "0.661");
  BOOST_TEST(refused.header("Via").value() == "1.1 google");
  BOOST_TEST(!refused.header("X-RateLimit-Global").has_value());
  BOOST_TEST(owner("GET", messages()).body.as_array().size() == 5u);
}

BOOST_AUTO_TEST_CASE(each_channel_counts_for_itself_under_one_bucket_name) {
  auto other = owner("POST", "/guilds/" + guild_id() + "/channels", {{"name", "a"}}).id();
  auto here = post("x");
  auto there = bot("POST", "/channels/" + other + "/messages", {{"content", "x"}});
  BOOST_TEST(there.header("X-RateLimit-Remaining").value() == "4");
  BOOST_TEST(there.header("X-RateLimit-Bucket").value() == here.header("X-RateLimit-Bucket").value());
}

BOOST_AUTO_TEST_CASE(create_and_edit_share_a_name_but_not_a_count) {
  auto made = post("x");
  auto edited = bot("PATCH", messages() + "/" + made.id(), {{"content", "y"}});
  BOOST_TEST(edited.header("X-RateLimit-Bucket").value() == made.header("X-RateLimit-Bucket").value());
  BOOST_TEST(edited.header("X-RateLimit-Remaining").value() == "4");
  auto listed = bot("GET", messages());
  BOOST_TEST(listed.header("X-RateLimit-Bucket").value() != made.header("X-RateLimit-Bucket").value());
}

BOOST_AUTO_TEST_CASE(errors_count_and_carry_headers_too) {
  auto failed = post("");
  BOOST_TEST(failed.status == 400);
  BOOST_TEST(failed.header("X-RateLimit-Remaining").value() == "4");
  auto missing = bot("DELETE", messages() + "/5");
  BOOST_TEST(missing.status == 404);
  BOOST_TEST(missing.header("X-RateLimit-Limit").value() == "5");
  BOOST_TEST(missing.header("X-RateLimit-Reset-After").value() == "1.000");
}

BOOST_AUTO_TEST_CASE(bulk_delete_is_limited_by_guild) {
  auto other = owner("POST", "/guilds/" + guild_id() + "/channels", {{"name", "a"}}).id();
  json::value ids{{"messages", {"5", "6"}}};
  bot("POST", messages() + "/bulk-delete", ids);
  BOOST_TEST(bot("POST", "/channels/" + other + "/messages/bulk-delete", ids).status == 429);
}

BOOST_AUTO_TEST_CASE(deleting_has_three_limits_by_the_age_of_the_message) {
  std::vector<std::string> ids;
  for (int i = 0; i < 12; ++i) {
    ids.push_back(owner("POST", messages(), {{"content", "x"}}).id());
  }
  auto remove = [&] {
    auto id = ids.back();
    auto done = bot("DELETE", messages() + "/" + id);
    if (done.status == 204) ids.pop_back();
    return done;
  };
  auto young = remove();
  BOOST_TEST(young.header("X-RateLimit-Limit").value() == "5");
  auto missing = bot("DELETE", messages() + "/1");
  BOOST_TEST(missing.header("X-RateLimit-Bucket").value() == young.header("X-RateLimit-Bucket").value());
  advance(seconds(10));
  auto settled = remove();
  BOOST_TEST(settled.header("X-RateLimit-Limit").value() == "3");
  BOOST_TEST(settled.header("X-RateLimit-Bucket").value() != young.header("X-RateLimit-Bucket").value());
  remove(), remove();
  BOOST_TEST(remove().status == 429);
  advance(milliseconds(333));
  BOOST_TEST(remove().status == 204);
  advance(hours(24 * 14 + 1));
  auto old = remove();
  BOOST_TEST(old.header("X-RateLimit-Limit").value() == "30");
  BOOST_TEST(old.header("X-RateLimit-Bucket").value() != settled.header("X-RateLimit-Bucket").value());
}

BOOST_AUTO_TEST_CASE(renaming_a_channel_has_a_hidden_limit_of_its_own) {
  BOOST_TEST(patch_channel({{"name", "a"}}).status == 200);
  BOOST_TEST(patch_channel({{"name", "b"}}).status == 200);
  advance(minutes(1));
  auto refused = patch_channel({{"name", "c"}});
  BOOST_TEST(refused.status == 429);
  BOOST_TEST(refused.at("retry_after").as_double() == 540.0);
  BOOST_TEST(refused.header("Retry-After").value() == "540");
  BOOST_TEST(refused.header("X-RateLimit-Remaining").value() != "0");  // no header foretold it
  BOOST_TEST(patch_channel({{"topic", "t"}}).status == 200);           // topics count apart
  BOOST_TEST(patch_channel({{"nsfw", true}}).status == 200);
  BOOST_TEST(patch_channel({{"name", "b"}, {"nsfw", false}}).status == 200);  // unchanged: no rename
  advance(minutes(9));
  BOOST_TEST(patch_channel({{"name", "c"}}).status == 200);
}

BOOST_AUTO_TEST_CASE(edits_of_messages_older_than_an_hour_have_error_30046) {
  auto old = messages() + "/" + post("x").id();
  advance(hours(1));
  for (int i = 0; i < 3; ++i) BOOST_TEST(bot("PATCH", old, {{"content", "y"}}).status == 200);
  auto refused = bot("PATCH", old, {{"content", "z"}});
  BOOST_TEST(refused.status == 429);
  BOOST_TEST(refused.code() == 30046);
  BOOST_TEST(refused.at("retry_after").as_double() == 6.0);
}

BOOST_AUTO_TEST_CASE(fifty_requests_a_second_is_the_limit_over_all_routes) {
  for (int i = 0; i < 50; ++i) BOOST_REQUIRE_EQUAL(bot("GET", "/users/@me").status, 200);
  advance(milliseconds(339));
  auto refused = post("x");
  BOOST_TEST(refused.status == 429);
  BOOST_TEST(refused.header("X-RateLimit-Scope").value() == "global");
  BOOST_TEST(refused.header("X-RateLimit-Global").value() == "true");
  BOOST_TEST(refused.header("Retry-After").value() == "1");
  BOOST_TEST(refused.at("retry_after").as_double() == 0.661);
  BOOST_TEST(refused.at("global").as_bool());
  BOOST_TEST(!refused.header("X-RateLimit-Limit").has_value());
  advance(milliseconds(661));
  BOOST_TEST(post("x").status == 200);
}

BOOST_AUTO_TEST_CASE(the_owner_and_downloads_are_exempt) {
  auto url = upload("POST", messages(), json::object(), {{"a", "1"}}, credentials().owner_token)
                 .str("attachments.0.url");
  for (int i = 0; i < 200; ++i) {
    BOOST_REQUIRE_EQUAL(owner("POST", messages(), {{"content", "x"}}).status, 200);
    BOOST_REQUIRE_EQUAL(download(url).status, 200);
  }
  BOOST_TEST(!owner("GET", messages()).header("X-RateLimit-Limit").has_value());
}

BOOST_AUTO_TEST_CASE(routes_without_a_known_figure_send_no_headers) {
  BOOST_TEST(!bot("GET", channel_path()).header("X-RateLimit-Limit").has_value());
}

BOOST_AUTO_TEST_CASE(with_limits_off_nothing_is_counted_and_no_header_is_sent) {
  options.rate_limits = false;
  restart();
  for (int i = 0; i < 100; ++i) {
    auto made = post("x");
    BOOST_REQUIRE_EQUAL(made.status, 200);
    for (auto& [name, value] : made.headers) BOOST_TEST(!name.starts_with("X-RateLimit"));
  }
}

BOOST_AUTO_TEST_CASE(interactions_are_outside_the_global_limit_and_follow_ups_count_by_token) {
  interaction_fixture g(core_options{});
  auto a = g.start(), b = g.start();
  for (int i = 0; i < 60; ++i) g.bot("GET", "/users/@me");
  BOOST_TEST(g.bot("GET", "/users/@me").status == 429);
  BOOST_TEST(g.callback(a, 4, {{"content", "x"}}).status == 204);
  BOOST_TEST(g.callback(b, 4, {{"content", "x"}}).status == 204);
  for (int i = 0; i < 5; ++i) BOOST_TEST(g.follow("POST", a, "", {{"content", "x"}}).status == 200);
  auto refused = g.follow("POST", a, "", {{"content", "x"}});
  BOOST_TEST(refused.status == 429);
  BOOST_TEST(refused.header("X-RateLimit-Reset-After").value() == "2.000");
  BOOST_TEST(g.follow("POST", b, "", {{"content", "x"}}).status == 200);
  // So do those that nobody has ever had.
  auto c = a, d = a;
  c.token = "c", d.token = "d";
  for (int i = 0; i < 5; ++i) BOOST_TEST(g.follow("POST", c, "", {{"content", "x"}}).status == 404);
  BOOST_TEST(g.follow("POST", c, "", {{"content", "x"}}).status == 429);
  BOOST_TEST(g.follow("POST", d, "", {{"content", "x"}}).status == 404);
}

BOOST_AUTO_TEST_CASE(figures_of_a_file_take_the_place_of_the_observed_ones) {
  options.limits = *parse_rate_table(R"({"global_a_second":3,"rules":{"message create":{"limit":1,"window_ms":700}}})");
  restart();
  BOOST_TEST(post("a").header("X-RateLimit-Limit").value() == "1");
  auto refused = post("b");
  BOOST_TEST(refused.status == 429);
  BOOST_TEST(refused.header("X-RateLimit-Reset-After").value() == "0.700");
  BOOST_TEST(post("c").status == 429);
  BOOST_TEST(post("d").header("X-RateLimit-Scope").value() == "global");
}

BOOST_AUTO_TEST_CASE(a_table_is_what_it_is_written_as_and_nonsense_is_refused_by_name) {
  auto table = *parse_rate_table(R"({"identify_interval_ms":1,"identifies_a_day":2,"rules":{"bulk delete":{"limit":9}}})");
  BOOST_TEST((*parse_rate_table(json::serialize(to_json(table))) == table));
  BOOST_TEST((*parse_rate_table("{}") == rate_table()));
  auto refusal = [](std::string_view text) {
    auto read = parse_rate_table(text);
    return read ? std::string() : read.error().message;
  };
  BOOST_TEST(refusal("[]").find("JSON object") != std::string::npos);
  BOOST_TEST(refusal(R"({"global":5})").find("global is not known") != std::string::npos);
  BOOST_TEST(refusal(R"({"global_a_second":0})").find("global_a_second") != std::string::npos);
  BOOST_TEST(refusal(R"({"rules":{"message creation":{}}})").find("message creation") != std::string::npos);
  BOOST_TEST(refusal(R"({"rules":{"bulk delete":{"limit":0}}})").find("bulk delete") != std::string::npos);
  BOOST_TEST(refusal(R"({"rules":{"bulk delete":{"window":5}}})").find("window") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(counters_of_closed_windows_are_swept) {
  rate_table table;
  rate_limits limits(table);
  auto& rule = *find_rate_rule("message create");
  for (std::uint64_t channel = 1; channel < 5000; ++channel) {
    now += seconds(1);
    BOOST_REQUIRE(limits.admit(rule, channel, now).admitted);
  }
  BOOST_TEST(limits.open_windows() < 1100u);
}

BOOST_AUTO_TEST_CASE(a_clock_that_steps_back_locks_nobody_out) {
  rate_table table;
  rate_limits limits(table);
  auto& rule = *find_rate_rule("message create");
  for (int i = 0; i < 5; ++i) limits.admit(rule, 1, now);
  BOOST_TEST(!limits.admit(rule, 1, now).admitted);
  BOOST_TEST(limits.admit(rule, 1, now - hours(1)).admitted);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace dbcord::guild::test
