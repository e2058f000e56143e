// The part of table_actor that reads: rows by key, finds, figures, what the whole table holds.

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/deliberate_bug.hpp"
#include "database/read_batches.hpp"
#include "database/row_access.hpp"
#include "database/table_actor.hpp"
#include "database/table_identity.hpp"
#include "protocol/log_record.hpp"

namespace dbcord::database {
namespace {

constexpr std::uint64_t scan_bytes_max = 64 * 1024 * 1024;    // that a scan keeps of what changes meanwhile

constexpr std::size_t batch_growth = 4;  // so that what finds little soon reads all at once
constexpr std::uint64_t requests_a_source = 2;  // at most, about: a message, and what it has attached

std::uint64_t resident_among(const std::vector<protocol::image_row>& rows) {
  return static_cast<std::uint64_t>(std::count_if(rows.begin(), rows.end(), [](const auto& r) { return r.resident; }));
}

// Puts rows into an answer as the query shows them, until its byte budget is used up; end() turns those round that were found backwards.
class answer_page {
 public:
  answer_page(const find_query& query, find_answer& answer) : query_(query), answer_(answer) {}

  // False: there is no room for it, nor for what follows. The first row always has room.
  bool add(row found) {
    bytes_ += found.json.size();
    if (bytes_ > query_.byte_budget() && !answer_.rows.empty()) return false;
    found.json = query_.shown(found.json);
    answer_.rows.push_back(std::move(found));
    return true;
  }
  void end() {
    if (query_.backwards()) std::reverse(answer_.rows.begin(), answer_.rows.end());
  }

