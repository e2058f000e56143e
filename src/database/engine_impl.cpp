#include "database/engine_impl.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "database/history_page.hpp"
#include "database/memory_words.hpp"

namespace dbcord::database {
namespace {

using namespace std::chrono_literals;
constexpr base::duration catalog_retry_pause = 500ms;

}  // namespace

std::unique_ptr<engine> make_engine(const actor::environment& env, message_store& store, engine_options options) {
  return std::make_unique<engine_impl>(env, store, std::move(options));
}

std::string message_link::url() const {
  return fmt::format("https://discord.com/channels/{}/{}/{}", guild.value, channel.value, message.value);
}

engine_impl::engine_impl(const actor::environment& env, message_store& store, engine_options options)
    : env_(env), store_(store), options_(options), limits_(std::make_shared<shared_limits>(options.memory_cap, options.backlog_cap_of_all)), directory_(env, store), removals_(env, "removals of databases"),
      reopenings_(env, "reopenings of databases") {}

actor::task<void> engine_impl::close(base::steady_time deadline) {
  std::map<std::string, database_ptr> all;
  std::vector<actor::event> wakes;
  {
    std::lock_guard lock(mutex_);
    closing_ = true;
    all = open_;
    wakes = closing_wakes_;
    removals_.shut();
    reopenings_.shut();
    for (const auto& db : opening_) db->give_up_opening();
  }
  for (const auto& wake : wakes) wake.notify();
  for (auto& [name, db] : all) co_await db->close(deadline);
  co_await reopenings_.join(deadline);
  co_await removals_.join(deadline);
}

// One entry per database id, in the order of the catalog channels' ids; of several databases of one name that is kept which was complete first (its record is the
// oldest: every process sees the same), else the first. Dropped ones have no name any more.
actor::task<base::result<engine_impl::discovery>> engine_impl::discover(std::vector<channel_info> present, base::steady_time deadline) {
  std::sort(present.begin(), present.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  // Right behind a drop of ours the catalog may be shown without it.
  auto was_dropped_here = [this](const std::string& id) {
    std::lock_guard lock(mutex_);
    return std::any_of(retired_.begin(), retired_.end(), [&id](const database_ptr& db) { return db->id() == id; });
  };
  discovery all;
  auto& found = all.databases;
  for (const auto& channel : present) {
    auto topic = protocol::decode_topic(channel.topic);
    if (!topic || topic->role != protocol::channel_role::catalog || was_dropped_here(topic->database_id)) continue;
    auto content = co_await read_catalog(channel, deadline);
    if (!content && content.error().code == store_errc::not_found) continue;  // of a dropped database: it has gone since it was listed
    if (!content) co_return content.error();
    if (content->dropped && content->dropped->id == topic->database_id) {
      all.dropped.push_back({std::move(*content->dropped), channel.id});
      continue;
    }
    auto& record = content->creation;
    auto same = std::find_if(found.begin(), found.end(), [&](const auto& d) { return d.name == topic->database_name; });
    found_database here{topic->database_name, topic->database_id, std::move(record), channel.id};
    if (same == found.end()) {
      found.push_back(std::move(here));
      continue;
    }
    if (here.record && (!same->record || here.record->since < same->record->since)) std::swap(*same, here);
    if (here.record && here.id != same->id) {
      env_.log.warning("a second database of the same name is ignored", {{"database", same->name}, {"catalog", here.catalog.value}});
      all.ignored.push_back(std::move(*here.record));
    }
  }
  // A second catalog of one that is dropped, which two processes made at once.
  auto is_dropped = [&](const auto& d) { return std::any_of(all.dropped.begin(), all.dropped.end(), [&](const auto& gone) { return gone.record.id == d.id; }); };
  std::erase_if(found, is_dropped);
  std::erase_if(all.ignored, is_dropped);
  co_return all;
}

// An empty answer of a channel that has messages says that they are not shown (see channel_pages), not that there is no database, unless the last one is gone
// when asked for by itself.
actor::task<base::result<std::vector<stored_message>>> engine_impl::first_of_catalog(channel_info channel, base::steady_time deadline) {
  call_options options{priority::interactive, deadline};
  for (;;) {
    auto messages = co_await store_.history_after(channel.id, {}, history_page_max, options);
    if (!messages) co_return messages.error();
    if (!messages->value.empty() || !channel.last_message) co_return std::move(messages->value);
    if (base::created_at(channel.last_message) + options_.staleness < messages->date) {
      auto last = co_await store_.fetch(channel.id, channel.last_message, options);
      if (!last && last.error().code == store_errc::not_found) co_return std::vector<stored_message>();
      if (!last && last.error().code == store_errc::forbidden) co_return last.error();  // it names the permission
    }
    if (env_.now() + catalog_retry_pause >= deadline) break;
    co_await actor::sleep_for(env_, catalog_retry_pause);
  }
  co_return base::error(errc::unavailable, "Discord shows no messages where there are some: reading the message history may not be allowed now");
}

// The record of creation is among the first messages, or among the last (find_creation); that of a drop among the last.
actor::task<base::result<engine_impl::catalog_content>> engine_impl::read_catalog(channel_info channel, base::steady_time deadline) {
  auto catalog = channel.id;
  call_options options{priority::interactive, deadline};
  auto first = co_await first_of_catalog(std::move(channel), deadline);
  if (!first) co_return first.error();
  auto all = std::move(*first);
  if (all.size() >= static_cast<std::size_t>(history_page_max)) {
    auto newest = co_await store_.history_before(catalog, {}, history_page_max, options);
    if (!newest) co_return newest.error();
    std::move(newest->value.begin(), newest->value.end(), std::back_inserter(all));
  }
  std::erase_if(all, [this](const stored_message& m) { return m.author != store_.self(); });
  catalog_content content;
  content.dropped = find_dropped(all);
  content.creation = find_creation(all, catalog);
  co_return content;
}

actor::task<base::result<void>> engine_impl::open_one(creation_record record, std::optional<std::string> restorer, base::steady_time deadline,
                                                       dated<std::vector<channel_info>> present) {
  auto db = std::make_shared<database>(env_, store_, options_, limits_, record);
  db->keep_threads_in(threads_);
  auto opened = co_await open_unless_closing(db, deadline, std::move(present));
  if (!opened) {
    (void)co_await db->forget_tables();  // the next attempt needs the memory
    co_return opened.error();
  }
  if (db->dropped()) {
    if (!retire(db)) co_await db->close(deadline);
    co_return base::result<void>();
  }
  db->when_dropped([this, weak = std::weak_ptr(db)] {
    if (auto gone = weak.lock()) (void)retire(gone);  // a process that ends closes it with the others
  });
  if (!admit(db, restorer)) {
    co_await db->close(deadline);
    co_return base::error(base::errc::stopping);
  }
  env_.log.info("database open", {{"database", record.name}, {"tables", db->table_names().size()}});
  // It is open all the same: what is there can be read, and deleted.
  if (auto lack = lack_of_memory(db->memory(), memory(), record.name)) {
    auto figures = memory();
    env_.log.warning("the memory leaves no room for new rows", {{"database", record.name}, {"needed", figures.fixed}, {"cap", figures.cap}, {"why", *lack}});
  }
  if (db->restoring() && !restorer) {
    env_.log.error("the restore of a database was interrupted", {{"database", record.name}, {"what to do", interrupted_sentence(record.name)}});
  }
  co_return base::result<void>();
}

// From then on everybody finds it. False: close() has begun, and knows nothing of it.
bool engine_impl::admit(const database_ptr& db, const std::optional<std::string>& restorer) {
  std::lock_guard lock(mutex_);
  if (closing_) return false;
  if (db->restoring()) unfinished_[db->name()] = {restorer.value_or(""), !restorer, db->record().id};
  open_[db->name()] = db;
  failed_.erase(db->name());
  if (events_missed_) db->events_missed();
  return true;
}

actor::task<base::result<void>> engine_impl::open_unless_closing(database_ptr db, base::steady_time deadline,
                                                                 dated<std::vector<channel_info>> present) {
  {
    std::lock_guard lock(mutex_);
    if (closing_) co_return base::error(base::errc::stopping);
    opening_.insert(db);
  }
  auto opened = co_await db->open(deadline, std::move(present));
  std::lock_guard lock(mutex_);
  opening_.erase(db);
  co_return opened;
}

base::result<engine_impl::database_ptr> engine_impl::find_database(const std::string& name) const {
  {
    std::lock_guard lock(mutex_);
    auto it = unfinished_.find(name);
    if (it != unfinished_.end() && it->second.interrupted) {
      return base::error(errc::unavailable, fmt::format("database {} cannot be used: {}", name, interrupted_sentence(name)));
    }
  }
  return find_any(name);
}

base::result<engine_impl::database_ptr> engine_impl::find_any(const std::string& name) const {
  std::lock_guard lock(mutex_);
  if (closing_) return base::error(base::errc::stopping);
  if (auto it = open_.find(name); it != open_.end()) return it->second;
  if (dropping_.contains(name)) return base::error(errc::unknown_database, fmt::format("database {} was dropped", name));
  if (auto it = failed_.find(name); it != failed_.end()) {
    return base::error(errc::unavailable, fmt::format("database {} could not be opened: {}", name, it->second));
  }
  std::string present;
  for (const auto& [other, db] : open_) present += (present.empty() ? "" : ", ") + other;
  return base::error(errc::unknown_database, fmt::format("there is no database \"{}\"; {}", name,
                                                         present.empty() ? "create it with /dbc_init" : "there are: " + present));
}

std::vector<std::string> engine_impl::databases() const {
  std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, db] : open_) {
    auto it = unfinished_.find(name);
    if (it == unfinished_.end() || !it->second.interrupted) names.push_back(name);
  }
  return names;
}

