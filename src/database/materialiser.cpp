#include "database/materialiser.hpp"

#include <fmt/format.h>

#include "actor/event.hpp"
#include "database/row_posts.hpp"
#include "database/table_adoption.hpp"

namespace dbcord::database {
namespace {

using namespace std::chrono_literals;
constexpr base::duration row_request_time = 60s;  // low priority: it may wait long for its turn
constexpr base::duration page_time = 120s;     // five megabytes
constexpr base::duration write_retry_pause = 2s;
constexpr base::duration long_pause = 30s;    // a permission is missing: only a person can help

}  // namespace

materialiser::materialiser(const actor::environment& env, message_store& store, std::string database)
    : env_(env), store_(store), database_(std::move(database)), loops_(env, "materialiser") {}

void materialiser::add(table_ptr table) {
  {
    std::lock_guard lock(tables_mutex_);
    tables_.push_back(table);
  }
  loops_.spawn(env_.make_strand(), run(std::move(table)));
}

void materialiser::request_stop() {
  stopping_ = true;
  std::lock_guard lock(tables_mutex_);
  for (const auto& t : tables_) t->work().notify();
}

std::optional<write_problem> materialiser::problem_of(const table_actor& table) const {
  std::lock_guard lock(tables_mutex_);
  auto known = problems_.find(table.definition().table);
  return known == problems_.end() ? std::nullopt : known->second.told(table.definition().name, env_.now());
}

void materialiser::note_written(const table_actor& table) {
  std::lock_guard lock(tables_mutex_);
  problems_.erase(table.definition().table);
}

void materialiser::note_problem(const table_actor& table, base::channel_id channel, const base::error& why) {
  std::lock_guard lock(tables_mutex_);
  problems_[table.definition().table].note(why, channel, env_.now());
}

actor::task<void> materialiser::join(base::steady_time deadline) { co_await loops_.join(deadline); }

actor::task<void> materialiser::run(table_ptr table) {
  table_adoption adoption({env_, store_, database_, [this, table] { return stopping_ || table->dropped(); }}, dropped_, table);
  co_await adoption.run();
  set_aside_retries retries(env_);
  while (!stopping_ && !table->dropped()) {
    // Before rows that wait: a table that never comes to rest would not try again what could not be done before.
    if (adoption.is_due()) co_await adoption.retry();
    auto next = co_await table->next_dirty();
    if (next && retries.is_due(next->set_aside)) {
      auto last = co_await table->retry_set_aside(retries.last(), set_aside_retries::rows_at_once);
      retries.tried(std::move(last));
      continue;
    }
    if (!next) {
      if (stopping_ || table->dropped()) break;
      env_.log.warning("row not written", {{"database", database_}, {"table", table->definition().name}, {"error", next.error().message}});
      co_await pause(write_retry_pause);
    } else if (next->as_page) {
      co_await write_page(table, next->channel, std::move(next->rows));
    } else if (!next->rows.empty()) {
      co_await write(table, next->channel, std::move(next->rows.front()));
    } else {
      co_await await_work(table, retries.due(next->set_aside), adoption.due());
    }
  }
  std::lock_guard lock(tables_mutex_);
  std::erase(tables_, table);
  problems_.erase(table->definition().table);
}

// Or until something that could not be done before is due.
actor::task<void> materialiser::await_work(table_ptr table, std::optional<base::steady_time> of_rows, std::optional<base::steady_time> of_adoption) {
  if (!of_rows && !of_adoption) {
    co_await table->work().wait();
    co_return;
  }
  auto never = base::steady_time::max();
  co_await table->work().wait_until(env_, std::min(of_rows.value_or(never), of_adoption.value_or(never)));
}

// A lost answer may leave a second message of the same version: garbage, harmless.
actor::task<void> materialiser::write(table_ptr table, base::channel_id channel, protocol::row_version row) {
  for (bool as_file : {false, true}) {
    auto message = row_post(row, as_file);
    message.nonce = env_.random.token(20);
    call_options options{priority::materialise, env_.after(row_request_time)};
    auto sent = co_await store_.post(channel, std::move(message), options);
    if (sent) {
      note_written(*table);
      co_await table->materialised(channel, row.key, row.version, row.lsn, sent->value.id);
      co_return;
    }
    if (stopping_ || table->dropped()) co_return;
    if (sent.error().code != store_errc::content_refused) {
      co_await after_refusal(std::move(table), channel, sent.error());
      co_return;
    }
  }
  env_.log.warning("Discord refuses a row; it stays in the log", {{"database", database_}, {"table", row.table_name}, {"lsn", row.lsn}});
  note_written(*table);  // others are taken
  co_await table->set_aside(row.key, row.lsn);
}

// Rows that a page has no room for, and those that changed meanwhile, are there the next time. A page that Discord refuses for what is in it is
// written row by row, so that only the row that is to blame stays behind.
actor::task<void> materialiser::write_page(table_ptr table, base::channel_id channel, std::vector<protocol::row_version> rows) {
  auto page = make_page_post(rows);
  rows.resize(page.rows.size());
  page.message.nonce = env_.random.token(20);
  call_options options{priority::materialise, env_.after(page_time)};
  auto sent = co_await store_.post(channel, std::move(page.message), options);
  if (sent) {
    note_written(*table);
    table->note_page(sent->value);
    co_await table->materialised(channel, sent->value.id, std::move(page.rows));
    co_return;
  }
  if (stopping_ || table->dropped()) co_return;
  if (sent.error().code != store_errc::content_refused) {
    co_await after_refusal(std::move(table), channel, sent.error());
    co_return;
  }
  env_.log.warning("Discord refuses a page; its rows are written one by one", {{"database", database_}, {"table", table->definition().name}});
  for (auto& row : rows) {
    if (stopping_ || table->dropped()) co_return;
    co_await write(table, channel, std::move(row));
  }
}

actor::task<void> materialiser::after_refusal(table_ptr table, base::channel_id channel, base::error why) {
  if (why.code == store_errc::not_found) co_await table->channel_deleted(channel);  // which nobody may have told us
  if (why.code != store_errc::not_found) note_problem(*table, channel, why);
  bool helpless = why.code == store_errc::forbidden || why.code == store_errc::not_found;
  if (helpless) {
    env_.log.warning("row not written", {{"database", database_}, {"table", table->definition().name}, {"error", why.message}});
  }
  auto goes_elsewhere = [table, channel] { return table->channels().current != channel; };
  co_await pause(helpless ? long_pause : write_retry_pause, goes_elsewhere);
}

// Short steps, so that neither stop() nor whoever has helped meanwhile needs to wait for a long pause.
actor::task<void> materialiser::pause(base::duration d, std::function<bool()> helped) {
  auto until = env_.after(d);
  while (!stopping_ && env_.now() < until && !(helped && helped())) co_await actor::sleep_until(env_, std::min(until, env_.after(500ms)));
}

}  // namespace dbcord::database
