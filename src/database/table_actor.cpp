#include "database/table_actor.hpp"

#include <fmt/format.h>

#include "base/deliberate_bug.hpp"
#include "database/make_pending.hpp"
#include "database/pending_demand.hpp"
#include "dbcord/base/assert.hpp"
#include "protocol/log_record.hpp"

namespace dbcord::database {
namespace {

constexpr std::size_t mailbox_limit = 4096;
constexpr std::uint64_t sightings_share = 20;  // of the memory's cap, for each table

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

}  // namespace

base::error table_actor::waited_too_long() {
  return {base::errc::timeout, "another change of the same row is still being written; nothing was changed, try again"};
}

base::error table_actor::in_doubt() {
  return {errc::outcome_unknown, "whether this was done is not known yet; look at the row in a moment, or repeat the same command"};
}

table_actor::table_actor(const dbcord::actor::environment& env, protocol::create_table definition, table_services services)
    : actor(env, mailbox_limit), definition_(definition), services_(services), state_(std::move(definition), services.database),
      channels_(state_.channels()),
      sightings_(static_cast<std::size_t>(services.memory.cap() / sightings_share / search_sightings::bytes_each)) {}

dbcord::actor::task<write_result<committed_write>> table_actor::insert(checked_row row, write_context context) {
  auto decide = [row = std::move(row), cap = services_.row_cap](const table_state& s) { return s.decide_insert(row.key, row.json, nullptr, cap); };
  return write(std::move(decide), std::move(context));
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
  auto expected = context.expected_lsn;
  auto decide = [key = std::move(key), expected](const table_state& s) {
    auto refused = expected ? s.refusal_by_lsn(key, *expected) : std::nullopt;
    return refused ? std::move(*refused) : s.decide_purge(key);
  };
  return write(std::move(decide), std::move(context));
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
    if (!d.needs.empty()) {
      auto read = co_await make_resident_on_strand(std::move(d.needs), context.deadline);
      if (!read) co_return write_result<committed_write>{false, read.error()};
      if (env().now() >= context.deadline) co_return write_result<committed_write>{false, waited_too_long()};
      continue;
    }
    if (d.refusal) {
      bool hasty = base::has_bug(base::deliberate_bug::refuse_without_waiting);
      if (!d.rests_on || hasty) co_return write_result<committed_write>{false, *d.refusal};
      auto outcome = co_await settled(*d.rests_on).get_until(env(), context.deadline);
      if (!outcome) co_return write_result<committed_write>{false, waited_too_long()};
      continue;
    }
    auto wanted = demand_of(d);
    if (wanted && !services_.memory.admits(*wanted)) {
      bool is_index = std::holds_alternative<protocol::create_index>(*d.operation);
      auto full = is_index ? memory_full(*wanted, no_index) : memory_full(*wanted);
      if (!services_.memory.has_room_for(*wanted)) co_return write_result<committed_write>{false, full};
      auto made = co_await services_.memory.make_room(*wanted).get_until(env(), context.deadline);
      if (!made || env().now() >= context.deadline) co_return write_result<committed_write>{false, full};
      continue;
    }
    auto done = receipt_of(*d.operation);
    std::vector<protocol::operation> operations;
    operations.push_back(std::move(*d.operation));
    std::vector<std::uint64_t> index_bytes{d.index_bytes};
    auto submitted = submit(std::move(operations), index_bytes, {}, context.idempotency_key, context);
    if (!submitted) co_return write_result<committed_write>{false, submitted.error()};
    auto pending = *submitted;
    auto outcome = co_await pending->outcome.get_until(env(), context.deadline);
    if (!outcome) co_return write_result<committed_write>{true, in_doubt()};
    if (!*outcome) co_return write_result<committed_write>{true, outcome->error()};
    done.commit = outcome->value();
    co_return write_result<committed_write>{true, std::move(done)};
  }
}

