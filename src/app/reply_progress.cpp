#include "app/reply_progress.hpp"

#include <mutex>

#include "app/progress_bar.hpp"
#include "app/reply_message.hpp"

namespace dbcord::app {
namespace {

struct shown_progress {
  std::mutex mutex;
  std::unique_ptr<progress_bar> bar;
  std::uint64_t all = 0;
};

}  // namespace

progress_sink reply_progress() {
  auto shown = std::make_shared<shown_progress>();
  return [shown](const boost::json::object& message) {
    auto told = progress_of(message);
    if (!told) return;
    std::lock_guard lock(shown->mutex);
    if (!shown->bar || shown->all != told->all) shown->bar = std::make_unique<progress_bar>(stderr, told->all, std::string());
    shown->all = told->all;
    shown->bar->show(told->done, base::duration::zero());
  };
}

}  // namespace dbcord::app
