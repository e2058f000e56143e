#include "simulation/thread_workload.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "protocol/row_thread.hpp"

namespace dbcord::simulation {
namespace {

using namespace std::chrono_literals;
constexpr base::duration id_disorder = 10s;  // of the guild's clock and ours, and of ids out of order
constexpr std::uint64_t thread_seed = 0x7EAD;
constexpr std::uint64_t keys = 3;

std::string key_name(std::uint64_t n) { return fmt::format("r{}", n); }

slash_command follow_history(bool on) {
  auto c = table_command("dbc_history_set", threaded_table);
  c.options.push_back(integer_option("versions", 5));
  c.options.push_back(integer_option("days", 1));
  c.options.push_back(text_option("history", on ? "thread" : "none"));
  return c;
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool shows(std::string_view content, const logged_version& v) {
  bool whole = content.find("```json") != content.npos;  // else a sentence says why not
  return !v.json || !whole || !is_ascii(*v.json) || content.find(*v.json) != content.npos;
}

// Whether this purge has erased all, or has finished what another one had begun.
bool tells_of_nothing_left(std::string_view text) {
  if (text.find("not yet") != std::string_view::npos) return false;
  return text.starts_with("Erased row") || text.starts_with("Nothing of row") || text.find("what was left of it elsewhere is erased") != std::string_view::npos;
}

}  // namespace

thread_workload::thread_workload(world& w, simulated_guild& guild, trace& t, const scenario& s)
    : lone_worker(w, guild, t, "threader", s.thread_every, s.seed ^ thread_seed), guild_(guild) {}

std::vector<slash_command> thread_workload::opening() {
  std::vector<slash_command> commands{table_command("dbc_table_create", threaded_table)};
  commands.back().options.push_back(text_option("pk", "id"));
  commands.push_back(follow_history(true));
  return commands;
}

slash_command thread_workload::draw(const std::string& key) {
  // Most keys are there most of the time; those that are not are asked for all the same.
  static constexpr std::string_view kinds[] = {"dbc_insert", "dbc_insert", "dbc_update", "dbc_update", "dbc_update",     "dbc_delete",
                                               "dbc_history", "dbc_history", "dbc_history", "dbc_purge", "dbc_history_set"};
  auto kind = kinds[random_.below(std::size(kinds))];
  if (kind == "dbc_history_set") return follow_history(random_.below(3) != 0);
  auto c = table_command(kind, threaded_table);
  c.options.push_back(text_option("key", key));
  if (kind == "dbc_history") c.options.push_back(flag_option("thread"));
  if (kind == "dbc_purge") c.options.push_back(text_option("confirm", key));
  if (kind == "dbc_insert") c.options.push_back(text_option("value_json", fmt::format(R"({{"n":{}}})", ++last_value_)));
  if (kind == "dbc_update") c.options.push_back(text_option("patch_json", fmt::format(R"({{"n":{}}})", ++last_value_)));
  return c;
}

void thread_workload::act() {
  if (random_.below(10) == 0) delete_some_thread();
  auto key = key_name(random_.below(keys));
  auto command = draw(key);
  trace_.line(fmt::format("threader: {} {}", command.name, key));
  if (command.name != "dbc_purge" && command.name != "dbc_history_set") purged_.erase(key);
  auto asked = command;
  ask(std::move(command), command_patience, [this, asked = std::move(asked), key](const user_reply& reply) { note(asked, key, reply); });
}

void thread_workload::note(const slash_command& asked, const std::string& key, const user_reply& reply) {
  bool answered = reply.what == user_reply::kind::answered;
  if (reply.text.starts_with("The versions of")) ++shown_;
  if (asked.name == "dbc_history_set") return;
  if (!answered) in_doubt_.insert(key);
  bool all = answered && asked.name == "dbc_purge" && tells_of_nothing_left(reply.text);
  if (all && !in_doubt_.contains(key)) purged_[key] = world_.wall_now();
}

void thread_workload::delete_some_thread() {
  for (const auto& channel : channels_in(guild_)) {
    if (channel.name != threaded_table) continue;
    auto threads = threads_in(guild_, channel.id);
    if (threads.empty()) continue;
    auto chosen = threads[random_.below(threads.size())];
    if (delete_channel(guild_, chosen.id)) trace_.line(fmt::format("somebody deletes the thread {}", chosen.name));
  }
}

std::vector<std::string> thread_workload::check(const logged_content& logged) {
  std::vector<std::string> violations;
  auto table = logged.tables.find(std::string(threaded_table));
  if (table == logged.tables.end()) return {"the table of threads was never logged"};
  for (const auto& channel : channels_in(guild_)) {
    if (channel.name != threaded_table) continue;
    for (const auto& thread : threads_in(guild_, channel.id)) check_thread(thread, logged, table->second.first, violations);
  }
  return violations;
}

void thread_workload::check_thread(const seen_thread& thread, const logged_content& logged, protocol::table_id table, std::vector<std::string>& violations) {
  auto violate = [&](std::string what) { violations.push_back(fmt::format("thread {}: {}", thread.name, std::move(what))); };
  auto tag = protocol::tag_of_thread_name(thread.name);
  if (!tag) return violate("its name tells no row");
  std::optional<std::string> key;
  for (std::uint64_t n = 0; n < keys; ++n) {
    if (protocol::row_thread_tag(table, key_name(n)) == *tag) key = key_name(n);
  }
  if (!key) return violate("it is of no row of the table");
  auto erased = purged_.find(*key);
  bool older = erased != purged_.end() && base::created_at(base::message_id{thread.id.value}) + id_disorder < erased->second;
  if (older) violate("its row was purged");
  auto found = logged.rows.find({table, *key});
  const auto versions = found == logged.rows.end() ? std::vector<logged_version>() : found->second;
  for (const auto& m : messages_in(guild_, thread.id)) {
    auto entry = protocol::decode_thread_entry(m.content);
    if (!entry) continue;
    if (entry->tag != *tag) violate(fmt::format("it has version {} of another row", entry->version));
    auto same = [&](const logged_version& v) { return v.version == entry->version && v.lsn == entry->lsn && shows(m.content, v); };
    bool was_logged = std::any_of(versions.begin(), versions.end(), same);
    if (!was_logged) violate(fmt::format("version {} with LSN {} was never logged like that: {}", entry->version, entry->lsn, m.content));
  }
}

}  // namespace dbcord::simulation
