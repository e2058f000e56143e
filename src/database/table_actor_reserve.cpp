// The part of table_actor that takes part in transactions over several rows and tables.

#include <fmt/format.h>

#include "database/table_actor.hpp"

#include "base/deliberate_bug.hpp"

namespace dbcord::database {

dbcord::actor::task<void> table_actor::until_unreserved() {
  while (reserved_) {
    dbcord::actor::promise<bool> turn;
    waiting_for_reservation_.push_back(turn);
    co_await turn.get();
  }
}

void table_actor::end_reservation() {
  reserved_ = false;
  for (auto& turn : std::exchange(waiting_for_reservation_, {})) turn.set(true);
}

dbcord::actor::task<reservation> table_actor::reserve(ticket owner, std::vector<numbered_step> steps, bool settled_only) {
  auto work = reserve_on_strand(owner, std::move(steps), settled_only);
  co_return co_await dbcord::actor::asio::co_spawn(executor(), std::move(work), dbcord::actor::asio::use_awaitable);
}

dbcord::actor::task<reservation> table_actor::reserve_on_strand(ticket owner, std::vector<numbered_step> steps, bool settled_only) {
  co_await until_unreserved();
  co_return decide_steps(owner, steps, settled_only);
}

reservation table_actor::decide_steps(ticket owner, const std::vector<numbered_step>& steps, bool settled_only) {
  dbcord::actor::no_suspend critical;
  reservation made;
  auto undo = [&] {
    std::vector<protocol::operation> changes;
    for (auto& [number, change] : made.changes) changes.push_back(std::move(change));
    state_.abort(owner, changes);
    account();
    made.changes.clear();
    made.seen.clear();
  };
  std::uint64_t shown = 0;
  for (const auto& [number, step] : steps) {
    auto d = state_.decide_step(step, services_.row_cap);
    auto wanted = !d.refusal && d.operation ? demand_of(d) : std::nullopt;
    if (wanted && !services_.memory.admits(*wanted)) {
      if (services_.memory.has_room_for(*wanted)) {
        undo();
        made.lacking = wanted;
        return made;
      }
      d.refusal = memory_full(*wanted);
    }
    if (!d.needs.empty()) {
      undo();
      for (const auto& s : steps) made.needs.push_back(s.step.key);
      made.needs = state_.evicted_of(made.needs);
      auto bytes = bytes_of(made.needs);
      if (bytes <= most_read()) return made;
      made.needs.clear();
      made.refusal = base::error(errc::too_large, fmt::format("the steps look at {} bytes of rows of table {} that are not in memory; at most {} at once: make it several transactions",
                                                              bytes, definition_.name, most_read()));
      made.refused_step = number;
      return made;
    }
    auto unsettled = d.refusal ? rests_on(d, owner, steps) : settled_only ? state_.pending_beside(step.key, owner) : std::nullopt;
    if (unsettled) {
      undo();
      made.wait_for = settled(*unsettled);
      return made;
    }
    if (d.refusal) {
      undo();
      made.refusal = std::move(d.refusal);
      made.refused_step = number;
      return made;
    }
    if (step.action == row_action::get) {
      auto now = state_.look(step.key);
      shown += now->json.size();
      if (shown > services_.row_cap) {
        undo();
        made.refusal = base::error(errc::too_large, fmt::format("the rows that the steps get have more than {} bytes together; get them by themselves", services_.row_cap));
        made.refused_step = number;
        return made;
      }
      row seen;
      seen.key = step.key;
      seen.version = now->version;
      seen.json = std::move(now->json);
      made.seen.emplace_back(number, std::move(seen));
    }
    if (!d.operation) continue;
    state_.add_pending(owner, *d.operation, d.index_bytes);
    account();
    made.changes.emplace_back(number, std::move(*d.operation));
  }
  reserved_ = !base::has_bug(base::deliberate_bug::forget_a_lock);
  return made;
}

std::uint64_t table_actor::bytes_of(const std::vector<std::string>& keys) const {
  std::uint64_t bytes = 0;
  for (const auto& key : keys) {
    if (auto row = state_.find(key)) bytes += row->json_size;
  }
  return bytes;
}

// They are in memory until the transaction has looked at them, whatever the cap.
std::uint64_t table_actor::most_read() const { return std::max<std::uint64_t>(services_.row_cap, services_.memory.cap() / 4); }

// A refusal because of an earlier step rests on whatever that step rests on.
std::optional<ticket> table_actor::rests_on(const decision& d, ticket owner, const std::vector<numbered_step>& steps) const {
  if (!d.rests_on || *d.rests_on != owner) return d.rests_on;
  for (const auto& s : steps) {
    if (auto other = state_.pending_beside(s.step.key, owner)) return other;
  }
  return std::nullopt;
}

dbcord::actor::task<void> table_actor::release() {
  return on_strand([this] { end_reservation(); });
}

dbcord::actor::task<void> table_actor::abandon(ticket owner, std::vector<protocol::operation> changes) {
  return on_strand([this, owner, changes = std::move(changes)] {
    state_.abort(owner, changes);
    account();
    end_reservation();
  });
}

}  // namespace dbcord::database
