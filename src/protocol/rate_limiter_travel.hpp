#pragma once
// rate_limiter_travel: how long requests of one route and their answers are on their way, as far as that is certain. What a server
// says of the time left is old when it arrives, and the next request takes time to get there; both together are no less than the
// quickest exchange seen. So much sooner than "receipt + Reset-After" a request may leave without arriving too soon.
// Part of rate_limiter; same owner and strand. Pure.

#include <array>
#include <cstddef>

#include "dbcord/base/clock.hpp"

namespace dbcord::protocol {

class rate_limiter_travel {
 public:
  // From the first byte sent to the answer; connecting does not count.
  void answered(base::duration exchange);
  // A 429 at a time that headers had promised to be late enough: the server's figures are that imprecise.
  void refused_early(base::duration by);

  // May be taken off a time reckoned from an answer's receipt; negative: must be added. Zero until a few exchanges are known;
  // less than the quickest one where their times differ.
  base::duration lead() const;

 private:
  static constexpr std::size_t few = 6;
  static constexpr base::duration imprecision_max = std::chrono::seconds(1);

  std::array<base::duration, 16> recent_{};
  std::size_t count_ = 0;
  base::duration quickest_ = base::duration::max();
  base::duration caution_{};
};

}  // namespace dbcord::protocol
