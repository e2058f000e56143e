#include "simulation/find_checks.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "simulation/virtual_clock.hpp"

namespace dbcord::simulation {
namespace {

constexpr auto lowest_number = std::numeric_limits<std::int64_t>::min(), highest_number = std::numeric_limits<std::int64_t>::max();

std::optional<std::int64_t> value_of(const row_fields& row, const std::string& field) {
  auto it = row.find(field);
  return it == row.end() ? std::nullopt : std::optional(it->second);
}

bool in_order(const find_question& q, const read_row& a, const read_row& b) {
  if (q.sort.empty()) return a.key < b.key;
  auto x = value_of(a.fields, q.sort), y = value_of(b.fields, q.sort);  // a field that is missing comes before every number
  return q.descending ? x >= y : x <= y;
}

double seconds_at(base::steady_time when) { return std::chrono::duration<double>(when - steady_origin).count(); }

using by_key = std::map<std::pair<std::string, std::string>, std::vector<const operation*>>;

by_key writes_of(const history& all) {
  by_key writes;
  for (const auto& op : all) {
    bool may_count = op.kind != operation_kind::read && (op.outcome == operation_outcome::done || op.outcome == operation_outcome::unknown);
    if (may_count) writes[{op.table, op.key}].push_back(&op);
  }
  return writes;
}

// ---- one moment ----

class moment {
 public:
  // The row shows `what`: it is after that was asked for, and before what certainly came later was answered.
  void not_before(base::steady_time when, const operation& why) {
    if (when > from_) from_ = when, after_ = &why;
  }
  void not_after(base::steady_time when, const operation& why) {
    if (when < to_) to_ = when, before_ = &why;
  }
  std::optional<std::string> contradiction() const {
    if (!after_ || !before_ || from_ <= to_) return std::nullopt;
    return fmt::format("shows what this had done:\n    {}\n  but not what this had done before:\n    {}", describe(*after_), describe(*before_));
  }

