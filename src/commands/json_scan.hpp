#pragma once
// A JSON checker (RFC 8259) that builds nothing: it finds where a value ends, or where and why it is not JSON. Sentences for
// people, the cutting of import files and the command line rest on it. Pure, any thread; linear time, constant memory.
// Accepts what the engine accepts: valid UTF-8, at most max_json_depth levels; exponents beyond 2^31 too, which the engine refuses.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace dbcord::commands {

inline constexpr int max_json_depth = 64;                   // as protocol::parse_json
inline constexpr int max_file_depth = max_json_depth + 4;  // of a file whose rows stand in an array, which may stand in objects

struct json_scan {
  std::size_t end = 0;         // offset behind the value; of the offence if there is one
  std::string_view expected;   // what should have stood at `end`; empty: the value is good
  bool good() const { return expected.empty(); }
};

// Scans the one value that begins at `begin` or behind white space there. Text after it is not looked at.
json_scan scan_value(std::string_view text, std::size_t begin, int max_depth = max_json_depth);
// The same, and nothing but white space may follow.
json_scan scan_document(std::string_view text, int max_depth = max_json_depth);
std::size_t skip_space(std::string_view text, std::size_t begin);
std::string_view trimmed(std::string_view text);  // without white space at its ends

// "at character 17: expected `,` or `}`, found `x`" (line and column when the text has several lines), with a hint for
// the usual slips.
std::string describe(std::string_view text, const json_scan& offence);

// The offset of the first byte that is not valid UTF-8.
std::optional<std::size_t> find_invalid_utf8(std::string_view text);

}  // namespace dbcord::commands