std::vector<std::string> engine_impl::failed() const {
  std::lock_guard lock(mutex_);
  std::vector<std::string> reasons;
  for (const auto& [name, why] : failed_) reasons.push_back(name + ": " + why);
  for (const auto& [name, restore] : unfinished_) {
    if (restore.interrupted) reasons.push_back(name + ": " + interrupted_sentence(name));
  }
  return reasons;
}

std::vector<std::string> engine_impl::tables(std::string database) const {
  auto db = find_database(database);
  return db ? (*db)->table_names() : std::vector<std::string>();
}

actor::task<base::result<table_summary>> engine_impl::create_table(std::string database, std::string table,
                                                                   std::string primary_key, write_context context) {
  auto db = find_database(database);
  if (!db) co_return db.error();
  co_return co_await (*db)->create_table(std::move(table), std::move(primary_key), std::move(context));
}

actor::task<base::result<write_receipt>> engine_impl::insert(std::string database, std::string table, new_row value,
                                                             write_context context) {
  auto db = find_database(database);
  if (!db) co_return db.error();
  co_return co_await (*db)->insert(std::move(table), std::move(value), std::move(context));
}

actor::task<base::result<write_receipt>> engine_impl::update(std::string database, std::string table, std::string key,
                                                             std::string patch_json, write_context context) {
  auto db = find_database(database);
  if (!db) co_return db.error();
  co_return co_await (*db)->update(std::move(table), std::move(key), std::move(patch_json), std::move(context));
}

