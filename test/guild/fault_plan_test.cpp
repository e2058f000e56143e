#include "guild/fault_plan.hpp"

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include "guild/fault_injector.hpp"

using namespace dbcord;
using namespace dbcord::guild;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

std::string refusal(std::string_view text) {
  auto plan = parse_fault_plan(text);
  return plan ? std::string() : plan.error().message;
}

fault_injector injector_of(std::string_view text) {
  fault_injector made;
  made.set_plan(*parse_fault_plan(text), {});
  return made;
}

std::vector<request_fate> fates(fault_injector& f, int count) {
  std::vector<request_fate> drawn;
  for (int i = 0; i < count; ++i) drawn.push_back(f.draw_request("GET /x"));
  return drawn;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(guild_fault_plan)

BOOST_AUTO_TEST_CASE(what_is_not_said_has_its_default) {
  BOOST_TEST((*parse_fault_plan("{}") == fault_plan{}));
  auto plan = *parse_fault_plan(R"({"reply_lost":0.25,"late_max_ms":1500,"only":["GET /gateway"],"seed":7})");
  BOOST_TEST(plan.reply_lost == 0.25);
  BOOST_TEST((plan.late_max == milliseconds(1500)));
  BOOST_TEST(plan.only.at(0) == "GET /gateway");
  BOOST_TEST(plan.seed == 7u);
}

BOOST_AUTO_TEST_CASE(a_plan_is_what_it_is_written_as) {
  auto plan = *parse_fault_plan(
      R"({"reset_before":0.1,"latency_mean_ms":20,"blocked_words":["a"],"at_most":3,"body_bytes_a_second":10})");
  BOOST_TEST((*read_fault_plan(to_json(plan)) == plan));
}

BOOST_AUTO_TEST_CASE(what_makes_no_sense_is_refused_with_its_name) {
  for (auto text : {"", "[]", "{", "7"}) BOOST_TEST(refusal(text).find("JSON object") != std::string::npos);
  auto names = [](std::string_view text, std::string_view name) {
    return refusal(text).find(name) != std::string::npos;
  };
  BOOST_TEST(names(R"({"reply_loss":1})", "reply_loss is not known"));
  BOOST_TEST(names(R"({"reply_lost":1.1})", "reply_lost"));
  BOOST_TEST(names(R"({"reply_lost":-1})", "reply_lost"));
  BOOST_TEST(names(R"({"reply_lost":"1"})", "reply_lost"));
  BOOST_TEST(names(R"({"late_max_ms":-5})", "late_max_ms"));
  BOOST_TEST(names(R"({"late_max_ms":86400001})", "late_max_ms"));
  BOOST_TEST(names(R"({"late_min_ms":5,"late_max_ms":4})", "late_min_ms"));
  BOOST_TEST(names(R"({"seed":-1})", "seed"));
  BOOST_TEST(names(R"({"only":"x"})", "only"));
  BOOST_TEST(names(R"({"blocked_words":[""]})", "blocked_words"));
  BOOST_TEST(names(R"({"search_lag":5})", "search_lag is not known"));
  BOOST_TEST(names(R"({"search_missed":2})", "search_missed"));
  BOOST_TEST(names(R"({"body_bytes_a_second":0})", "body_bytes_a_second"));
  BOOST_TEST(names(R"({"reply_lost":0.6,"reset_before":0.6})", "more than 1"));
  BOOST_TEST(names(R"({"event_late":0.6,"event_dropped":0.6})", "more than 1"));
}

BOOST_AUTO_TEST_CASE(the_same_seed_gives_the_same_faults_and_another_gives_others) {
  auto one = injector_of(R"({"reset_before":0.3,"error_after":0.3,"seed":1})");
  auto same = injector_of(R"({"reset_before":0.3,"error_after":0.3,"seed":1})");
  auto other = injector_of(R"({"reset_before":0.3,"error_after":0.3,"seed":2})");
  auto drawn = fates(one, 200);
  BOOST_TEST((drawn == fates(same, 200)));
  BOOST_TEST((drawn != fates(other, 200)));
}

BOOST_AUTO_TEST_CASE(probabilities_are_kept_and_counted) {
  auto f = injector_of(R"({"reset_before":0.25,"limited_hidden":0.5})");
  auto drawn = fates(f, 10000);
  auto resets = std::count(drawn.begin(), drawn.end(), request_fate::reset_before);
  auto limited = std::count(drawn.begin(), drawn.end(), request_fate::limited_hidden);
  BOOST_TEST(std::abs(resets - 2500) < 200);
  BOOST_TEST(std::abs(limited - 5000) < 250);
  BOOST_TEST(f.counters().at("reset_before") == static_cast<std::uint64_t>(resets));
  BOOST_TEST(f.counters().at("limited_hidden") == static_cast<std::uint64_t>(limited));
}

BOOST_AUTO_TEST_CASE(at_most_so_many_faults_happen) {
  auto f = injector_of(R"({"reset_before":1,"content_refused":1,"at_most":2})");
  BOOST_TEST((f.draw_request("x") == request_fate::reset_before));
  BOOST_TEST(f.refuses("text"));
  BOOST_TEST((f.draw_request("x") == request_fate::served));
  BOOST_TEST(!f.refuses("text"));
}

BOOST_AUTO_TEST_CASE(only_the_routes_that_are_named_are_met) {
  auto f = injector_of(R"({"reset_before":1,"only":["POST /channels/{}/messages"]})");
  BOOST_TEST((f.draw_request("GET /users/@me") == request_fate::served));
  BOOST_TEST((f.draw_request("POST /channels/{}/messages") == request_fate::reset_before));
}

BOOST_AUTO_TEST_CASE(a_route_that_is_not_there_is_refused_since_nothing_would_ever_meet_it) {
  auto only = [](std::string_view name) { return refusal(R"({"only":["GET /gateway",")" + std::string(name) + "\"]}"); };
  for (auto good : {"POST /channels/{}/messages", "GET /attachments", "GET /guilds/{}/messages/search"}) BOOST_TEST(only(good) == "");
  for (auto bad : {"POST /channels/{}/message", "post /channels/{}/messages", "/gateway", "GET", "PATCH /gateway",
                   "POST /api/v10/channels/{}/messages", "POST /channels/1/messages"}) {
    BOOST_TEST(only(bad) == "Fault plan: only names '" + std::string(bad) +
                                "', which is no route of this guild; write it like POST /channels/{}/messages.");
  }
}

