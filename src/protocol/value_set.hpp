#pragma once
// value_set: JSON values that a condition compares with, prepared once so that whether a value is one of them costs no allocation for small integers, texts, booleans and
// null. The same is the same here as by canonical(). Plain data, any thread once it is made.

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/json_node.hpp"

namespace dbcord::protocol {

class value_set {
 public:
  value_set() = default;
  explicit value_set(const std::vector<json_node>& values);

  bool contains(const json_node& value) const;
  bool has_null() const { return has_null_; }

 private:
  void take(const json_node& value);

  std::vector<std::int64_t> integers_;  // those that are, however they are written; all sorted
  std::vector<std::string> texts_;
  std::vector<std::string> numbers_;    // all of them, canonical
  std::vector<std::string> others_;     // lists and objects, canonical
  bool has_null_ = false, has_true_ = false, has_false_ = false;
};

}  // namespace dbcord::protocol
