// The part of table_actor that the materialiser works with: what is to be written next, and what has been.

#include "base/deliberate_bug.hpp"
#include "database/table_actor.hpp"

namespace dbcord::database {

dbcord::actor::task<base::result<table_state::next_rows>> table_actor::next_dirty() {
  auto work = [](table_actor* self) -> dbcord::actor::task<base::result<table_state::next_rows>> {
    co_return co_await self->next_dirty_on_strand();
  };
  return run(work, this);
}

dbcord::actor::task<base::result<table_state::next_rows>> table_actor::next_dirty_on_strand() {
  for (;;) {
    auto next = state_.next_dirty(services_.page_from);
    bool some = !next.rows.empty();
    auto read = co_await read_evicted(next.rows);
    if (!read) co_return read.error();
    if (some && next.rows.empty()) continue;  // they are set aside or gone, and others may wait behind them
    next.as_page = next.as_page && next.rows.size() > 1;
    co_return next;
  }
}

// What cannot be read because it is nowhere any more is left out, and named once.
dbcord::actor::task<base::result<void>> table_actor::read_evicted(std::vector<protocol::row_version>& rows) {
  std::vector<value_place> places;
  std::vector<std::size_t> which;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto stored = state_.find(rows[i].key);
    if (stored->resident) continue;
    places.push_back(place_of(rows[i].key, *stored, state_.channels()));
    which.push_back(i);
  }
  if (places.empty()) co_return base::result<void>();
  call_options options{priority::materialise, env().after(std::chrono::minutes(1))};
  auto values = co_await services_.values.read(definition_.table, places, options);
  std::set<std::size_t> lost;
  for (std::size_t i = 0; i < which.size(); ++i) {
    auto& row = rows[which[i]];
    if (values[i]) {
      row.json = std::move(*values[i]);
      continue;
    }
    if (values[i].error().code != errc::damaged) co_return unreadable(values[i].error());
    auto now = state_.find(row.key);
    if (now && now->lsn == row.lsn) {
      env().log.warning("a row cannot be written as a message", {{"database", services_.database}, {"table", definition_.name}, {"error", values[i].error().message}});
      state_.set_aside(row.key, row.lsn);
    }
    lost.insert(which[i]);
  }
  std::size_t position = 0;
  std::erase_if(rows, [&](const auto&) { return lost.contains(position++); });
  co_return base::result<void>();
}

dbcord::actor::task<void> table_actor::materialised(base::channel_id channel, std::string key, std::uint64_t version, std::uint64_t lsn,
                                                         base::message_id message) {
  return on_strand([this, channel, key = std::move(key), version, lsn, message] {
    if (!state_.counts(channel, message) && !base::has_bug(base::deliberate_bug::move_trusts_any_id)) return;
    state_.materialised(key, version, lsn, message);
    account();
  });
}

dbcord::actor::task<void> table_actor::materialised(base::channel_id channel, base::message_id page, std::vector<page_place> rows) {
  return on_strand([this, channel, page, rows = std::move(rows)] {
    if (!state_.counts(channel, page) && !base::has_bug(base::deliberate_bug::move_trusts_any_id)) return;
    state_.materialised(page, rows);
    account_what_was_found();
  });
}

dbcord::actor::task<void> table_actor::set_aside(std::string key, std::uint64_t lsn) {
  return on_strand([this, key = std::move(key), lsn] { state_.set_aside(key, lsn); });
}

dbcord::actor::task<std::string> table_actor::retry_set_aside(std::string after, std::size_t most) {
  std::string last;
  co_await on_strand([this, &after, most, &last] { last = state_.retry_set_aside(after, most); });
  co_return last;
}

dbcord::actor::task<table_actor::messages_by_channel> table_actor::places_beside(std::vector<row_copy> copies) {
  messages_by_channel found;
  co_await on_strand([this, &copies, &found] {
    const auto& channels = state_.channels();
    for (const auto& copy : copies) {
      auto row = state_.find(copy.key);
      bool elsewhere = row && row->lsn == copy.lsn && row->version == copy.version && row->row_message && row->row_message != copy.message;
      if (elsewhere && !channels.retires(row->row_message)) found[channels.of(row->row_message)].insert(row->row_message);
    }
  });
  co_return found;
}

dbcord::actor::task<bool> table_actor::knows_page(base::message_id page) {
  bool known = false;
  co_await on_strand([this, page, &known] { known = state_.knows_page(page); });
  co_return known;
}

dbcord::actor::task<std::optional<awaited_file>> table_actor::file_awaited_of(row_copy copy) {
  std::optional<awaited_file> awaited;
  co_await on_strand([this, &copy, &awaited] { awaited = state_.file_awaited_of(copy); });
  co_return awaited;
}

dbcord::actor::task<bool> table_actor::found(base::channel_id channel, row_copy copy, file_state file) {
  bool counted = true;
  co_await on_strand([this, channel, &copy, file, &counted] {
    if (!state_.counts(channel, copy.message) && !base::has_bug(base::deliberate_bug::move_trusts_any_id)) return;
    bool awaited = file != file_state::whole && state_.file_awaited_of(copy);
    counted = !awaited || file == file_state::cut;
    if (!counted) return;
    if (awaited) {
      state_.add_garbage(copy.message, page_place{copy.key, copy.version, copy.lsn, 0});
    } else {
      state_.materialised(copy.key, copy.version, copy.lsn, copy.message);
    }
    account_what_was_found();
  });
  co_return counted;
}

dbcord::actor::task<std::size_t> table_actor::relocate(std::set<base::message_id> pages) {
  std::size_t rows = 0;
  co_await on_strand([this, &pages, &rows] {
    rows = state_.relocate(pages);
    work_.notify();
  });
  co_return rows;
}

dbcord::actor::task<void> table_actor::expire_history() {
  return on_strand([this] {
    state_.expire_history(env().clock.wall_now(), true);
    account();
  });
}

dbcord::actor::task<std::set<base::message_id>> table_actor::sparse_pages() {
  std::set<base::message_id> pages;
  co_await on_strand([this, &pages] { pages = state_.sparse_pages(); });
  co_return pages;
}

dbcord::actor::task<void> table_actor::give_up(std::set<base::message_id> pages) {
  return on_strand([this, pages = std::move(pages)] { state_.give_up(pages); });
}

dbcord::actor::task<void> table_actor::abandon_page(base::message_id page) {
  return on_strand([this, page] {
    state_.abandon_page(page);
    mark_lost_versions();
    account();
  });
}

dbcord::actor::task<std::size_t> table_actor::lose_versions(std::set<table_state::version_id> versions) {
  std::size_t lost = 0;
  co_await on_strand([this, &versions, &lost] {
    if (!knows_all_messages()) return;
    for (const auto& v : versions) lost += state_.lose_version(v) ? 1 : 0;
    account();
  });
  if (lost > 0) {
    env().log.warning("older versions of rows are lost: the records of the log that alone had them are damaged", {{"table", definition_.name}, {"versions", lost}});
  }
  co_return lost;
}

}  // namespace dbcord::database