actor::task<base::result<write_receipt>> engine_impl::remove(std::string database, std::string table, std::string key,
                                                             write_context context) {
  auto db = find_database(database);
  if (!db) co_return db.error();
  co_return co_await (*db)->remove(std::move(table), std::move(key), std::move(context));
}

actor::task<base::result<import_report>> engine_impl::import(std::string database, std::string table, std::vector<new_row> rows,
                                                             write_context context) {
  auto db = find_database(database);
  if (!db) co_return db.error();
  co_return co_await (*db)->import(std::move(table), std::move(rows), std::move(context));
}

actor::task<base::result<transaction_receipt>> engine_impl::transact(std::string database, std::vector<row_operation> steps,
                                                                     write_context context) {
  auto db = find_database(database);
  if (!db) co_return db.error();
  co_return co_await (*db)->transact(std::move(steps), std::move(context));
}

actor::task<base::result<row>> engine_impl::get(std::string database, std::string table, std::string key, read_context context) {
  auto db = find_database(database);
  if (!db) co_return db.error();
  co_return co_await (*db)->get(std::move(table), std::move(key), context);
}

actor::task<base::result<write_receipt>> engine_impl::set_schema(std::string database, std::string table, std::string schema_json,
                                                                 bool force, write_context context) {
  auto db = find_database(database);
  if (!db) co_return db.error();
  co_return co_await (*db)->set_schema(std::move(table), std::move(schema_json), force, std::move(context));
}

