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

slash_command of_table(std::string name) {
  slash_command c;
  c.name = std::move(name);
  c.options.push_back(text_option("database", database_name));
  c.options.push_back(text_option("table", threaded_table));
  return c;
}

slash_command follow_history(bool on) {
  auto c = of_table("dbc_history_set");
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

}  // namespace

thread_workload::thread_workload(world& w, simulated_guild& guild, trace& t, const scenario& s)
    : world_(w), guild_(guild), trace_(t), every_(s.thread_every), random_(s.seed ^ thread_seed), user_(w, guild, "threader") {}

thread_workload::~thread_workload() { *alive_ = false; }

std::vector<slash_command> thread_workload::opening() {
  std::vector<slash_command> commands{of_table("dbc_table_create")};
  commands.back().options.push_back(text_option("pk", "id"));
  commands.push_back(follow_history(true));
  return commands;
}

void thread_workload::start() {
  working_ = busy_ = true;
  next();
}

void thread_workload::next() {
  world_.after(draw_exponential(every_, random_), [this, alive = alive_] {
    if (!*alive) return;
    if (!working_) {
      busy_ = false;
    } else if (user_.online()) {
      act();
    } else {
      next();
    }
  });
}

slash_command thread_workload::draw(const std::string& key) {
  // Most keys are there most of the time; those that are not are asked for all the same.
  static constexpr std::string_view kinds[] = {"dbc_insert", "dbc_insert", "dbc_update", "dbc_update", "dbc_update",     "dbc_delete",
                                               "dbc_history", "dbc_history", "dbc_history", "dbc_purge", "dbc_history_set"};
  auto kind = kinds[random_.below(std::size(kinds))];
  if (kind == "dbc_history_set") return follow_history(random_.below(3) != 0);
  auto c = of_table(std::string(kind));
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
  user_.send(std::move(command), command_patience, [this, alive = alive_, asked = std::move(asked), key](user_reply reply) {
    if (!*alive) return;
    note(asked, key, reply);
    trace_.line("threader is told: " + reply.text.substr(0, reply.text.find('\n')));
    next();
  });
}

void thread_workload::note(const slash_command& asked, const std::string& key, const user_reply& reply) {
  bool answered = reply.what == user_reply::kind::answered;
  if (reply.text.starts_with("The versions of")) ++shown_;
  if (asked.name == "dbc_history_set") return;
  if (!answered) in_doubt_.insert(key);
  bool all = answered && asked.name == "dbc_purge" && reply.text.starts_with("Erased row") && reply.text.find("not yet") == std::string::npos;
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
  for (std::uint64_t n = 0; n < keys; ++n) {
    auto key = key_name(n);
    if (protocol::row_thread_tag(table, key) != *tag) continue;
    auto erased = purged_.find(key);
    bool older = erased != purged_.end() && base::created_at(base::message_id{thread.id.value}) + id_disorder < erased->second;
    if (older) violate("its row was purged");
    auto versions = logged.rows.find({table, key});
    for (const auto& m : messages_in(guild_, thread.id)) {
      auto entry = protocol::decode_thread_entry(m.content);
      if (!entry) continue;
      if (entry->tag != *tag) violate(fmt::format("it has version {} of another row", entry->version));
      auto same = [&](const logged_version& v) { return v.version == entry->version && v.lsn == entry->lsn && shows(m.content, v); };
      bool was_logged = versions != logged.rows.end() && std::any_of(versions->second.begin(), versions->second.end(), same);
      if (!was_logged) violate(fmt::format("version {} with LSN {} was never logged like that: {}", entry->version, entry->lsn, m.content));
    }
    return;
  }
  violate("it is of no row of the table");
}

}  // namespace dbcord::simulation
