// Transactions over several rows and tables: each table, in the order of their ids, decides its steps and holds back other writes;
// then all steps enter the log's queue as one transaction.

#include <fmt/format.h>

#include "database/database.hpp"
#include "database/make_pending.hpp"

namespace dbcord::database {
namespace {

base::error at_step(std::size_t number, const base::error& why) {
  return {why.code, fmt::format("step {}: {}; nothing was changed", number + 1, why.message)};
}

std::vector<protocol::operation> changes_of(const reservation& r) {
  std::vector<protocol::operation> changes;
  for (const auto& [number, change] : r.changes) changes.push_back(change);
  return changes;
}

step_result result_of(std::size_t number, const protocol::operation& change) {
  step_result result;
  result.step = number;
  std::visit(
      [&](const auto& op) {
        if constexpr (requires { op.version; }) {
          result.row.key = op.key;
          result.row.version = op.version;
        }
      },
      change);
  return result;
}

}  // namespace

base::result<std::vector<database::table_share>> database::share_out(std::vector<row_operation> steps) const {
  std::map<protocol::table_id, table_share> shares;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    auto& step = steps[i];
    auto table = find_table(step.table);
    if (!table) return at_step(i, table.error());
    if (step.action == row_action::insert || step.action == row_action::put) {
      auto row = check_row({step.key, step.json}, (*table)->definition().primary_key, options_.row_cap, row_source::step);
      if (!row) return at_step(i, row.error());
      step.key = std::move(row->key);
      step.json = std::move(row->json);
    }
    auto& share = shares[(*table)->definition().table];
    share.table = *table;
    share.steps.push_back({i, std::move(step)});
  }
  std::vector<table_share> ordered;
  for (auto& [id, share] : shares) ordered.push_back(std::move(share));
  return ordered;
}

// All tables or none; the reservations stand in the order of `shares`.
dbcord::actor::task<database::reserved_tables> database::reserve(const std::vector<table_share>& shares, ticket owner, bool settled_only) {
  reserved_tables all;
  for (const auto& share : shares) {
    auto made = co_await share.table->reserve(owner, share.steps, settled_only);
    if (made.refusal || made.wait_for || made.lacking || !made.needs.empty()) {
      co_await abandon(shares, all.made, owner);
      if (made.refusal) all.refusal = at_step(made.refused_step, *made.refusal);
      all.wait_for = std::move(made.wait_for);
      all.lacking = made.lacking;
      all.needs = std::move(made.needs);
      all.needs_of = share.table;
      co_return all;
    }
    all.made.push_back(std::move(made));
  }
  co_return all;
}

dbcord::actor::task<void> database::abandon(const std::vector<table_share>& shares, const std::vector<reservation>& made, ticket owner) {
  for (std::size_t i = 0; i < made.size(); ++i) {
    auto changes = changes_of(made[i]);
    co_await shares[i].table->abandon(owner, std::move(changes));
  }
}

dbcord::actor::task<base::result<transaction_receipt>> database::transact(std::vector<row_operation> steps, write_context context) {
  auto shares = share_out(std::move(steps));
  if (!shares && shares.error().code == errc::unknown_table) co_return co_await confirm_refusal(shares.error(), context.deadline);
  if (!shares) co_return shares.error();
  auto earlier = co_await admit(context.idempotency_key, context.deadline);
  if (!earlier) co_return earlier.error();
  if (*earlier) {
    transaction_receipt before;
    before.lsn = (*earlier)->lsn;
    before.location = {store_.guild(), log_.segments().channel_of((*earlier)->lsn), (*earlier)->log_message};
    before.repeated = true;
    co_return before;
  }
  bool submitted = false;
  auto done = co_await transact_once(*shares, context, submitted);
  if (!submitted && !context.idempotency_key.empty()) executed_.abandon(context.idempotency_key);
  if (!done) co_return co_await with_reason(done.error());
  co_return done;
}

