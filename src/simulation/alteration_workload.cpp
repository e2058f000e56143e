#include "simulation/alteration_workload.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>

namespace dbcord::simulation {
namespace {

using namespace std::chrono_literals;
constexpr std::uint64_t alteration_seed = 0xA17;
constexpr std::uint64_t rows_that_go = 6, added_fields = 3;
constexpr std::string_view first_row = "a0";  // is never deleted: it tells what the field is called
constexpr std::int64_t its_value = 1'000'000;

std::string field_name(std::uint64_t generation) { return fmt::format("f{}", generation); }

slash_command of_table(std::string_view name) { return table_command(name, altered_table); }

// "f12": 12.
std::optional<std::uint64_t> generation_of(std::string_view field) {
  std::uint64_t n = 0;
  if (!field.starts_with('f')) return std::nullopt;
  auto [end, ec] = std::from_chars(field.data() + 1, field.data() + field.size(), n);
  return ec == std::errc{} && end == field.data() + field.size() ? std::optional(n) : std::nullopt;
}

std::set<std::string> fields_of_schema(std::string_view json) {
  std::set<std::string> fields{"id"};
  auto schema = boost::json::parse(json).as_object();
  if (const auto* properties = schema.if_contains("properties")) {
    for (const auto& p : properties->as_object()) fields.insert(std::string(p.key()));
  }
  return fields;
}

std::set<std::string> fields_of_row(const database::row& row) {
  std::set<std::string> fields;
  auto value = boost::json::parse(row.json);
  for (const auto& member : value.as_object()) fields.insert(std::string(member.key()));
  return fields;
}

}  // namespace

alteration_workload::alteration_workload(world& w, simulated_guild& guild, trace& t, const scenario& s)
    : world_(w), trace_(t), think_(s.think), alter_every_(s.alter_every), random_(s.seed ^ alteration_seed), alterer_(w, guild, "alterer"),
      writer_(w, guild, "writer") {
  rows_[std::string(first_row)] = {{its_value}, true, false, false};
}

alteration_workload::~alteration_workload() { *alive_ = false; }

std::vector<slash_command> alteration_workload::opening(bool unique_index) {
  std::vector<slash_command> commands;
  commands.push_back(of_table("dbc_table_create"));
  commands.back().options.push_back(text_option("pk", "id"));
  commands.push_back(of_table("dbc_schema_set"));
  commands.back().options.push_back(text_option("schema_json", R"({"properties":{"f0":{"type":"int","required":true},"w":"int"}})"));
  commands.push_back(of_table("dbc_insert"));
  commands.back().options.push_back(text_option("key", first_row));
  commands.back().options.push_back(text_option("value_json", fmt::format(R"({{"f0":{},"w":0}})", its_value)));
  if (!unique_index) return commands;
  commands.push_back(of_table("dbc_index_create"));
  commands.back().options.push_back(text_option("field", "f0"));
  commands.back().options.push_back(flag_option("unique"));
  return commands;
}

void alteration_workload::start() {
  working_ = true;
  busy_ = 2;
  alter_next();
  write_next();
}

void alteration_workload::after_thinking(simulated_user& by, base::duration mean, std::function<void()> what) {
  world_.after(draw_exponential(mean, random_), [this, alive = alive_, &by, mean, what = std::move(what)] {
    if (!*alive) return;
    if (!working_) {
      --busy_;
    } else if (by.online()) {
      what();
    } else {
      after_thinking(by, mean, what);
    }
  });
}

void alteration_workload::send(simulated_user& by, slash_command command, std::function<void(answer)> then) {
  auto name = command.name;
  by.send(std::move(command), command_patience, [this, alive = alive_, name = std::move(name), then = std::move(then)](user_reply reply) {
    if (!*alive) return;
    trace_.say("altered: {}", reply.text.substr(0, reply.text.find('\n')));
    auto meaning = read_reply(name, reply);
    bool success = meaning.told.empty() && name != "dbc_schema_alter";  // whose reply shows a schema, where others show rows
    if (success && !meaning.strange.empty()) violations_.push_back(meaning.strange);
    auto outcome = meaning.outcome;
    auto what = outcome == operation_outcome::done ? answer::done : outcome == operation_outcome::unknown ? answer::unknown : answer::refused;
    then(what);
  });
}

// ---- the one who alters ----

void alteration_workload::alter_next() {
  after_thinking(alterer_, alter_every_, [this] {
    read(alterer_, false, [this](std::optional<std::uint64_t> present) {
      if (present && working_) return alter(*present);
      alter_next();
    });
  });
}

// A name is given once only, so that what an older command still does cannot be taken for what a newer one has done.
void alteration_workload::alter(std::uint64_t present) {
  auto command = of_table("dbc_schema_alter");
  auto dice = random_.below(5);
  std::optional<std::uint64_t> renamed;
  if (dice < 3) {
    renamed = ++newest_;
    command.options.push_back(text_option("rename", field_name(present)));
    command.options.push_back(text_option("to", field_name(*renamed)));
  } else {
    auto field = fmt::format("g{}", random_.below(added_fields));
    command.options.push_back(text_option(dice == 3 ? "add" : "drop", field));
    if (dice == 3) command.options.push_back(text_option("rule_json", R"({"type":"int","default":7})"));
  }
  trace_.say("alterer: {}", boost::json::serialize(command.options));
  send(alterer_, std::move(command), [this, renamed](answer what) {
    if (what == answer::done) ++alterations_;
    if (what == answer::done && renamed) lowest_ = std::max(lowest_, *renamed);
    alter_next();
  });
}

// ---- the one who writes ----

void alteration_workload::write_next() {
  after_thinking(writer_, think_, [this] {
    auto key = fmt::format("a{}", 1 + random_.below(rows_that_go));
    switch (random_.below(6)) {
      case 0: return read(writer_, true, [this](auto) { write_next(); });
      case 1: return remove(key);
      case 2: return change(key);
      default: return insert(key);
    }
  });
}

// By the name that is surely known, or by one that has been asked for: which is right, or that it must wait or be refused, is the database's to say.
void alteration_workload::insert(const std::string& key) {
  auto command = of_table("dbc_insert");
  auto value = ++last_value_;
  auto name = lowest_ + random_.below(newest_ - lowest_ + 1);
  command.options.push_back(text_option("key", key));
  command.options.push_back(text_option("value_json", fmt::format(R"({{"{}":{},"w":0}})", field_name(name), value)));
  send(writer_, std::move(command), [this, key, value](answer what) {
    auto& row = rows_[key];
    if (what == answer::unknown) row.values.insert(value);
    if (what != answer::refused) row.may_be_there = true;
    if (what == answer::done) {
      row.values.insert(value);
      row.may_be_absent = row.deletion_in_doubt;
    }
    write_next();
  });
}

void alteration_workload::change(const std::string& key) {
  auto command = of_table("dbc_update");
  command.options.push_back(text_option("key", key));
  command.options.push_back(text_option("patch_json", fmt::format(R"({{"w":{}}})", ++last_value_)));
  send(writer_, std::move(command), [this](answer) { write_next(); });
}

void alteration_workload::remove(const std::string& key) {
  auto command = of_table("dbc_delete");
  command.options.push_back(text_option("key", key));
  send(writer_, std::move(command), [this, key](answer what) {
    auto& row = rows_[key];
    if (what == answer::unknown) row.deletion_in_doubt = true;
    if (what != answer::refused) row.may_be_absent = true;
    write_next();
  });
}

void alteration_workload::read(simulated_user& by, bool judge_values, std::function<void(std::optional<std::uint64_t>)> then) {
  auto command = of_table("dbc_find");
  command.options.push_back(text_option("where_json", "{}"));
  by.send(std::move(command), command_patience, [this, alive = alive_, judge_values, lowest = lowest_, then = std::move(then)](user_reply reply) {
    if (!*alive) return;
    auto meaning = read_reply("dbc_find", reply);
    if (!meaning.strange.empty()) violations_.push_back("find: " + meaning.strange);
    std::optional<std::uint64_t> first;
    std::set<std::string> seen;
    if (meaning.outcome == operation_outcome::done) {
      for (const auto& row : meaning.rows) {
        seen.insert(row.key);
        auto name = judge_row(row, lowest, judge_values);
        if (row.key == first_row) first = name;
      }
      for (const auto& [key, row] : rows_) {
        if (judge_values && !row.may_be_absent && !seen.contains(key)) violations_.push_back(fmt::format("row {} is not shown", key));
      }
    }
    then(first);
  });
}

// What its field is called.
std::optional<std::uint64_t> alteration_workload::judge_row(const read_row& row, std::uint64_t lowest, bool judge_values) {
  std::vector<std::pair<std::uint64_t, std::int64_t>> names;
  for (const auto& [field, value] : row.fields) {
    if (auto generation = generation_of(field)) names.emplace_back(*generation, value);
  }
  auto shown = describe(row.fields);
  if (names.size() != 1) {
    violations_.push_back(fmt::format("row {} has the renamed field {} times: {}", row.key, names.size(), shown));
    return std::nullopt;
  }
  auto [name, value] = names.front();
  if (name < lowest || name > newest_) violations_.push_back(fmt::format("row {} has a name from f{} to f{} expected: {}", row.key, lowest, newest_, shown));
  auto known = rows_.find(row.key);
  bool possible = known != rows_.end() && known->second.may_be_there && known->second.values.contains(value);
  if (judge_values && !possible) violations_.push_back(fmt::format("row {} has a value that nobody wrote: {}", row.key, shown));
  return name;
}

// ---- afterwards ----

bool alteration_workload::settled(const table_content& table) {
  auto expected = fields_of_schema(table.schema_json);
  expected.insert("w");
  return std::all_of(table.rows.begin(), table.rows.end(), [&](const auto& r) { return fields_of_row(r.second) == expected; });
}

std::vector<std::string> alteration_workload::check(const table_content& table) const {
  std::vector<std::string> found;
  if (!settled(table)) found.push_back("rows have other fields than the schema " + table.schema_json);
  for (const auto& [key, known] : rows_) {
    auto row = table.rows.find(key);
    if (row == table.rows.end()) {
      if (!known.may_be_absent) found.push_back(fmt::format("row {} is gone", key));
      continue;
    }
    auto read = parse_row(row->second.json);
    bool possible = false;
    for (const auto& [field, value] : read ? read->fields : row_fields()) {
      auto generation = generation_of(field);
      possible = possible || (generation && *generation >= lowest_ && *generation <= newest_ && known.may_be_there && known.values.contains(value));
    }
    if (!possible) found.push_back(fmt::format("row {} is none that was written: {}", key, row->second.json));
  }
  for (const auto& [key, row] : table.rows) {
    if (!rows_.contains(key)) found.push_back(fmt::format("row {} is there, and nobody wrote it", key));
  }
  return found;
}

}  // namespace dbcord::simulation
