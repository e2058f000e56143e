#pragma once
// The machine line: the last line of every message that dbcord stores, "dbcord/1 <kind> a=… b=…" in a code span.
// What stands above it is for people. Pure, any thread.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace dbcord::protocol {

inline constexpr int format_version = 1;

struct machine_line {
  std::string kind;
  std::map<std::string, std::string, std::less<>> fields;

  std::optional<std::uint64_t> number(std::string_view name) const;
  std::optional<std::string> text(std::string_view name) const;
  void set(std::string name, std::string value) { fields[std::move(name)] = std::move(value); }
  void set(std::string name, std::uint64_t value) { fields[std::move(name)] = std::to_string(value); }
};

// Values must be non-empty and of [A-Za-z0-9_.:-]; the line is rejected otherwise when read.
std::string to_text(const machine_line& line);
// The machine line of a message's content; empty when there is none of a version that we know.
std::optional<machine_line> find_machine_line(std::string_view content);

// The text between "```json\n" and "\n```"; empty when there is no such block.
std::optional<std::string_view> find_json_block(std::string_view content);
std::string json_block(std::string_view json);

}  // namespace dbcord::protocol
