#pragma once
// rate_table: the figures of the rate limits of one guild: Discord's as observed, unless a file says otherwise. Pure data.

#include <boost/json/object.hpp>

#include "dbcord/base/result.hpp"
#include "guild/rate_limit_table.hpp"

namespace dbcord::guild {

struct rate_table {
  struct figure {
    int limit = 0;  // requests a window
    std::chrono::milliseconds window{0};
    friend bool operator==(const figure&, const figure&) = default;
  };

  std::array<figure, rate_rules.size()> figures = observed_figures();  // in the order of rate_rules
  int global_a_second = global_requests_a_second;
  int identifies_a_day = guild::identifies_a_day;
  std::chrono::milliseconds identify_interval = guild::identify_interval;

  const figure& of(const rate_rule& rule) const { return figures[static_cast<std::size_t>(&rule - rate_rules.data())]; }

  friend bool operator==(const rate_table&, const rate_table&) = default;

 private:
  static constexpr std::array<figure, rate_rules.size()> observed_figures() {
    std::array<figure, rate_rules.size()> made;
    for (std::size_t i = 0; i < made.size(); ++i) made[i] = {rate_rules[i].limit, rate_rules[i].window};
    return made;
  }
};

// {"global_a_second": 50, "identifies_a_day": 1000, "identify_interval_ms": 5000,
//  "rules": {"message create": {"limit": 5, "window_ms": 5000}, …}}; what is missing is as observed, `rules` has the groups
// of rate_rules. Unknown names and figures that make no sense are an error of one sentence.
base::result<rate_table> parse_rate_table(std::string_view text);
boost::json::object to_json(const rate_table& table);

}  // namespace dbcord::guild
