#include "database/index_advice.hpp"

#include <algorithm>
#include <optional>

#include "database/index_plan.hpp"
#include "database/key_plan.hpp"

namespace dbcord::database {
namespace {

using protocol::predicate;

constexpr std::size_t advised_fields_most = 5;  // so many indexes are no advice any more

// Of the top conjunction.
void collect_choices(const predicate& where, std::vector<const predicate*>& out) {
  if (where.kind() == predicate::junction::any_of) out.push_back(&where);
  if (where.kind() != predicate::junction::all_of) return;
  for (const auto& part : where.parts()) collect_choices(part, out);
}

class branch_advice {
 public:
  branch_advice(const table_state& table, bool blind) : table_(table), blind_(blind) {}

  // False: there is a branch that no index answers.
  bool take(const predicate& any_of) {
    const auto& branches = any_of.parts();
    return std::all_of(branches.begin(), branches.end(), [this](const predicate& branch) { return take_branch(branch); });
  }
  std::vector<std::string> fields() && {
    bool helps = reads_rows_ && fields_.size() <= advised_fields_most;
    return helps ? std::move(fields_) : std::vector<std::string>();
  }

 private:
  bool take_branch(const predicate& branch) {
    const auto& key_field = table_.definition().primary_key;
    if (!plan_keys(branch, key_field).text().empty()) return true;
    const protocol::field_condition* lacks = nullptr;
    bool is_known = false;  // of evicted rows
    for (const auto* condition : branch.demanded()) {
      is_known = is_known || (!condition->fingerprints.empty() && !blind_);
      if (!is_answered_by_index(*condition) || condition->path == key_field) continue;
      if (table_.indexes().on(condition->path)) return true;
      if (!lacks && !table_.indexes().status(condition->path)) lacks = condition;
    }
    if (!lacks) return take_choice_within(branch);
    reads_rows_ = reads_rows_ || !is_known;
    if (std::find(fields_.begin(), fields_.end(), lacks->path) == fields_.end()) fields_.push_back(lacks->path);
    return true;
  }
  bool take_choice_within(const predicate& branch) {
    std::vector<const predicate*> choices;
    collect_choices(branch, choices);
    auto fields = fields_;
    auto reads_rows = reads_rows_;
    for (const auto* any_of : choices) {
      if (take(*any_of)) return true;
      fields_ = fields;
      reads_rows_ = reads_rows;
    }
    return false;
  }

  const table_state& table_;
  bool blind_;
  std::vector<std::string> fields_;
  bool reads_rows_ = false;  // of some branch memory does not tell that rows do not match
};

}  // namespace

std::vector<std::string> fields_to_index(const protocol::predicate& where, const table_state& table, bool blind) {
  for (const auto* condition : where.demanded()) {
    bool is_unknown = condition->fingerprints.empty() || blind;
    bool would_do = is_unknown && is_answered_by_index(*condition) && condition->path != table.definition().primary_key;
    if (would_do && !table.indexes().status(condition->path)) return {condition->path};
  }
  std::vector<const predicate*> choices;
  collect_choices(where, choices);
  for (const auto* any_of : choices) {
    branch_advice advice(table, blind);
    if (!advice.take(*any_of)) continue;
    auto fields = std::move(advice).fields();
    if (!fields.empty()) return fields;
  }
  return {};
}

}  // namespace dbcord::database
