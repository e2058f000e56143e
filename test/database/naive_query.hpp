#pragma once
// A second opinion on queries: random ones as a tree, their JSON for the engine, and what they mean, evaluated plainly over boost::json
// documents. Shares nothing with protocol/predicate.

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <vector>

#include "dbcord/base/random.hpp"

namespace dbcord::test {

namespace json = boost::json;

class naive_query {
 public:
  static naive_query draw(base::random_source& random, int depth = 2) {
    naive_query q;
    auto choice = depth == 0 ? 0 : random.below(8);
    q.junction_ = choice == 5 ? "$and" : choice == 6 ? "$or" : choice == 7 ? (random.below(2) ? "$nor" : "$not") : "";
    if (q.junction_.empty()) {
      for (std::uint64_t i = 0, n = random.below(2) + 1; i < n; ++i) q.conditions_.push_back(draw_condition(random));
    } else {
      for (std::uint64_t i = 0, n = q.junction_ == "$not" ? 1 : random.below(3) + 1; i < n; ++i) q.parts_.push_back(draw(random, depth - 1));
    }
    return q;
  }

  json::object to_json() const {
    json::object out;
    for (const auto& c : conditions_) {
      if (c.how == "=") out[c.field] = c.operand;
      else if (!out.contains(c.field)) out[c.field] = json::object{{c.how, c.operand}};
      else if (out[c.field].is_object()) out[c.field].as_object()[c.how] = c.operand;
    }
    if (junction_ == "$not") out["$not"] = parts_[0].to_json();
    if (junction_.empty() || junction_ == "$not") return out;
    json::array parts;
    for (const auto& p : parts_) parts.push_back(p.to_json());
    out[junction_] = std::move(parts);
    return out;
  }

  // Of what to_json() says, in which a later condition on a field may have displaced or joined an earlier one.
  static bool holds(const json::object& query, const json::object& row) {
    for (const auto& [name, operand] : query) {
      if (name.starts_with("$") ? !junction_holds(name, operand, row) : !field_holds(find(row, name), operand)) return false;
    }
    return true;
  }

  // Two bounds on one field, together or as two demands; or one of several values of several fields.
  static json::object draw_bounds(base::random_source& random) {
    static const char* fields[] = {"a", "b", "tags", "o.n", "o.t", "id", "u"};
    static const char *lows[] = {"$gt", "$gte", "$prefix"}, *highs[] = {"$lt", "$lte"};
    auto value = [&] {
      auto v = draw_scalar(random);
      return v.is_null() ? json::value(1) : v;
    };
    auto field = fields[random.below(std::size(fields))];
    if (random.below(3) == 0) return {{"$or", json::array{json::object{{field, value()}}, json::object{{fields[random.below(std::size(fields))], value()}}}}};
    std::string low = lows[random.below(std::size(lows))], high = highs[random.below(std::size(highs))];
    json::value bottom = low == "$prefix" ? json::value(json::string(draw_text(random))) : value();
    if (random.below(2) == 0) return {{field, json::object{{low, bottom}, {high, value()}}}};
    return {{"$and", json::array{json::object{{field, json::object{{low, bottom}}}}, json::object{{field, json::object{{high, value()}}}}}}};
  }

  static json::value draw_scalar(base::random_source& random) {
    switch (random.below(9)) {
      case 0: return nullptr;
      case 1: return random.below(2) == 0;
      case 2: case 3: return std::int64_t(random.below(6)) - 2;
      case 4: return 0.5 + double(random.below(4));
      default: return json::string(draw_text(random));
    }
  }
  static std::string draw_text(base::random_source& random) {
    std::string text;
    for (auto n = random.below(4); n > 0; --n) text += "ab\"/"[random.below(random.below(3) == 0 ? 4 : 2)];
    return text;
  }
  // What lies at a dotted path; null: nothing.
  static const json::value* find(const json::object& row, std::string_view path) {
    auto dot = path.find('.');
    const auto* value = row.if_contains(path.substr(0, dot));
    if (dot == path.npos || !value) return value;
    return value->is_object() ? value->get_object().if_contains(path.substr(dot + 1)) : nullptr;
  }

 private:
  struct condition {
    std::string field, how;
    json::value operand;
  };