// Adds to the pending state and to the log's queue in one step, so that both have the same order. `index_bytes`: of each operation's decision, on the table as it is.
base::result<pending_ptr> table_actor::submit(std::vector<protocol::operation> operations, const std::vector<std::uint64_t>& index_bytes, std::string refused,
                                              const std::string& key, const write_context& context) {
  dbcord::actor::no_suspend critical;
  auto t = make_pending(++services_.last_ticket, context, env().now());
  t->body.idempotency_key = key;
  t->body.refused = std::move(refused);
  t->body.operations = std::move(operations);
  t->bytes = protocol::estimated_size(t->body);
  auto pushed = services_.queue.push(t);
  if (!pushed) return pushed.error();
  DBCORD_ASSERT(index_bytes.size() == t->body.operations.size());
  for (std::size_t i = 0; i < index_bytes.size(); ++i) state_.add_pending(t->id, t->body.operations[i], index_bytes[i]);
  account();
  return t;
}

std::optional<memory_demand> table_actor::demand_of(const decision& d) const {
  if (std::holds_alternative<protocol::create_index>(*d.operation)) return memory_demand{d.index_bytes, true};
  const auto* put = std::get_if<protocol::put_row>(&*d.operation);
  if (!put) return std::nullopt;
  return memory_demand{bytes_while_pending(*put, d.index_bytes), !state_.find(put->key)};
}

base::error table_actor::memory_full(memory_demand wanted, std::string_view so) const {
  bool narrow = services_.memory.is_narrower_than_all(wanted);
  const auto& full = narrow ? services_.memory : services_.memory.all();
  return base::error(errc::limit_reached,
                     fmt::format("the memory for rows{} is nearly used up ({} of {} bytes): {} and use /dbc_vacuum, or raise {}",
                                 narrow ? fmt::format(" of database {}", services_.database) : "", full.fixed(), full.cap(), so,
                                 narrow ? "DBCORD_DATABASE_MEMORY" : "DBCORD_MEMORY"));
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
    for (const auto& t : transactions) {
      for (const auto& op : t->body.operations) forget_sighting(op);
      state_.commit(t->id, t->body.operations, info.lsn, info.message);
      settle(t->id);
    }
    // A row whose message people had deleted when the log did not have it any more, and which was not written again in time: its old version is nowhere.
    if (state_.take_oldest_unplaced() < services_.log.first_lsn()) mark_lost_versions();
    state_.expire_history(env().clock.wall_now());
    (void)forget_some_versions();  // rather older versions than new rows
    dropped_ = state_.dropped();
    shows_indexes_ = !state_.shown_indexes().empty();
    publish_channels();
    account();
    work_.notify();
  });
}

dbcord::actor::task<void> table_actor::abort(std::vector<pending_ptr> transactions) {
  return on_strand([this, transactions = std::move(transactions)] {
    for (const auto& t : transactions) {
      if (!base::has_bug(base::deliberate_bug::keep_what_failed)) state_.abort(t->id, t->body.operations);
      settle(t->id);
    }
    account();
    work_.notify();  // while a move was pending nothing was written
  });
}

void table_actor::replay(const protocol::operation& op, std::uint64_t lsn, base::message_id message) {
  forget_sighting(op);
  state_.replay(op, lsn, message);
  dropped_ = state_.dropped();
  shows_indexes_ = !state_.shown_indexes().empty();
  publish_channels();
  account();
}

dbcord::actor::task<write_result<committed_write>> table_actor::set_layout(protocol::table_layout layout, write_context context) {
  return write([layout](const table_state& s) { return s.decide_layout(layout); }, std::move(context));
}

void table_actor::messages_deleted(std::vector<base::message_id> messages) {
  dbcord::actor::asio::post(executor(), [self = shared_from_this(), messages = std::move(messages)] {
    auto lost = self->state_.forget_locations({messages.begin(), messages.end()});
    // Older versions that lay there: those whose records are truncated are gone for good.
    self->mark_lost_versions();
    self->account();
    if (lost == 0) return;
    self->deleted_by_hand_ += lost;
    self->env().log.warning("messages of rows were deleted by hand; they are written again",
                            {{"database", self->services_.database}, {"table", self->definition_.name}, {"rows", lost}});
    self->work_.notify();
  });
}

}  // namespace dbcord::database
