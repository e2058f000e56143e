// The part of table_actor that tells how the table is doing, and what lies where.

#include <algorithm>

#include "database/table_actor.hpp"

namespace dbcord::database {

dbcord::actor::task<base::result<table_actor::table_figures>> table_actor::figures(base::steady_time deadline) {
  auto look = [this] {
    table_figures f{state_.not_materialised() - state_.set_aside(), state_.set_aside(), {}, {state_.rows().value_bytes(), hits_, misses_, state_.rows().evictions()}};
    auto lost = knows_all_messages() ? state_.rows().lost_before(services_.log.first_lsn()) : row_directory::lost_rows();
    f.lost = lost.all;
    f.waiting -= std::min(f.waiting, lost.dirty);
    f.set_aside -= std::min(f.set_aside, lost.all - lost.dirty);
    state_.rows().each_dirty([&f](std::string_view, const stored_row& row) {
      if (row.row_message) return true;  // it only gets another place
      f.oldest_waiting = row.log_message;
      return false;  // they come in the order in which they were written
    });
    return f;
  };
  return ask(std::move(look), deadline);
}

dbcord::actor::task<std::vector<held_row>> table_actor::rows_at(std::set<base::message_id> messages) {
  std::vector<held_row> found;
  co_await on_strand([this, &found, &messages] {
    for (const auto& [key, row] : state_.rows()) {
      if (row.row_message && messages.contains(row.row_message)) found.push_back({definition_.table, std::string(key), row.version});
    }
  });
  co_return found;
}

dbcord::actor::task<table_actor::messages_by_channel> table_actor::messages_of_records(std::uint64_t from, std::uint64_t before, std::size_t most) {
  messages_by_channel found;
  std::size_t count = 0;
  auto add = [&](std::uint64_t lsn, base::message_id message) {
    if (message && lsn >= from && lsn < before) count += found[state_.channels().of(message)].insert(message).second;
    return count < most;
  };
  co_await on_strand([this, &add] {
    for (const auto& [key, row] : state_.rows()) {
      if (!add(row.lsn, row.row_message)) return;
    }
    state_.history().each_behind({}, [&](const auto&, const auto& versions) {
      return std::all_of(versions.begin(), versions.end(), [&](const auto& v) { return add(v.lsn, v.row_message); });
    });
  });
  co_return found;
}

}  // namespace dbcord::database
