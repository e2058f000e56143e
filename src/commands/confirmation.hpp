#pragma once
// What a button that asks first confirms: the very table or database that it asked about, by its id. Whoever presses it may do so when that is gone and another one
// has its name. A person who types `confirm` gives the name, and means whatever has it then. Pure, any thread.

#include <optional>
#include <string>

namespace dbcord::commands {

inline constexpr char id_mark = '#';

inline std::string confirmation_of(const std::string& id) { return id_mark + id; }

// Empty: it is a name.
inline std::optional<std::string> id_confirmed(const std::string& confirm) {
  bool is_id = confirm.size() > 1 && confirm.front() == id_mark;
  return is_id ? std::optional(confirm.substr(1)) : std::nullopt;
}

}  // namespace dbcord::commands
