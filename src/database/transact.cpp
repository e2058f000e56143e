#include "database/transact.hpp"

#include <algorithm>

namespace dbcord::database {

actor::task<base::result<std::optional<std::string>>> transaction_scope::get(std::string table, std::string key) {
  place at{std::move(table), std::move(key)};
  if (auto own = written_.find(at); own != written_.end()) co_return own->second;
  auto found = co_await engine_.get(database_, at.first, at.second, reading_);
  if (!found && found.error().code != errc::unknown_key) co_return found.error();
  auto version = found ? found->version : 0, lsn = found ? found->lsn : 0;
  auto [known, first_time] = read_.try_emplace(std::move(at), version);
  torn_ = torn_ || known->second != version;
  // A row that is no newer than the others was so already when they were.
  bool of_their_moment = read_.size() == 1 || (found && lsn <= newest_);
  newest_ = std::max(newest_, lsn);
  if (torn_ || !of_their_moment) {
    auto seen = co_await see_one_moment();
    if (!seen) co_return seen.error();
  }
  if (!found) co_return std::optional<std::string>();
  co_return std::optional(std::move(found->json));
}

void transaction_scope::put(std::string table, std::string key, std::string json) {
  written_[{std::move(table), std::move(key)}] = std::move(json);
}

void transaction_scope::remove(std::string table, std::string key) { written_[{std::move(table), std::move(key)}] = std::nullopt; }

// Looks at everything again, at once.
actor::task<base::result<void>> transaction_scope::see_one_moment() {
  write_context looking;
  looking.deadline = reading_.deadline;
  auto still = co_await engine_.transact(database_, checks(), std::move(looking));
  torn_ = torn_ || (!still && still.error().code == errc::conflict);
  if (torn_) co_return base::error(errc::conflict, "another transaction has changed what this one had read");
  if (!still) co_return still.error();
  co_return base::result<void>();
}

std::vector<row_operation> transaction_scope::checks() const {
  std::vector<row_operation> all;
  for (const auto& [at, version] : read_) {
    row_operation check;
    check.table = at.first;
    check.key = at.second;
    check.expected_version = version;
    all.push_back(std::move(check));
  }
  return all;
}

std::vector<row_operation> transaction_scope::steps() const {
  auto all = checks();
  for (const auto& [at, json] : written_) {
    row_operation write;
    write.action = json ? row_action::put : row_action::remove;
    write.table = at.first;
    write.key = at.second;
    if (json) write.json = *json;
    all.push_back(std::move(write));
  }
  return all;
}

namespace {

// A body that sees what its own command has done before (an answer was lost) may find no reason, or no room, to do it once more.
actor::task<std::optional<transaction_receipt>> done_before(engine& on, std::string database, write_context context) {
  if (context.idempotency_key.empty()) co_return std::nullopt;
  std::vector<row_operation> nothing;
  auto done = co_await on.transact(std::move(database), std::move(nothing), std::move(context));
  if (done && done->repeated) co_return std::move(*done);
  co_return std::nullopt;
}

}  // namespace

actor::task<base::result<transaction_receipt>> transact(engine& on, const actor::environment& env, std::string database, write_context context,
                                                        transaction_body body) {
  for (;;) {
    transaction_scope scope(on, database, {context.deadline});
    auto ran = co_await body(scope);
    if (scope.is_torn()) {
      if (env.now() < context.deadline) continue;
      co_return base::error(errc::conflict, "other transactions have changed what this one had read each time; nothing was changed");
    }
    auto steps = scope.steps();
    if (!ran || steps.empty()) {
      auto earlier = co_await done_before(on, database, context);
      if (earlier) co_return std::move(*earlier);
      if (!ran) co_return ran.error();
      co_return transaction_receipt{};
    }
    auto attempt = context;
    auto done = co_await on.transact(database, std::move(steps), std::move(attempt));
    bool again = !done && done.error().code == errc::conflict && env.now() < context.deadline;
    if (!again) co_return done;
  }
}

actor::task<base::result<transaction_receipt>> compare_and_set(engine& on, std::string database, std::string table, std::string key,
                                                               std::uint64_t expected_version, std::string json, write_context context) {
  row_operation write;
  write.action = row_action::put;
  write.table = std::move(table);
  write.key = std::move(key);
  write.json = std::move(json);
  write.expected_version = expected_version;
  std::vector<row_operation> steps;
  steps.push_back(std::move(write));
  co_return co_await on.transact(std::move(database), std::move(steps), std::move(context));
}

actor::task<base::result<std::string>> fetch_and_update(engine& on, const actor::environment& env, std::string database, std::string table,
                                                        std::string key, write_context context, row_change_function change) {
  std::string now;
  transaction_body body = [&](transaction_scope& t) -> actor::task<base::result<void>> {
    auto before = co_await t.get(table, key);
    if (!before) co_return before.error();
    auto after = change(std::move(*before));
    if (!after) co_return after.error();
    now = *after;
    if (now.empty()) {
      t.remove(table, key);
    } else {
      t.put(table, key, std::move(*after));
    }
    co_return base::result<void>();
  };
  read_context reading{context.deadline};
  auto done = co_await transact(on, env, database, std::move(context), std::move(body));
  if (!done) co_return done.error();
  if (!done->repeated) co_return now;
  auto found = co_await on.get(std::move(database), std::move(table), std::move(key), reading);
  if (!found && found.error().code == errc::unknown_key) co_return std::string();
  if (!found) co_return found.error();
  co_return std::move(found->json);
}

}  // namespace dbcord::database
