#include "app/bot_figures.hpp"

#include <limits>
#include <map>

namespace dbcord::app {
namespace {

using labels = std::vector<prometheus::ClientMetric::Label>;

class family {
 public:
  family(std::string name, std::string help, prometheus::MetricType type) {
    made_.name = std::move(name);
    made_.help = std::move(help);
    made_.type = type;
  }
  family& add(labels of, double value) {
    prometheus::ClientMetric metric;
    metric.label = std::move(of);
    if (made_.type == prometheus::MetricType::Counter) metric.counter.value = value;
    else metric.gauge.value = value;
    made_.metric.push_back(std::move(metric));
    return *this;
  }
  family& add_summary(labels of, std::uint64_t count, double sum) {
    prometheus::ClientMetric metric;
    metric.label = std::move(of);
    metric.summary.sample_count = count;
    metric.summary.sample_sum = sum;
    made_.metric.push_back(std::move(metric));
    return *this;
  }
  family& add_histogram(labels of, const database::histogram_figures& h) {
    prometheus::ClientMetric metric;
    metric.label = std::move(of);
    metric.histogram.sample_sum = h.sum;
    for (std::size_t i = 0; i < h.counts.size(); ++i) {
      metric.histogram.sample_count += h.counts[i];
      auto bound = i < h.bounds.size() ? h.bounds[i] : std::numeric_limits<double>::infinity();
      metric.histogram.bucket.push_back({metric.histogram.sample_count, bound});
    }
    made_.metric.push_back(std::move(metric));
    return *this;
  }
  prometheus::MetricFamily take() { return std::move(made_); }

