#include "guild/server_metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <map>
#include <sstream>

namespace dbcord::guild {
namespace {

constexpr std::size_t series_max = 256;
constexpr std::size_t word_max = 20;  // of a path; what is longer is a token

// Seconds: a page cache, a fast disk, a slow one, one in trouble.
const prometheus::Histogram::BucketBoundaries sync_buckets = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005,
                                                              0.01,   0.025,   0.05,   0.1,   0.25,   1};

bool names_a_thing(std::string_view segment) {
  return segment.size() > word_max || segment.find_first_of("0123456789") != segment.npos;
}

template <class Family>
auto& only(Family& family) {
  return family.Add({});
}

}  // namespace

std::string route_label(std::string_view target) {
  auto path = target.substr(0, target.find('?'));
  for (std::string_view root : {"/api/v10", "/api/v9", "/api"}) {
    if (!path.starts_with(root)) continue;
    path.remove_prefix(root.size());
    break;
  }
  std::string label;
  while (!path.empty()) {
    path.remove_prefix(1);
    auto segment = path.substr(0, path.find('/'));
    label += '/';
    label += names_a_thing(segment) ? std::string_view("{}") : segment;
    path.remove_prefix(segment.size());
  }
  return label.empty() ? "/" : label;
}

struct server_metrics::implementation {
  prometheus::Registry registry;
  prometheus::Family<prometheus::Counter>& requests = prometheus::BuildCounter()
                                                          .Name("dbcord_guild_requests_total")
                                                          .Help("Requests answered, by route, method and status")
                                                          .Register(registry);
  prometheus::Counter& limited = only(prometheus::BuildCounter()
                                          .Name("dbcord_guild_rate_limited_total")
                                          .Help("Requests answered 429")
                                          .Register(registry));
  prometheus::Counter& records = only(prometheus::BuildCounter()
                                          .Name("dbcord_guild_log_records_total")
                                          .Help("Records written to the log")
                                          .Register(registry));
  prometheus::Counter& bytes =
      only(prometheus::BuildCounter().Name("dbcord_guild_log_bytes_total").Help("Bytes written to the log").Register(registry));
  prometheus::Family<prometheus::Gauge>& connections = prometheus::BuildGauge()
                                                           .Name("dbcord_guild_connections")
                                                           .Help("Open connections, by kind")
                                                           .Register(registry);
  prometheus::Gauge& http = connections.Add({{"kind", "http"}});
  prometheus::Gauge& gateway = connections.Add({{"kind", "gateway"}});
  prometheus::Gauge& messages =
      only(prometheus::BuildGauge().Name("dbcord_guild_messages").Help("Messages in all channels").Register(registry));
  prometheus::Histogram& sync = prometheus::BuildHistogram()
                                    .Name("dbcord_guild_fsync_seconds")
                                    .Help("How long the log waited for the disk")
                                    .Register(registry)
                                    .Add({}, sync_buckets);
  std::map<std::string, prometheus::Counter*> series;  // by route, method and status

  prometheus::Counter& counter_of(const std::string& route, std::string_view method, int status) {
    auto code = std::to_string(status);
    auto key = std::string(method) + " " + route + " " + code;
    auto known = series.find(key);
    if (known != series.end()) return *known->second;
    if (series.size() >= series_max && route != "other") return counter_of("other", "any", status);
    auto& made = requests.Add({{"route", route}, {"method", std::string(method)}, {"status", code}});
    return *series.emplace(std::move(key), &made).first->second;
  }
};

server_metrics::server_metrics() : impl_(std::make_unique<implementation>()) {}
server_metrics::~server_metrics() = default;

void server_metrics::count_request(std::string_view method, std::string_view target, int status) {
  // What does not exist has no name of its own: strangers would make up millions.
  bool known = status != 404 && status != 405;
  impl_->counter_of(known ? route_label(target) : "other", known ? method : "any", status).Increment();
  if (status == 429) impl_->limited.Increment();
}

void server_metrics::count_commit(std::size_t records, std::uint64_t bytes) {
  impl_->records.Increment(static_cast<double>(records));
  impl_->bytes.Increment(static_cast<double>(bytes));
}

void server_metrics::observe_sync(base::duration took) { impl_->sync.Observe(std::chrono::duration<double>(took).count()); }

void server_metrics::set_connections(std::size_t http, std::size_t gateway) {
  impl_->http.Set(static_cast<double>(http));
  impl_->gateway.Set(static_cast<double>(gateway));
}

void server_metrics::set_messages(std::size_t count) { impl_->messages.Set(static_cast<double>(count)); }

std::string server_metrics::text() const {
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, impl_->registry.Collect());
  return out.str();
}

}  // namespace dbcord::guild
