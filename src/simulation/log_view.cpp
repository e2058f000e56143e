#include "simulation/log_view.hpp"

#include <algorithm>
#include <tuple>

#include "protocol/roll_record.hpp"
#include "simulation/workload.hpp"

namespace dbcord::simulation {
namespace {

base::channel_id target_of_roll(const protocol::log_header& header, const std::string& content) {
  auto body = protocol::decode_body(header, content, std::nullopt);
  auto roll = body ? protocol::decode_roll(*body) : std::nullopt;
  return roll ? roll->channel : base::channel_id();
}

}  // namespace

std::vector<seen_channel> channels_of(simulated_guild& guild, protocol::channel_role role) {
  std::vector<seen_channel> found;
  for (auto& c : channels_in(guild)) {
    auto topic = protocol::decode_topic(c.topic);
    if (topic && topic->role == role && topic->database_name == database_name) found.push_back(std::move(c));
  }
  return found;
}

std::vector<logged_record> log_chain_in(simulated_guild& guild) {
  std::map<std::string, logged_record> by_hash;
  const logged_record* tip = nullptr;
  for (const auto& channel : channels_of(guild, protocol::channel_role::log)) {
    for (const auto& m : messages_in(guild, channel.id)) {
      auto header = protocol::decode_header(m.content);
      if (!header) continue;
      auto hash = header->hash;
      auto to = header->kind == protocol::record_kind::roll ? target_of_roll(*header, m.content) : base::channel_id();
      auto [at, first] = by_hash.try_emplace(hash, logged_record{channel.id, m.id, std::move(*header), to});
      auto& r = at->second;
      if (!first) r.copies.push_back(m.id);
      auto rank = [](const logged_record& x) { return std::tuple(x.header.epoch, x.header.lsn, x.header.attempt); };
      if (!tip || rank(r) > rank(*tip)) tip = &r;
    }
  }
  std::vector<logged_record> all;
  while (tip) {
    all.push_back(*tip);
    auto previous = by_hash.find(tip->header.previous);
    tip = previous == by_hash.end() ? nullptr : &previous->second;
  }
  std::reverse(all.begin(), all.end());
  return all;
}

std::uint64_t first_lsn_of_newest_segment(simulated_guild& guild) {
  auto all = log_chain_in(guild);
  if (all.empty()) return 1;
  const auto& tip = all.back();
  if (tip.header.kind == protocol::record_kind::roll) return tip.header.lsn + 1;
  return std::find_if(all.begin(), all.end(), [&](const auto& r) { return r.channel == tip.channel; })->header.lsn;
}

}  // namespace dbcord::simulation
