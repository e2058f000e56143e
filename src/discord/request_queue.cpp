#include "discord/request_queue.hpp"

#include <algorithm>

namespace dbcord::discord {

void request_queue::add(request_job_ptr job) {
  deadlines_.emplace(std::pair{job->request.deadline, job->place}, job);
  if (job->not_before == base::steady_time{}) {
    join(job);
  } else {
    backing_off_.emplace(std::pair{job->not_before, job->place}, job);
  }
}

void request_queue::remove(const request_job_ptr& job) {
  deadlines_.erase({job->request.deadline, job->place});
  if (backing_off_.erase({job->not_before, job->place}) == 0) leave(job);
}

void request_queue::join(const request_job_ptr& job) {
  lanes_[lane_of(*job)].emplace(job->place, job);
}

void request_queue::leave(const request_job_ptr& job) {
  auto found = lanes_.find(lane_of(*job));
  if (found == lanes_.end() || found->second.erase(job->place) == 0) return;
  if (found->second.empty()) lanes_.erase(found);
}

std::vector<request_queue::lane_head> request_queue::heads() const {
  std::vector<lane_head> all;
  all.reserve(lanes_.size());
  for (const auto& [key, lane] : lanes_) all.push_back({lane.begin()->second, lane.size()});
  return all;
}

request_queue::lane_head request_queue::head_beside(const request_job& job) const {
  auto found = lanes_.find(lane_of(job));
  if (found == lanes_.end()) return {};
  return {found->second.begin()->second, found->second.size()};
}

void request_queue::wake(base::steady_time now) {
  while (!backing_off_.empty() && backing_off_.begin()->first.first <= now) {
    auto job = backing_off_.extract(backing_off_.begin()).mapped();
    job->not_before = {};
    join(job);
  }
}

std::vector<request_job_ptr> request_queue::take_expired(base::steady_time now) {
  std::vector<request_job_ptr> expired;
  while (!deadlines_.empty() && deadlines_.begin()->first.first <= now) {
    expired.push_back(deadlines_.begin()->second);
    remove(expired.back());
  }
  return expired;
}

std::vector<request_job_ptr> request_queue::take_all() {
  std::vector<request_job_ptr> all;
  for (const auto& [when, job] : deadlines_) all.push_back(job);
  lanes_.clear();
  backing_off_.clear();
  deadlines_.clear();
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a->place < b->place; });
  return all;
}

std::optional<base::steady_time> request_queue::next_event() const {
  std::optional<base::steady_time> when;
  if (!deadlines_.empty()) when = deadlines_.begin()->first.first;
  if (!backing_off_.empty()) {
    auto wake = backing_off_.begin()->first.first;
    when = when ? std::min(*when, wake) : wake;
  }
  return when;
}

}  // namespace dbcord::discord