  static condition draw_condition(base::random_source& random) {
    static const char* fields[] = {"a", "b", "tags", "o.n", "o.t", "id", "u"};
    static const char* hows[] = {"=", "=", "$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$nin", "$exists", "$prefix", "$contains", "$not"};
    condition c{fields[random.below(std::size(fields))], hows[random.below(std::size(hows))], draw_scalar(random)};
    if (c.how == "$not") {
      auto denied = draw_condition(random);
      c.operand = json::object{{denied.how == "=" ? "$eq" : denied.how, denied.operand}};
    }
    if (c.how == "$in" || c.how == "$nin") c.operand = json::array{draw_scalar(random), draw_scalar(random)};
    if (c.how == "$exists") c.operand = random.below(2) == 0;
    if (c.how == "$prefix") c.operand = json::string(draw_text(random));
    bool ordered = c.how.starts_with("$g") || c.how.starts_with("$l");
    if ((ordered || c.how == "$contains") && c.operand.is_null()) c.operand = 1;
    return c;
  }

  static bool junction_holds(std::string_view name, const json::value& operand, const json::object& row) {
    if (name == "$not") return !holds(operand.as_object(), row);
    std::size_t held = 0;
    for (const auto& part : operand.as_array()) held += holds(part.as_object(), row);
    if (name == "$and") return held == operand.as_array().size();
    return name == "$or" ? held > 0 : held == 0;
  }

  static bool field_holds(const json::value* value, const json::value& condition) {
    if (!condition.is_object()) return any(value, "$eq", condition);
    for (const auto& [how, operand] : condition.get_object()) {
      bool fine = how == "$ne"       ? !any(value, "$eq", operand)
                  : how == "$nin"    ? !any(value, "$in", operand)
                  : how == "$exists" ? (value != nullptr) == operand.as_bool()
                  : how == "$not"    ? !field_holds(value, operand)
                                     : any(value, how, operand);
      if (!fine) return false;
    }
    return true;
  }

  // For the value, or for one of its items; $contains is about a list as a whole.
  static bool any(const json::value* value, std::string_view how, const json::value& operand) {
    if (one(value, how, operand)) return true;
    if (!value || !value->is_array() || how == "$contains") return false;
    for (const auto& item : value->get_array()) {
      if (one(&item, how, operand)) return true;
    }
    return false;
  }

  static bool one(const json::value* value, std::string_view how, const json::value& operand) {
    if (how == "$in") {
      for (const auto& o : operand.as_array()) {
        if (one(value, "$eq", o)) return true;
      }
      return false;
    }
    if (how == "$eq" && operand.is_null()) return !value || value->is_null();
    if (!value) return false;
    if (how == "$eq") return order(*value, operand) == 0;
    bool texts = value->is_string() && operand.is_string();
    if (how == "$prefix") return texts && value->get_string().starts_with(operand.get_string());
    if (how == "$contains") return contains(*value, operand);
    auto o = order(*value, operand);
    if (!o) return false;
    return how == "$gt" ? *o > 0 : how == "$gte" ? *o >= 0 : how == "$lt" ? *o < 0 : *o <= 0;
  }

  static bool contains(const json::value& value, const json::value& operand) {
    if (value.is_string() && operand.is_string()) return std::string_view(value.get_string()).find(operand.get_string()) != std::string_view::npos;
    if (value.is_object()) return operand.is_string() && value.get_object().contains(operand.get_string());
    if (!value.is_array()) return false;
    for (const auto& item : value.get_array()) {
      if (order(item, operand) == 0) return true;
    }
    return false;
  }

  // Of two values of one kind; else nothing.
  static std::optional<int> order(const json::value& a, const json::value& b) {
    auto sign = [](auto x, auto y) { return x < y ? -1 : x > y ? 1 : 0; };
    if (a.is_number() && b.is_number()) return sign(a.to_number<double>(), b.to_number<double>());
    if (a.is_string() && b.is_string()) return sign(std::string_view(a.get_string()), std::string_view(b.get_string()));
    if (a.is_bool() && b.is_bool()) return sign(a.get_bool(), b.get_bool());
    return std::nullopt;
  }

  std::string junction_;
  std::vector<condition> conditions_;
  std::vector<naive_query> parts_;
};

}  // namespace dbcord::test
