#include "database/table_actor.hpp"

#include <fmt/format.h>

#include <set>

#include "base/deliberate_bug.hpp"
#include "database/import_refusals.hpp"
#include "database/make_pending.hpp"
#include "protocol/log_record.hpp"

namespace dbcord::database {
namespace {

constexpr std::size_t mailbox_limit = 4096;
constexpr int import_attempts = 16;

// Its commit is not known yet.
committed_write receipt_of(const protocol::operation& operation) {
  return std::visit(
      [](const auto& op) {
        committed_write done;
        if constexpr (requires { op.version; }) {
          done.version = op.version;
          done.key = op.key;
        }
        return done;
      },
      operation);
}

std::optional<decision> of_another_version(const table_state& s, const std::string& key, std::optional<std::uint64_t> expected) {
  return expected ? s.refusal_by_version(key, *expected) : std::nullopt;
}

base::error waited_too_long() {
  return {base::errc::timeout, "another change of the same row is still being written; nothing was changed, try again"};
}

base::error in_doubt() {
  return {errc::outcome_unknown, "whether this was done is not known yet; look at the row in a moment, or repeat the same command"};
}

}  // namespace

table_actor::table_actor(const dbcord::actor::environment& env, protocol::create_table definition, table_services services)
    : actor(env, mailbox_limit), definition_(definition), services_(services), state_(std::move(definition), services.database) {}

dbcord::actor::task<write_result<committed_write>> table_actor::insert(checked_row row, write_context context) {
  return write([row = std::move(row)](const table_state& s) { return s.decide_insert(row.key, row.json); }, std::move(context));
}

dbcord::actor::task<write_result<committed_write>> table_actor::update(std::string key, protocol::json_node patch,
                                                                       write_context context) {
  auto expected = context.expected_version;
  auto decide = [key = std::move(key), patch = std::move(patch), cap = services_.row_cap, expected](const table_state& s) {
    if (auto refused = of_another_version(s, key, expected)) return std::move(*refused);
    return s.decide_update(key, patch, cap);
  };
  return write(std::move(decide), std::move(context));
}

dbcord::actor::task<write_result<committed_write>> table_actor::remove(std::string key, write_context context) {
  auto expected = context.expected_version;
  auto decide = [key = std::move(key), expected](const table_state& s) {
    if (auto refused = of_another_version(s, key, expected)) return std::move(*refused);
    return s.decide_delete(key);
  };
  return write(std::move(decide), std::move(context));
}

dbcord::actor::task<write_result<committed_write>> table_actor::purge(std::string key, write_context context) {
  return write([key = std::move(key)](const table_state& s) { return s.decide_purge(key); }, std::move(context));
}

dbcord::actor::task<write_result<committed_write>> table_actor::set_schema(protocol::row_schema schema, bool force, write_context context) {
  return write([schema = std::move(schema), force](const table_state& s) { return s.decide_schema(schema, force); }, std::move(context));
}

dbcord::actor::task<write_result<committed_write>> table_actor::create_index(std::string field, bool unique, write_context context) {
  return write([field = std::move(field), unique](const table_state& s) { return s.decide_create_index(field, unique); },
               std::move(context));
}

dbcord::actor::task<write_result<committed_write>> table_actor::drop_index(std::string field, write_context context) {
  return write([field = std::move(field)](const table_state& s) { return s.decide_drop_index(field); }, std::move(context));
}

dbcord::actor::task<write_result<committed_write>> table_actor::set_history(std::uint64_t kept, std::uint64_t days, write_context context) {
  return write([kept, days](const table_state& s) { return s.decide_history(kept, days); }, std::move(context));
}

dbcord::actor::task<write_result<committed_write>> table_actor::write(decide_function decide, write_context context) {
  return run([this](decide_function d, write_context c) { return write_on_strand(std::move(d), std::move(c)); }, std::move(decide),
             std::move(context));
}

dbcord::actor::task<write_result<committed_write>> table_actor::write_on_strand(decide_function decide, write_context context) {
  for (;;) {
    co_await until_unreserved();
    auto d = decide(state_);
    if (d.refusal) {
      bool hasty = base::has_bug(base::deliberate_bug::refuse_without_waiting);
      if (!d.rests_on || hasty) co_return write_result<committed_write>{false, *d.refusal};
      auto outcome = co_await settled(*d.rests_on).get_until(env(), context.deadline);
      if (!outcome) co_return write_result<committed_write>{false, waited_too_long()};
      continue;
    }
    if (auto full = over_memory(d)) co_return write_result<committed_write>{false, *full};
    auto done = receipt_of(*d.operation);
    std::vector<protocol::operation> operations;
    operations.push_back(std::move(*d.operation));
    auto submitted = submit(std::move(operations), {}, context.idempotency_key, context);
    if (!submitted) co_return write_result<committed_write>{false, submitted.error()};
    auto pending = *submitted;
    auto outcome = co_await pending->outcome.get_until(env(), context.deadline);
    if (!outcome) co_return write_result<committed_write>{true, in_doubt()};
    if (!*outcome) co_return write_result<committed_write>{true, outcome->error()};
    done.commit = outcome->value();
    co_return write_result<committed_write>{true, std::move(done)};
  }
}

dbcord::actor::task<write_result<table_actor::chunk_outcome>> table_actor::import(chunk rows, write_context context) {
  return run([this](chunk r, write_context c) { return import_on_strand(std::move(r), std::move(c)); }, std::move(rows),
             std::move(context));
}

dbcord::actor::task<write_result<table_actor::chunk_outcome>> table_actor::import_on_strand(chunk rows, write_context context) {
  for (int attempt = 1;; ++attempt) {
    co_await until_unreserved();
    chunk_outcome result;
    std::vector<protocol::operation> operations;
    std::set<std::string_view> seen;
    claimed_values claimed;
    std::optional<ticket> rests_on;
    std::uint64_t new_bytes = 0;
    for (std::size_t i = 0; i < rows.rows.size() && !rests_on; ++i) {
      auto refuse = [&](std::string key, std::string reason) {
        result.refused.push_back({rows.first + i, std::move(key), std::move(reason)});
      };
      const auto& row = rows.rows[i];
      if (!row) {
        refuse({}, row.error().message);
        continue;
      }
      if (!seen.insert(row->key).second) {
        refuse(row->key, fmt::format("the key \"{}\" stands twice in the file", row->key));
        continue;
      }
      auto d = state_.decide_insert(row->key, row->json, &claimed);
      if (d.refusal) {
        if (d.rests_on && attempt < import_attempts) rests_on = d.rests_on;
        refuse(row->key, d.refusal->message);
        continue;
      }
      new_bytes += row->key.size() + row->json.size() + table_state::row_overhead;
      if (!services_.memory.admits(new_bytes)) {
        refuse(row->key, memory_full().message);
        continue;
      }
      operations.push_back(std::move(*d.operation));
    }
    if (rests_on) {
      auto outcome = co_await settled(*rests_on).get_until(env(), context.deadline);
      if (!outcome) co_return write_result<chunk_outcome>{false, waited_too_long()};
      continue;
    }
    result.imported.accepted = operations.size();
    if (operations.empty()) co_return write_result<chunk_outcome>{false, std::move(result)};
    auto submitted = submit(std::move(operations), encode_refusals(result.refused), rows.idempotency_key, context);
    if (!submitted) co_return write_result<chunk_outcome>{false, submitted.error()};
    auto pending = *submitted;
    auto outcome = co_await pending->outcome.get_until(env(), context.deadline);
    if (!outcome) co_return write_result<chunk_outcome>{true, in_doubt()};
    if (!*outcome) co_return write_result<chunk_outcome>{true, outcome->error()};
    result.imported.commit = outcome->value();
    co_return write_result<chunk_outcome>{true, std::move(result)};
  }
}

// Adds to the pending state and to the log's queue in one step, so that both have the same order.
base::result<pending_ptr> table_actor::submit(std::vector<protocol::operation> operations, std::string refused,
                                              const std::string& key, const write_context& context) {
  dbcord::actor::no_suspend critical;
  auto t = make_pending(++services_.last_ticket, context);
  t->body.idempotency_key = key;
  t->body.refused = std::move(refused);
  t->body.operations = std::move(operations);
  t->bytes = protocol::estimated_size(t->body);
  auto pushed = services_.queue.push(t);
  if (!pushed) return pushed.error();
  auto before = state_.memory();
  for (const auto& op : t->body.operations) state_.add_pending(t->id, op);
  services_.memory.change(before, state_.memory());
  return t;
}

std::optional<base::error> table_actor::over_memory(const decision& d) const {
  constexpr std::size_t least_entry = 250;  // bytes of a row's entry in an index
  if (std::holds_alternative<protocol::create_index>(*d.operation)) {
    return services_.memory.admits(state_.rows().size() * least_entry) ? std::nullopt : std::optional(memory_full());
  }
  const auto* put = std::get_if<protocol::put_row>(&*d.operation);
  if (!put) return std::nullopt;
  auto bytes = put->json.size() + put->key.size() + table_state::row_overhead;
  bool admitted = put->version > 1 ? services_.memory.admits_growth(bytes) : services_.memory.admits(bytes);
  return admitted ? std::nullopt : std::optional(memory_full());
}

base::error table_actor::memory_full() const {
  return base::error(errc::limit_reached,
                     fmt::format("the memory for rows is nearly used up ({} of {} bytes): no new rows are taken; delete some, or raise "
                                 "DBCORD_MEMORY",
                                 services_.memory.used(), services_.memory.cap()));
}

dbcord::actor::promise<bool> table_actor::settled(ticket t) {
  dbcord::actor::promise<bool> p;
  waiting_[t].push_back(p);
  return p;
}

void table_actor::settle(ticket t) {
  auto found = waiting_.extract(t);
  if (!found) return;
  for (auto& p : found.mapped()) p.set(true);
}

dbcord::actor::task<void> table_actor::commit(std::vector<pending_ptr> transactions, commit_info info) {
  return on_strand([this, transactions = std::move(transactions), info] {
    auto before = state_.memory();
    for (const auto& t : transactions) {
      state_.commit(t->id, t->body.operations, info.lsn, info.message);
      settle(t->id);
    }
    state_.expire_history(env().clock.wall_now());
    if (!services_.memory.admits(0)) state_.halve_history();  // rather older versions than new rows
    dropped_ = state_.dropped();
    services_.memory.change(before, state_.memory());
    work_.notify();
  });
}

dbcord::actor::task<void> table_actor::abort(std::vector<pending_ptr> transactions) {
  return on_strand([this, transactions = std::move(transactions)] {
    auto before = state_.memory();
    for (const auto& t : transactions) {
      if (!base::has_bug(base::deliberate_bug::keep_what_failed)) state_.abort(t->id, t->body.operations);
      settle(t->id);
    }
    services_.memory.change(before, state_.memory());
  });
}

void table_actor::replay(const protocol::operation& op, std::uint64_t lsn, base::message_id message) {
  auto before = state_.memory();
  state_.replay(op, lsn, message);
  dropped_ = state_.dropped();
  services_.memory.change(before, state_.memory());
}

row table_actor::to_row(std::string_view key, const stored_row& stored) const {
  row r;
  r.key = key;
  r.version = stored.version;
  r.lsn = stored.lsn;
  r.json = stored.json;
  r.location = stored.row_message ? message_link{services_.guild, definition_.channel, stored.row_message}
                                  : message_link{services_.guild, services_.log.channel_of(stored.lsn), stored.log_message};
  return r;
}

dbcord::actor::task<base::result<row>> table_actor::get(std::string key, base::steady_time deadline) {
  return ask(
      [this, key = std::move(key)]() -> base::result<row> {
        auto stored = state_.find(key);
        auto pending = base::has_bug(base::deliberate_bug::show_what_is_pending) ? state_.look(key) : std::nullopt;
        if (pending) {
          row unsettled;
          unsettled.key = key;
          unsettled.version = pending->version;
          unsettled.json = pending->json;
          return unsettled;
        }
        if (stored) return to_row(key, *stored);
        return base::error(errc::unknown_key, fmt::format("table {} of database {} has no row with key \"{}\"", definition_.name,
                                                          services_.database, key));
      },
      deadline);
}

dbcord::actor::task<base::result<table_actor::versions>> table_actor::versions_of(std::string key, base::steady_time deadline) {
  return ask(
      [this, key = std::move(key)] {
        versions all;
        if (auto row = state_.find(key)) all.live = past_version{row->version, row->lsn, row->log_message, row->row_message, false};
        if (const auto* past = state_.history().of(key)) all.past = *past;
        all.forgotten_to = state_.history().forgotten_to(key);
        return all;
      },
      deadline);
}

dbcord::actor::task<base::result<find_answer>> table_actor::find(find_query query, base::steady_time deadline) {
  return ask(
      [this, query = std::move(query)]() -> base::result<find_answer> {
        find_answer answer;
        if (query.explain_only()) {
          answer.plan = query.explain(state_);
          return answer;
        }
        auto outcome = query.run(state_);
        answer.matched = outcome.matched;
        answer.plan = std::move(outcome.plan);
        std::size_t bytes = 0;
        for (const auto& found : outcome.rows) {
          bytes += found.row.json.size();
          if (bytes > query.byte_budget() && !answer.rows.empty()) break;
          auto shown = to_row(found.key, found.row);
          shown.json = query.shown(shown.json);
          answer.rows.push_back(std::move(shown));
        }
        return answer;
      },
      deadline);
}

dbcord::actor::task<base::result<table_summary>> table_actor::summary(base::steady_time deadline) {
  return ask(
      [this] {
        table_summary s;
        s.name = definition_.name;
        s.primary_key = definition_.primary_key;
        s.channel = definition_.channel;
        s.rows = state_.rows().size();
        s.bytes = state_.json_bytes();
        s.memory = state_.memory();
        s.not_materialised = state_.not_materialised();
        s.superseded = state_.garbage().size() + state_.history().messages();
        s.deleted_by_hand = deleted_by_hand_;
        s.past_versions = state_.history().size();
        s.history_versions = state_.history().limits().versions;
        s.history_days = static_cast<std::uint64_t>(state_.history().limits().age / std::chrono::hours(24));
        s.schema_json = state_.schema().json();
        for (const auto& index : state_.indexes().definitions()) {
          s.indexes.push_back({index.field, index.unique, state_.indexes().on(index.field)->size()});
        }
        return s;
      },
      deadline);
}

dbcord::actor::task<base::result<table_dump>> table_actor::dump(base::steady_time deadline) {
  return ask(
      [this] {
        table_dump all;
        all.head = {definition_.name, definition_.primary_key, state_.schema().json(), {}};
        for (const auto& index : state_.indexes().definitions()) all.head.indexes.push_back({index.field, index.unique});
        for (const auto& [key, row] : state_.rows()) {
          all.lsn = std::max(all.lsn, row.lsn);
          all.rows.emplace_back(row.json);
        }
        return all;
      },
      deadline);
}

dbcord::actor::task<base::result<std::vector<row_location>>> table_actor::locations(base::steady_time deadline) {
  return ask(
      [this] {
        std::vector<row_location> all;
        for (const auto& [key, row] : state_.rows()) all.push_back({std::string(key), row.lsn, row.row_message, {}});
        return all;
      },
      deadline);
}

dbcord::actor::task<base::result<std::optional<row_location>>> table_actor::location(std::string key, base::steady_time deadline) {
  return ask(
      [this, key = std::move(key)]() -> std::optional<row_location> {
        auto row = state_.find(key);
        if (!row) return std::nullopt;
        return row_location{key, row->lsn, row->row_message, protocol::record_hash(row->json)};
      },
      deadline);
}

dbcord::actor::task<std::vector<std::string>> table_actor::damaged_indexes() {
  std::vector<std::string> fields;
  co_await on_strand([this, &fields] { fields = state_.damaged_indexes(); });
  co_return fields;
}

dbcord::actor::task<std::optional<protocol::row_version>> table_actor::next_dirty() {
  std::optional<protocol::row_version> next;
  co_await on_strand([this, &next] { next = state_.next_dirty(); });
  co_return next;
}

dbcord::actor::task<void> table_actor::materialised(std::string key, std::uint64_t lsn, base::message_id message) {
  return on_strand([this, key = std::move(key), lsn, message] {
    auto before = state_.memory();
    state_.materialised(key, lsn, message);
    services_.memory.change(before, state_.memory());
  });
}

void table_actor::messages_deleted(std::vector<base::message_id> messages) {
  dbcord::actor::asio::post(executor(), [self = shared_from_this(), messages = std::move(messages)] {
    auto before = self->state_.memory();
    auto lost = self->state_.forget_locations({messages.begin(), messages.end()});
    // Older versions that lay there: those whose records are truncated are gone for good.
    auto first = self->services_.log.first_lsn();
    if (first > 1) self->state_.forget_lost_versions({}, first);
    self->services_.memory.change(before, self->state_.memory());
    if (lost == 0) return;
    self->deleted_by_hand_ += lost;
    self->env().log.warning("messages of rows were deleted by hand; they are written again",
                            {{"database", self->services_.database}, {"table", self->definition_.name}, {"rows", lost}});
    self->work_.notify();
  });
}

dbcord::actor::task<void> table_actor::set_aside(std::string key, std::uint64_t lsn) {
  return on_strand([this, key = std::move(key), lsn] { state_.set_aside(key, lsn); });
}

}  // namespace dbcord::database
