#include "guild/rate_limits.hpp"

#include <algorithm>
#include <map>

#include "dbcord/base/sha256.hpp"

namespace dbcord::guild {

rate_verdict rate_limits::admit(const rate_rule& rule, std::uint64_t resource, base::system_time now) {
  if (counters_.size() >= sweep_at_) sweep(now);
  auto& figure = table_.of(rule);
  auto& c = counters_[{&rule, resource}];
  if (c.end <= now || c.end > now + figure.window)
    c = {now + figure.window, 0};  // the second: the clock stepped back
  bool admitted = c.used < figure.limit;
  if (admitted) ++c.used;
  return {admitted, figure.limit, figure.limit - c.used, c.end};
}

rate_verdict rate_limits::admit_global(base::system_time now) {
  auto second = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  if (second != global_second_) global_second_ = second, global_used_ = 0;
  bool admitted = global_used_ < table_.global_a_second;
  if (admitted) ++global_used_;
  return {admitted, table_.global_a_second, table_.global_a_second - global_used_,
          base::system_time(std::chrono::seconds(second + 1))};
}

const std::string& rate_limits::bucket_id(const rate_rule& rule) {
  static const auto ids = [] {
    std::map<std::string_view, std::string> made;
    for (auto& r : rate_rules) made[r.bucket] = base::sha256_hex(r.bucket).substr(0, 32);
    return made;
  }();
  return ids.at(rule.bucket);
}

void rate_limits::sweep(base::system_time now) {
  std::erase_if(counters_, [&](auto& entry) { return entry.second.end <= now; });
  sweep_at_ = std::max<std::size_t>(1024, 2 * counters_.size());
}

}  // namespace dbcord::guild
