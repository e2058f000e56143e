// From where_json to a predicate.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <set>

#include "protocol/canonical_value.hpp"
#include "protocol/field_path.hpp"
#include "protocol/predicate.hpp"
#include "protocol/row_fingerprints.hpp"
#include "protocol/shown_value.hpp"

namespace dbcord::protocol {

namespace {

using kind = json_node::kind;
constexpr std::string_view known_operators =
    "$eq $ne $gt $gte $lt $lte $in $nin $exists $contains $prefix $not, and around conditions $and $or $nor $not";
constexpr std::size_t max_conditions = 1'000;

base::error wrong(std::string sentence) { return {base::errc::invalid_argument, std::move(sentence)}; }

bool is_operator(const json_node::member& m) { return m.first.starts_with('$'); }

// What a text must contain if it is the JSON of a row for which the condition holds; empty: nothing is known.
std::string text_within(const field_condition& c) {
  if (c.operand.type != kind::string) return {};
  if (c.how == comparison::eq) return to_json(c.operand);
  if (c.how != comparison::prefix && c.how != comparison::contains) return {};
  auto quoted = to_json(c.operand);
  return quoted.substr(1, quoted.size() - 2);
}

}  // namespace

class predicate_parser {
 public:
  using parsed = base::result<predicate>;

  parsed where(const json_node& node) {
    if (!node.is_object()) return wrong(R"(a query must be a JSON object like {"role": "admin"})");
    std::vector<predicate> parts;
    for (const auto& m : node.members) {
      auto part = is_operator(m) ? around(m.first, m.second) : field(m.first, m.second);
      if (!part) return part;
      parts.push_back(std::move(*part));
    }
    return joined(predicate::junction::all_of, std::move(parts));
  }

  static predicate with_required_texts(predicate top) {
    for (const auto* c : top.demanded()) {
      if (auto text = text_within(*c); !text.empty()) top.required_texts_.push_back(std::move(text));
    }
    return top;
  }

 private:
  static predicate joined(predicate::junction kind, std::vector<predicate> parts) {
    if (parts.size() == 1 && kind != predicate::junction::none_of) return std::move(parts.front());
    predicate p;
    p.kind_ = kind;
    p.parts_ = std::move(parts);
    return p;
  }

  static predicate negated(predicate inner) {
    std::vector<predicate> parts;
    parts.push_back(std::move(inner));
    return joined(predicate::junction::none_of, std::move(parts));
  }

  parsed around(const std::string& name, const json_node& operand) {
    if (name == "$not") {
      auto inner = where(operand);
      if (!inner) return inner;
      return negated(std::move(*inner));
    }
    auto kind = name == "$and"  ? std::optional(predicate::junction::all_of)
                : name == "$or"  ? std::optional(predicate::junction::any_of)
                : name == "$nor" ? std::optional(predicate::junction::none_of)
                                 : std::nullopt;
    if (!kind) return wrong(fmt::format("{} is not known here; known are {}", name, known_operators));
    if (operand.type != kind::array || operand.items.empty()) {
      return wrong(fmt::format(R"({} needs a list of queries like [{{"a": 1}}, {{"b": 2}}])", name));
    }
    std::vector<predicate> parts;
    for (const auto& item : operand.items) {
      auto part = where(item);
      if (!part) return part;
      parts.push_back(std::move(*part));
    }
    if (kind == predicate::junction::any_of) parts = with_equalities_joined(std::move(parts));
    return joined(*kind, std::move(parts));
  }

  // {"field": value} or {"field": {"$gte": 1, "$lt": 5}}
  parsed field(const std::string& path, const json_node& value) {
    // "" is a name like others: JSON says where it ends, so nobody is taken to mean a path by it.
    if (!path.empty() && !is_usable_path(path)) return wrong(fmt::format("a field's path may have {} parts; {} has more", max_path_segments, shortened(path)));
    bool operators = value.is_object() && !value.members.empty() && is_operator(value.members.front());
    if (!operators) return condition(path, comparison::eq, value);
    std::vector<predicate> parts;
    for (const auto& m : value.members) {
      if (!is_operator(m)) {
        return wrong(fmt::format("the field {} mixes operators with the plain name {}; use $and for both", path, m.first));
      }
      auto part = on_field(path, m.first, m.second);
      if (!part) return part;
      parts.push_back(std::move(*part));
    }
    return joined(predicate::junction::all_of, std::move(parts));
  }

