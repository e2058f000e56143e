#include "simulation/rivals.hpp"

#include <algorithm>
#include <array>

namespace dbcord::simulation {

namespace {

constexpr std::array names{"rival", "third"};

}  // namespace

rivals::rivals(world& w, simulated_guild& guild, network& net, trace& t, const scenario& s, supervisor& bot) : all_{&bot} {
  auto count = std::clamp<std::size_t>(static_cast<std::size_t>(s.rivals), 1, names.size());
  for (std::size_t i = 0; i < count; ++i) {
    own_.push_back(std::make_unique<supervisor>(w, guild, net, t, s, names[i]));
    all_.push_back(own_.back().get());
  }
}

void rivals::read_each_other() {
  for (std::size_t i = 0; i < all_.size(); ++i) all_[i]->set_other(*all_[(i + 1) % all_.size()]);
}

void rivals::allow_crashes(bool yes) {
  for (auto& r : own_) r->allow_crashes(yes);
}

void rivals::end() {
  for (auto& r : own_) r->end();
}

void rivals::rest_clients(bool yes) {
  for (auto* each : all_) each->rest_client(yes);
}

std::uint64_t rivals::crashes() const {
  std::uint64_t total = 0;
  for (const auto* each : all_) total += each->crashes();
  return total;
}

std::uint64_t rivals::starts() const {
  std::uint64_t total = 0;
  for (const auto* each : all_) total += each->starts();
  return total;
}

pause_figures rivals::pauses() const {
  pause_figures total;
  for (const auto* each : all_) total += each->pauses();
  return total;
}

std::uint64_t rivals::holders() const {
  return static_cast<std::uint64_t>(std::count_if(all_.begin(), all_.end(), [](const auto* each) { return each->ever_ready(); }));
}

}  // namespace dbcord::simulation
