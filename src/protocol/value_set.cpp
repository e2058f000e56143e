#include "protocol/value_set.hpp"

#include <algorithm>

#include "protocol/canonical_value.hpp"
#include "protocol/decimal.hpp"

namespace dbcord::protocol {
namespace {

using kind = json_node::kind;

template <class T, class Value>
bool is_among(const std::vector<T>& sorted, const Value& value) {
  return std::binary_search(sorted.begin(), sorted.end(), value);
}

}  // namespace

value_set::value_set(const std::vector<json_node>& values) {
  for (const auto& value : values) take(value);
  std::sort(integers_.begin(), integers_.end());
  for (auto* texts : {&texts_, &numbers_, &others_}) std::sort(texts->begin(), texts->end());
}

void value_set::take(const json_node& value) {
  switch (value.type) {
    case kind::null: has_null_ = true; break;
    case kind::boolean: (value.text == "true" ? has_true_ : has_false_) = true; break;
    case kind::string: texts_.push_back(value.text); break;
    case kind::number:
      if (auto integer = as_small_integer(parse_decimal(value.text))) integers_.push_back(*integer);
      numbers_.push_back(canonical(value));
      break;
    case kind::array:
    case kind::object: others_.push_back(canonical(value)); break;
  }
}

bool value_set::contains(const json_node& value) const {
  switch (value.type) {
    case kind::null: return has_null_;
    case kind::boolean: return value.text == "true" ? has_true_ : has_false_;
    case kind::string: return is_among(texts_, value.text);
    case kind::number: {
      if (numbers_.empty()) return false;
      auto integer = small_integer(value.text);
      return integer ? is_among(integers_, *integer) : is_among(numbers_, canonical(value));
    }
    case kind::array:
    case kind::object: return !others_.empty() && is_among(others_, canonical(value));
  }
  return false;
}

}  // namespace dbcord::protocol
