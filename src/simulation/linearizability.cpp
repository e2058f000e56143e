#include "simulation/linearizability.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

namespace dbcord::simulation {

namespace {

struct key_state {
  bool exists = false;
  row_fields fields;
  std::optional<std::uint64_t> version;  // if an answer has told it
};

template <class Number>
void append_raw(std::string& key, Number n) {
  key.append(reinterpret_cast<const char*>(&n), sizeof n);
}

void append_state(std::string& key, const key_state& s) {
  if (!s.exists) return;
  append_raw(key, s.version.value_or(0));  // no version is 0
  for (const auto& [name, value] : s.fields) {
    key += name;
    key += '=';
    append_raw(key, value);
  }
}

// The row is there, and has this version; where no answer has told its version yet, it has it from now on.
bool has_version(key_state& s, std::uint64_t version) {
  if (!s.exists || s.version.value_or(version) != version) return false;
  s.version = version;
  return true;
}

bool read(const operation& op, key_state& s) {
  if (op.outcome == operation_outcome::refused_absent) {
    auto matches = [&](const row_filter& filter) { return filter.matches(s.fields); };
    return !s.exists || !std::all_of(op.hidden_from.begin(), op.hidden_from.end(), matches);
  }
  return op.seen && s.fields == *op.seen && (op.version ? has_version(s, *op.version) : s.exists);
}

// A refusal says which version the row has instead.
bool differs(const operation& op, key_state& s) { return op.version && op.version != op.expected_version && has_version(s, *op.version); }

void write(const operation& op, key_state& s) {
  if (op.kind == operation_kind::remove) {
    s = {};
    return;
  }
  if (op.kind == operation_kind::insert) {
    s = {true, merge({}, op.fields), op.version};
    return;
  }
  s.fields = merge(std::move(s.fields), op.fields);
  if (op.version) {
    s.version = op.version;
  } else if (s.version) {
    ++*s.version;
  }
}

bool expectation_met(const operation& op, key_state& s) { return !op.expected_version || has_version(s, *op.expected_version); }

// Whether `op` can take place in this state with the outcome that it had; changes the state as it would.
bool take_place(const operation& op, key_state& s) {
  if (op.kind == operation_kind::read) return read(op, s);
  bool possible = (op.kind == operation_kind::insert) != s.exists;
  switch (op.outcome) {
    case operation_outcome::refused_exists:
      return s.exists;
    case operation_outcome::refused_absent:
      return !s.exists;
    case operation_outcome::refused_version:
      return differs(op, s);
    case operation_outcome::done:
      if (!possible || !expectation_met(op, s)) return false;
      if (op.kind == operation_kind::update && op.version && s.version && *op.version != *s.version + 1) return false;
      write(op, s);
      return !op.seen || s.fields == *op.seen;
    default:
      if (!possible || !expectation_met(op, s)) return false;  // the search leaves it out instead
      write(op, s);
      return true;
  }
}

// Depth-first over (set of operations that have taken place, state of the key).
class search {
 public:
  explicit search(std::vector<const operation*> operations) : operations_(std::move(operations)) {
    std::sort(operations_.begin(), operations_.end(), [](auto* a, auto* b) {
      return std::tuple(a->invoked, a->number) < std::tuple(b->invoked, b->number);
    });
    for (std::size_t i = 0; i <= operations_.size(); ++i) links_.push_back({i == 0 ? operations_.size() : i - 1, i == operations_.size() ? 0 : i + 1});
    for (auto* op : operations_) open_ += certain(*op);
  }

  bool run() { return explore({}, 0); }
  bool gave_up() const { return states_ > max_linearizability_states; }
  std::uint64_t states() const { return states_; }
  std::size_t deepest() const { return deepest_; }
  const std::vector<const operation*>& stuck() const { return stuck_; }

 private:
  static bool certain(const operation& op) { return op.outcome != operation_outcome::unknown; }

  // Those that have not taken place, in order, in a ring that begins and ends at `end()`.
  struct link {
    std::size_t before, behind;
  };
  std::size_t end() const { return operations_.size(); }
  std::size_t first() const { return links_[end()].behind; }
  std::size_t behind(std::size_t i) const { return links_[i].behind; }
  void take(std::size_t i) {
    links_[links_[i].before].behind = links_[i].behind;
    links_[links_[i].behind].before = links_[i].before;
  }
  void put_back(std::size_t i) { links_[links_[i].before].behind = links_[links_[i].behind].before = i; }