actor::task<base::result<write_receipt>> engine_impl::create_index(std::string database, std::string table, std::string field, bool unique,
                                                                   write_context context) {
  auto db = find_database(database);
  if (!db) co_return db.error();
  co_return co_await (*db)->create_index(std::move(table), std::move(field), unique, false, std::move(context));
}

actor::task<base::result<write_receipt>> engine_impl::drop_index(std::string database, std::string table, std::string field,
                                                                 write_context context) {
  auto db = find_database(database);
  if (!db) co_return db.error();
  co_return co_await (*db)->drop_index(std::move(table), std::move(field), std::move(context));
}

actor::task<base::result<row>> engine_impl::get_as_of(std::string database, std::string table, std::string key, moment when,
                                                      read_context context) {
  auto db = find_database(database);
  if (!db) co_return db.error();
  co_return co_await (*db)->get_as_of(std::move(table), std::move(key), when, context);
}

actor::task<base::result<history_answer>> engine_impl::history(std::string database, std::string table, history_request request,
                                                               read_context context) {
  auto db = find_database(database);
  if (!db) co_return db.error();
  co_return co_await (*db)->history(std::move(table), std::move(request), context);
}

actor::task<base::result<write_receipt>> engine_impl::set_history(std::string database, std::string table, std::uint64_t versions,
                                                                  std::uint64_t days, write_context context) {
  auto db = find_database(database);
  if (!db) co_return db.error();
  co_return co_await (*db)->set_history(std::move(table), versions, days, std::move(context));
}

actor::task<base::result<verify_report>> engine_impl::verify(std::string database, std::string table, read_context context) {
  auto db = find_database(database);
  if (!db) co_return db.error();
  co_return co_await (*db)->verify(std::move(table), context);
}

actor::task<base::result<snapshot_summary>> engine_impl::snapshot(std::string database, std::string table, read_context context) {
  auto db = find_database(database);
  if (!db) co_return db.error();
  co_return co_await (*db)->snapshot(std::move(table), context);
}

actor::task<base::result<restore_report>> engine_impl::restore(std::string database, base::message_id last_part, std::string table,
                                                               write_context context) {
  auto db = find_database(database);
  if (!db) co_return db.error();
  co_return co_await (*db)->restore(last_part, std::move(table), std::move(context));
}

void engine_impl::messages_deleted(base::channel_id channel, std::vector<base::message_id> messages) {
  for (const auto& db : all_open()) db->messages_deleted(channel, messages);
}

void engine_impl::channel_deleted(base::channel_id channel) {
  for (const auto& db : all_open()) db->channel_deleted(channel);
}

void engine_impl::events_missed() {
  {
    std::lock_guard lock(mutex_);
    events_missed_ = true;
  }
  for (const auto& db : all_open()) db->events_missed();
}

std::vector<engine_impl::database_ptr> engine_impl::all_open() const {
  std::lock_guard lock(mutex_);
  std::vector<database_ptr> all;
  for (const auto& [name, db] : open_) all.push_back(db);
  return all;
}

actor::task<base::result<table_summary>> engine_impl::inspect_table(std::string database, std::string table, read_context context) {
  auto db = find_database(database);
  if (!db) co_return db.error();
  co_return co_await (*db)->inspect_table(std::move(table), context);
}

actor::task<base::result<find_answer>> engine_impl::find(std::string database, std::string table, find_request request,
                                                         read_context context) {
  auto db = find_database(database);
  if (!db) co_return db.error();
  co_return co_await (*db)->find(std::move(table), std::move(request), context);
}

actor::task<reading_caveat> engine_impl::caveat(std::string database, std::string table) {
  auto db = find_database(database);
  if (!db) co_return reading_caveat();
  co_return co_await (*db)->caveat(std::move(table));
}

actor::task<base::result<database_summary>> engine_impl::inspect(std::string database, read_context context) {
  auto db = find_database(database);
  if (!db) co_return db.error();
  co_return co_await (*db)->inspect(context);
}

}  // namespace dbcord::database
