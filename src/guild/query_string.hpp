#pragma once
// The part of a URL behind the '?'. A view of the caller's text for one request; any thread. Broken percent
// escapes make the parameter absent.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dbcord::guild {

class query_string {
 public:
  explicit query_string(std::string_view text) : text_(text) {}

  // The first value of that name, decoded.
  std::optional<std::string> find(std::string_view name) const;
  // All of that name, in their order: lists repeat the key (facts 1.3).
  std::vector<std::string> find_all(std::string_view name) const;
  // True, true and 1 are true (facts 1.3); absent is false.
  bool flag(std::string_view name) const;

 private:
  std::string_view text_;
};

}  // namespace dbcord::guild
