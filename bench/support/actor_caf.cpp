#include "support/actor_caf.hpp"

#include <stdexcept>

#ifdef DBCORD_BENCH_CAF
#include <caf/all.hpp>
#include <future>

#include "actor/real_time.hpp"
#endif

namespace dbcord::bench {

#ifdef DBCORD_BENCH_CAF

namespace {

caf::behavior count(caf::event_based_actor* self, std::uint64_t expected, std::promise<void>* done) {
  auto total = std::make_shared<std::uint64_t>(0);
  return {[=](std::uint64_t n) {
    if ((*total += n) != expected) return;
    done->set_value();
    self->quit();
  }};
}

// Sends a part, then itself a message to go on.
caf::behavior keep_sending(caf::event_based_actor* self, caf::actor to, std::uint64_t left) {
  constexpr std::uint64_t part = 256;
  auto rest = std::make_shared<std::uint64_t>(left);
  return {[=](bool) {
    auto now = std::min(*rest, part);
    for (std::uint64_t i = 0; i < now; ++i) self->send(to, std::uint64_t{1});
    *rest -= now;
    if (*rest == 0) return self->quit();
    self->send(self, true);
  }};
}

}  // namespace

const bool has_caf = true;

double measure_caf(int senders, std::uint64_t messages, int threads) {
  caf::actor_system_config config;
  config.set("scheduler.max-threads", static_cast<std::size_t>(threads));
  caf::actor_system system(config);
  auto share = messages / static_cast<std::uint64_t>(senders);
  std::promise<void> done;
  auto to = system.spawn(count, share * static_cast<std::uint64_t>(senders), &done);
  actor::real_clock clock;
  auto begun = clock.now();
  for (int i = 0; i < senders; ++i) caf::anon_send(system.spawn(keep_sending, to, share), true);
  done.get_future().wait();
  return static_cast<double>(share) * senders / std::chrono::duration<double>(clock.now() - begun).count();
}

#else

const bool has_caf = false;

double measure_caf(int, std::uint64_t, int) {
  throw std::logic_error("built without CAF");
}

#endif

}  // namespace dbcord::bench