BOOST_AUTO_TEST_CASE(latency_has_a_minimum_and_a_maximum) {
  auto f = injector_of(R"({"latency_min_ms":10,"latency_mean_ms":20,"latency_max_ms":50})");
  base::duration least = seconds(1), most{};
  for (int i = 0; i < 1000; ++i) {
    auto drawn = f.draw_latency();
    least = std::min(least, drawn);
    most = std::max(most, drawn);
  }
  BOOST_TEST((least >= milliseconds(10)));
  BOOST_TEST((least < milliseconds(12)));
  BOOST_TEST((most == milliseconds(50)));
  BOOST_TEST((fault_injector().draw_latency() == base::duration::zero()));
}

BOOST_AUTO_TEST_CASE(whether_a_message_is_visible_depends_on_it_and_the_time_only) {
  auto f = injector_of(R"({"visible_late":0.5,"visible_late_max_ms":1000})");
  base::system_time now(std::chrono::hours(24 * 365 * 56));
  int hidden = 0;
  for (std::uint64_t n = 0; n < 1000; ++n) {
    base::message_id id{base::id_at<base::message_id>(now).value + n};
    bool seen = f.is_visible(id, {}, now);
    BOOST_TEST(seen == f.is_visible(id, {}, now));
    if (!seen) ++hidden;
    BOOST_TEST(f.is_visible(id, {}, now + seconds(1)));
  }
  BOOST_TEST(std::abs(hidden - 500) < 100);
}

BOOST_AUTO_TEST_SUITE_END()
