#pragma once
// A second opinion on the order in which rows come and on which fields of them are shown: drawn, as the texts that a find takes, and evaluated plainly over
// boost::json documents. Shares nothing with protocol/projection and protocol/value_order.

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <string>
#include <utility>
#include <vector>

#include "database/naive_query.hpp"

namespace dbcord::test {

class naive_shape {
 public:
  using found_row = std::pair<std::string, const json::object*>;  // by key

  // One in two has an order, one in two names fields.
  static naive_shape draw(base::random_source& random) {
    static const char* paths[] = {"a", "b", "tags", "o.n", "o.t", "o", "id"};
    naive_shape s;
    for (auto n = random.below(2) * (1 + random.below(3)); n > 0; --n) s.terms_.push_back({paths[random.below(std::size(paths))], random.below(2) == 0});
    for (auto n = random.below(2) * (1 + random.below(4)); n > 0; --n) s.fields_.push_back(paths[random.below(std::size(paths))]);
    return s;
  }

  std::string sort() const {
    std::string all;
    for (const auto& t : terms_) all += (all.empty() ? "" : ", ") + t.path + (t.descending ? " desc" : "");
    return all;
  }
  std::string fields() const {
    std::string all;
    for (const auto& f : fields_) all += (all.empty() ? "" : ",") + f;
    return all;
  }

  void order(std::vector<found_row>& rows) const {
    std::stable_sort(rows.begin(), rows.end(), [this](const found_row& x, const found_row& y) { return comes_before(*x.second, *y.second); });
  }
  // What is shown of a row, as one text for all that mean the same.
  std::string shown(const json::object& row) const {
    if (fields_.empty()) return text_of(row);
    json::object some;
    for (const auto& path : fields_) {
      const auto* value = naive_query::find(row, path);
      auto dot = path.find('.');
      if (dot == path.npos && value) some[path] = *value;
      if (dot == path.npos) continue;
      auto outer = path.substr(0, dot);
      const auto* holder = row.if_contains(outer);
      if (!holder || !holder->is_object()) continue;
      if (!some.contains(outer)) some[outer] = json::object();
      if (value) some[outer].as_object()[path.substr(dot + 1)] = *value;
    }
    return text_of(some);
  }
  static std::string text_of(const json::value& value) {
    if (!value.is_object()) return json::serialize(value);
    std::vector<std::pair<std::string, std::string>> members;
    for (const auto& [name, member] : value.get_object()) members.emplace_back(name, text_of(member));
    std::sort(members.begin(), members.end());
    std::string all;
    for (const auto& [name, text] : members) all += (all.empty() ? "" : ",") + name + ":" + text;
    return "{" + all + "}";
  }

 private:
  struct term {
    std::string path;
    bool descending;
  };

  bool comes_before(const json::object& x, const json::object& y) const {
    for (const auto& t : terms_) {
      auto order = compare(naive_query::find(x, t.path), naive_query::find(y, t.path));
      if (order != 0) return t.descending ? order > 0 : order < 0;
    }
    return false;
  }

  // Nothing and null first, then numbers, texts, objects, lists, booleans.
  static int rank(const json::value* v) {
    if (!v || v->is_null()) return 0;
    return v->is_number() ? 1 : v->is_string() ? 2 : v->is_object() ? 3 : v->is_array() ? 4 : 5;
  }
  static int compare(const json::value* x, const json::value* y) {
    auto sign = [](const auto& a, const auto& b) { return a < b ? -1 : b < a ? 1 : 0; };
    if (rank(x) != rank(y) || rank(x) == 0) return sign(rank(x), rank(y));
    if (x->is_number()) return sign(x->to_number<double>(), y->to_number<double>());
    if (x->is_string()) return sign(std::string_view(x->get_string()), std::string_view(y->get_string()));
    if (x->is_bool()) return sign(x->get_bool(), y->get_bool());
    return x->is_array() ? compare_lists(x->get_array(), y->get_array()) : compare_objects(x->get_object(), y->get_object());
  }
  static int compare_lists(const json::array& x, const json::array& y) {
    for (std::size_t i = 0; i < std::min(x.size(), y.size()); ++i) {
      if (auto order = compare(&x[i], &y[i]); order != 0) return order;
    }
    return static_cast<int>(x.size()) - static_cast<int>(y.size());
  }
  // Those drawn all have the same members.
  static int compare_objects(const json::object& x, const json::object& y) {
    for (auto name : {"n", "t"}) {
      if (auto order = compare(x.if_contains(name), y.if_contains(name)); order != 0) return order;
    }
    return 0;
  }

  std::vector<term> terms_;
  std::vector<std::string> fields_;
};

}  // namespace dbcord::test