 private:
  const find_query& query_;
  find_answer& answer_;
  std::size_t bytes_ = 0;
};

}  // namespace

row table_actor::to_row(std::string_view key, const stored_row& stored) const {
  row r;
  r.key = key;
  r.version = stored.version;
  r.lsn = stored.lsn;
  r.json = stored.json;
  r.location = stored.row_message ? message_link{services_.guild, state_.channels().of(stored.row_message), stored.row_message}
                                  : message_link{services_.guild, services_.log.channel_of(stored.lsn), stored.log_message};
  return r;
}

base::error table_actor::no_such_row(std::string_view key) const {
  return {errc::unknown_key, fmt::format("table {} of database {} has no row with key \"{}\"", definition_.name, services_.database, key)};
}

dbcord::actor::task<base::result<row>> table_actor::get(std::string key, base::steady_time deadline) {
  auto look = [this, key]() -> base::result<std::optional<row>> {
    auto stored = state_.find(key);
    auto pending = base::has_bug(base::deliberate_bug::show_what_is_pending) ? state_.look(key) : std::nullopt;
    if (pending) {
      row unsettled;
      unsettled.key = key;
      unsettled.version = pending->version;
      unsettled.json = pending->json;
      return std::optional(std::move(unsettled));
    }
    if (!stored) return no_such_row(key);
    if (!stored->resident) return std::optional<row>();
    state_.touch(key);
    ++hits_;
    return std::optional(to_row(key, *stored));
  };
  auto found = co_await ask(std::move(look), deadline);
  if (!found) co_return found.error();
  if (*found) co_return std::move(**found);
  auto work = [this](std::string k, base::steady_time until) { return get_evicted(std::move(k), until); };
  co_return co_await run(std::move(work), std::move(key), deadline);
}

// What is answered is the row as it is when the value is there: it may have changed, or be gone.
dbcord::actor::task<base::result<row>> table_actor::get_evicted(std::string key, base::steady_time deadline) {
  for (;;) {
    auto stored = state_.find(key);
    if (!stored) co_return no_such_row(key);
    if (stored->resident) co_return to_row(key, *stored);
    std::vector<std::string> keys{key};
    auto read = co_await make_resident_on_strand(std::move(keys), deadline);
    if (!read) co_return read.error();
    if (env().now() >= deadline) co_return unreadable({base::errc::timeout, "its message did not come in time"});
  }
}

dbcord::actor::task<base::result<table_actor::versions>> table_actor::versions_of(std::string key, base::steady_time deadline) {
  return ask(
      [this, key = std::move(key)] {
        versions all;
        if (state_.expire_history_of(key, env().clock.wall_now())) account();
        if (auto row = state_.find(key)) all.live = past_version{row->version, row->lsn, row->log_message, row->row_message, false, row->part};
        if (const auto* past = state_.history().of(key)) all.past = *past;
        all.forgotten_to = state_.history().forgotten_to(key);
        all.channels = state_.channels();
        return all;
      },
      deadline);
}

dbcord::actor::task<base::result<find_answer>> table_actor::find(find_query query, base::steady_time deadline) {
  auto shared = std::make_shared<const find_query>(std::move(query));
  auto begin = [this, shared] { return shared->as_of() ? begin_find_as_of(*shared) : begin_find(*shared); };
  auto begun = co_await ask(std::move(begin), deadline);
  if (!begun) co_return begun.error();
  if (begun->answer) co_return std::move(*begun->answer);
  auto work = [this](std::shared_ptr<const find_query> q, begun_find b, base::steady_time until) {
    return b.plan.by_search ? find_by_search(std::move(q), std::move(b), until) : find_by_scan(std::move(q), std::move(b), until);
  };
  co_return co_await run(std::move(work), std::move(shared), std::move(*begun), deadline);
}

// At once when all values that it needs are in memory.
base::result<begun_find> table_actor::begin_find(const find_query& query) {
  begun_find begun;
  find_answer answer;
  bool by_search = query.via() == find_path::search;
  find_query::outcome outcome;
  outcome.incomplete = true;
  auto access = query.access(state_);
  if (!by_search && !query.explain_only()) outcome = query.run(access, find_query::work_at_once);
  if (outcome.incomplete || outcome.too_long) {
    begun.seen = sightings_.begin();
    begun.plan = plan_find(query, access, *begun.seen, scan_slice_bytes, services_.values.at_hand());
    begun.counts_all = outcome.too_long && begun.plan.unread == 0;
    if (begun.counts_all) begun.plan.may_end_early = false;
    auto which = access.candidates();
    if (begun.plan.sorted) which.keys = std::move(begun.plan.sorted);
    auto admitted_find = admitted(query, std::move(begun));
    if (admitted_find && !admitted_find->answer) admitted_find->scan = state_.begin_scan(std::move(which));
    return admitted_find;
  }
  answer.matched = outcome.matched;
  answer.plan = std::move(outcome.plan);
  answer_page page(query, answer);
  for (const auto& found : outcome.rows) {
    if (!page.add(to_row(found.key, found.row))) break;
    ++hits_;
  }
  page.end();
  begun.answer = std::move(answer);
  return begun;
}

// What is to be read is explained, or refused, before anything is.
base::result<begun_find> table_actor::admitted(const find_query& query, begun_find begun) const {
  if (query.explain_only()) {
    begun.answer.emplace().plan = begun.plan.text() + begun.plan.budget_text(query.request_budget());
    return begun;
  }
  auto refused = begun.plan.over_budget(query.request_budget());
  if (refused && !begun.plan.ends_early()) return *refused;
  set_total(query.progress(), begun.plan.candidates);
  return begun;
}

// The rows as they stood when the scan was begun, or at the moment that is asked about.
dbcord::actor::task<base::result<find_answer>> table_actor::find_by_scan(std::shared_ptr<const find_query> query, begun_find begun,
                                                                          base::steady_time deadline) {
  find_collector collector(*query, begun.plan.in_order);
  // A page that is full ends the reading, so its values are read bit by bit.
  auto enough = begun.plan.in_order ? query->enough() : std::nullopt;
  auto at_once = enough.value_or(std::numeric_limits<std::size_t>::max());
  bool is_counted = begun.plan.ends_early() || begun.past;  // what is past was estimated from sizes that are guessed
  auto budget = is_counted ? query->request_budget() : std::numeric_limits<std::uint64_t>::max();
  find_cost taken;
  std::uint64_t read_rows = 0;
  bool not_all_seen = false;
  std::uint64_t work = 0;
  while (!not_all_seen) {
    auto slice = begun.past ? begun.past->next(state_, scan_slice_bytes) : next_slice(*begun.scan);
    if (!slice) co_return slice.error();
    if (slice->empty()) break;
    hits_ += resident_among(*slice);
    add_done(query->progress(), begun.plan.leave_out_ruled_out(*query, *slice));
    read_batches batches(std::move(*slice), *begun.plan.spread);
    for (;;) {
      if (is_cancelled(query->progress())) co_return find_query::cancelled();
      auto ready = batches.ready();
      for (auto& row : ready) {
        work += query->work_of(row.json.size());
        collector.consider(std::move(row));
        if (work < find_query::work_at_once) continue;
        work = 0;
        co_await turn_of_others();
        if (env().now() >= deadline) co_return base::error(base::errc::timeout, "looking at the rows takes longer than there is time; ask for fewer rows by their keys or by an index");
        if (is_cancelled(query->progress())) co_return find_query::cancelled();
      }
      not_all_seen = collector.is_full() && !batches.ended() && !begun.counts_all;
      if (batches.ended() || not_all_seen) break;
      if (const auto* why = batches.unreadable()) co_return *why;
      if (taken.charged() >= budget) co_return begun.plan.budget_used_up(taken, collector.matched(), enough);
      // What comes along with the same requests helps only where more than the plan foresees may have to be read: values that were evicted since.
      auto foreseen = begun.plan.unread > read_rows ? begun.plan.unread - read_rows : std::numeric_limits<std::uint64_t>::max();
      auto read = co_await read_values(batches.lacking(at_once, (budget - taken.charged()) / requests_a_source, foreseen), deadline);
      taken += read.cost;
      read_rows += read.rows.size() - read.unreadable.size();
      if (begun.past) begun.past->note_sizes(read.rows);
      batches.put(std::move(read));
      if (enough) at_once = std::min(at_once, std::numeric_limits<std::size_t>::max() / batch_growth) * batch_growth;
    }
  }
  auto page = co_await page_of(collector, deadline, taken, read_rows);
  if (!page) co_return page.error();
  auto answer = answer_of(*query, collector.matched(), std::move(*page), begun.plan.text_of_reading(read_rows, taken));
  bool all_match = !begun.plan.may_end_early;  // then the page was known to be full in time, and how many rows there are is known, too
  answer.not_all_seen = not_all_seen && !all_match;
  if (not_all_seen && all_match) answer.matched = begun.plan.candidates;
  co_return answer;
}

// Values that the collector has let go of, from memory or from where they are.
dbcord::actor::task<base::result<std::vector<protocol::image_row>>> table_actor::page_of(find_collector& collector, base::steady_time deadline,
                                                                                         find_cost& taken, std::uint64_t& read) {
  auto rows = collector.page();
  for (auto& row : rows) {
    auto now = row.resident ? std::nullopt : state_.find(row.key);
    if (!now || !now->resident || now->lsn != row.lsn || now->version != row.version) continue;
    row.json = now->json;
    row.resident = true;
  }
  auto lacking = rows.size() - resident_among(rows);
  if (lacking == 0) co_return std::move(rows);
  read += lacking;
  co_return co_await with_values(std::move(rows), deadline, &taken);
}

find_answer table_actor::answer_of(const find_query& query, std::uint64_t matched, std::vector<protocol::image_row> rows, std::string plan) const {
  find_answer answer;
  answer.matched = matched;
  answer.plan = std::move(plan);
  answer_page page(query, answer);
  for (auto& found : rows) {
    stored_row stored{found.json, found.version, found.lsn, found.log_message, found.row_message, found.part};
    if (!page.add(to_row(found.key, stored))) break;
    found.json = std::string();  // not twice in memory
  }
  page.end();
  return answer;
}

dbcord::actor::task<base::result<std::vector<protocol::image_row>>> table_actor::next_of_scan(table_state::scan_ptr scan, base::steady_time deadline) {
  auto rows = next_slice(*scan);
  if (!rows) co_return rows.error();
  co_return co_await with_values(std::move(*rows), deadline);
}

base::result<std::vector<protocol::image_row>> table_actor::next_slice(table_capture& scan) {
  account();
  if (scan.bytes() > scan_bytes_max) {
    return base::error(errc::limit_reached, fmt::format("table {} changes faster than it can be read; ask for fewer rows, or try again later", definition_.name));
  }
  return state_.scan(scan, scan_slice_bytes);
}

dbcord::actor::task<base::result<std::vector<protocol::image_row>>> table_actor::with_values(std::vector<protocol::image_row> rows,
                                                                                             base::steady_time deadline, find_cost* cost) {
  auto read = co_await read_values(std::move(rows), deadline);
  if (cost) *cost += read.cost;
  if (!read.unreadable.empty()) co_return read.unreadable.begin()->second;
  co_return std::move(read.rows);
}

dbcord::actor::task<valued_rows> table_actor::read_values(std::vector<protocol::image_row> rows, base::steady_time deadline) {
  valued_rows all;
  all.rows = std::move(rows);
  auto resident = resident_among(all.rows);
  hits_ += resident;
  misses_ += all.rows.size() - resident;
  for (;;) {
    std::vector<value_place> places;
    std::vector<std::size_t> which;
    for (std::size_t i = 0; i < all.rows.size(); ++i) {
      auto& r = all.rows[i];
      if (r.resident || all.unreadable.contains(i)) continue;
      follow(r);
      places.push_back({r.key, r.version, r.lsn, r.log_message, r.row_message, state_.channels().of(r.row_message), r.part});
      which.push_back(i);
    }
    if (places.empty()) co_return all;
    call_options options{priority::read, deadline};
    auto values = co_await services_.values.read(definition_.table, places, options, &all.cost);
    for (std::size_t i = 0; i < which.size(); ++i) {
      auto& row = all.rows[which[i]];
      if (values[i]) {
        row.json = std::move(*values[i]);
        row.resident = true;
      } else if (!follow(row)) {
        all.unreadable.emplace(which[i], place_now_of(row) ? unreadable(values[i].error()) : removed_meanwhile(row));
      }
    }
  }
}

// Of that version, which may be superseded by now; none: it is forgotten.
std::optional<row_place> table_actor::place_now_of(const protocol::image_row& row) const {
  row_place place;
  auto now = state_.find(row.key);
  if (now && now->lsn == row.lsn && now->version == row.version) {
    place.row_message = now->row_message;
    place.part = now->part;
    return place;
  }
  const auto* past = state_.history().of(row.key);
  if (!past) return std::nullopt;
  auto v = std::find_if(past->begin(), past->end(), [&](const past_version& p) { return p.lsn == row.lsn && p.version == row.version && !p.deleted; });
  if (v == past->end()) return std::nullopt;
  place.row_message = v->row_message;
  place.part = v->part;
  return place;
}

// A scan shows the rows as they were when it began, and upkeep may be faster.
base::error table_actor::removed_meanwhile(const protocol::image_row& row) const {
  return unreadable({errc::unavailable, fmt::format("version {} of row \"{}\" was superseded and removed meanwhile", row.version, row.key)});
}

// A version that a scan has met may have another place by now.
bool table_actor::follow(protocol::image_row& row) const {
  auto now = place_now_of(row);
  if (!now || now->row_message == row.row_message) return false;
  row.row_message = now->row_message;
  row.part = now->part;
  return true;
}

// Numbers of tables are unique within their database only.
std::string table_actor::identity() const { return fmt::format("{}-{}", services_.database_id, definition_.table); }

base::result<void> table_actor::check_identity(const write_context& context, std::string_view unharmed) const {
  auto id = identity();
  if (context.expected_id.empty() || context.expected_id == id || context.expected_id == short_table_id(id)) return {};
  return base::error(errc::conflict,
                     fmt::format("the table {} that this was asked about was dropped since, and another one has its name; nothing was {}", definition_.name, unharmed));
}

dbcord::actor::task<base::result<table_summary>> table_actor::summary(base::steady_time deadline) {
  return ask(
      [this] {
        table_summary s;
        s.name = definition_.name;
        s.id = identity();
        s.primary_key = definition_.primary_key;
        s.channel = state_.channels().current;
        s.moving_from = state_.channels().retiring;
        s.channel_deleted = lost_its_channel();
        s.adopting = adopting_;
        if (const auto* change = state_.alteration()) {
          s.altering = change->arguments();
          s.altering_back = change->arguments_back();
        }
        s.rows = state_.rows().size();
        s.bytes = state_.json_bytes();
        s.memory = state_.memory().held;
        s.not_materialised = state_.not_materialised();
        s.pages = state_.garbage().pages().size();
        std::uint64_t in_pages = 0;
        for (const auto& [id, page] : state_.garbage().pages()) in_pages += page.uses;
        auto elsewhere = in_pages + s.not_materialised;
        s.own_messages = s.rows - std::min(s.rows, elsewhere);
        s.layout = protocol::to_string(state_.layout());
        s.superseded = state_.garbage().size() + state_.history().messages();
        s.deleted_by_hand = deleted_by_hand_;
        s.past_versions = state_.history().size();
        s.history_versions = state_.history().limits().versions;
        s.history_days = static_cast<std::uint64_t>(state_.history().limits().age / std::chrono::hours(24));
        s.versions_given_up = state_.history().given_up().count;
        s.last_given_up = state_.history().given_up().last;
        s.schema_json = state_.schema().json();
        for (auto& index : state_.indexes().all()) {
          s.indexes.push_back({index.definition.field, index.definition.unique, index.entries, std::string(to_string(index.state)), std::move(index.why),
                               index.definition.channel});
        }
        return s;
      },
      deadline);
}

}  // namespace dbcord::database
