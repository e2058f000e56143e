#pragma once
// set_aside_retries: when the rows of a table that Discord has refused are tried again. A rule of AutoMod may be gone, and a file that was cut
// while it was uploaded comes whole the next time; so soon after rows were set aside, then more and more rarely.

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>

#include "actor/environment.hpp"

namespace dbcord::database {

class set_aside_retries {
 public:
  static constexpr std::size_t rows_at_once = 16;  // two requests each, if they are refused again
  static constexpr base::duration first_pause = std::chrono::seconds(30), longest_pause = std::chrono::hours(1);

  explicit set_aside_retries(const actor::environment& env) : env_(env) {}

  // So many are set aside: when to try some. None: there are none.
  std::optional<base::steady_time> due(std::size_t set_aside) {
    if (set_aside > known_) begin_anew();
    known_ = set_aside;
    return set_aside > 0 ? std::optional(at_) : std::nullopt;
  }
  // Asked while rows are being written: fewer may be set aside for a moment only, until those that are tried again are refused again.
  bool is_due(std::size_t set_aside) {
    if (set_aside > known_) (void)due(set_aside);
    return set_aside > 0 && at_ <= env_.now();
  }
  // Up to the row with the key `last`; the next time others have their turn.
  void tried(std::string last) {
    last_ = std::move(last);
    pause_ = std::min(2 * pause_, longest_pause);
    at_ = env_.after(pause_);
  }
  const std::string& last() const { return last_; }

 private:
  void begin_anew() {
    auto soon = env_.after(first_pause);
    at_ = known_ > 0 ? std::min(at_, soon) : soon;  // however many follow, the first are tried
    pause_ = first_pause;
  }

  const actor::environment& env_;
  std::size_t known_ = 0;
  base::duration pause_ = first_pause;
  base::steady_time at_;
  std::string last_;
};

}  // namespace dbcord::database
