#include "app/bot_figures.hpp"

#include <prometheus/text_serializer.h>

#include <boost/test/unit_test.hpp>
#include <sstream>

#include "app/metrics_endpoint.hpp"

using namespace dbcord;
using namespace dbcord::app;

namespace {

std::string text_of(const bot_figures& f) {
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, metrics_of(f));
  return out.str();
}

bool has(const std::string& text, const std::string& line) { return ("\n" + text).find("\n" + line + "\n") != std::string::npos; }

}  // namespace

BOOST_AUTO_TEST_SUITE(bot_metrics)

BOOST_AUTO_TEST_CASE(figures_become_prometheus_text) {
  bot_figures f;
  database::database_summary d;
  d.name = "prod";
  d.state = "open";
  d.queued_bytes = 77;
  database::table_summary t;
  t.name = "users";
  t.not_materialised = 5;
  t.versions_given_up = 6;
  d.tables.push_back(t);
  f.databases.push_back(d);
  database::database_figures details;
  details.database = "prod";
  details.waiting_rows = 5;
  details.oldest_waits = std::chrono::milliseconds(1500);
  details.set_aside_rows = 2;
  details.commit_seconds = {{0.1, 1}, {3, 1, 2}, 20.5};
  details.group_transactions = {{1}, {0, 0}, 0};
  details.lease_age = std::chrono::seconds(4);
  details.cache = {1000, 9, 3, 2};
  details.write_problems.push_back({"users", base::channel_id{7}, "the bot lacks Send Messages in <#7>", std::chrono::seconds(40)});
  details.write_problems.push_back({"", base::channel_id{8}, "the bot lacks Send Messages in <#8>", std::chrono::seconds(2)});
  f.details.push_back(details);
  f.memory = {70, 20, 100};
  f.requests.limited_shared = 2;
  f.routes.push_back({"POST", "/channels/{}/messages", 12, 3});
  f.commands.push_back({"prod.users", "dbc_get", 3, 1, std::chrono::seconds(6), std::chrono::seconds(3)});
  f.commands.push_back({"prod.posts", "dbc_get", 1, 0, std::chrono::seconds(1), std::chrono::seconds(1)});
  f.running_jobs = 1;
  f.answers = {{"abc", "POST", "/channels/{}/messages", 10, 4}, {"none", "GET", "/gateway/bot", 1, 0}};
  f.buckets = {{"abc", "1", {"POST /channels/{}/messages"}, 5, 5, {}, 3}, {"abc", "2", {"POST /channels/{}/messages"}, 5, 2, {}, 1}};
  auto text = text_of(f);
  BOOST_TEST(has(text, "dbcord_database_open{database=\"prod\"} 1"));
  BOOST_TEST(has(text, "dbcord_log_queued_bytes{database=\"prod\"} 77"));
  BOOST_TEST(has(text, "dbcord_materialiser_backlog_rows{database=\"prod\",table=\"users\"} 5"));
  BOOST_TEST(has(text, "dbcord_versions_given_up_total{database=\"prod\",table=\"users\"} 6"));
  BOOST_TEST(has(text, "dbcord_backlog_rows{database=\"prod\"} 5"));
  BOOST_TEST(has(text, "dbcord_backlog_age_seconds{database=\"prod\"} 1.5"));
  BOOST_TEST(has(text, "dbcord_set_aside_rows{database=\"prod\"} 2"));
  BOOST_TEST(has(text, "dbcord_write_problem_seconds{database=\"prod\",table=\"users\",channel=\"7\",reason=\"the bot lacks Send Messages in <#7>\"} 40"));
  BOOST_TEST(has(text, "dbcord_write_problem_seconds{database=\"prod\",table=\"\",channel=\"8\",reason=\"the bot lacks Send Messages in <#8>\"} 2"));
  BOOST_TEST(has(text, "dbcord_lease_age_seconds{database=\"prod\"} 4"));
  BOOST_TEST(has(text, "dbcord_cache_bytes{database=\"prod\"} 1000"));
  BOOST_TEST(has(text, "dbcord_cache_hits_total{database=\"prod\"} 9"));
  BOOST_TEST(has(text, "dbcord_cache_misses_total{database=\"prod\"} 3"));
  BOOST_TEST(has(text, "dbcord_cache_evictions_total{database=\"prod\"} 2"));
  BOOST_TEST(has(text, "dbcord_bucket_requests_total{bucket=\"abc\",method=\"POST\",route=\"/channels/{}/messages\"} 10"));
  BOOST_TEST(has(text, "dbcord_bucket_requests_total{bucket=\"none\",method=\"GET\",route=\"/gateway/bot\"} 1"));
  BOOST_TEST(has(text, "dbcord_bucket_limited_total{bucket=\"abc\",method=\"POST\",route=\"/channels/{}/messages\"} 4"));
  BOOST_TEST(has(text, "dbcord_bucket_limited_total{bucket=\"none\",method=\"GET\",route=\"/gateway/bot\"} 0"));
  BOOST_TEST(has(text, "dbcord_bucket_requests_waiting{bucket=\"abc\"} 4"));
  BOOST_TEST(has(text, "dbcord_buckets 2"));
  BOOST_TEST(has(text, "dbcord_buckets_used_up 1"));
  BOOST_TEST(has(text, "dbcord_commit_seconds_bucket{database=\"prod\",le=\"0.1\"} 3"));
  BOOST_TEST(has(text, "dbcord_commit_seconds_bucket{database=\"prod\",le=\"1\"} 4"));
  BOOST_TEST(has(text, "dbcord_commit_seconds_bucket{database=\"prod\",le=\"+Inf\"} 6"));
  BOOST_TEST(has(text, "dbcord_commit_seconds_count{database=\"prod\"} 6"));
  BOOST_TEST(has(text, "dbcord_commit_seconds_sum{database=\"prod\"} 20.5"));
  BOOST_TEST(has(text, "dbcord_commit_group_transactions_count{database=\"prod\"} 0"));
  BOOST_TEST(has(text, "dbcord_memory_used_bytes 70"));
  BOOST_TEST(has(text, "dbcord_memory_fixed_bytes 20"));
  BOOST_TEST(has(text, "dbcord_memory_cap_bytes 100"));
  BOOST_TEST(has(text, "dbcord_requests_total{method=\"POST\",route=\"/channels/{}/messages\"} 12"));
  BOOST_TEST(has(text, "dbcord_requests_limited_total{method=\"POST\",route=\"/channels/{}/messages\"} 3"));
  BOOST_TEST(has(text, "dbcord_rate_limited_total{scope=\"shared\"} 2"));
  BOOST_TEST(has(text, "dbcord_command_seconds_count{command=\"dbc_get\"} 4"));
  BOOST_TEST(has(text, "dbcord_command_seconds_sum{command=\"dbc_get\"} 7"));
  BOOST_TEST(has(text, "dbcord_commands_refused_total{command=\"dbc_get\"} 1"));
  BOOST_TEST(has(text, "dbcord_jobs_running 1"));
}

BOOST_AUTO_TEST_CASE(an_address_that_cannot_be_listened_on_is_one_sentence) {
  auto nothing = [] { return std::optional<bot_figures>(); };
  BOOST_TEST(metrics_endpoint::open("9100", nothing).error().message == "--metrics: 9100 is no address and port; write e.g. 127.0.0.1:8423");
  auto taken = metrics_endpoint::open("192.0.2.1:9100", nothing);  // TEST-NET-1: nobody's address
  BOOST_REQUIRE(!taken);
  BOOST_TEST(taken.error().message.starts_with("--metrics: 192.0.2.1:9100 cannot be listened on ("));
}

BOOST_AUTO_TEST_SUITE_END()
