// The part of table_actor that imports: the rows of a chunk are decided one after the other, and those that are accepted become one transaction.

#include <fmt/format.h>

#include <set>

#include "database/import_refusals.hpp"
#include "database/table_actor.hpp"

namespace dbcord::database {
namespace {

constexpr int import_attempts = 16;
constexpr std::size_t imported_bytes_max = 2 * 1024 * 1024;  // of one transaction, unless a single row has more: a chunk that the schema's defaults do not fill
constexpr std::size_t decided_overhead = 64;                 // bytes that a row takes in the log, or as refused, besides its texts

}  // namespace

struct table_actor::decided_rows {
  chunk_outcome outcome;
  std::vector<protocol::operation> operations;
  std::vector<std::uint64_t> index_bytes;  // of each
  std::size_t decided = 0;                // rows; what is behind them would make the transaction too large
  std::optional<ticket> rests_on;         // decide again when that is settled,
  std::optional<memory_demand> lacking;   // or when there is room; nothing else counts then
};

table_actor::decided_rows table_actor::decide_rows(const chunk& rows, bool may_wait) const {
  decided_rows all;
  std::set<std::string_view> seen;
  claimed_values claimed;
  std::uint64_t new_bytes = 0;
  bool new_keys = false;
  std::size_t log_bytes = 0;
  for (std::size_t i = 0; i < rows.rows.size(); ++i) {
    auto refuse = [&](std::string key, std::string reason) {
      log_bytes += decided_overhead + key.size() + reason.size();
      all.outcome.refused.push_back({rows.first + i, std::move(key), std::move(reason)});
    };
    if (log_bytes >= imported_bytes_max) return all;
    all.decided = i + 1;
    const auto& row = rows.rows[i];
    if (!row) {
      refuse({}, row.error().message);
      continue;
    }
    if (!seen.insert(row->key).second || (rows.put && rows.put->contains(row->key))) {
      refuse(row->key, fmt::format("the key \"{}\" stands twice in the file", row->key));
      continue;
    }
    auto d = rows.put ? state_.decide_put(row->key, row->json, &claimed, services_.row_cap) : state_.decide_insert(row->key, row->json, &claimed, services_.row_cap);
    if (d.refusal) {
      if (d.rests_on && may_wait) {
        all.rests_on = d.rests_on;
        return all;
      }
      refuse(row->key, d.refusal->message);
      continue;
    }
    const auto& put = std::get<protocol::put_row>(*d.operation);
    auto bytes = decided_overhead + put.key.size() + put.json.size();
    if (log_bytes > 0 && log_bytes + bytes > imported_bytes_max) {
      all.decided = i;
      return all;
    }
    bool replaces = rows.put && state_.find(row->key);
    memory_demand wanted{new_bytes + put.key.size() + put.json.size() + table_state::row_overhead + d.index_bytes, new_keys || !replaces};  // while all are pending: the last tenth
    if (!services_.memory.admits(wanted)) {
      if (services_.memory.has_room_for(wanted)) {
        all.lacking = wanted;
        return all;
      }
      // Values of those before it can be evicted once they are committed: it comes behind that, where they have what it needs.
      if (!all.operations.empty() && new_bytes >= wanted.bytes - new_bytes) {
        all.decided = i;
        return all;
      }
      refuse(row->key, memory_full(wanted).message);
      state_.disclaim(claimed, put);
      continue;
    }
    new_bytes = wanted.bytes;
    new_keys = wanted.new_keys;
    if (replaces) ++all.outcome.imported.replaced;
    log_bytes += bytes;
    all.operations.push_back(std::move(*d.operation));
    all.index_bytes.push_back(d.index_bytes);
  }
  return all;
}

dbcord::actor::task<write_result<table_actor::chunk_outcome>> table_actor::import(chunk rows, write_context context) {
  return run([this](chunk r, write_context c) { return import_on_strand(std::move(r), std::move(c)); }, std::move(rows),
             std::move(context));
}

dbcord::actor::task<write_result<table_actor::chunk_outcome>> table_actor::import_on_strand(chunk rows, write_context context) {
  for (int attempt = 1;;) {
    co_await until_unreserved();
    auto d = decide_rows(rows, attempt < import_attempts);
    if (d.rests_on) {
      ++attempt;
      auto outcome = co_await settled(*d.rests_on).get_until(env(), context.deadline);
      if (!outcome) co_return write_result<chunk_outcome>{false, waited_too_long()};
      continue;
    }
    if (d.lacking) {
      auto made = co_await services_.memory.make_room(*d.lacking).get_until(env(), context.deadline);
      if (!made || env().now() >= context.deadline) co_return write_result<chunk_outcome>{false, memory_full(*d.lacking)};
      continue;
    }
    d.outcome.imported.accepted = d.operations.size();
    d.outcome.rest.first = rows.first + d.decided;
    d.outcome.rest.put = rows.put;
    auto take_rest = [&rows, &d] {
      d.outcome.rest.rows.assign(std::make_move_iterator(rows.rows.begin() + static_cast<std::ptrdiff_t>(d.decided)), std::make_move_iterator(rows.rows.end()));
    };
    if (d.operations.empty()) {
      take_rest();
      co_return write_result<chunk_outcome>{false, std::move(d.outcome)};
    }
    std::vector<std::string> keys;
    for (const auto& op : d.operations) {
      if (rows.put) keys.push_back(std::get<protocol::put_row>(op).key);
    }
    auto submitted = submit(std::move(d.operations), d.index_bytes, encode_refusals(d.outcome.refused), rows.idempotency_key, context);
    if (!submitted) {
      // Many rows are no reason to give up the rest of them: they wait for their turn.
      if (submitted.error().code != errc::backpressure) co_return write_result<chunk_outcome>{false, submitted.error()};
      auto room = co_await services_.queue.next_room().get_until(env(), context.deadline);
      if (!room || env().now() >= context.deadline) co_return write_result<chunk_outcome>{false, submitted.error()};
      continue;
    }
    if (rows.put) rows.put->insert(keys.begin(), keys.end());
    take_rest();
    auto pending = *submitted;
    auto outcome = co_await pending->outcome.get_until(env(), context.deadline);
    if (!outcome) co_return write_result<chunk_outcome>{true, in_doubt()};
    if (!*outcome) co_return write_result<chunk_outcome>{true, outcome->error()};
    d.outcome.imported.commit = outcome->value();
    co_return write_result<chunk_outcome>{true, std::move(d.outcome)};
  }
}

}  // namespace dbcord::database
