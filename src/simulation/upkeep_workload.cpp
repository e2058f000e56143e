#include "simulation/upkeep_workload.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace dbcord::simulation {
namespace {

using namespace std::chrono_literals;
constexpr base::duration short_patience = 10s;  // where much is to happen: a process that dies answers nobody
constexpr std::string_view own_name = "caretaker";
constexpr std::uint64_t own_seed = 0x7AC;   // what the others draw does not depend on this one

}  // namespace

upkeep_workload::upkeep_workload(world& w, simulated_guild& guild, trace& t, const scenario& s)
    : lone_worker(w, guild, t, "caretaker", s.upkeep_every, s.seed ^ own_seed), scenario_(s) {}

// What comes and goes as a whole, for which none of the others asks.
slash_command upkeep_workload::draw_of_own_database() {
  slash_command command;
  command.options.push_back(text_option("database", own_database));
  // Mostly in an order in which something comes of it.
  static constexpr std::string_view course[] = {"init", "table", "row", "drop", "begin", "table", "row", "end", "drop", "begin", "drop"};
  auto next = random_.below(8) == 0 ? course[random_.below(std::size(course))] : course[own_steps_++ % std::size(course)];
  if (next == "init" || next == "begin" || next == "end") {
    command.name = "dbc_init";
    if (next != "init") command.options.push_back(text_option("restore", next));
    return command;
  }
  if (next != "drop") {
    command.options.push_back(text_option("table", own_name));
    command.name = next == "table" ? "dbc_table_create" : "dbc_insert";
    command.options.push_back(next == "table" ? text_option("pk", "id") : text_option("value_json", "{\"id\":\"" + std::to_string(random_.below(1'000)) + "\"}"));
    return command;
  }
  command.name = "dbc_database_drop";
  command.options.push_back(text_option("confirm", own_database));
  return command;
}

void upkeep_workload::note(const slash_command& asked, const user_reply& reply) {
  if (asked.name == "dbc_init") {
    own_gone_ = false;
    if (reply.what != user_reply::kind::answered) own_in_doubt_ = true;
  }
  if (reply.text.starts_with("Dropped the database")) own_gone_ = true;
}

std::vector<std::string> upkeep_workload::violations(const database::engine& engine) const {
  if (!own_gone_ || own_in_doubt_) return {};
  auto all = engine.databases(), unopened = engine.failed();
  bool there = std::find(all.begin(), all.end(), own_database) != all.end();
  for (const auto& why : unopened) there = there || why.starts_with(own_database);
  return there ? std::vector<std::string>{fmt::format("{} was dropped and is there", own_database)} : std::vector<std::string>{};
}

slash_command upkeep_workload::draw_history(const std::string& table, std::int64_t versions) {
  auto command = table_command("dbc_history_set", table);
  command.options.push_back(integer_option("versions", versions));
  command.options.push_back(integer_option("days", 1));
  limited_ = true;
  return command;
}

slash_command upkeep_workload::draw_vacuum(const std::string& table) {
  slash_command command;
  command.name = "dbc_vacuum";
  command.options.push_back(text_option("database", database_name));
  if (random_.below(2) == 0) command.options.push_back(text_option("table", table));
  if (random_.below(2) == 0) command.options.push_back(flag_option("scan"));
  return command;
}

slash_command upkeep_workload::draw_move(const std::string& table) {
  auto command = table_command("dbc_vacuum", table);
  command.options.push_back(flag_option("full"));
  return command;
}

// On a field that has no index from the start, and of which every write has another value, or on one that some rows have.
slash_command upkeep_workload::draw_shown_index(const std::string& table) {
  static constexpr std::string_view names[] = {"dbc_index_create", "dbc_index_create", "dbc_index_channel", "dbc_index_channel", "dbc_index_channel", "dbc_index_drop"};
  auto command = table_command(names[random_.below(std::size(names))], table);
  bool is_switch = command.name == "dbc_index_channel";
  bool of_all = is_switch && scenario_.unique_index && random_.below(2) == 0;
  command.options.push_back(text_option("field", random_.below(3) == 0 ? "a" : scenario_.unique_index && !of_all ? "u0" : "v"));
  if (is_switch && random_.below(3) == 0) command.options.push_back(flag_option("on", false));
  else if (is_switch) command.options.push_back(flag_option("on"));
  else if (command.name == "dbc_index_create") command.options.push_back(flag_option("channel"));
  return command;
}

slash_command upkeep_workload::draw() {
  if (scenario_.index_channels && random_.below(3) != 0) {
    return draw_shown_index("t" + std::to_string(random_.below(static_cast<std::uint64_t>(scenario_.tables))));
  }
  if (scenario_.whole_databases && random_.below(3) != 0) return draw_of_own_database();
  slash_command command;
  auto table = "t" + std::to_string(random_.below(static_cast<std::uint64_t>(scenario_.tables)));
  if (scenario_.vacuums > 0 && forgetful_tables_ < scenario_.tables) return draw_history("t" + std::to_string(forgetful_tables_++), 0);
  if (scenario_.vacuums > 0 && random_.unit() < scenario_.vacuums) return draw_vacuum(table);
  if (scenario_.moves > 0 && random_.unit() < scenario_.moves) return draw_move(table);
  command.options.push_back(text_option("database", database_name));
  if (random_.below(3) == 0) return draw_history(table, static_cast<std::int64_t>(random_.below(4)));
  if (random_.below(6) == 0) {
    static constexpr std::string_view layouts[] = {"auto", "rows", "pages"};
    command.name = "dbc_layout_set";
    command.options.push_back(text_option("table", table));
    command.options.push_back(text_option("layout", layouts[random_.below(std::size(layouts))]));
    return command;
  }
  if (random_.below(6) == 0) {
    // On a field that has none from the start; every write has another value.
    bool drops = random_.below(3) == 0;
    command.name = drops ? "dbc_index_drop" : "dbc_index_create";
    command.options.push_back(text_option("table", table));
    command.options.push_back(text_option("field", scenario_.unique_index ? "u0" : "v"));
    if (!drops && random_.below(2) == 0) command.options.push_back(flag_option("unique"));
    return command;
  }
  if (random_.below(3) == 0) {
    // A row in a table of its own, for which none of the others asks, comes and goes.
    static constexpr std::string_view names[] = {"dbc_table_create", "dbc_insert", "dbc_insert", "dbc_purge", "dbc_purge"};
    command.name = names[random_.below(std::size(names))];
    command.options.push_back(text_option("table", own_name));
    if (command.name == "dbc_table_create") {
      command.options.push_back(text_option("pk", "id"));
      return command;
    }
    command.options.push_back(text_option("key", own_name));
    bool there = command.name == "dbc_insert";
    command.options.push_back(there ? text_option("value_json", "{\"mine\":true}") : text_option("confirm", own_name));
    return command;
  }
  return random_.below(4) != 0 ? draw_vacuum(table) : draw_move(table);
}

void upkeep_workload::act() {
  auto command = draw();
  trace_.line("caretaker: " + command.name);
  auto asked = command;
  auto patience = scenario_.moves > 0 ? base::duration(short_patience) : command_patience;
  ask(std::move(command), patience, [this, asked = std::move(asked)](const user_reply& reply) {
    note(asked, reply);
    if (reply.text.find(" removed.") != std::string::npos) ++removals_;
  });
}

}  // namespace dbcord::simulation
