// The part of engine_impl that copies whole databases.

#include <fmt/format.h>

#include "database/deletion_policies.hpp"
#include "database/dump_parts.hpp"
#include "database/dump_restorer.hpp"
#include "database/engine_impl.hpp"
#include "database/storage_upkeep.hpp"

namespace dbcord::database {
namespace {

constexpr std::size_t batch_bytes = 8 * 1024 * 1024;
constexpr std::size_t batch_rows = 20'000;

// Each step is a command of its own, so that a repetition of the whole changes nothing twice.
class engine_target final : public restore_target {
 public:
  engine_target(engine& to, std::string database, write_context context) : engine_(to), database_(std::move(database)), context_(std::move(context)) {}

  actor::task<base::result<void>> set_access(protocol::access_rules rules) override {
    return ended(engine_.set_access(database_, std::move(rules), step()));
  }
  actor::task<base::result<void>> accept_deletions() override {
    return ended(engine_.administration().set_deletions(database_, deletion_policy::accept, step()));
  }
  actor::task<base::result<void>> create_table(std::string table, std::string primary_key) override {
    return ended(engine_.create_table(database_, std::move(table), std::move(primary_key), step()));
  }
  actor::task<base::result<void>> insert(std::string table, std::vector<new_row> rows) override {
    auto stated = rows.size();
    auto name = table;
    auto done = co_await engine_.import(database_, std::move(table), std::move(rows), step());
    if (!done) co_return done.error();
    if (done->accepted != stated) {
      co_return base::error(errc::damaged, fmt::format("only {} of {} rows could be restored into {}; the first that could not: {}", done->accepted, stated, name,
                                                       done->refused.empty() ? "" : done->refused.front().reason));
    }
    add_done(context_.progress, stated);
    co_return base::result<void>();
  }
  actor::task<base::result<void>> set_schema(std::string table, std::string schema_json) override {
    return ended(engine_.set_schema(database_, std::move(table), std::move(schema_json), true, step()));
  }
  actor::task<base::result<void>> create_index(std::string table, std::string field, bool unique) override {
    return ended(engine_.create_index(database_, std::move(table), std::move(field), unique, step()));
  }
  actor::task<base::result<void>> show_index(std::string table, std::string field) override {
    auto done = co_await engine_.administration().set_index_channel(database_, std::move(table), std::move(field), true, step());
    if (!done) co_return done.error();
    auto why = why_no_channel(*done);
    if (!why.empty()) co_return base::error(errc::unavailable, std::move(why));
    co_return base::result<void>();
  }
  actor::task<base::result<void>> set_history(std::string table, std::uint64_t versions, std::uint64_t days, bool threads) override {
    auto name = table;
    auto done = co_await ended(engine_.set_history(database_, std::move(table), versions, days, step()));
    if (done && threads) done = co_await ended(engine_.administration().set_row_threads(database_, std::move(name), true, step()));
    co_return done;
  }
  actor::task<base::result<void>> set_layout(std::string table, protocol::table_layout layout) override {
    return ended(engine_.storage().set_layout(database_, std::move(table), layout, step()));
  }

 private:
  template <class T>
  static actor::task<base::result<void>> ended(actor::task<base::result<T>> work) {
    auto done = co_await std::move(work);
    if (!done) co_return done.error();
    co_return base::result<void>();
  }
  write_context step() {
    auto context = context_;
    context.progress = nullptr;  // the whole has its own
    if (!context.idempotency_key.empty()) context.idempotency_key += fmt::format(":{}", ++steps_);
    return context;
  }

  engine& engine_;
  std::string database_;
  write_context context_;
  std::uint64_t steps_ = 0;
};

}  // namespace

actor::task<base::result<database_snapshot_summary>> engine_impl::snapshot_database(std::string database, read_context context) {
  auto db = find_database(database);
  if (!db) co_return db.error();
  co_return co_await (*db)->snapshot_all(context);
}

actor::task<base::result<std::vector<kept_snapshot>>> engine_impl::snapshots(std::string database, read_context context) {
  auto db = find_database(database);
  if (!db) co_return db.error();
  co_return co_await (*db)->snapshots(context);
}

actor::task<base::result<snapshot_file>> engine_impl::read_snapshot_part(std::string database, base::message_id part, read_context context) {
  auto db = find_database(database);
  if (!db) co_return db.error();
  co_return co_await (*db)->read_snapshot_part(part, context);
}

actor::task<base::result<std::uint64_t>> engine_impl::drop_snapshot(std::string database, base::message_id part, read_context context) {
  auto db = find_database(database);
  if (!db) co_return db.error();
  co_return co_await (*db)->drop_snapshot(part, context);
}

actor::task<base::result<database_restore_report>> engine_impl::restore_database(std::string database, base::message_id last_part, std::string as,
                                                                                 write_context context) {
  auto db = find_database(database);
  if (!db) co_return db.error();
  if (find_any(as) && !restoring(as)) co_return base::error(errc::already_exists, fmt::format("as: database {} exists already; choose another name", as));
  base::channel_id channel;
  auto parts = co_await (*db)->find_snapshot(last_part, channel, context.deadline);
  if (!parts) co_return parts.error();
  set_total(context.progress, parts->back().header.rows);
  call_options options{priority::read, context.deadline};
  dump_part_reader check(store_, channel, *parts, options);
  for (bool more = true; more;) {
    auto item = co_await check.next();
    if (!item) co_return item.error();
    more = item->has_value();
  }
  if (!claim_restore(as)) co_return base::error(errc::already_exists, fmt::format("as: database {} is being restored already", as));
  auto filled = co_await fill_database(std::move(*parts), channel, as, std::move(context));
  end_claim(as);
  co_return filled;
}

actor::task<base::result<database_restore_report>> engine_impl::fill_database(std::vector<located_dump_part> parts, base::channel_id channel, std::string as,
                                                                              write_context context) {
  auto created = co_await make_for_restore(as, context);
  if (!created) co_return created.error();
  engine_target target(*this, as, context);
  dump_restorer restorer(target, batch_bytes, batch_rows);
  call_options options{priority::read, context.deadline};
  dump_part_reader reader(store_, channel, std::move(parts), options);
  auto incomplete = [&](const base::error& why) {
    give_up_restore(as);
    return base::error(why.code, fmt::format("database {} is not whole, there are only {} of {} tables of it: {}. Drop it with /dbc_database_drop database:{}, or restore it again",
                                             as, restorer.tables(), restorer.head().tables, why.message, as), why.detail);
  };
  for (;;) {
    auto item = co_await reader.next();
    if (!item) co_return incomplete(item.error());
    if (!*item) break;
    auto taken = co_await restorer.take(std::move(**item));
    if (!taken) co_return incomplete(taken.error());
    if (is_cancelled(context.progress)) co_return incomplete(base::error(base::errc::stopping, "the restoring was cancelled"));
  }
  auto ending = context;
  if (!ending.idempotency_key.empty()) ending.idempotency_key += ":end";
  auto ended = co_await end_restore(as, std::move(ending));
  if (!ended) co_return incomplete(ended.error());
  co_return database_restore_report{as, restorer.tables(), restorer.rows(), restorer.head().database, restorer.head().lsn,
                                    restorer.without_channel()};
}

}  // namespace dbcord::database
