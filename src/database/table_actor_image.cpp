// The part of table_actor that checkpoints are made of, and made from.

#include <algorithm>

#include "database/table_actor.hpp"

#include "base/deliberate_bug.hpp"

namespace dbcord::database {

dbcord::actor::task<table_actor::captured_head> table_actor::begin_capture() {
  captured_head captured;
  co_await on_strand([this, &captured] {
    const auto& garbage = state_.garbage();
    captured = {state_.begin_capture(), {}, {}, {}, state_.history().image(), sightings_.all()};
    for (auto kind : all_garbage_kinds) {
      std::vector<base::message_id> some(garbage.of(kind).begin(), garbage.of(kind).end());
      captured.garbage.insert(captured.garbage.end(), some.begin(), some.end());
      if (kind != garbage_kind::superseded && !some.empty()) captured.garbage_kinds.push_back({static_cast<std::uint64_t>(kind), std::move(some)});
    }
    std::sort(captured.garbage.begin(), captured.garbage.end());
    for (const auto& [id, page] : garbage.pages()) captured.pages.push_back({id, page.rows});
  });
  co_return captured;
}

dbcord::actor::task<std::vector<protocol::image_row>> table_actor::capture(std::size_t bytes) {
  std::vector<protocol::image_row> rows;
  co_await on_strand([this, &rows, bytes] {
    rows = state_.capture(bytes);
    account();
  });
  co_return rows;
}

dbcord::actor::task<void> table_actor::end_capture() {
  return on_strand([this] {
    state_.end_capture();
    account();
  });
}

base::result<void> table_actor::load(loaded_table table, bool search_trusted) {
  state_.load(table.head);
  publish_channels();
  shows_indexes_ = !state_.shown_indexes().empty();
  auto loaded = state_.load(std::move(table.rows));
  state_.load_garbage(table.garbage, table.garbage_kinds);
  bool forgets = base::has_bug(base::deliberate_bug::checkpoint_without_history);
  if (table.history && !forgets) state_.load_history(std::move(*table.history));
  state_.load_pages(table.pages);
  state_.end_load();
  if (search_trusted) {
    sightings_.load(table.seen_in_search);
  } else if (!table.seen_in_search.empty()) {
    search_was_reset_ = true;
  }
  account();
  return loaded;
}

void table_actor::begin_adoption(const std::set<base::message_id>& dropped, std::vector<protocol::image_adoption> from) {
  state_.forget_dropped_places(dropped);
  adopting_ = !from.empty();
  state_.set_unadopted(std::move(from));
  mark_lost_versions();
  account();
}

// As long as messages of an earlier process are adopted, one of them may be the place of what has none. So may one that could not be read.
void table_actor::mark_lost_versions() {
  auto first = services_.log.first_lsn();
  if (first <= 1 || !knows_all_messages()) return;
  if (auto lost = state_.mark_lost_versions(first); lost > 0) {
    env().log.warning("older versions of rows are lost: people have deleted messages that alone held them", {{"table", definition_.name}, {"versions", lost}});
  }
}

dbcord::actor::task<std::optional<std::uint64_t>> table_actor::oldest_log_only() {
  std::optional<std::uint64_t> oldest;
  co_await on_strand([this, &oldest] { oldest = state_.oldest_log_only(services_.log.first_lsn()); });
  co_return oldest;
}

dbcord::actor::task<table_actor::garbage_messages> table_actor::garbage() {
  garbage_messages all;
  co_await on_strand([this, &all] {
    all.channel = state_.channels().current;
    for (auto kind : all_garbage_kinds) {
      for (auto m : state_.garbage().of(kind)) {
        if (!state_.channels().retires(m)) all.messages.push_back(m);
      }
    }
  });
  co_return all;
}

dbcord::actor::task<void> table_actor::add_garbage(base::channel_id channel, base::message_id message, std::optional<page_place> row) {
  return on_strand([this, channel, message, row = std::move(row)] {
    if (!state_.counts(channel, message)) return;
    state_.add_garbage(message, row);
    account_what_was_found();
  });
}

dbcord::actor::task<void> table_actor::forget_garbage(std::vector<base::message_id> gone, garbage_counts* counted) {
  return on_strand([this, gone = std::move(gone), counted] {
    auto kinds = state_.forget_garbage(gone);
    if (counted) counted->add(kinds);
    account();
  });
}

}  // namespace dbcord::database
