#include "simulation/bank.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "simulation/workload.hpp"

namespace dbcord::simulation {

namespace {

constexpr std::int64_t total = bank::tables * bank::accounts * bank::deposit;
constexpr std::uint64_t most_moved = 20;

std::string table_name(std::uint64_t n) { return fmt::format("b{}", n); }
std::string account_key(std::uint64_t table, std::uint64_t n) { return fmt::format("b{}a{}", table, n); }
std::string mark_key(std::uint64_t table) { return fmt::format("b{}mark", table); }
std::string twin_key(std::uint64_t table) { return fmt::format("b{}twin", table); }
constexpr int indexed_table = 1;  // by the marks' number

slash_command transaction(const std::string& steps) {
  slash_command c;
  c.name = "dbc_txn";
  c.options.push_back(text_option("database", database_name));
  c.options.push_back(text_option("operations_json", "[" + steps + "]"));
  return c;
}

void add_step(std::string& steps, std::string step) { steps += (steps.empty() ? "" : ",") + std::move(step); }

std::string addition(std::uint64_t table, const std::string& key, std::string_view field, std::int64_t by) {
  return fmt::format(R"({{"op":"update","table":"{}","key":"{}","add":{{"{}":{}}}}})", table_name(table), key, field, by);
}

}  // namespace

std::vector<slash_command> bank::opening() {
  std::vector<slash_command> commands;
  std::string steps;
  for (int t = 0; t < tables; ++t) {
    auto create = table_command("dbc_table_create", table_name(t));
    create.options.push_back(text_option("pk", "id"));
    commands.push_back(std::move(create));
    for (int a = 0; a < accounts; ++a) {
      add_step(steps, fmt::format(R"({{"op":"insert","table":"{}","value":{{"id":"{}","balance":{}}}}})", table_name(t), account_key(t, a), deposit));
    }
    for (const auto& mark : {mark_key(t), twin_key(t)}) {
      add_step(steps, fmt::format(R"({{"op":"insert","table":"{}","value":{{"id":"{}","n":0}}}})", table_name(t), mark));
    }
  }
  auto index = table_command("dbc_index_create", table_name(indexed_table));
  index.options.push_back(text_option("field", "n"));
  commands.push_back(std::move(index));
  commands.push_back(transaction(steps));
  return commands;
}

slash_command bank::transfer() {
  auto from = random_.below(tables), to = random_.below(tables);
  auto amount = static_cast<std::int64_t>(1 + random_.below(most_moved));
  auto payer = account_key(from, random_.below(accounts));
  auto payee = account_key(to, random_.below(accounts));
  std::string steps;
  add_step(steps, addition(from, payer, "balance", -amount));
  add_step(steps, addition(to, payee, "balance", amount));
  for (int t = 0; t < tables; ++t) {
    add_step(steps, addition(t, mark_key(t), "n", 1));
    add_step(steps, addition(t, twin_key(t), "n", 1));
  }
  return transaction(steps);
}

slash_command bank::look() {
  std::string steps;
  auto get = [&](int table, const std::string& key) {
    add_step(steps, fmt::format(R"({{"op":"get","table":"{}","key":"{}"}})", table_name(table), key));
  };
  for (int t = 0; t < tables; ++t) {
    for (int a = 0; a < accounts; ++a) get(t, account_key(t, a));
    get(t, mark_key(t));
  }
  return transaction(steps);
}

slash_command bank::peek() {
  auto table = random_.below(tables);
  auto c = table_command("dbc_get", table_name(table));
  c.options.push_back(text_option("key", mark_key(table)));
  return c;
}

bank::pair_question bank::draw_pair_question() {
  pair_question q;
  q.table = table_name(finding_.below(tables));
  auto newest = static_cast<std::int64_t>(transfers_.size());
  switch (finding_.below(4)) {
    case 0: break;  // everything in the table
    case 1: q.asked.where = {"n", 0}; break;
    case 2: q.asked.where = {"n", newest - static_cast<std::int64_t>(finding_.below(3))}; break;
    default:
      q.asked.where = {"n", newest - static_cast<std::int64_t>(finding_.below(3))};
      q.asked.where.highest = q.asked.where.lowest;
  }
  if (!q.asked.where.field.empty() && finding_.below(2) == 0) q.asked.sort = "n", q.asked.descending = finding_.below(2) == 0;
  q.asked.count_only = !q.asked.where.field.empty() && finding_.below(3) == 0;
  return q;
}

std::vector<std::string> bank::check_pair(const pair_question& q, const reply_meaning& meaning) {
  auto violations = check_find(q.asked, meaning);
  if (meaning.outcome != operation_outcome::done || !meaning.matched) return violations;
  std::vector<std::int64_t> numbers;
  for (const auto& row : meaning.rows) {
    if (auto n = row.fields.find("n"); n != row.fields.end()) numbers.push_back(n->second);
  }
  bool of_everything = q.asked.where.field.empty();
  auto there = q.asked.count_only ? *meaning.matched : numbers.size();
  auto asked = where_json(q.asked.where);
  if (there != 2 && (of_everything || there != 0)) violations.push_back(fmt::format("a find for {} in {} shows {} of two rows that only change together", asked, q.table, there));
  if (numbers.size() == 2 && numbers[0] != numbers[1]) {
    violations.push_back(fmt::format("a find for {} in {} shows {} and {} of one number in two rows", asked, q.table, numbers[0], numbers[1]));
  }
  return violations;
}

void bank::judge(const pair_question& q, const reply_meaning& meaning, base::steady_time asked) {
  for (auto& what : check_pair(q, meaning)) violations_.push_back(std::move(what));
  for (const auto& row : meaning.rows) {
    auto n = row.fields.find("n");
    if (n != row.fields.end()) seen(n->second, asked, world_.now(), "a find of " + row.key);
  }
}

std::size_t bank::begin(bool changes) {
  question q{changes, world_.now(), transfers_.size()};
  if (changes) transfers_.push_back({world_.now(), base::steady_time::max(), operation_outcome::unknown});
  questions_.push_back(q);
  return questions_.size() - 1;
}

void bank::end(std::size_t asked, const reply_meaning& meaning) {
  const auto& q = questions_[asked];
  if (!q.changes) return judge_look(q, meaning);
  auto& t = transfers_[q.transfer];
  t.outcome = meaning.outcome;
  if (meaning.outcome != operation_outcome::unknown) t.answered = world_.now();
}

void bank::judge_look(const question& q, const reply_meaning& meaning) {
  if (meaning.outcome == operation_outcome::refused_absent) violations_.push_back("an account or a mark is gone: " + meaning.told);
  if (meaning.outcome != operation_outcome::done) return;
  std::int64_t money = 0;
  bool whole = meaning.rows.size() > 1;
  for (const auto& row : meaning.rows) {
    if (auto balance = row.fields.find("balance"); balance != row.fields.end()) money += balance->second;
    auto mark = row.fields.find("n");
    if (mark != row.fields.end() && row.key.ends_with("mark")) seen(mark->second, q.asked, world_.now(), (whole ? "a look at " : "a peek at ") + row.key);
  }
  if (!whole) return;
  if (money != total) violations_.push_back(fmt::format("a snapshot shows {} of {}", money, total));
  std::set<std::int64_t> marks;
  for (auto i = sightings_.size() - tables; i < sightings_.size(); ++i) marks.insert(sightings_[i].mark);
  if (marks.size() > 1) violations_.push_back("a snapshot shows a transfer in one table and not in another");
}

void bank::seen(std::int64_t mark, base::steady_time asked, base::steady_time answered, std::string where) {
  sightings_.push_back({mark, asked, answered, std::move(where)});
}

// A mark counts transfers: those acknowledged before it was asked for, at least; those that may have been carried out by then, at most;
// and never fewer than somebody has seen before.
std::vector<std::string> bank::violations() const {
  auto all = violations_;
  auto by_time = sightings_;
  std::stable_sort(by_time.begin(), by_time.end(), [](const auto& a, const auto& b) { return a.answered < b.answered; });
  for (const auto& s : by_time) {
    std::int64_t least = 0, most = 0;
    for (const auto& t : transfers_) {
      bool possible = t.outcome == operation_outcome::done || t.outcome == operation_outcome::unknown;
      least += t.outcome == operation_outcome::done && t.answered < s.asked;
      most += possible && t.asked < s.answered;
    }
    if (s.mark < least || s.mark > most) {
      all.push_back(fmt::format("{} shows {} transfers, but there were from {} to {}", s.where, s.mark, least, most));
    }
  }
  auto first_asked = by_time;
  std::stable_sort(first_asked.begin(), first_asked.end(), [](const auto& a, const auto& b) { return a.asked < b.asked; });
  const sighting* highest = nullptr;
  auto next = by_time.begin();
  for (const auto& s : first_asked) {
    for (; next != by_time.end() && next->answered < s.asked; ++next) {
      if (!highest || next->mark > highest->mark) highest = &*next;
    }
    if (highest && highest->mark > s.mark) {
      all.push_back(fmt::format("{} shows {} transfers after {} had shown {}", s.where, s.mark, highest->where, highest->mark));
    }
  }
  return all;
}

}  // namespace dbcord::simulation
