#include "simulation/workload.hpp"

#include <algorithm>

#include "simulation/long_text.hpp"

namespace dbcord::simulation {

namespace {

constexpr int longer_after_refusal = 6;  // thinking, when nobody is there to answer
constexpr base::duration ask_again_after = std::chrono::seconds(1);
constexpr double banking = 0.35;               // share of the operations, if there is a bank
constexpr std::int64_t contended_values = 4;   // of the field q
constexpr std::uint64_t find_seed = 0xF17D;    // what people do besides does not depend on what they look for
constexpr std::uint64_t expecting_seed = 0xE29EC7;  // nor on which version they expect

// What is uploaded may be cut (faults_within): then a file tells nothing.
reply_meaning told_by_nothing(reply_meaning meaning) {
  meaning.outcome = operation_outcome::unknown;
  meaning.rows.clear();
  meaning.strange.clear();
  return meaning;
}

}  // namespace

slash_command table_command(std::string_view name, std::string_view table) {
  slash_command command;
  command.name = name;
  command.options.push_back(text_option("database", database_name));
  command.options.push_back(text_option("table", table));
  return command;
}

workload::workload(world& w, trace& t, const scenario& s, std::vector<std::unique_ptr<simulated_user>>& users)
    : world_(w), trace_(t), scenario_(s), users_(users), random_(w.random().next()), refused_(s.users), finding_(s.seed ^ find_seed), expecting_(s.seed ^ expecting_seed),
      bank_(w, random_, s.seed ^ ~find_seed), past_(w, t, s) {}

workload::~workload() { *alive_ = false; }

std::vector<std::pair<std::string, std::string>> workload::all_keys() const {
  std::vector<std::pair<std::string, std::string>> keys;
  for (int t = 0; t < scenario_.tables; ++t) {
    for (int k = 0; k < scenario_.keys; ++k) keys.emplace_back(table_name(t), key_name(k));
  }
  return keys;
}

void workload::start() {
  working_ = true;
  for (int user = 0; user < static_cast<int>(users_.size()); ++user) {
    ++busy_;
    next(user);
  }
}

void workload::next(int user) {
  auto think = draw_exponential(scenario_.think, random_);
  if (refused_[user]) think *= longer_after_refusal;
  world_.after(think, [this, alive = alive_, user] {
    if (!*alive) return;
    if (!working_) {
      --busy_;
      return;
    }
    if (users_[user]->online()) {
      act(user);
    } else {
      next(user);
    }
  });
}

void workload::act(int user) {
  double dice = random_.unit();
  if ((dice -= scenario_.imports) < 0) return import(user);
  if ((dice -= scenario_.finds) < 0) return find(user);
  if (scenario_.bank && (dice -= banking) < 0) return do_banking(user);
  auto table = table_name(random_.below(scenario_.tables));
  if (random_.unit() < 0.25) {
    auto key = key_name(random_.below(scenario_.keys));
    if (past_.draws()) return past_.ask(*users_[user], table, key, [this, user] { next(user); });
    return get(user, table, key, [this, user](const reply_meaning&) { next(user); });
  }
  static constexpr operation_kind kinds[] = {operation_kind::insert, operation_kind::insert, operation_kind::update,
                                             operation_kind::update, operation_kind::update, operation_kind::remove};
  single(user, kinds[random_.below(std::size(kinds))]);
}

row_patch workload::new_fields() {
  row_patch fields{{"v", ++last_value_}};
  if (random_.below(2) == 0) fields["a"] = last_value_;
  if (scenario_.search) fields["s"] = 1;
  if (scenario_.long_texts && random_.below(2) == 0) fields[std::string(long_field)] = last_value_;
  contend(fields);
  return fields;
}

// A field with fewer values than there are rows, and a unique index on it.
void workload::contend(row_patch& fields) {
  if (scenario_.unique_index && random_.below(2) == 0) fields["q"] = static_cast<std::int64_t>(random_.below(contended_values));
}

// Everybody writes v, and a field of their own, so that a lost update shows whichever comes last.
row_patch workload::new_patch(int user) {
  row_patch patch{{"v", ++last_value_}};
  auto own = "u" + std::to_string(user);
  patch[own] = last_value_;
  if (random_.below(5) == 0) patch[own] = std::nullopt;
  if (random_.below(4) == 0) patch.erase("v");
  if (scenario_.long_texts && random_.below(2) == 0) patch[std::string(long_field)] = last_value_;
  contend(patch);
  return patch;
}

// What the last answer that this person has seen named: by now the row may have another version, or be gone, or be another one of that key.
std::optional<std::uint64_t> workload::draw_expected(int user, operation_kind kind, const std::string& table, const std::string& key) {
  if (!scenario_.preconditions || kind == operation_kind::insert || expecting_.below(2) == 0) return std::nullopt;
  auto seen = versions_seen_.find({user, table, key});
  return seen == versions_seen_.end() ? std::nullopt : std::optional(seen->second);
}

void workload::single(int user, operation_kind kind) {
  auto table = table_name(random_.below(scenario_.tables));
  auto key = key_name(random_.below(scenario_.keys));
  slash_command command;
  row_patch fields;
  command.options.push_back(text_option("database", database_name));
  command.options.push_back(text_option("table", table));
  command.options.push_back(text_option("key", key));
  if (kind == operation_kind::insert) {
    command.name = "dbc_insert";
    fields = new_fields();
    command.options.push_back(text_option("value_json", row_json(key, fields)));
  } else if (kind == operation_kind::update) {
    command.name = "dbc_update";
    fields = new_patch(user);
    command.options.push_back(text_option("patch_json", row_json({}, fields)));
  } else {
    command.name = "dbc_delete";
  }
  auto expected = draw_expected(user, kind, table, key);
  if (expected) command.options.push_back(integer_option("expected_version", static_cast<std::int64_t>(*expected)));
  auto index = begin(user, kind, table, key, std::move(fields), expected);
  send(user, std::move(command), [this, user, index](const reply_meaning& meaning) {
    end(index, meaning);
    next(user);
  });
}

void workload::get(int user, std::string table, std::string key, handler then) {
  auto command = table_command("dbc_get", table);
  command.options.push_back(text_option("key", key));
  auto index = begin(user, operation_kind::read, std::move(table), std::move(key));
  send(user, std::move(command), [this, index, then = std::move(then)](const reply_meaning& meaning) {
    end_read(index, meaning);
    then(meaning);
  });
}

// Mostly for everything, or for what all rows have, and so for every key.
find_question workload::draw_question() {
  find_question q;
  q.unique_q = scenario_.unique_index;
  if (finding_.below(5) < 2) return q;
  auto dice = finding_.below(8);
  if (dice == 0) {
    q.where = {"v", std::max<std::int64_t>(0, last_value_ - static_cast<std::int64_t>(finding_.below(10)))};
    q.where.highest = q.where.lowest;
  } else if (dice < 4 && scenario_.unique_index) {
    auto value = static_cast<std::int64_t>(finding_.below(contended_values));
    q.where = {"q", value, value};
    if (dice == 1) q.where.lowest = 0;
  } else {
    q.where = {"v", std::max<std::int64_t>(0, last_value_ - static_cast<std::int64_t>(finding_.below(60)))};
    if (dice >= 6) q.where.highest = q.where.lowest + static_cast<std::int64_t>(finding_.below(30));
  }
  if (finding_.below(2) == 0) q.sort = scenario_.unique_index && finding_.below(3) == 0 ? "q" : "v";
  q.descending = !q.sort.empty() && finding_.below(2) == 0;
  if (finding_.below(3) == 0) q.limit = 1 + finding_.below(3);
  q.count_only = finding_.below(5) == 0;
  return q;
}

void workload::find(int user) {
  auto table = table_name(random_.below(scenario_.tables));
  auto q = draw_question();
  bool everything = q.where.field.empty();
  bool by_search = scenario_.search && random_.below(2) == 0 && (everything || q.where.lowest == q.where.highest);
  if (by_search && everything) q.where = {"s", 1, 1};
  bool exports = !by_search && everything && finding_.below(4) == 0;
  auto command = table_command(exports ? "dbc_export" : "dbc_find", table);
  if (!exports) {
    for (auto& option : options_of(q)) command.options.push_back(std::move(option));
    if (by_search) command.options.push_back(text_option("via", "search"));
  }
  if (exports) q.limit = std::numeric_limits<std::size_t>::max();
  trace_.say("user {} {} {} {}", user, command.name, table, where_json(q.where));
  std::vector<std::size_t> reads;
  for (int k = 0; k < scenario_.keys; ++k) {
    reads.push_back(begin(user, operation_kind::read, table, key_name(k)));
    operations_.back().find = last_find_;
  }
  ++last_find_;
  send(user, std::move(command), [this, user, table, q, reads, asked = world_.now()](const reply_meaning& meaning) {
    told(q, table, meaning, asked);
    for (auto index : reads) {
      auto one = meaning;
      auto& op = operations_[index];
      std::erase_if(one.rows, [&](const read_row& row) { return row.key != op.key; });
      one.version.reset();
      if (one.outcome == operation_outcome::done && one.rows.empty()) {
        auto hidden = hidden_from(q, meaning, op.key);
        one.outcome = hidden ? operation_outcome::refused_absent : operation_outcome::unknown;
        if (hidden && q.where.field != "s") op.hidden_from = *hidden;  // every row has that one
      }
      if (one.rows.size() > 1) one.rows.resize(1);  // said above
      end_read(index, one);
      if (meaning.outcome == operation_outcome::done) op.answered = world_.now();  // also of a key of which it tells nothing
    }
    next(user);
  });
}

void workload::told(const find_question& q, const std::string& table, const reply_meaning& meaning, base::steady_time asked) {
  for (auto& what : check_find(q, meaning)) violations_.push_back(std::move(what));
  if (meaning.outcome != operation_outcome::done) return;
  ++finds_.answered;
  finds_.with_condition += !q.where.field.empty() && q.where.field != "s";
  finds_.sorted += !q.sort.empty();
  finds_.cut += !q.count_only && meaning.matched && *meaning.matched > meaning.rows.size();
  finds_.by_index += meaning.plan.find("index") != std::string::npos;
  finds_.by_search += meaning.plan.starts_with("guild search for ");
  finds_.exports += meaning.plan.empty();
  bool of_keys = q.where.field == "v" || q.where.field == "q";  // others than the workload's may match everything
  if (!of_keys || !meaning.matched || meaning.at_least) return;
  finds_.counts += q.count_only;
  counts_.push_back({table, q.where, asked, world_.now(), *meaning.matched});
}

void workload::import(int user) {
  auto table = table_name(random_.below(scenario_.tables));
  auto command = table_command("dbc_import", table);
  command.options.push_back(file_option("file", 0));
  discord::file_part file;
  file.filename = "rows.jsonl";
  std::vector<std::size_t> inserts;
  for (int k = 0; k < scenario_.keys; ++k) {
    if (random_.below(2) == 0) continue;
    auto fields = new_fields();
    file.bytes += row_json(key_name(k), fields) + "\n";
    inserts.push_back(begin(user, operation_kind::insert, table, key_name(k), std::move(fields)));
  }
  if (inserts.empty()) return next(user);
  command.files.push_back(std::move(file));
  send(user, std::move(command), [this, user, table, inserts](const reply_meaning& meaning) {
    if (meaning.imported) imports_.push_back({table, {}, *meaning.imported, meaning.no_others, meaning.outcome, meaning.told});
    for (auto index : inserts) {
      if (meaning.imported) imports_.back().rows.emplace_back(operations_[index].key, *operations_[index].fields.at("v"));
      auto one = meaning;
      auto refused = meaning.refused_rows.find(operations_[index].key);
      if (refused != meaning.refused_rows.end()) {
        one.outcome = outcome_of_refusal(refused->second);
      } else if (meaning.unnamed_refusals && meaning.outcome == operation_outcome::done) {
        one.outcome = operation_outcome::unknown;
      }
      one.rows.clear();
      one.version.reset();
      end(index, one);
    }
    next(user);
  });
}

void workload::do_banking(int user) {
  auto dice = random_.unit();
  bool changes = dice < 0.5;
  if (dice > 0.85) return find_in_bank(user);
  auto command = changes ? bank_.transfer() : dice < 0.7 ? bank_.look() : bank_.peek();
  ask_bank(user, std::move(command), changes, [this, user](const reply_meaning&) { next(user); });
}

void workload::find_in_bank(int user) {
  auto q = bank_.draw_pair_question();
  auto command = table_command("dbc_find", q.table);
  for (auto& option : options_of(q.asked)) command.options.push_back(std::move(option));
  send(user, std::move(command), [this, user, q, asked = world_.now()](const reply_meaning& meaning) {
    bank_.judge(q, meaning, asked);
    finds_.of_pairs += meaning.outcome == operation_outcome::done;
    next(user);
  });
}

void workload::ask_bank(int user, slash_command command, bool changes, handler then) {
  auto asked = bank_.begin(changes);
  trace_.say("user {} {} {}", user, command.name, changes ? "transfers" : "looks");
  send(user, std::move(command), [this, asked, then = std::move(then)](const reply_meaning& meaning) {
    bank_.end(asked, meaning);
    then(meaning);
  });
}

void workload::look_at_bank(std::function<void()> done) {
  ask_bank(0, bank_.look(), false, [this, done](const reply_meaning& meaning) {
    bool answered = meaning.outcome == operation_outcome::done || meaning.outcome == operation_outcome::refused_absent;
    if (answered) return done();
    world_.after(ask_again_after, [this, alive = alive_, done] {
      if (*alive) look_at_bank(done);
    });
  });
}

void workload::send(int user, slash_command command, handler then) {
  auto name = command.name;
  users_[user]->send(std::move(command), command_patience, [this, alive = alive_, user, name, then](user_reply reply) {
    if (!*alive) return;
    bool filed = has_rows_in_files(reply);
    auto meaning = read_reply(name, reply, filed ? users_[user]->files_of(reply) : reply_files());
    if (filed && !meaning.strange.empty() && scenario_.cuts_files()) meaning = told_by_nothing(meaning);
    if (name == "dbc_export" && meaning.outcome == operation_outcome::done) read_export(users_[user]->files_of(reply), meaning);
    refused_[user] = meaning.outcome == operation_outcome::refused;
    if (!meaning.strange.empty()) {
      trace_.say("strange reply to {}: {}", name, meaning.strange);
      violations_.push_back("reply to " + name + ": " + meaning.strange);
    }
    then(meaning);
  });
}

void workload::read_export(const std::map<std::string, std::string>& files, reply_meaning& meaning) {
  for (const auto& [name, bytes] : files) read_rows_of(bytes, meaning);
  bool whole = meaning.strange.empty() && meaning.rows.size() == meaning.matched;
  if (!whole && scenario_.cuts_files()) meaning = told_by_nothing(meaning);
}

std::size_t workload::begin(int user, operation_kind kind, std::string table, std::string key, row_patch fields, std::optional<std::uint64_t> expected) {
  operation op;
  op.number = operations_.size() + 1;
  op.user = user;
  op.kind = kind;
  op.table = std::move(table);
  op.key = std::move(key);
  op.fields = std::move(fields);
  op.expected_version = expected;
  op.invoked = world_.now();
  trace_.line(describe(op));
  operations_.push_back(std::move(op));
  return operations_.size() - 1;
}

void workload::end(std::size_t index, const reply_meaning& meaning) {
  auto& op = operations_[index];
  op.outcome = meaning.outcome;
  op.version = meaning.version;
  bool gone = op.kind == operation_kind::remove && op.outcome == operation_outcome::done;
  gone = gone || (op.outcome == operation_outcome::refused_absent && op.find == 0);  // a find may not show what is there
  if (op.version) versions_seen_[{op.user, op.table, op.key}] = *op.version;
  else if (gone) versions_seen_.erase({op.user, op.table, op.key});
  op.asked_by = meaning.interaction;
  op.told = meaning.told;
  if (op.outcome != operation_outcome::unknown) op.answered = world_.now();
  if (op.kind == operation_kind::update && meaning.rows.size() == 1) op.seen = meaning.rows[0].fields;
  trace_.line(describe(op));
}

void workload::end_read(std::size_t index, const reply_meaning& meaning) {
  auto& op = operations_[index];
  if (meaning.outcome == operation_outcome::done && meaning.rows.size() == 1) {
    op.seen = meaning.rows[0].fields;
    if (meaning.rows[0].key != op.key) violations_.push_back("a read shows another key: " + describe(op));
  }
  end(index, meaning);
}

void workload::read_everything(std::function<void()> done) { read_from(0, std::move(done)); }

void workload::read_from(std::size_t position, std::function<void()> done) {
  auto keys = all_keys();
  if (position == keys.size()) return scenario_.bank ? look_at_bank(std::move(done)) : done();
  get(0, keys[position].first, keys[position].second, [this, position, done](const reply_meaning& meaning) {
    bool answered =
        meaning.outcome == operation_outcome::done || meaning.outcome == operation_outcome::refused_absent;
    auto go_on = [this, position, answered, done] { read_from(answered ? position + 1 : position, done); };
    world_.after(answered ? base::duration{} : ask_again_after, [this, alive = alive_, position, answered, go_on] {
      if (!*alive) return;
      if (!answered || !past_.looks_back()) return go_on();
      auto [table, key] = all_keys()[position];
      past_.ask(*users_[0], table, key, go_on);
    });
  });
}

}  // namespace dbcord::simulation
