#include "database/database_writes.hpp"

#include <fmt/format.h>

#include "base/deliberate_bug.hpp"
#include "protocol/schema_contradiction.hpp"

namespace dbcord::database {
namespace {

using namespace std::chrono_literals;
constexpr std::size_t calls_limit = 1024;
constexpr base::duration index_channels_patience = 5s;  // they are a view: closing does not wait longer for them

bool names(const pending_ptr& t, protocol::table_id id) {
  for (const auto& op : t->body.operations) {
    if (std::visit([&](const auto& o) { return o.table == id; }, op)) return true;
  }
  return false;
}

// Of the database itself, not of a table.
bool is_own(const protocol::operation& op) {
  return std::holds_alternative<protocol::set_access>(op) || std::holds_alternative<protocol::set_deletions>(op) ||
         std::holds_alternative<protocol::drop_database>(op) || std::holds_alternative<protocol::end_restore>(op) ||
         std::holds_alternative<protocol::set_row_threads>(op);
}

const protocol::create_table* creates_table(const pending_ptr& t) {
  return t->body.operations.empty() ? nullptr : std::get_if<protocol::create_table>(&t->body.operations.front());
}

log_options make_log_options(const creation_record& record, const engine_options& options) {
  log_options log;
  log.database = record.name;
  log.control = record.control;
  log.log = record.log;
  log.anchor = anchor_of(record);
  log.exclusive_by_lock = options.exclusive_by_lock;
  log.lease = options.lease;
  log.staleness = options.staleness;
  log.group_cap = options.group_cap;
  log.accept_loss = options.accepts_loss_of(record.name);
  log.take_over = options.take_over;
  log.on_fenced = options.on_fenced;
  return log;
}

std::uint64_t own_cap(const engine_options& options) {
  return options.database_memory_cap == 0 ? options.memory_cap : std::min(options.database_memory_cap, options.memory_cap);
}

// It counts towards that of all, and keeps it.
std::shared_ptr<memory_account> own_account(const engine_options& options, const std::shared_ptr<shared_limits>& all) {
  struct counted {
    counted(std::uint64_t cap, std::shared_ptr<shared_limits> a) : all(std::move(a)), own(cap, &all->memory) {}
    std::shared_ptr<shared_limits> all;
    memory_account own;
  };
  auto both = std::make_shared<counted>(own_cap(options), all);
  return {both, &both->own};
}

}  // namespace

database::database(const dbcord::actor::environment& env, message_store& store, const engine_options& options,
                   std::shared_ptr<shared_limits> limits, creation_record record)
    : actor(env, calls_limit),
      store_(store),
      options_(options),
      record_(std::move(record)),
      directory_(env, store),
      limits_(std::move(limits)),
      kept_memory_(own_account(options, limits_)),
      memory_(*kept_memory_),
      log_(env, store, make_log_options(record_, options), options.backlog_cap, limits_->backlog, *this),
      values_(env, store, log_.segments()),
      services_{log_.queue(), memory_, values_, last_ticket_, record_.name, record_.id, store.guild(), log_.segments(), options.row_cap,
                options.page_from, options.index_at_once, store, options.altered_at_once, kept_memory_},
      executed_(std::max<std::size_t>(options.commands_kept, 1)),
      threads_(store),
      materialiser_(env, store, record_.name),
      index_builder_(env, record_.name),
      index_channels_(index_channel_services(), [this] { return all_tables(); }, [this](base::channel_id channel) { forget_segment(channel); }),
      checkpointer_(env, store, record_.name, options_.checkpoints, log_, *this),
      tasks_(env, "database") {}

dbcord::actor::task<void> database::close(base::steady_time deadline) {
  stopping_ = true;
  deletions_.give_up();
  describe_wake_.notify();
  drop_wake_.notify();
  shorten_wake_.notify();
  missed_wake_.notify();
  changed_rows_wake_.notify();
  refuse_calls();
  materialiser_.request_stop();
  index_builder_.request_stop();
  index_channels_.request_stop();
  co_await checkpointer_.stop(env().now() + (deadline - env().now()) / 2);  // the release must still find time
  co_await index_channels_.stopped(std::min(deadline, env().after(index_channels_patience)));
  co_await log_.stop(deadline);  // first: what was accepted, and the release
  co_await materialiser_.join(deadline);
  co_await index_builder_.join(deadline);
  co_await tasks_.join(deadline);
  co_await finish_calls(deadline);
}

base::result<void> database::replay(const std::vector<recovered_group>& groups) {
  std::map<protocol::table_id, std::uint64_t> homeless;  // changes of tables whose creation is lost
  std::map<protocol::table_id, std::uint64_t> dropped;   // of such as are dropped
  for (const auto& g : groups) {
    for (const auto& t : g.transactions) {
      for (const auto& op : t.operations) {
        if (const auto* created = std::get_if<protocol::create_table>(&op)) {
          add_table(*created);
          continue;
        }
        if (is_own(op)) {
          apply_to_database(op);
          continue;
        }
        auto id = std::visit([](const auto& o) { return o.table; }, op);
        auto table = table_by_id(id);
        if (!table && !losses_.empty()) {
          ++homeless[id];
          continue;
        }
        bool strict = base::has_bug(base::deliberate_bug::alter_behind_the_drop);
        if (!table && id <= last_table_id_ && !strict) {  // it was dropped; earlier versions of dbcord let an alteration of its columns go on behind that
          ++dropped[id];
          continue;
        }
        if (!table) {
          return base::error(errc::damaged, fmt::format("log record {} of database {} names table {}, which was never created", g.lsn,
                                                        record_.name, id));
        }
        if (base::has_bug(base::deliberate_bug::lose_deletes) && std::holds_alternative<protocol::delete_row>(op)) continue;
        table->replay(op, g.lsn, g.message);
        apply_to_database(op);
        if (base::has_bug(base::deliberate_bug::half_a_transaction)) break;
      }
      bool forgets = base::has_bug(base::deliberate_bug::forget_keys_on_recovery);
      if (!t.idempotency_key.empty() && !forgets) executed_.finish(t.idempotency_key, to_executed(t, g.lsn, g.message));
    }
  }
  for (auto [table, changes] : dropped) {
    env().log.warning("changes of a dropped table are passed over", {{"database", record_.name}, {"table", table}, {"changes", changes}});
  }
  for (auto [table, changes] : homeless) {
    losses_.push_back(fmt::format("the creation of table {} is lost, and its {} later change{} with it", table, changes, changes == 1 ? "" : "s"));
  }
  return {};
}

table_ptr database::add_table(const protocol::create_table& definition) {
  auto table = std::make_shared<table_actor>(env(), definition, services_);
  services_.memory.join(table);
  std::lock_guard lock(tables_mutex_);
  tables_[definition.name] = table;
  tables_by_id_[definition.table] = table;
  last_table_id_ = std::max(last_table_id_, definition.table);
  return table;
}

base::result<table_ptr> database::find_table(const std::string& name) const {
  if (auto closed = log_.closed_reason()) return *closed;
  std::lock_guard lock(tables_mutex_);
  auto it = tables_.find(name);
  if (it != tables_.end()) return it->second;
  std::string present;
  for (const auto& [other, table] : tables_) present += (present.empty() ? "" : ", ") + other;
  return base::error(errc::unknown_table, fmt::format("database {} has no table \"{}\"; {}", record_.name, name,
                                                      present.empty() ? "create it with /dbc_table_create" : "it has: " + present));
}

table_ptr database::table_by_id(protocol::table_id id) const {
  std::lock_guard lock(tables_mutex_);
  auto it = tables_by_id_.find(id);
  return it == tables_by_id_.end() ? nullptr : it->second;
}

std::vector<table_ptr> database::all_tables() const {
  std::lock_guard lock(tables_mutex_);
  std::vector<table_ptr> all;
  for (const auto& [id, table] : tables_by_id_) all.push_back(table);
  return all;
}

std::vector<std::string> database::table_names() const {
  std::lock_guard lock(tables_mutex_);
  std::vector<std::string> names;
  for (const auto& [name, table] : tables_) names.push_back(name);
  return names;
}

std::vector<base::channel_id> database::bound_channels() const {
  std::vector<base::channel_id> bound;
  for (const auto& t : all_tables()) {
    for (auto channel : t->channels().all()) bound.push_back(channel);
  }
  for (auto dropped : dropped_channels()) bound.push_back(dropped);
  return bound;
}

void database::events_missed() {
  for (const auto& table : all_tables()) table->events_missed();
  missed_wake_.notify();
}

// ---- the log's side ----

dbcord::actor::task<void> database::apply(std::vector<pending_ptr> group, commit_info info) {
  if (!base::has_bug(base::deliberate_bug::publish_before_all_tables)) publication_.begin();
  for (const auto& t : group) {
    if (const auto* created = creates_table(t)) {
      auto table = add_table(*created);
      table->begin();
      materialiser_.add(table);
      describe_wake_.notify();
    }
  }
  bool indexes_shown = false;
  for (const auto& table : all_tables()) {
    std::vector<pending_ptr> its;
    for (const auto& t : group) {
      if (names(t, table->definition().table)) its.push_back(t);
    }
    if (its.empty()) continue;
    bool shown = table->shows_indexes();  // one of them may go now
    co_await table->commit(std::move(its), info);
    indexes_shown = indexes_shown || shown || table->shows_indexes();
  }
  bool rows_follow = false;
  for (const auto& t : group) {
    for (const auto& op : t->body.operations) {
      apply_to_database(op);
      rows_follow = changed_rows_.note(op) || rows_follow;
      const auto* index = std::get_if<protocol::create_index>(&op);
      const auto* begun = std::get_if<protocol::begin_alteration>(&op);
      auto table = index && index->building ? table_by_id(index->table) : begun ? table_by_id(begun->table) : nullptr;
      if (table) index_builder_.start(table);
      if (std::holds_alternative<protocol::move_table>(op)) describe_wake_.notify();
    }
  }
  if (rows_follow) changed_rows_wake_.notify();
  if (indexes_shown) index_channels_.notify();
  publication_.end();
  settle_keys(group, info);
  checkpointer_.notify();
}

dbcord::actor::task<void> database::abort(std::vector<pending_ptr> group) {
  for (const auto& table : all_tables()) co_await table->abort(group);
  settle_keys(group, std::nullopt);
}

void database::settle_keys(const std::vector<pending_ptr>& group, std::optional<commit_info> info) {
  for (const auto& t : group) {
    const auto& key = t->body.idempotency_key;
    if (key.empty()) continue;
    if (info) {
      executed_.finish(key, to_executed(t->body, info->lsn, info->message));
    } else {
      executed_.abandon(key);
    }
  }
}

// ---- commands, each at most once ----

dbcord::actor::task<base::result<std::optional<executed_command>>> database::admit(std::string key, base::steady_time deadline) {
  if (key.empty() || base::has_bug(base::deliberate_bug::forget_idempotency_key)) co_return std::optional<executed_command>();
  auto given = given_at(key);
  bool expired = given && *given + idempotency_register::window < env().clock.wall_now();
  for (;;) {
    auto known = executed_.begin(key);
    if (known.done) co_return std::move(known.done);
    if (!known.running && (expired || (given && executed_.may_have_forgotten(*given)))) {
      executed_.abandon(key);
      co_return base::error(base::errc::invalid_argument, "this command was given too long ago to be carried out safely; give it again");
    }
    if (!known.running) co_return std::optional<executed_command>();
    auto settled = co_await known.running->get_until(env(), deadline);
    if (settled) continue;
    base::error doubt(errc::outcome_unknown, "the same command is being carried out; its outcome is not known yet");
    co_return co_await with_reason(std::move(doubt));
  }
}

write_receipt database::to_receipt(commit_info commit, std::uint64_t version, bool repeated) const {
  write_receipt receipt;
  receipt.lsn = commit.lsn;
  receipt.version = version;
  receipt.location = {store_.guild(), log_.segments().channel_of(commit.lsn), commit.message};
  receipt.repeated = repeated;
  return receipt;
}

dbcord::actor::task<base::result<write_receipt>> database::insert(std::string table, new_row value, write_context context) {
  auto target = find_table(table);
  if (!target) co_return co_await confirm_refusal(target.error(), context.deadline);
  auto checked = check_row(std::move(value), (*target)->definition().primary_key, options_.row_cap);
  if (!checked) co_return checked.error();
  auto start = [&](write_context c) { return (*target)->insert(*checked, std::move(c)); };
  auto done = write_once(start, std::move(context));
  co_return co_await std::move(done);
}

dbcord::actor::task<base::result<write_receipt>> database::update(std::string table, std::string key, std::string patch,
                                                                  write_context context) {
  auto target = find_table(table);
  if (!target) co_return co_await confirm_refusal(target.error(), context.deadline);
  auto usable = check_key(key);
  if (!usable) co_return usable.error();
  auto checked = check_patch(patch, options_.row_cap);
  if (!checked) co_return checked.error();
  auto start = [&](write_context c) { return (*target)->update(key, *checked, std::move(c)); };
  auto done = write_once(start, std::move(context));
  co_return co_await std::move(done);
}

dbcord::actor::task<base::result<write_receipt>> database::replace(std::string table, std::string key, std::string row_json,
                                                                   write_context context) {
  auto target = find_table(table);
  if (!target) co_return co_await confirm_refusal(target.error(), context.deadline);
  auto usable = check_key(key);
  if (!usable) co_return usable.error();
  auto checked = check_whole_row(row_json, options_.row_cap);
  if (!checked) co_return checked.error();
  auto start = [&](write_context c) { return (*target)->replace(key, *checked, std::move(c)); };
  auto done = write_once(start, std::move(context));
  co_return co_await std::move(done);
}

dbcord::actor::task<base::result<write_receipt>> database::remove(std::string table, std::string key, write_context context) {
  auto target = find_table(table);
  if (!target) co_return co_await confirm_refusal(target.error(), context.deadline);
  auto usable = check_key(key);
  if (!usable) co_return usable.error();
  auto start = [&](write_context c) { return (*target)->remove(key, std::move(c)); };
  auto done = write_once(start, std::move(context));
  co_return co_await std::move(done);
}

// ---- rules of tables ----

dbcord::actor::task<base::result<write_receipt>> database::set_schema(std::string table, std::string schema_json, bool force,
                                                                      write_context context) {
  auto target = find_table(table);
  if (!target) co_return co_await confirm_refusal(target.error(), context.deadline);
  auto schema = protocol::row_schema::parse(schema_json);
  if (!schema) co_return base::error(errc::invalid_json, "schema_json: " + schema.error().message);
  if (!force) {  // with it a restore sets what was accepted once
    auto bad = protocol::contradiction_in(*schema);
    if (!bad) bad = protocol::contradiction_of_key(*schema, (*target)->definition().primary_key);
    if (bad) co_return base::error(errc::invalid_json, "schema_json: " + *bad);
  }
  auto start = [&](write_context c) { return (*target)->set_schema(*schema, force, std::move(c)); };
  auto done = write_once(start, std::move(context));
  co_return co_await std::move(done);
}

dbcord::actor::task<base::result<write_receipt>> database::set_history(std::string table, std::uint64_t versions, std::uint64_t days,
                                                                       write_context context) {
  auto target = find_table(table);
  if (!target) co_return co_await confirm_refusal(target.error(), context.deadline);
  auto start = [&](write_context c) { return (*target)->set_history(versions, days, std::move(c)); };
  auto done = write_once(start, std::move(context));
  co_return co_await std::move(done);
}

dbcord::actor::task<base::result<write_receipt>> database::set_layout(std::string table, protocol::table_layout layout,
                                                                       write_context context) {
  auto target = find_table(table);
  if (!target) co_return co_await confirm_refusal(target.error(), context.deadline);
  auto start = [&](write_context c) { return (*target)->set_layout(layout, std::move(c)); };
  auto done = write_once(start, std::move(context));
  co_return co_await std::move(done);
}

// ---- what is told of it ----

dbcord::actor::task<base::result<table_summary>> database::inspect_table(std::string table, read_context context) {
  auto target = find_table(table);
  if (!target) co_return co_await confirm_refusal(target.error(), context.deadline);
  co_return co_await (*target)->summary(context.deadline);
}

dbcord::actor::task<base::result<database_summary>> database::inspect(read_context context) {
  database_summary s;
  s.name = record_.name;
  s.id = record_.id;
  for (const auto& t : all_tables()) {
    auto table = co_await t->summary(context.deadline);
    if (!table) co_return table.error();
    s.tables.push_back(std::move(*table));
  }
  const auto& status = log_.status();
  s.lsn = status.lsn;
  s.epoch = status.epoch;
  s.groups = status.groups;
  s.transactions = status.transactions;
  s.barriers = status.barriers;
  s.queued_bytes = log_.queue().bytes();
  s.checkpoints = checkpointer_.status().written;
  s.deltas = checkpointer_.status().deltas;
  s.checkpoint_lsn = checkpointer_.status().lsn;
  s.checkpoint_bytes = checkpointer_.status().base_bytes;
  s.opened_from_lsn = opened_from_lsn_;
  s.log_tail = log_.tail().messages;
  auto closed = log_.closed_reason();
  if (auto lost = log_.needed().lost(); !closed && !log_.read_only_reason()) {
    s.log_messages_deleted = lost.messages;
    s.log_channels_deleted = lost.channels;
    s.log_loss_mendable = options_.checkpoints.enabled && checkpointer_.log_lacks_records();
    s.checkpoint_problem = checkpointer_.problem();
  }
  s.state = closed ? "closed: " + closed->message : "open";
  if (restoring() && !closed) s.state = "being restored";
  if (auto why = log_.read_only_reason(); why && !closed) s.state = "read-only: " + why->message;
  auto segments = log_.segments().all();
  s.log_channel = segments.back().channel;
  s.log_segments = segments.size();
  s.log_first_lsn = segments.front().first_lsn;
  s.losses = losses_;
  co_return s;
}

}  // namespace dbcord::database
