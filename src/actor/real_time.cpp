#include "actor/real_time.hpp"

#include <time.h>

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <mutex>

#include "actor/timer_queue.hpp"
#include "dbcord/base/assert.hpp"

namespace dbcord::actor {
namespace {

// Also while the machine is suspended, unlike std::chrono::steady_clock: who wakes up must know that others went on meanwhile (clock_gettime(2)).
base::steady_time steady_now() {
  timespec t{};
  DBCORD_ASSERT(clock_gettime(CLOCK_BOOTTIME, &t) == 0);
  return base::steady_time(std::chrono::seconds(t.tv_sec) + std::chrono::nanoseconds(t.tv_nsec));
}

// Asio's timers stand still in suspend: what has become due then fires so much later at most.
constexpr base::duration longest_wait = std::chrono::seconds(1);

}  // namespace

base::steady_time real_clock::now() const { return steady_now(); }
base::system_time real_clock::wall_now() const { return std::chrono::system_clock::now(); }

// One Asio timer, armed for the earliest deadline.
class real_timers::driver : public std::enable_shared_from_this<driver> {
 public:
  explicit driver(asio::io_context& context) : timer_(context) {}

  timer_id schedule(base::steady_time when, callback fire) {
    std::lock_guard lock(mutex_);
    auto id = queue_.push(when, std::move(fire));
    arm();
    return id;
  }

  bool cancel(timer_id id) {
    std::lock_guard lock(mutex_);
    return queue_.erase(id);
  }

  void shut_down() {
    std::lock_guard lock(mutex_);
    stopped_ = true;
    queue_ = {};
    timer_.cancel();
  }

 private:
  void arm() {
    auto next = queue_.next();
    if (stopped_ || !next || (armed_ && *armed_ <= *next)) return;
    armed_ = next;
    timer_.expires_after(std::min<base::duration>(*next - steady_now(), longest_wait));
    timer_.async_wait([self = shared_from_this()](boost::system::error_code ec) {
      if (!ec) self->fire_due();
    });
  }

  void fire_due() {
    for (;;) {
      callback due;
      {
        std::lock_guard lock(mutex_);
        due = queue_.pop_due(steady_now());
        if (!due) {
          armed_.reset();
          arm();
          return;
        }
      }
      due();
    }
  }

  std::mutex mutex_;
  asio::steady_timer timer_;
  timer_queue queue_;
  std::optional<base::steady_time> armed_;
  bool stopped_ = false;
};

real_timers::real_timers(asio::io_context& context) : driver_(std::make_shared<driver>(context)) {}
real_timers::~real_timers() { shut_down(); }
timer_service::timer_id real_timers::schedule(base::steady_time when, callback fire) {
  return driver_->schedule(when, std::move(fire));
}
bool real_timers::cancel(timer_id id) { return driver_->cancel(id); }
void real_timers::shut_down() { driver_->shut_down(); }

}  // namespace dbcord::actor
