#include "app/metrics_endpoint.hpp"

#include <fmt/format.h>
#include <prometheus/collectable.h>
#include <prometheus/exposer.h>

#include "app/listen_address.hpp"

namespace dbcord::app {
namespace {

class collected final : public prometheus::Collectable {
 public:
  explicit collected(metrics_endpoint::collector collect) : collect_(std::move(collect)) {}
  std::vector<prometheus::MetricFamily> Collect() const override {
    auto figures = collect_();
    return figures ? metrics_of(*figures) : std::vector<prometheus::MetricFamily>();
  }

 private:
  metrics_endpoint::collector collect_;
};

}  // namespace

struct metrics_endpoint::parts {
  parts(std::string of, std::uint16_t port, collector collect)
      : host(std::move(of)), metrics(std::make_shared<collected>(std::move(collect))), exposer(fmt::format("{}:{}", host, port)) {
    exposer.RegisterCollectable(metrics);
  }

  std::string host;  // in brackets if it is of IPv6
  std::shared_ptr<collected> metrics;
  prometheus::Exposer exposer;
};

metrics_endpoint::metrics_endpoint(std::unique_ptr<parts> p) : parts_(std::move(p)) {}
metrics_endpoint::~metrics_endpoint() = default;

std::string metrics_endpoint::url() const { return fmt::format("http://{}:{}/metrics", parts_->host, parts_->exposer.GetListeningPorts().front()); }

base::result<std::unique_ptr<metrics_endpoint>> metrics_endpoint::open(std::string_view text, collector collect) {
  auto address = parse_listen_address(text, "--metrics");
  if (!address) return address.error();
  bool v6 = address->address.find(':') != std::string::npos;
  auto host = v6 ? "[" + address->address + "]" : address->address;
  try {
    return std::unique_ptr<metrics_endpoint>(new metrics_endpoint(std::make_unique<parts>(host, address->port, std::move(collect))));
  } catch (const std::exception& e) {  // civetweb says what by exceptions only
    return base::error(base::errc::invalid_argument, fmt::format("--metrics: {}:{} cannot be listened on ({}); choose another port", host, address->port, e.what()));
  }
}

}  // namespace dbcord::app
