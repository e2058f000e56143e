// The part of table_actor that alters columns: the beginning and the end are records of the log, and rows present are written anew between.

#include "database/pending_demand.hpp"
#include "database/table_actor.hpp"

namespace dbcord::database {
namespace {

memory_demand demand_of_rows(const table_state::alteration_slice& slice) {
  memory_demand wanted{0, false};
  for (std::size_t i = 0; i < slice.changes.size(); ++i) wanted.bytes += bytes_while_pending(std::get<protocol::put_row>(slice.changes[i]), slice.index_bytes[i]);
  return wanted;
}

}  // namespace

dbcord::actor::task<write_result<committed_write>> table_actor::begin_alteration(protocol::column_change change, bool force, write_context context) {
  auto work = [this](protocol::column_change c, bool f, write_context w) { return begin_alteration_on_strand(std::move(c), f, std::move(w)); };
  return run(std::move(work), std::move(change), force, std::move(context));
}

dbcord::actor::task<write_result<committed_write>> table_actor::begin_alteration_on_strand(protocol::column_change change, bool force,
                                                                                           write_context context) {
  auto found = std::make_shared<table_state::evicted_rows_check>();
  if (table_state::concerns_rows(change, force)) {
    row_check check = [&change, force, back = state_.takes_back(change), cap = services_.row_cap](const protocol::json_node& row) {
      return table_state::obstacle_to(change, force, back, row, cap);
    };
    auto checked = co_await check_evicted(std::move(check), context.deadline);
    if (!checked) co_return write_result<committed_write>{false, checked.error()};
    *found = std::move(*checked);
  }
  auto decide = [change = std::move(change), force, found, cap = services_.row_cap](const table_state& s) { return s.decide_alteration(change, force, cap, *found); };
  co_return co_await write_on_strand(std::move(decide), std::move(context));
}

dbcord::actor::task<write_result<committed_write>> table_actor::end_alteration(std::uint64_t number, write_context context) {
  return write([number](const table_state& s) { return s.decide_end_of_alteration(number); }, std::move(context));
}

dbcord::actor::task<table_actor::altering> table_actor::altering_now() {
  altering now;
  co_await on_strand([this, &now] {
    if (const auto* change = state_.alteration()) now.change = *change;
    now.number = state_.alteration_number();
    now.schema_json = state_.schema().json();
    now.rows = state_.rows().size();
  });
  co_return now;
}

dbcord::actor::task<base::result<table_actor::altered_rows>> table_actor::alter_next(std::uint64_t number, std::string after,
                                                                                           write_context context) {
  auto work = [this](std::uint64_t n, std::string a, write_context c) { return alter_next_on_strand(n, std::move(a), std::move(c)); };
  return run(std::move(work), number, std::move(after), std::move(context));
}

dbcord::actor::task<base::result<table_actor::altered_rows>> table_actor::alter_next_on_strand(std::uint64_t number, std::string after,
                                                                                                     write_context context) {
  for (auto most = services_.altered_at_once;;) {
    co_await until_unreserved();
    if (!state_.is_altering(number)) co_return altered_rows{{}, 0, false, true};
    auto slice = state_.next_to_alter(after, most);
    if (!slice.needs.empty()) {
      for (const auto& key : slice.needs) spared_[key] = context.deadline;
      auto read = co_await make_resident_on_strand(slice.needs, context.deadline);
      if (!read) co_return read.error();
      if (env().now() >= context.deadline) co_return base::error(base::errc::timeout);
      continue;  // on rows as they are by now
    }
    altered_rows done{std::move(slice.last), slice.rows, slice.ended, false};
    if (slice.changes.empty()) {
      if (!slice.rests_on) co_return done;
      auto outcome = co_await settled(*slice.rests_on).get_until(env(), context.deadline);
      if (!outcome) co_return base::error(base::errc::timeout);
      continue;
    }
    while (forget_some_versions()) {  // rather older versions than this
    }
    // It goes on where memory is full, too: then by as few rows as there is room for.
    if (slice.changes.size() > 1 && !services_.memory.admits(demand_of_rows(slice))) {
      most = slice.rows / 2;
      continue;
    }
    auto pending = submit(std::move(slice.changes), slice.index_bytes, {}, context.idempotency_key, context);
    if (!pending) co_return pending.error();
    auto outcome = co_await (*pending)->outcome.get_until(env(), context.deadline);
    for (const auto& op : (*pending)->body.operations) {
      if (const auto* put = std::get_if<protocol::put_row>(&op)) spared_.erase(put->key);
    }
    if (!outcome) co_return base::error(errc::outcome_unknown);
    if (!*outcome) co_return outcome->error();
    co_return done;  // and so is everything that stood before it in the log's queue, whatever `rests_on` names
  }
}

}  // namespace dbcord::database
