#include "database/materialiser.hpp"

#include <fmt/format.h>

#include "actor/event.hpp"
#include "base/deliberate_bug.hpp"
#include "database/history_page.hpp"
#include "database/lost_places.hpp"
#include "database/page_reader.hpp"
#include "database/row_file.hpp"
#include "database/row_posts.hpp"

namespace dbcord::database {
namespace {

using namespace std::chrono_literals;
constexpr base::duration row_request_time = 60s;  // low priority: it may wait long for its turn
constexpr base::duration page_time = 120s;     // five megabytes
constexpr base::duration write_retry_pause = 2s;
constexpr int adoption_attempts = 5;           // of a file
constexpr base::duration long_pause = 30s;    // a permission is missing: only a person can help

}  // namespace

materialiser::materialiser(const actor::environment& env, message_store& store, std::string database)
    : env_(env), store_(store), database_(std::move(database)), loops_(env, "materialiser") {}

void materialiser::add(table_ptr table, std::vector<adoption> adopt) {
  {
    std::lock_guard lock(tables_mutex_);
    tables_.push_back(table);
  }
  loops_.spawn(env_.make_strand(), run(std::move(table), std::move(adopt)));
}

void materialiser::request_stop() {
  stopping_ = true;
  std::lock_guard lock(tables_mutex_);
  for (const auto& t : tables_) t->work().notify();
}

actor::task<void> materialiser::join(base::steady_time deadline) { co_await loops_.join(deadline); }

actor::task<void> materialiser::run(table_ptr table, std::vector<adoption> from) {
  for (const auto& channel : from) co_await adopt(table, channel);
  if (table->adopting() && !stopping_) co_await table->end_adoption();
  set_aside_retries retries(env_);
  while (!stopping_ && !table->dropped()) {
    auto next = co_await table->next_dirty();
    if (!next) {
      if (stopping_ || table->dropped()) break;
      env_.log.warning("row not written", {{"database", database_}, {"table", table->definition().name}, {"error", next.error().message}});
      co_await pause(write_retry_pause);
    } else if (next->as_page) {
      co_await write_page(table, next->channel, std::move(next->rows));
    } else if (!next->rows.empty()) {
      co_await write(table, next->channel, std::move(next->rows.front()));
    } else {
      co_await await_work(table, retries, next->set_aside);
    }
  }
  std::lock_guard lock(tables_mutex_);
  std::erase(tables_, table);
}

actor::task<void> materialiser::await_work(table_ptr table, set_aside_retries& retries, std::size_t set_aside) {
  auto due = retries.due(set_aside);
  if (!due) {
    co_await table->work().wait();
    co_return;
  }
  bool notified = co_await table->work().wait_until(env_, *due);
  if (notified) co_return;
  auto last = co_await table->retry_set_aside(retries.last(), set_aside_retries::rows_at_once);
  retries.tried(std::move(last));
}

// Oldest first. A message that is not the location of a live version is garbage, and the table counts it so.
actor::task<void> materialiser::adopt(table_ptr table, adoption from) {
  auto after = from.after;
  while (!stopping_ && !table->dropped()) {
    call_options options{priority::maintenance, env_.after(row_request_time)};
    auto page = co_await store_.history_after(from.channel, after, history_page_max, options);
    if (!page && page.error().code == store_errc::not_found) {
      co_await table->channel_deleted(from.channel);
      co_return;
    }
    if (!page) {
      env_.log.warning("rows could not be adopted yet", {{"database", database_}, {"table", table->definition().name}, {"error", page.error().message}});
      co_await pause(write_retry_pause);
      continue;
    }
    for (auto& message : page->value) {
      after = std::max(after, message.id);
      co_await adopt_message(table, from.channel, std::move(message));
    }
    if (page->value.size() < static_cast<std::size_t>(history_page_max)) co_return;
  }
}

actor::task<void> materialiser::adopt_message(table_ptr table, base::channel_id channel, stored_message message) {
  bool trusting = base::has_bug(base::deliberate_bug::move_trusts_any_id);
  if (message.author != store_.self() || (!trusting && !table->channels().counts(channel, message.id))) co_return;
  auto header = protocol::decode_row(message.content);
  auto page = protocol::decode_page(message.content);
  auto owner = header ? header->table : page ? page->table : 0;
  if (owner != table->definition().table) co_return;
  if (dropped_.contains(message.id)) {
    std::optional<page_place> row;
    if (header) row = page_place{header->key, header->lsn, 0};
    co_await table->add_garbage(channel, message.id, std::move(row));  // its deletion was interrupted
    co_return;
  }
  if (page) {
    co_await adopt_page(std::move(table), channel, std::move(message), std::move(*page));
    co_return;
  }
  co_await adopt_row(std::move(table), channel, std::move(message), std::move(*header));
}

// One whose file cannot be read counts for nothing: its version is written again, lies in the log, or waits for the next start.
actor::task<void> materialiser::adopt_row(table_ptr table, base::channel_id channel, stored_message message, protocol::row_header header) {
  std::vector<row_copy> copy{{header.key, header.lsn, message.id}};
  co_await make_way(table, std::move(copy));
  for (int attempt = 1; !stopping_ && !table->dropped(); ++attempt) {
    call_options options{priority::maintenance, env_.after(row_request_time)};
    auto counted = co_await count_row(store_, table, channel, header, message, options);
    if (counted) co_return;
    env_.log.warning("a row's message could not be adopted",
                     {{"database", database_}, {"table", table->definition().name}, {"message", message.id.value}, {"attempt", attempt}, {"error", counted.error().message}});
    if (attempt == adoption_attempts) {
      table->note_unread();
      co_return;
    }
    co_await pause(write_retry_pause);
  }
}

actor::task<void> materialiser::make_way(table_ptr table, std::vector<row_copy> copies) {
  auto given_up = [this, table] { return stopping_ || table->dropped(); };
  adoption_context context{env_, store_, database_, given_up};
  return leave_lost_places(std::move(context), std::move(table), std::move(copies));
}

// A page of which the table knows some rows was taken as a whole.
actor::task<void> materialiser::adopt_page(table_ptr table, base::channel_id channel, stored_message message, protocol::page_header header) {
  while (!stopping_ && !table->dropped()) {
    bool known = co_await table->knows_page(message.id);
    if (known) co_return;
    call_options options{priority::maintenance, env_.after(row_request_time)};
    auto page = co_await read_page(store_, message, header, options);
    if (page) {
      for (const auto& [part, why] : page->damaged) {
        env_.log.warning("a part of a page is lost", {{"database", database_}, {"table", table->definition().name}, {"error", why}});
      }
      std::vector<row_copy> copies;
      for (const auto& row : page->rows) copies.push_back({row.key, row.lsn, message.id});
      co_await make_way(table, std::move(copies));
      co_await table->materialised(channel, message.id, std::move(page->rows));
      co_return;
    }
    env_.log.warning("a page could not be adopted yet", {{"database", database_}, {"table", table->definition().name}, {"error", page.error().message}});
    co_await pause(write_retry_pause);
  }
}

// A lost answer may leave a second message of the same version: garbage, harmless.
actor::task<void> materialiser::write(table_ptr table, base::channel_id channel, protocol::row_version row) {
  for (bool as_file : {false, true}) {
    auto message = row_post(row, as_file);
    message.nonce = env_.random.token(20);
    call_options options{priority::materialise, env_.after(row_request_time)};
    auto sent = co_await store_.post(channel, std::move(message), options);
    if (sent) {
      co_await table->materialised(channel, row.key, row.lsn, sent->value.id);
      co_return;
    }
    if (stopping_ || table->dropped()) co_return;
    if (sent.error().code != store_errc::content_refused) {
      co_await after_refusal(std::move(table), channel, sent.error());
      co_return;
    }
  }
  env_.log.warning("Discord refuses a row; it stays in the log", {{"database", database_}, {"table", row.table_name}, {"lsn", row.lsn}});
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
  bool helpless = why.code == store_errc::forbidden || why.code == store_errc::not_found;
  if (helpless) {
    env_.log.warning("row not written", {{"database", database_}, {"table", table->definition().name}, {"error", why.message}});
  }
  co_await pause(helpless ? long_pause : write_retry_pause);
}

// Short steps, so that stop() need not wait for a long pause.
actor::task<void> materialiser::pause(base::duration d) {
  auto until = env_.after(d);
  while (!stopping_ && env_.now() < until) co_await actor::sleep_until(env_, std::min(until, env_.after(500ms)));
}

}  // namespace dbcord::database