  // The earliest answer among them: nothing invoked after it can come before.
  base::steady_time frontier() const {
    auto earliest = base::steady_time::max();
    for (auto i = first(); i != end() && operations_[i]->invoked <= earliest; i = behind(i)) earliest = std::min(earliest, operations_[i]->answered);
    return earliest;
  }

  // Whether it was here already; of the operations, none from `untouched` on has taken place.
  bool was_here(const key_state& state, std::size_t untouched) {
    std::string key;
    append_raw(key, static_cast<std::uint32_t>(untouched));
    for (auto i = first(); i < untouched; i = behind(i)) append_raw(key, static_cast<std::uint32_t>(i));
    append_raw(key, static_cast<std::uint32_t>(end()));
    append_state(key, state);
    return !seen_.insert(std::move(key)).second;
  }

  bool explore(const key_state& state, std::size_t untouched) {
    if (open_ == 0) return true;
    if (++states_ > max_linearizability_states) return true;
    if (was_here(state, untouched)) return false;
    auto limit = frontier();
    note_depth(limit);
    // Certain operations first: unknown ones only where they are needed.
    for (bool certain_ones : {true, false}) {
      for (auto i = first(); i != end() && operations_[i]->invoked <= limit; i = behind(i)) {
        if (certain(*operations_[i]) != certain_ones) continue;
        auto next = state;
        if (!take_place(*operations_[i], next)) continue;
        take(i);
        open_ -= certain_ones;
        ++depth_;
        if (explore(next, std::max(untouched, i + 1))) return true;
        --depth_;
        open_ += certain_ones;
        put_back(i);
      }
    }
    return false;
  }

  void note_depth(base::steady_time limit) {
    if (depth_ < deepest_ || (depth_ == deepest_ && !stuck_.empty())) return;
    deepest_ = depth_;
    stuck_.clear();
    for (auto i = first(); i != end() && operations_[i]->invoked <= limit; i = behind(i)) stuck_.push_back(operations_[i]);
  }

  std::vector<const operation*> operations_;
  std::vector<link> links_;
  std::size_t open_ = 0;  // certain operations that have not taken place
  std::size_t depth_ = 0;
  std::size_t deepest_ = 0;
  std::vector<const operation*> stuck_;  // the candidates at the deepest point
  std::unordered_set<std::string> seen_;
  std::uint64_t states_ = 0;
};

std::string explain(const std::vector<const operation*>& operations, const search& s) {
  std::string text = fmt::format("no order explains {} operations; stuck after {}; next could be:\n",
                                 operations.size(), s.deepest());
  for (auto* op : s.stuck()) text += "    " + describe(*op) + "\n";
  text += "  all of this key:\n";
  for (auto* op : operations) text += "    " + describe(*op) + "\n";
  return text;
}

}  // namespace

linearizability_verdict check_key(const history& of_one_key) {
  std::vector<const operation*> operations;
  for (const auto& op : of_one_key) {
    bool says_nothing = op.outcome == operation_outcome::refused ||
                        (op.kind == operation_kind::read && op.outcome == operation_outcome::unknown);
    if (!says_nothing) operations.push_back(&op);
  }
  search s(operations);
  linearizability_verdict verdict;
  verdict.explained = s.run();
  verdict.gave_up = s.gave_up();
  verdict.states = s.states();
  if (!verdict.explained) verdict.explanation = explain(operations, s);
  return verdict;
}

std::vector<std::string> check_linearizability(const history& all, std::uint64_t* inconclusive) {
  std::map<std::pair<std::string, std::string>, history> by_key;
  for (const auto& op : all) by_key[{op.table, op.key}].push_back(op);
  std::vector<std::string> violations;
  for (const auto& [key, operations] : by_key) {
    auto verdict = check_key(operations);
    if (inconclusive) *inconclusive += verdict.gave_up;
    if (!verdict.explained) {
      violations.push_back(fmt::format("{}/{} is not linearizable: {}", key.first, key.second, verdict.explanation));
    }
  }
  return violations;
}

}  // namespace dbcord::simulation
