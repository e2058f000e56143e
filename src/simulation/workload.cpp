#include "simulation/workload.hpp"

#include <algorithm>

namespace dbcord::simulation {

namespace {

constexpr int longer_after_refusal = 6;  // thinking, when nobody is there to answer
constexpr base::duration ask_again_after = std::chrono::seconds(1);
constexpr double banking = 0.35;               // share of the operations, if there is a bank
constexpr std::int64_t contended_values = 4;   // of the field q

}  // namespace

slash_command table_command(std::string_view name, std::string_view table) {
  slash_command command;
  command.name = name;
  command.options.push_back(text_option("database", database_name));
  command.options.push_back(text_option("table", table));
  return command;
}

workload::workload(world& w, trace& t, const scenario& s, std::vector<std::unique_ptr<simulated_user>>& users)
    : world_(w), trace_(t), scenario_(s), users_(users), random_(w.random().next()), refused_(s.users), bank_(w, random_) {}

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
  contend(patch);
  return patch;
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
  auto index = begin(user, kind, table, key, std::move(fields));
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

// A find without conditions reads every key of its table, and so does one for what all rows have.
void workload::find(int user) {
  auto table = table_name(random_.below(scenario_.tables));
  auto command = table_command("dbc_find", table);
  bool by_search = scenario_.search && random_.below(2) == 0;
  command.options.push_back(text_option("where_json", by_search ? R"({"s":1})" : "{}"));
  if (by_search) command.options.push_back(text_option("via", "search"));
  std::vector<std::size_t> reads;
  for (int k = 0; k < scenario_.keys; ++k) reads.push_back(begin(user, operation_kind::read, table, key_name(k)));
  send(user, std::move(command), [this, user, reads](const reply_meaning& meaning) {
    std::set<std::int64_t> values;
    for (const auto& row : meaning.rows) {
      auto q = row.fields.find("q");
      bool twice = q != row.fields.end() && !values.insert(q->second).second;
      if (twice && scenario_.unique_index) violations_.push_back(fmt::format("find shows two rows with q {}", q->second));
    }
    for (auto index : reads) {
      auto one = meaning;
      std::erase_if(one.rows, [&](const read_row& row) { return row.key != operations_[index].key; });
      if (one.outcome == operation_outcome::done && one.rows.empty()) one.outcome = operation_outcome::refused_absent;
      if (one.rows.size() > 1) violations_.push_back("find shows key " + operations_[index].key + " more than once");
      one.version.reset();
      end_read(index, one);
    }
    next(user);
  });
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
  send(user, std::move(command), [this, user, inserts](const reply_meaning& meaning) {
    for (auto index : inserts) {
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
  auto command = changes ? bank_.transfer() : dice < 0.8 ? bank_.look() : bank_.peek();
  ask_bank(user, std::move(command), changes, [this, user](const reply_meaning&) { next(user); });
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
    auto meaning = read_reply(name, reply);
    refused_[user] = meaning.outcome == operation_outcome::refused;
    if (!meaning.strange.empty()) {
      trace_.say("strange reply to {}: {}", name, meaning.strange);
      violations_.push_back("reply to " + name + ": " + meaning.strange);
    }
    then(meaning);
  });
}

std::size_t workload::begin(int user, operation_kind kind, std::string table, std::string key, row_patch fields) {
  operation op;
  op.number = operations_.size() + 1;
  op.user = user;
  op.kind = kind;
  op.table = std::move(table);
  op.key = std::move(key);
  op.fields = std::move(fields);
  op.invoked = world_.now();
  trace_.line(describe(op));
  operations_.push_back(std::move(op));
  return operations_.size() - 1;
}

void workload::end(std::size_t index, const reply_meaning& meaning) {
  auto& op = operations_[index];
  op.outcome = meaning.outcome;
  op.version = meaning.version;
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
    world_.after(answered ? base::duration{} : ask_again_after, [this, alive = alive_, position, answered, done] {
      if (*alive) read_from(answered ? position + 1 : position, done);
    });
  });
}

}  // namespace dbcord::simulation
