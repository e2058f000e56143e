#include "discord/server_clock.hpp"

#include <algorithm>

namespace dbcord::discord {
namespace {

using namespace std::chrono_literals;
constexpr base::duration date_unit = 1s;
constexpr base::duration worth_a_warning = 10s;

}  // namespace

server_clock::server_clock(const base::clock& machine, base::logger& log)
    : machine_(machine), log_(log), begun_(machine.now()), begun_wall_(machine.wall_now()) {}

void server_clock::note(base::system_time date, base::steady_time asked) {
  std::lock_guard lock(mutex_);
  known_ = true;
  auto received = machine_.now();
  auto shown = wall_at(received);
  auto right = std::clamp<base::system_time>(shown, date, date + date_unit + (received - asked));
  if (right == shown) return;
  correction_ += (right - shown).count();
  bool wrong = right - shown > worth_a_warning || shown - right > worth_a_warning;
  if (!wrong || warned_) return;
  warned_ = true;
  auto ahead = std::chrono::duration_cast<std::chrono::seconds>(shown - right).count();
  log_.warning("this machine's clock is not Discord's, which is used", {{"ahead_s", ahead}});
}

}  // namespace dbcord::discord