 private:
  base::steady_time from_{}, to_ = base::steady_time::max();
  const operation* after_ = nullptr;
  const operation* before_ = nullptr;
};

bool writes_field(const operation& op, const std::string& field) { return op.kind != operation_kind::update || op.fields.contains(field); }

void narrow_by_row(moment& m, const operation& read, const std::vector<const operation*>& writes, const std::set<std::string>& shared) {
  for (const auto& [field, value] : *read.seen) {
    if (shared.contains(field)) continue;
    auto wrote_it = [&, &field = field, &value = value](const operation* op) {
      auto written = op->fields.find(field);
      return written != op->fields.end() && written->second == value;
    };
    auto writer = std::find_if(writes.begin(), writes.end(), wrote_it);
    if (writer == writes.end()) continue;
    m.not_before((*writer)->invoked, **writer);
    for (const auto* later : writes) {
      bool certain = later->outcome == operation_outcome::done && later->invoked > (*writer)->answered && writes_field(*later, field);
      if (certain) m.not_after(later->answered, *later);
    }
  }
}

// Whatever put a row there that nothing can have deleted since has not happened yet.
void narrow_by_absence(moment& m, const operation& read, const std::vector<const operation*>& writes) {
  for (const auto* op : writes) {
    if (op->kind == operation_kind::remove || op->outcome != operation_outcome::done) continue;
    auto undoes = [&](const operation* r) { return r->kind == operation_kind::remove && r->answered > op->invoked && r->invoked < read.answered; };
    if (std::none_of(writes.begin(), writes.end(), undoes)) m.not_after(op->answered, *op);
  }
}

// ---- counts ----

struct possible {
  bool match = false;
  bool no_match = false;
};

// What the field of one key can have been, or that there was no row, at some moment of the question.
possible possibilities(const told_count& c, const std::vector<const operation*>& writes) {
  possible can;
  auto decides = [&](const operation* op) { return op->kind != operation_kind::update || c.where.field.empty() || op->fields.contains(c.where.field); };
  auto is_past = [&](const operation* before) {  // something certain came behind it, before the question
    return std::any_of(writes.begin(), writes.end(), [&](const operation* op) {
      bool later = !before || op->invoked > before->answered;
      return later && decides(op) && op->outcome == operation_outcome::done && op->answered < c.asked;
    });
  };
  if (!is_past(nullptr)) can.no_match = true;
  for (const auto* op : writes) {
    if (!decides(op) || op->invoked > c.answered || is_past(op)) continue;
    row_fields shown;
    auto value = op->fields.find(c.where.field);
    if (value != op->fields.end() && value->second) shown[c.where.field] = *value->second;
    bool matches = op->kind != operation_kind::remove && c.where.matches(shown);
    (matches ? can.match : can.no_match) = true;
  }
  return can;
}

}  // namespace

std::string where_json(const row_filter& f) {
  if (f.field.empty()) return "{}";
  if (f.lowest == f.highest) return fmt::format(R"({{"{}":{}}})", f.field, f.lowest);
  std::string bounds;
  if (f.lowest != lowest_number) bounds = fmt::format(R"("$gte":{})", f.lowest);
  if (f.highest != highest_number) bounds += fmt::format(R"({}"$lte":{})", bounds.empty() ? "" : ",", f.highest);
  if (bounds.empty()) bounds = R"("$exists":true)";
  return fmt::format(R"({{"{}":{{{}}}}})", f.field, bounds);
}

std::vector<boost::json::object> options_of(const find_question& q) {
  std::vector<boost::json::object> options{text_option("where_json", where_json(q.where))};
  if (!q.sort.empty()) options.push_back(text_option("sort", q.sort + (q.descending ? " desc" : "")));
  if (q.limit != find_question().limit) options.push_back(integer_option("limit", static_cast<std::int64_t>(q.limit)));
  if (q.count_only) options.push_back(flag_option("count"));
  return options;
}

std::vector<std::string> check_find(const find_question& q, const reply_meaning& meaning) {
  std::vector<std::string> violations;
  if (meaning.outcome != operation_outcome::done) return violations;
  auto violate = [&](std::string what) { violations.push_back(fmt::format("a find for {} {}", where_json(q.where), what)); };
  auto matched = meaning.matched.value_or(0);
  auto expected = q.count_only ? 0 : std::min(matched, q.limit);
  bool number_fits = meaning.at_least ? meaning.rows.size() <= q.limit : meaning.rows.size() == expected;
  if (!number_fits) violate(fmt::format("of at most {} rows shows {} of {}", q.count_only ? 0 : q.limit, meaning.rows.size(), matched));
  bool at_most_one = q.unique_q && q.where.field == "q" && q.where.lowest == q.where.highest;
  if (at_most_one && matched > 1) violate(fmt::format("finds {} rows with one value of a unique field", matched));
  std::set<std::string> keys;
  std::set<std::int64_t> values;
  for (std::size_t i = 0; i < meaning.rows.size(); ++i) {
    const auto& row = meaning.rows[i];
    if (!q.where.matches(row.fields)) violate(fmt::format("shows {} {}, which does not match", row.key, describe(row.fields)));
    if (!keys.insert(row.key).second) violate(fmt::format("shows key {} more than once", row.key));
    auto unique = value_of(row.fields, "q");
    if (q.unique_q && unique && !values.insert(*unique).second) violate(fmt::format("shows two rows with q {}", *unique));
    if (i > 0 && !in_order(q, meaning.rows[i - 1], row)) violate(fmt::format("by {} shows {} before {}", q.sort.empty() ? "key" : q.sort, meaning.rows[i - 1].key, row.key));
  }
  return violations;
}

std::optional<std::vector<row_filter>> hidden_from(const find_question& q, const reply_meaning& meaning, const std::string& key) {
  if (meaning.outcome != operation_outcome::done || q.count_only || !meaning.matched) return std::nullopt;
  std::vector<row_filter> filters;
  if (!q.where.field.empty()) filters.push_back(q.where);
  if (!meaning.at_least && *meaning.matched <= meaning.rows.size()) return filters;
  if (meaning.rows.empty()) return std::nullopt;
  const auto& last = meaning.rows.back();
  if (q.sort.empty()) return key < last.key ? std::optional(filters) : std::nullopt;
  auto value = value_of(last.fields, q.sort);
  if (!value) return std::nullopt;
  // It may come behind the last one that is shown.
  filters.push_back(q.descending ? row_filter{q.sort, *value + 1, highest_number} : row_filter{q.sort, lowest_number, *value - 1});
  return filters;
}

std::vector<std::string> check_snapshots(const history& all, const std::set<std::string>& shared) {
  auto writes = writes_of(all);
  std::map<std::uint64_t, moment> moments;
  for (const auto& op : all) {
    if (op.find == 0 || op.kind != operation_kind::read) continue;
    const auto& of_key = writes[{op.table, op.key}];
    if (op.seen) narrow_by_row(moments[op.find], op, of_key, shared);
    bool absent = op.outcome == operation_outcome::refused_absent && op.hidden_from.empty();
    if (absent) narrow_by_absence(moments[op.find], op, of_key);
  }
  std::vector<std::string> violations;
  for (const auto& [find, m] : moments) {
    if (auto why = m.contradiction()) violations.push_back(fmt::format("find {} {}", find, *why));
  }
  return violations;
}

std::vector<std::string> check_counts(const history& all, const std::vector<told_count>& counts, const std::vector<std::pair<std::string, std::string>>& keys) {
  auto writes = writes_of(all);
  std::vector<std::string> violations;
  for (const auto& c : counts) {
    std::size_t least = 0, most = 0;
    for (const auto& key : keys) {
      if (key.first != c.table) continue;
      auto can = possibilities(c, writes[key]);
      most += can.match;
      least += can.match && !can.no_match;
    }
    if (c.matched >= least && c.matched <= most) continue;
    violations.push_back(fmt::format("[{:.6f} .. {:.6f}] {} rows of {} are said to match {}; there were from {} to {}", seconds_at(c.asked), seconds_at(c.answered), c.matched, c.table,
                                     where_json(c.where), least, most));
  }
  return violations;
}

}  // namespace dbcord::simulation
