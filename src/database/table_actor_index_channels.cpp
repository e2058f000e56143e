// The part of table_actor that tells index_channels what is in the indexes, and what has changed since.

#include "database/table_actor.hpp"

namespace dbcord::database {
namespace {

table_actor::shown_index as_shown_index(const secondary_index& index) {
  const auto& recorder = *index.recorder();
  return {index.definition(), recorder.now(), recorder.waiting(), recorder.shown()};
}

}  // namespace

secondary_index* table_actor::shown_on_strand(protocol::index_id index) {
  for (auto* shown : state_.shown_indexes()) {
    if (shown->definition().index == index) return shown;
  }
  return nullptr;
}

dbcord::actor::task<std::vector<table_actor::shown_index>> table_actor::shown_indexes() {
  std::vector<shown_index> all;
  co_await on_strand([this, &all] {
    for (auto* index : state_.shown_indexes()) all.push_back(as_shown_index(*index));
  });
  co_return all;
}

dbcord::actor::task<std::optional<table_actor::shown_index>> table_actor::shown_index_of(protocol::index_id index) {
  std::optional<shown_index> found;
  co_await on_strand([this, &found, index] {
    if (auto* its = shown_on_strand(index)) found = as_shown_index(*its);
  });
  co_return found;
}

dbcord::actor::task<bool> table_actor::resume_showing(protocol::index_id index, protocol::index_digest shown) {
  bool resumed = false;
  co_await on_strand([this, &resumed, index, shown] {
    auto* its = shown_on_strand(index);
    resumed = its && its->recorder()->resume(shown);
  });
  co_return resumed;
}

dbcord::actor::task<void> table_actor::begin_showing(protocol::index_id index) {
  return on_strand([this, index] {
    if (auto* its = shown_on_strand(index)) its->recorder()->begin_reading();
    account();
  });
}

dbcord::actor::task<void> table_actor::lose_shown(protocol::index_id index) {
  return on_strand([this, index] {
    if (auto* its = shown_on_strand(index)) its->recorder()->lose();
    account();
  });
}

dbcord::actor::task<std::optional<table_actor::shown_lines>> table_actor::next_to_show(protocol::index_id index, std::size_t bytes) {
  std::optional<shown_lines> next;
  auto take = [this, &next, index, bytes] {
    auto* its = shown_on_strand(index);
    if (!its || its->recorder()->now() == index_recorder::state::lost) return;
    auto& lines = next.emplace().lines;
    lines = its->recorder()->now() == index_recorder::state::reading ? its->read_on(bytes) : its->recorder()->take(bytes);
    next->now = as_shown_index(*its);
    account();
  };
  co_await on_strand(std::move(take));
  co_return next;
}

}  // namespace dbcord::database
