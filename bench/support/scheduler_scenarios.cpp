#include "support/scheduler_scenarios.hpp"

#include <fmt/format.h>

namespace dbcord::bench {
namespace {

using namespace std::chrono_literals;

// Discord's as observed, but for what is given.
guild::rate_table limits(int global, guild::rate_table::figure create, guild::rate_table::figure edit,
                         guild::rate_table::figure remove) {
  guild::rate_table t;
  t.global_a_second = global;
  for (std::size_t i = 0; i < guild::rate_rules.size(); ++i) {
    if (guild::rate_rules[i].group == "message create") t.figures[i] = create;
    if (guild::rate_rules[i].group == "message edit") t.figures[i] = edit;
    if (guild::rate_rules[i].group.ends_with("message delete")) t.figures[i] = remove;
  }
  return t;
}

bucket_load load_of(const scenario& s, std::string_view group, int requests) {
  const auto& figure = s.limits.of(*guild::find_rate_rule(group));
  return {figure.limit, figure.window, requests};
}

}  // namespace

std::vector<scenario> makespan_scenarios(bool small) {
  if (small) {
    return {{"one bucket: 12 creates, 1 channel", 1, 12},
            {"mixed: 60 over 3 channels", 3, 8, 6, 6},
            {"other limits: 60 mixed over 3", 3, 8, 6, 6, limits(50, {7, 3s}, {4, 2s}, {2, 700ms}), 120ms}};
  }
  return {{"one bucket: 60 creates, 1 channel", 1, 60},
          {"many buckets: 300 creates, 20 channels", 20, 15},
          {"global limit: 2,000 creates, 100 channels", 100, 20},
          {"unequal: 10 channels of 30, 60 of 5", 70, 0},
          {"mixed: 200 over 10 channels", 10, 8, 6, 6},
          {"mixed: 900 over 30 channels", 30, 16, 7, 7},
          {"deletes only: 120, 1 channel", 1, 0, 0, 120},
          {"a shared 429 in the middle of 60 creates", 1, 60, 0, 0, {}, 50ms, true},
          {"other limits, 120 ms away: 300 mixed over 6", 6, 24, 16, 10, limits(50, {7, 3s}, {4, 2s}, {2, 700ms}), 120ms},
          {"other limits, 400 ms away: 280 over 7", 7, 40, 0, 0, limits(50, {10, 10s}, {4, 2s}, {2, 700ms}), 400ms},
          {"global limit of 30, not known: 900 over 60", 60, 15, 0, 0, limits(30, {5, 5s}, {5, 5s}, {3, 333ms}), 50ms, false, true}};
}

std::vector<operation> operations_of(const scenario& s, const std::vector<std::string>& channels,
                                     const std::function<std::string(const std::string&)>& message) {
  std::vector<operation> list;
  auto add = [&](operation_kind kind, const std::string& channel) {
    operation op{kind, channel, kind == operation_kind::create ? "" : message(channel), {}, {}};
    op.content = fmt::format("operation {}", list.size());
    list.push_back(std::move(op));
  };
  bool unequal = s.creates + s.edits + s.removes == 0;
  int most = unequal ? 30 : std::max({s.creates, s.edits, s.removes});
  for (int round = 0; round < most; ++round) {
    for (std::size_t c = 0; c < channels.size(); ++c) {
      int creates = unequal ? (c >= channels.size() - 10 ? 30 : 5) : s.creates;
      if (round < creates) add(operation_kind::create, channels[c]);
      if (round < s.edits) add(operation_kind::edit, channels[c]);
      if (round < s.removes) add(operation_kind::remove, channels[c]);
    }
  }
  return list;
}

base::duration bound_of(const scenario& s) {
  std::map<std::string, bucket_load> buckets;
  bool unequal = s.creates + s.edits + s.removes == 0;
  for (int c = 0; c < s.channels; ++c) {
    int creates = unequal ? (c >= s.channels - 10 ? 30 : 5) : s.creates;
    buckets[fmt::format("create {}", c)] = load_of(s, "message create", creates);
    buckets[fmt::format("edit {}", c)] = load_of(s, "message edit", s.edits);
    buckets[fmt::format("delete {}", c)] = load_of(s, "message delete", s.removes);
  }
  return makespan_bound(buckets, s.limits.global_a_second, s.round_trip);
}

}  // namespace dbcord::bench