 private:
  prometheus::MetricFamily made_;
};

family counter(std::string name, std::string help) { return {std::move(name), std::move(help), prometheus::MetricType::Counter}; }
family gauge(std::string name, std::string help) { return {std::move(name), std::move(help), prometheus::MetricType::Gauge}; }

void add_databases(std::vector<prometheus::MetricFamily>& all, const bot_figures& f) {
  auto open = gauge("dbcord_database_open", "1 while the database takes writes");
  auto lsn = gauge("dbcord_log_lsn", "Newest log sequence number that was published");
  auto queued = gauge("dbcord_log_queued_bytes", "Bytes that wait for the log");
  auto groups = counter("dbcord_commit_groups_total", "Commit groups written by this process");
  auto transactions = counter("dbcord_transactions_total", "Transactions committed by this process");
  auto barriers = counter("dbcord_log_barriers_total", "Barriers written after ambiguous answers");
  for (const auto& d : f.databases) {
    labels of{{"database", d.name}};
    open.add(of, d.state == "open" ? 1 : 0);
    lsn.add(of, static_cast<double>(d.lsn));
    queued.add(of, static_cast<double>(d.queued_bytes));
    groups.add(of, static_cast<double>(d.groups));
    transactions.add(of, static_cast<double>(d.transactions));
    barriers.add(of, static_cast<double>(d.barriers));
  }
  for (auto* made : {&open, &lsn, &queued, &groups, &transactions, &barriers}) all.push_back(made->take());
  all.push_back(gauge("dbcord_databases_not_open", "Databases that could not be opened").add({}, static_cast<double>(f.not_open)).take());
}

void add_tables(std::vector<prometheus::MetricFamily>& all, const bot_figures& f) {
  auto rows = gauge("dbcord_rows", "Live rows");
  auto bytes = gauge("dbcord_row_bytes", "Bytes of the JSON of live rows");
  auto memory = gauge("dbcord_memory_bytes", "Bytes held in memory, directory and indexes included");
  auto backlog = gauge("dbcord_materialiser_backlog_rows", "Rows whose newest version has no message of its own yet");
  auto superseded = gauge("dbcord_superseded_messages", "Messages of older versions and deleted rows");
  auto given_up = counter("dbcord_versions_given_up_total", "Older versions of rows within the horizon of the history that were given up, since memory was short");
  for (const auto& d : f.databases) {
    for (const auto& t : d.tables) {
      labels of{{"database", d.name}, {"table", t.name}};
      rows.add(of, static_cast<double>(t.rows));
      bytes.add(of, static_cast<double>(t.bytes));
      memory.add(of, static_cast<double>(t.memory));
      backlog.add(of, static_cast<double>(t.not_materialised));
      superseded.add(of, static_cast<double>(t.superseded));
      given_up.add(of, static_cast<double>(t.versions_given_up));
    }
  }
  for (auto* made : {&rows, &bytes, &memory, &backlog, &superseded, &given_up}) all.push_back(made->take());
}

double seconds_of(base::duration d) { return std::chrono::duration<double>(d).count(); }

void add_details(std::vector<prometheus::MetricFamily>& all, const bot_figures& f) {
  auto rows = gauge("dbcord_backlog_rows", "Rows that will get messages of their own as soon as the limits allow");
  auto age = gauge("dbcord_backlog_age_seconds", "Since the oldest row of the backlog was committed");
  auto aside = gauge("dbcord_set_aside_rows", "Rows that Discord will not store as messages: they stay in the log");
  auto lost = gauge("dbcord_lost_rows", "Rows whose values nobody has any more: people deleted their messages, and the log begins behind them");
  auto unwritten = gauge("dbcord_write_problem_seconds", "For how long the log (no table named) or the rows of a table could not be written, and why");
  auto lease = gauge("dbcord_lease_age_seconds", "At most so long ago was this process seen to be the only writer");
  family commits("dbcord_commit_seconds", "Time of transactions from validation to acknowledgement", prometheus::MetricType::Histogram);
  family groups("dbcord_commit_group_transactions", "Transactions in a commit group", prometheus::MetricType::Histogram);
  auto cached = gauge("dbcord_cache_bytes", "Bytes of values in memory that could be evicted");
  auto hits = counter("dbcord_cache_hits_total", "Values that reads found in memory");
  auto misses = counter("dbcord_cache_misses_total", "Values that had to be read from messages");
  auto evictions = counter("dbcord_cache_evictions_total", "Values that were evicted from memory");
  for (const auto& d : f.details) {
    labels of{{"database", d.database}};
    cached.add(of, static_cast<double>(d.cache.bytes));
    hits.add(of, static_cast<double>(d.cache.hits));
    misses.add(of, static_cast<double>(d.cache.misses));
    evictions.add(of, static_cast<double>(d.cache.evictions));
    rows.add(of, static_cast<double>(d.waiting_rows));
    age.add(of, seconds_of(d.oldest_waits));
    aside.add(of, static_cast<double>(d.set_aside_rows));
    lost.add(of, static_cast<double>(d.lost_rows));
    for (const auto& p : d.write_problems) {
      unwritten.add({{"database", d.database}, {"table", p.table}, {"channel", p.channel.str()}, {"reason", p.why}}, seconds_of(p.lasts));
    }
    if (d.lease_age) lease.add(of, seconds_of(*d.lease_age));
    commits.add_histogram(of, d.commit_seconds);
    groups.add_histogram(of, d.group_transactions);
  }
  for (auto* made : {&rows, &age, &aside, &lost, &unwritten, &lease, &cached, &hits, &misses, &evictions, &commits, &groups}) all.push_back(made->take());
  all.push_back(gauge("dbcord_memory_used_bytes", "Memory of rows and directories, all databases together").add({}, static_cast<double>(f.memory.used)).take());
  all.push_back(gauge("dbcord_memory_fixed_bytes", "What of it cannot be evicted").add({}, static_cast<double>(f.memory.fixed)).take());
  all.push_back(gauge("dbcord_memory_cap_bytes", "What it may be at most (--memory)").add({}, static_cast<double>(f.memory.cap)).take());
}

void add_routes(std::vector<prometheus::MetricFamily>& all, const std::vector<discord::route_stats>& routes) {
  auto sent = counter("dbcord_requests_total", "Attempts of REST requests, by kind");
  auto limited = counter("dbcord_requests_limited_total", "Answers 429, by kind of request");
  for (const auto& r : routes) {
    labels of{{"method", r.method}, {"route", r.route}};
    sent.add(of, static_cast<double>(r.sent));
    limited.add(of, static_cast<double>(r.limited));
  }
  all.push_back(sent.take());
  all.push_back(limited.take());
}

// By name, not by channel, of which there may be hundreds; the kinds of request say what the name, a hash, stands for. A name has few of them.
void add_buckets(std::vector<prometheus::MetricFamily>& all, const bot_figures& f) {
  auto answered = counter("dbcord_bucket_requests_total", "Attempts of REST requests that were answered, by the rate limit bucket that the answer named, and by kind");
  auto refused = counter("dbcord_bucket_limited_total", "Answers 429, by the rate limit bucket that they named, and by kind of request");
  for (const auto& a : f.answers) {
    labels of{{"bucket", a.bucket}, {"method", a.method}, {"route", a.route}};
    answered.add(of, static_cast<double>(a.answered));
    refused.add(of, static_cast<double>(a.limited));
  }
  std::size_t used_up = 0;
  std::map<std::string, std::size_t> waiting;
  for (const auto& b : f.buckets) {
    used_up += b.used >= b.limit;
    if (waiting.contains(b.name) || waiting.size() < discord::bucket_names_max) waiting[b.name] += b.waiting;
    else waiting["other"] += b.waiting;
  }
  auto waits = gauge("dbcord_bucket_requests_waiting", "Requests that wait for their turn, by rate limit bucket");
  for (const auto& [name, n] : waiting) waits.add({{"bucket", name}}, static_cast<double>(n));
  all.push_back(answered.take());
  all.push_back(refused.take());
  all.push_back(waits.take());
  all.push_back(gauge("dbcord_buckets", "Rate limit buckets that are known, each channel's apart").add({}, static_cast<double>(f.buckets.size())).take());
  all.push_back(gauge("dbcord_buckets_used_up", "Those of them that take no request now").add({}, static_cast<double>(used_up)).take());
}

void add_requests(std::vector<prometheus::MetricFamily>& all, const discord::scheduler_stats& s) {
  all.push_back(counter("dbcord_requests_retried_total", "Attempts that were not a request's first").add({}, static_cast<double>(s.retried)).take());
  auto limited = counter("dbcord_rate_limited_total", "Answers 429, by scope");
  limited.add({{"scope", "user"}}, static_cast<double>(s.limited_user));
  limited.add({{"scope", "global"}}, static_cast<double>(s.limited_global));
  limited.add({{"scope", "shared"}}, static_cast<double>(s.limited_shared));
  all.push_back(limited.take());
  all.push_back(counter("dbcord_server_errors_total", "Answers 5xx").add({}, static_cast<double>(s.server_errors)).take());
  all.push_back(counter("dbcord_requests_interrupted_total", "Requests that were sent and not answered").add({}, static_cast<double>(s.interrupted)).take());
  all.push_back(counter("dbcord_requests_expired_total", "Requests whose deadline passed before they were sent").add({}, static_cast<double>(s.expired)).take());
  all.push_back(gauge("dbcord_requests_waiting", "Requests that wait for their turn").add({}, static_cast<double>(s.waiting)).take());
  all.push_back(gauge("dbcord_requests_in_flight", "Requests without an answer yet").add({}, static_cast<double>(s.in_flight)).take());
}

void add_commands(std::vector<prometheus::MetricFamily>& all, const bot_figures& f) {
  auto interactions = counter("dbcord_interactions_total", "Interactions, by what became of them");
  const auto& i = f.interactions;
  interactions.add({{"outcome", "executed"}}, static_cast<double>(i.executed));
  interactions.add({{"outcome", "busy"}}, static_cast<double>(i.busy));
  interactions.add({{"outcome", "duplicate"}}, static_cast<double>(i.duplicates));
  interactions.add({{"outcome", "unaccepted"}}, static_cast<double>(i.unaccepted));
  interactions.add({{"outcome", "undelivered"}}, static_cast<double>(i.undelivered));
  all.push_back(interactions.take());
  struct sum {
    std::uint64_t given = 0, refused = 0;
    double seconds = 0;
  };
  std::map<std::string, sum> sums;  // a label for each table would make too many series
  for (const auto& c : f.commands) {
    auto& s = sums[c.command];
    s.given += c.given;
    s.refused += c.refused;
    s.seconds += std::chrono::duration<double>(c.total).count();
  }
  family took("dbcord_command_seconds", "Time of commands from acceptance to result", prometheus::MetricType::Summary);
  auto refused = counter("dbcord_commands_refused_total", "Commands that were not done");
  for (const auto& [name, s] : sums) {
    took.add_summary({{"command", name}}, s.given, s.seconds);
    refused.add({{"command", name}}, static_cast<double>(s.refused));
  }
  all.push_back(took.take());
  all.push_back(refused.take());
  all.push_back(gauge("dbcord_jobs_running", "Long work that runs").add({}, static_cast<double>(f.running_jobs)).take());
}

}  // namespace

std::vector<prometheus::MetricFamily> metrics_of(const bot_figures& figures) {
  std::vector<prometheus::MetricFamily> all;
  add_databases(all, figures);
  add_tables(all, figures);
  add_details(all, figures);
  add_routes(all, figures.routes);
  add_buckets(all, figures);
  add_requests(all, figures.requests);
  add_commands(all, figures);
  return all;
}

}  // namespace dbcord::app
