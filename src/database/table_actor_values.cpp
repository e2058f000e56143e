// The part of table_actor that is about memory: what is counted, which values are evicted, and how they come back.

#include <fmt/format.h>

#include <bit>

#include "database/table_actor.hpp"

namespace dbcord::database {
namespace {

// A transaction comes back for what it needs: longer than it takes to read a few records of the log.
constexpr base::duration spared_time = std::chrono::seconds(20);

}  // namespace

void table_actor::account() {
  auto now = held();
  services_.memory.change(std::exchange(accounted_, now), now);
  rows_now_ = state_.rows().size();
  json_bytes_now_ = state_.json_bytes();
  trim_digests();
  if (services_.memory.excess() > 0) evict_some(true);
}

// A round is bounded in time, and others have their turn before the next one.
void table_actor::trim_digests() {
  if (!state_.has_to_trim() || trimming_ || !begun_) return;
  trimming_ = true;
  dbcord::actor::asio::post(executor(), [self = shared_from_this()] {
    self->state_.trim_digests();
    self->trimming_ = false;
    self->account();
  });
}

// A start learns late how many messages nobody needs; older versions that it has brought back have filled the room until then.
void table_actor::account_what_was_found() {
  account();
  if (services_.memory.is_full_of_past()) (void)services_.memory.make_room({0, false});
}

// Rows that lie in no message go last: the materialiser would have to read them again.
void table_actor::evict_some(bool others_too) {
  auto tell = [this] {
    auto now = held();
    services_.memory.change(std::exchange(accounted_, now), now);
  };
  auto could_go = [this] { return state_.rows().value_bytes() + (services_.memory.excess_beyond_values() > 0 ? state_.rows().fingerprint_bytes() : 0); };
  if (services_.memory.is_below(futile_until_) && could_go() < futile_values_) return;
  std::erase_if(spared_, [now = env().now()](const auto& s) { return s.second <= now; });
  auto spared = [this](std::string_view key) { return !spared_.empty() && spared_.contains(key); };
  std::uint64_t freed = 0;
  for (bool log_only : {false, true}) {
    auto excess = services_.memory.excess();
    if (excess == 0 || state_.rows().value_bytes() == 0) break;
    auto evicted_before = state_.rows().evictions();
    freed += state_.evict(excess, log_only, spared, services_.memory.excess_beyond_values() == 0);
    tell();
    if (state_.rows().evictions() - evicted_before >= row_directory::evictions_a_look) break;  // more of these go in the next look
  }
  if (auto more = services_.memory.excess_beyond_values(); more > 0 && state_.rows().fingerprint_bytes() > 0) {
    freed += state_.forget_fingerprints(more);
    tell();
  }
  if (services_.memory.excess() == 0) return;
  if (others_too) services_.memory.relieve_all();
  // One look at the rows is bounded in time: another follows until the hand has gone round twice (the first time it may only have noted what was
  // read) and has freed nothing, while nothing came in.
  auto values = could_go();
  fruitless_looks_ = freed > 0 || values > looked_at_values_ ? 0 : fruitless_looks_ + 1;
  looked_at_values_ = values;
  bool futile = values == 0 || fruitless_looks_ > 2 * (state_.rows().size() / row_directory::rows_a_look + 1);
  futile_until_ = futile ? services_.memory.some_more() : memory_account::mark();
  futile_values_ = futile ? values + services_.memory.some() : 0;
  if (futile) fruitless_looks_ = 0;
  if (futile || evicting_ || !begun_) return;
  evicting_ = true;
  relieve();
}

void table_actor::begin() {
  begun_ = true;
  relieve();
}

void table_actor::relieve() {
  if (!begun_) return;
  dbcord::actor::asio::post(executor(), [self = shared_from_this()] {
    self->evicting_ = false;
    self->trim_digests();  // what a start has left
    self->evict_some(false);
  });
}

bool table_actor::forget_some_versions(memory_demand wanted) {
  return services_.memory.gains_by_forgetting(wanted) && forget_half_of_history();
}

bool table_actor::forget_half_of_history() {
  if (state_.history().size() == 0) return false;
  auto told = state_.history().given_up().count;
  state_.halve_history(env().clock.wall_now());
  auto all = state_.history().given_up().count;
  bool is_news = std::bit_width(all) > std::bit_width(told);  // each time it is twice as much: few lines, however long this goes on
  if (is_news) {
    env().log.warning("memory is short, so older versions of rows were given up before their time",
                      {{"database", services_.database}, {"table", definition_.name}, {"versions_since_the_start", all}});
  }
  account();
  return true;
}

void table_actor::forget_past(const memory_account& asking, memory_demand wanted, std::function<void()> then) {
  if (!begun_) {
    then();
    return;
  }
  dbcord::actor::asio::post(executor(), [self = shared_from_this(), &asking, wanted, then = std::move(then)] {
    // Whoever asks knows that it helps, and may ask for more than it needs.
    if (!asking.admits(wanted)) (void)self->forget_half_of_history();
    then();
  });
}

base::error table_actor::unreadable(const base::error& why) const {
  if (why.code == errc::damaged && !knows_all_messages()) return still_adopting();
  if (why.code == errc::damaged) return {why.code, fmt::format("table {}: {}", definition_.name, why.message)};
  bool advised = why.message.find("try again") != why.message.npos;
  return {errc::unavailable,
          fmt::format("table {}: a row that is not in memory cannot be read now{}: {}", definition_.name, advised ? "" : ", try again later", why.message), why.detail};
}

dbcord::actor::task<base::result<void>> table_actor::make_resident(std::vector<std::string> keys, base::steady_time deadline) {
  auto work = [](table_actor* self, std::vector<std::string> k, base::steady_time until) -> dbcord::actor::task<base::result<void>> {
    for (const auto& key : k) self->spared_[key] = self->env().after(spared_time);
    co_return co_await self->make_resident_on_strand(std::move(k), until);
  };
  return run(work, this, std::move(keys), deadline);
}

// A value that somebody reads already is waited for.
dbcord::actor::task<base::result<void>> table_actor::make_resident_on_strand(std::vector<std::string> keys, base::steady_time deadline) {
  std::vector<value_place> places;
  std::vector<dbcord::actor::promise<bool>> others;
  for (const auto& key : keys) {
    auto row = state_.find(key);
    if (!row || row->resident) continue;
    ++misses_;
    auto [it, first] = loading_.try_emplace(key);
    if (first) {
      places.push_back(place_of(key, *row, state_.channels()));
    } else {
      others.push_back(it->second.emplace_back());
    }
  }
  base::result<void> done;
  if (!places.empty()) {
    call_options options{priority::interactive, deadline};
    auto values = co_await services_.values.read(definition_.table, places, options);
    for (std::size_t i = 0; i < places.size(); ++i) {
      auto now = state_.find(places[i].key);
      bool still = now && !now->resident && now->lsn == places[i].lsn;
      if (values[i]) state_.admit(places[i].key, places[i].lsn, *values[i]);
      // A row that moved meanwhile is looked up again by the caller.
      bool same_place = still && now->row_message == places[i].row_message;
      if (!values[i] && same_place && done) done = unreadable(values[i].error());
      auto waiting = loading_.extract(places[i].key);
      for (auto& w : waiting.mapped()) w.set(true);
    }
    account();
  }
  for (auto& other : others) {
    auto loaded = co_await other.get_until(env(), deadline);
    if (!loaded) co_return unreadable({base::errc::timeout, "its message did not come in time"});
  }
  co_return done;
}

dbcord::actor::task<base::result<void>> table_actor::complete_digests(base::steady_time deadline) {
  auto work = [](table_actor* self, base::steady_time until) -> dbcord::actor::task<base::result<void>> {
    for (;;) {
      auto lacking = self->state_.lacking_digest();
      if (lacking.empty()) co_return base::result<void>();
      auto read = co_await self->make_resident_on_strand(std::move(lacking), until);
      if (!read) co_return read.error();
    }
  };
  return run(work, this, deadline);
}

dbcord::actor::task<void> table_actor::build_again_incomplete_indexes() {
  return on_strand([this] {
    auto fields = state_.build_again_incomplete_indexes();
    for (const auto& field : fields) {
      env().log.warning("an index lacks rows whose values cannot be read now; it is built again", {{"database", services_.database}, {"table", definition_.name}, {"field", field}});
    }
    shows_indexes_ = !state_.shown_indexes().empty();
    account();
  });
}

dbcord::actor::task<void> table_actor::build_again(protocol::index_id index) {
  return on_strand([this, index] {
    state_.build_again(index);
    shows_indexes_ = !state_.shown_indexes().empty();
  });
}

dbcord::actor::task<write_result<committed_write>> table_actor::set_schema(protocol::row_schema schema, bool force, write_context context) {
  auto work = [this](protocol::row_schema s, bool f, write_context c) { return set_schema_on_strand(std::move(s), f, std::move(c)); };
  return run(std::move(work), std::move(schema), force, std::move(context));
}

dbcord::actor::task<write_result<committed_write>> table_actor::set_schema_on_strand(protocol::row_schema schema, bool force, write_context context) {
  auto found = std::make_shared<table_state::evicted_rows_check>();
  if (!force) {
    set_total(context.progress, state_.unchecked(*found).size());
    row_check check = [&schema, progress = context.progress](const protocol::json_node& row) {
      add_done(progress, 1);
      return schema.check(row);
    };
    auto checked = co_await check_evicted(std::move(check), context.deadline);
    if (!checked) co_return write_result<committed_write>{false, checked.error()};
    if (is_cancelled(context.progress)) {
      co_return write_result<committed_write>{false, base::error(base::errc::stopping, "setting the schema was cancelled; it is as it was")};
    }
    *found = std::move(*checked);
  }
  auto decide = [schema = std::move(schema), force, found](const table_state& s) { return s.decide_schema(schema, force, *found); };
  co_return co_await write_on_strand(std::move(decide), std::move(context));
}

// Rows whose values are elsewhere are read and checked first, as they stand at one moment; then those that have changed since.
dbcord::actor::task<base::result<table_state::evicted_rows_check>> table_actor::check_evicted(row_check check, base::steady_time deadline) {
  table_state::evicted_rows_check found;
  for (auto keys = state_.unchecked(found); !keys.empty(); keys = state_.unchecked(found)) {
    auto to_lsn = state_.rows().newest_lsn();
    captured_rows which;
    which.keys = std::move(keys);
    auto scan = state_.begin_scan(std::move(which));
    for (;;) {
      auto rows = co_await next_of_scan(scan, deadline);
      if (!rows) co_return rows.error();
      if (rows->empty()) break;
      for (const auto& row : *rows) {
        auto node = protocol::parse_json(row.json);
        auto why = node ? check(*node) : std::optional<std::string>("it is no JSON");
        if (why) found.bad[row.key] = {row.lsn, *why};
      }
    }
    found.to_lsn = to_lsn;
  }
  co_return found;
}

}  // namespace dbcord::database