  parsed on_field(const std::string& path, const std::string& name, const json_node& operand) {
    if (name == "$not") {
      bool operators = operand.is_object() && !operand.members.empty() && is_operator(operand.members.front());
      if (!operators) return wrong(fmt::format(R"($not of the field {} needs operators like {{"$gt": 5}})", path));
      return negation(field(path, operand));
    }
    if (name == "$ne") return negation(condition(path, comparison::eq, operand));
    if (name == "$nin") return negation(condition(path, comparison::in, operand, name));
    struct word {
      std::string_view name;
      comparison how;
    };
    static constexpr std::array words{word{"$eq", comparison::eq},         word{"$gt", comparison::gt},
                                      word{"$gte", comparison::gte},       word{"$lt", comparison::lt},
                                      word{"$lte", comparison::lte},       word{"$in", comparison::in},
                                      word{"$exists", comparison::exists}, word{"$contains", comparison::contains},
                                      word{"$prefix", comparison::prefix}};
    for (const auto& w : words) {
      if (w.name == name) return condition(path, w.how, operand, name);
    }
    return wrong(fmt::format("the field {} has the operator {}, which is not known; known are {}", path, name, known_operators));
  }

  static parsed negation(parsed inner) {
    if (!inner) return inner;
    return negated(std::move(*inner));
  }

  parsed condition(const std::string& path, comparison how, const json_node& operand, std::string_view name = "$eq") {
    if (++conditions_ > max_conditions) return wrong(fmt::format("a query may have {} conditions", max_conditions));
    if (auto refusal = check_operand(path, how, operand, name)) return *refusal;
    return made(path, how, operand);
  }

  static predicate made(const std::string& path, comparison how, json_node operand) {
    predicate p;
    p.kind_ = predicate::junction::condition;
    p.condition_ = {path, how, std::move(operand), {}};
    auto& c = p.condition_;
    auto values = how == comparison::eq ? std::vector<json_node>{c.operand} : how == comparison::in ? c.operand.items : std::vector<json_node>();
    for (const auto& value : values) c.canonical.push_back(canonical(value));
    std::sort(c.canonical.begin(), c.canonical.end());
    c.equals = value_set(values);
    c.fingerprints = fingerprints_demanded(c);
    return p;
  }

  static bool is_equality(const predicate& p) {
    return p.kind_ == predicate::junction::condition && (p.condition_.how == comparison::eq || p.condition_.how == comparison::in);
  }

  // Of branches that want one field to equal something: one that wants it to be one of all that, which costs no more than one of them.
  static std::vector<predicate> with_equalities_joined(std::vector<predicate> branches) {
    std::map<std::string, std::vector<std::size_t>> by_field;
    for (std::size_t i = 0; i < branches.size(); ++i) {
      if (is_equality(branches[i])) by_field[branches[i].condition_.path].push_back(i);
    }
    std::set<std::size_t> joined_ones;
    for (const auto& [path, which] : by_field) {
      if (which.size() < 2) continue;
      json_node all;
      all.type = kind::array;
      for (auto i : which) {
        auto& c = branches[i].condition_;
        if (c.how == comparison::eq) all.items.push_back(std::move(c.operand));
        else std::move(c.operand.items.begin(), c.operand.items.end(), std::back_inserter(all.items));
      }
      branches[which.front()] = made(path, comparison::in, std::move(all));
      joined_ones.insert(which.begin() + 1, which.end());
    }
    std::vector<predicate> left;
    for (std::size_t i = 0; i < branches.size(); ++i) {
      if (!joined_ones.contains(i)) left.push_back(std::move(branches[i]));
    }
    return left;
  }

  static std::optional<base::error> check_operand(const std::string& path, comparison how, const json_node& operand,
                                                  std::string_view name) {
    auto needs = [&](std::string_view what) { return wrong(fmt::format("{} of the field {} needs {}", name, path, what)); };
    switch (how) {
      case comparison::in:
        if (operand.type != kind::array) return needs("a list like [1, 2]");
        break;
      case comparison::exists:
        if (operand.type != kind::boolean) return needs("true or false");
        break;
      case comparison::prefix:
        if (operand.type != kind::string) return needs("a text");
        break;
      case comparison::gt:
      case comparison::gte:
      case comparison::lt:
      case comparison::lte:
        if (operand.type != kind::number && operand.type != kind::string && operand.type != kind::boolean) {
          return needs("a number, a text, true or false");
        }
        break;
      case comparison::eq:
      case comparison::contains: break;
    }
    return std::nullopt;
  }

  std::size_t conditions_ = 0;
};

base::result<predicate> predicate::parse(const json_node& where) {
  auto parsed = predicate_parser().where(where);
  if (!parsed) return parsed;
  return predicate_parser::with_required_texts(std::move(*parsed));
}

base::result<predicate> predicate::parse(std::string_view where_json) {
  auto where = parse_json(where_json);
  if (!where) return base::error(base::errc::invalid_argument, fmt::format("not valid JSON: {}", where.error().message));
  return parse(*where);
}

}  // namespace dbcord::protocol