// `submitted`: it went into the log's queue, whose applier settles its idempotency key.
dbcord::actor::task<base::result<transaction_receipt>> database::transact_once(const std::vector<table_share>& shares, const write_context& context,
                                                                               bool& submitted) {
  bool changes = std::any_of(shares.begin(), shares.end(), [](const auto& share) {
    return std::any_of(share.steps.begin(), share.steps.end(), [](const auto& s) { return s.step.changes(); });
  });
  for (unsigned doublings = 0;;) {
    auto t = make_pending(++last_ticket_, context, env().now());
    auto closings = log_.queue().closings();
    auto reserved = co_await reserve(shares, t->id, !changes);
    if (reserved.refusal) co_return co_await confirm_refusal(*reserved.refusal, context.deadline);
    if (!reserved.needs.empty()) {
      auto read = co_await reserved.needs_of->make_resident(std::move(reserved.needs), context.deadline);
      if (!read) co_return read.error();
      continue;
    }
    if (reserved.wait_for) {
      auto settled = co_await reserved.wait_for->get_until(env(), context.deadline);
      if (!settled) {
        co_return base::error(base::errc::timeout, "another change of the same row is still being written; nothing was changed, try again");
      }
      continue;
    }
    if (reserved.lacking) {
      // Steps before that one, which are forgotten again, took room as well: more is made each time, in the end all that can be.
      constexpr unsigned most = 32;
      reserved.lacking->bytes <<= std::min(doublings++, most);
      auto made = co_await services_.memory.make_room(*reserved.lacking).get_until(env(), context.deadline);
      if (!made || env().now() >= context.deadline) {
        co_return base::error(base::errc::timeout, "there was no room in memory in time; nothing was changed, try again");
      }
      continue;
    }
    if (!changes) {
      co_await abandon(shares, reserved.made, t->id);
      auto current = co_await log_.confirm_readable(context.deadline);
      if (!current) co_return current.error();
      co_return receipt_of(reserved.made, std::nullopt);
    }
    auto pushed = push_transaction(t, reserved.made, closings);
    if (!pushed) {
      co_await abandon(shares, reserved.made, t->id);
      if (log_.queue().closings() != closings && pushed.error().code == errc::conflict) continue;
      co_return pushed.error();
    }
    submitted = true;
    for (const auto& share : shares) co_await share.table->release();
    auto outcome = co_await t->outcome.get_until(env(), context.deadline);
    if (!outcome) {
      co_return base::error(errc::outcome_unknown, "whether this was done is not known yet; look at the rows in a moment, or repeat the same command");
    }
    if (!*outcome) co_return outcome->error();
    co_return receipt_of(reserved.made, outcome->value());
  }
}

base::result<void> database::push_transaction(const pending_ptr& t, const std::vector<reservation>& made, std::uint64_t closings) {
  for (const auto& r : made) {
    for (const auto& [number, change] : r.changes) t->body.operations.push_back(change);
  }
  t->bytes = protocol::estimated_size(t->body);
  if (t->bytes > options_.group_cap) {
    return base::error(errc::too_large, fmt::format("the transaction has {} bytes; at most {} are allowed", t->bytes, options_.group_cap));
  }
  return log_.queue().push(t, closings);
}

transaction_receipt database::receipt_of(const std::vector<reservation>& made, std::optional<commit_info> commit) const {
  transaction_receipt receipt;
  for (const auto& r : made) {
    for (const auto& [number, change] : r.changes) receipt.steps.push_back(result_of(number, change));
    for (const auto& [number, seen] : r.seen) receipt.steps.push_back({number, seen});
  }
  std::sort(receipt.steps.begin(), receipt.steps.end(), [](const auto& a, const auto& b) { return a.step < b.step; });
  if (!commit) return receipt;
  receipt.lsn = commit->lsn;
  receipt.location = {store_.guild(), log_.segments().channel_of(commit->lsn), commit->message};
  return receipt;
}

}  // namespace dbcord::database
