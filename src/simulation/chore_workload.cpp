#include "simulation/chore_workload.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/number_text.hpp"
#include "simulation/verification_reply.hpp"

namespace dbcord::simulation {
namespace {

constexpr std::uint64_t chore_seed = 0xC402E;
constexpr int most_tries = 3;
constexpr base::duration chore_patience = std::chrono::seconds(12);  // a process that dies answers nobody, and a short run has no time for that
constexpr base::duration hasty_pause = std::chrono::milliseconds(600);
constexpr std::uint64_t first_find = 1'000'000'000;  // numbers of finds that the workload does not give

// What stands between two marks; empty: they do not.
std::string between(std::string_view text, std::string_view before, std::string_view after) {
  auto from = text.find(before);
  if (from == text.npos) return {};
  from += before.size();
  auto to = text.find(after, from);
  return to == text.npos ? std::string() : std::string(text.substr(from, to - from));
}

slash_command of_database(std::string_view name) {
  slash_command command;
  command.name = name;
  command.options.push_back(text_option("database", database_name));
  return command;
}

std::string bulk_key(int n) { return fmt::format("r{:03}", n); }

}  // namespace

chore_workload::chore_workload(world& w, simulated_guild& guild, trace& t, const scenario& s)
    : lone_worker(w, guild, t, "keeper", s.chore_every, s.seed ^ chore_seed), guild_(guild), scenario_(s), hasty_(w, guild, "hasty"),
      patience_(s.is_long() ? command_patience : chore_patience) {}

chore_workload::~chore_workload() { *here_ = false; }

std::vector<slash_command> chore_workload::opening(const scenario& s) {
  if (!s.bulk_import) return {};
  std::vector<slash_command> commands{table_command("dbc_table_create", bulk_table)};
  commands.back().options.push_back(text_option("pk", "id"));
  return commands;
}

void chore_workload::act() {
  auto table = "t" + std::to_string(random_.below(static_cast<std::uint64_t>(scenario_.tables)));
  if (scenario_.bulk_import && !imported_) return import();
  if (next_ != step::snapshot) return go_on_with_copy();
  auto dice = random_.below(5);
  if (dice < 2) return verify(table);
  if (dice == 2) return reindex(table);
  source_ = table;
  take_snapshot();
}

void chore_workload::verify(const std::string& table) {
  ask(table_command("dbc_verify", table), patience_, [this, table](const user_reply& reply) {
    auto told = all_told(guild_, reply);
    auto verdict = judge_verification(told, scenario_);
    figures_.verified += verdict == verification_verdict::well;
    figures_.excused += verdict == verification_verdict::deleted || verdict == verification_verdict::unfinished;
    if (verdict == verification_verdict::wrong) violations_.push_back(fmt::format("verification of {} while people work: {}", table, told));
  });
}

void chore_workload::reindex(const std::string& table) {
  ask(table_command("dbc_reindex", table), patience_, [this, table](const user_reply& reply) {
    figures_.reindexed += reply.text.starts_with("Checked ");
    if (tells_of_a_wrong_index(reply.text)) violations_.push_back(fmt::format("an index of {}: {}", table, reply.text));
  });
}

// Once; an answer that is lost is not asked for again.
void chore_workload::import() {
  imported_ = true;
  most_imported_ = bulk_rows;
  auto command = table_command("dbc_import", bulk_table);
  command.options.push_back(file_option("file", 0));
  discord::file_part file;
  file.filename = "rows.jsonl";
  for (int n = 0; n < bulk_rows; ++n) file.bytes += row_json(bulk_key(n), {{"n", n}}) + "\n";
  command.files.push_back(std::move(file));
  ask(std::move(command), patience_, [this](const user_reply& reply) {
    auto meaning = read_reply("dbc_import", reply);
    if (!meaning.strange.empty()) violations_.push_back("reply to dbc_import: " + meaning.strange);
    figures_.imported = least_imported_ = meaning.imported.value_or(0);
    if (meaning.imported && meaning.no_others) most_imported_ = *meaning.imported;
  });
}

// ---- a copy ----

void chore_workload::go_on_with_copy() {
  switch (next_) {
    case step::snapshot: return take_snapshot();
    case step::restore: return restore();
    case step::compare: return compare();
    case step::drop: return drop();
    case step::forget: return forget();
  }
}

void chore_workload::take_snapshot() {
  asked_ = world_.now();
  ask(table_command("dbc_snapshot", source_), patience_, [this](const user_reply& reply) {
    auto rows = base::leading_number(between(reply.text, "Kept ", " of "));
    snapshot_ = between(reply.text, " snapshot:", "`");
    if (!rows || snapshot_.empty()) return;
    ++figures_.snapshots;
    answered_ = world_.now();
    rows_ = *rows;
    copy_ = fmt::format("copy{}", ++copies_);
    in_doubt_ = false;
    tries_ = 0;
    next_ = step::restore;
  });
}

void chore_workload::restore() {
  auto command = of_database("dbc_restore");
  command.options.push_back(text_option("snapshot", snapshot_));
  command.options.push_back(text_option("table", copy_));
  ask(std::move(command), patience_, [this](const user_reply& reply) {
    auto rows = base::leading_number(between(reply.text, "is there, with ", " of a snapshot"));
    if (!rows) {
      in_doubt_ = true;
      if (++tries_ >= most_tries) tries_ = 0, next_ = step::drop;
      return;
    }
    ++figures_.restored;
    if (*rows != rows_) violations_.push_back(fmt::format("a snapshot of {} kept {} rows, and {} were restored", source_, rows_, *rows));
    tries_ = 0;
    next_ = step::compare;
  });
}

void chore_workload::compare() {
  ask(table_command("dbc_export", copy_), patience_, [this](const user_reply& reply) {
    read_copy(reply);
    next_ = step::drop;
  });
}

// The copy is what a find for everything would have shown at some moment while the snapshot was taken.
void chore_workload::read_copy(const user_reply& reply) {
  auto meaning = read_reply("dbc_export", reply);
  if (meaning.outcome != operation_outcome::done) return;
  for (const auto& [name, bytes] : files_of(guild_, reply.message)) read_rows_of(bytes, meaning);
  auto fault = fault_of_copy(rows_, meaning, scenario_);
  if (!fault) return;
  if (!fault->empty()) return violations_.push_back(fmt::format("the copy of a snapshot of {}: {}", source_, *fault));
  ++figures_.compared;
  for (int k = 0; k < scenario_.keys; ++k) {
    operation op;
    op.number = seen_.size() + 1;
    op.user = -1;
    op.table = source_;
    op.key = "k" + std::to_string(k);
    op.invoked = asked_;
    op.answered = answered_;
    op.find = first_find + copies_;
    op.asked_by = copy_;
    auto row = std::find_if(meaning.rows.begin(), meaning.rows.end(), [&](const read_row& r) { return r.key == op.key; });
    bool there = row != meaning.rows.end();
    op.outcome = there ? operation_outcome::done : operation_outcome::refused_absent;
    if (there) op.seen = row->fields;
    seen_.push_back(std::move(op));
  }
}

// Whatever becomes of it: the table goes.
void chore_workload::alter_copy() {
  auto command = table_command("dbc_schema_alter", copy_);
  bool adds = random_.below(2) == 0;
  command.options.push_back(text_option(adds ? "add" : "rename", adds ? "g" : "v"));
  command.options.push_back(adds ? text_option("rule_json", R"({"type":"int","default":7})") : text_option("to", "value"));
  hasty_waits_ = true;
  hasty_.send(std::move(command), patience_, [this, here = here_](user_reply reply) {
    if (!*here) return;
    hasty_waits_ = false;
    trace_.line("hasty is told: " + reply.text.substr(0, reply.text.find('\n')));
  });
}

void chore_workload::drop() {
  if (hasty_waits_ || !hasty_.online() || random_.below(2) == 0) return drop_now();
  alter_copy();
  world_.after(draw_exponential(hasty_pause, random_), [this, here = here_] {
    if (*here) drop_now();
  });
}

// Until it is done, or was never there.
void chore_workload::drop_now() {
  auto command = table_command("dbc_drop", copy_);
  command.options.push_back(text_option("confirm", copy_));
  ask(std::move(command), patience_, [this](const user_reply& reply) {
    bool done = reply.text.starts_with("Dropped the table"), never = reply.text.find("There is no table") != std::string::npos;
    if (done) ++figures_.dropped;
    if (done && !in_doubt_) gone_.insert(copy_);
    if (done || never) next_ = step::forget;
  });
}

void chore_workload::forget() {
  auto command = of_database("dbc_snapshot_drop");
  command.options.push_back(text_option("snapshot", snapshot_));
  command.options.push_back(text_option("confirm", snapshot_));
  ask(std::move(command), patience_, [this](const user_reply&) { next_ = step::snapshot; });
}

std::vector<std::string> chore_workload::check(const std::vector<table_content>& tables) const {
  std::vector<std::string> violations;
  for (const auto& table : tables) {
    if (gone_.contains(table.name)) violations.push_back(fmt::format("{} was dropped and is there", table.name));
    if (table.name != bulk_table) continue;
    for (auto& what : check_bulk(table, least_imported_, most_imported_)) violations.push_back(std::move(what));
  }
  return violations;
}

// ---- the checks ----

verification_verdict judge_verification(const std::string& told, const scenario& s) {
  if (told.find(" of the catalog.") == std::string::npos) return verification_verdict::none;
  if (tells_that_all_is_well(told, {})) return verification_verdict::well;
  if (s.hand_every > base::duration::zero()) return verification_verdict::deleted;
  bool refusals = s.fault_weight > 0 || s.spell_every > base::duration::zero() || s.rate_limits || s.guild_faults || s.whims || s.rivals > 0;
  return tells_only_of_what_is_incomplete(told, refusals, s.cuts_files()) ? verification_verdict::unfinished : verification_verdict::wrong;
}

bool tells_of_a_wrong_index(std::string_view reindexed) { return reindexed.starts_with("Checked ") && reindexed.find(" wrong, built anew") != reindexed.npos; }

// What is uploaded may be cut (faults_within).
std::optional<std::string> fault_of_copy(std::uint64_t kept, const reply_meaning& exported, const scenario& s) {
  if (exported.outcome != operation_outcome::done) return std::nullopt;
  bool whole = exported.strange.empty() && exported.rows.size() == exported.matched;
  if (!whole && s.cuts_files()) return std::nullopt;
  if (whole && exported.rows.size() == kept) return std::string();
  return fmt::format("{} rows were kept, {} are said to be there and {} are shown {}", kept, exported.matched.value_or(0), exported.rows.size(), exported.strange);
}

std::vector<std::string> check_bulk(const table_content& bulk, std::uint64_t least, std::uint64_t most) {
  std::vector<std::string> violations;
  auto there = bulk.rows.size();
  if (there < least || there > most) violations.push_back(fmt::format("{} rows were imported{}, and {} are there", least, most > least ? fmt::format(", {} at most", most) : std::string(), there));
  for (const auto& [key, row] : bulk.rows) {
    auto shown = parse_row(row.json);
    bool right = shown && shown->fields.contains("n") && bulk_key(static_cast<int>(shown->fields.at("n"))) == key;
    if (!right) violations.push_back(fmt::format("the imported row {} is {}", key, row.json));
  }
  return violations;
}

}  // namespace dbcord::simulation
