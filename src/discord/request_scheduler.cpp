#include "discord/request_scheduler.hpp"

#include <boost/algorithm/string/predicate.hpp>

#include "discord/request_scheduler_impl.hpp"

namespace dbcord::discord {

std::string_view rest_response::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (boost::algorithm::iequals(key, name)) return value;
  }
  return {};
}

bool is_ambiguous(const base::error& e) {
  return e.code == transport_errc::interrupted || e.code == database::store_errc::unknown;
}

request_scheduler::request_scheduler(const actor::environment& env, transport& net, scheduler_options options)
    : impl_(std::make_shared<impl>(env, net, std::move(options))) {}
request_scheduler::~request_scheduler() = default;

actor::task<base::result<rest_response>> request_scheduler::send(rest_request request) {
  return impl_->send(std::move(request));
}
actor::task<void> request_scheduler::stop(base::steady_time deadline) {
  return impl_->stop(deadline);
}
scheduler_stats request_scheduler::stats() const {
  return impl_->stats();
}
std::vector<route_stats> request_scheduler::by_route() const {
  return impl_->by_route();
}

std::vector<bucket_counts> request_scheduler::by_bucket() const {
  return impl_->by_bucket();
}
actor::task<base::result<std::vector<bucket_stats>>> request_scheduler::buckets(base::steady_time deadline) const {
  return impl_->buckets(deadline);
}

}  // namespace dbcord::discord
