#pragma once
// The figures of an import as they stand in the reply's first sentence, and read from it again (by the command line's import,
// which adds up the chunks). Pure, any thread.

#include <optional>
#include <string>
#include <string_view>

namespace dbcord::commands {

struct import_counts {
  std::size_t accepted = 0;
  std::size_t refused = 0;
};

inline constexpr std::string_view refused_file = "refused.jsonl";  // {"line":…,"key":…,"reason":…} for each refused row

// "Imported 249 rows into `prod.countries`, refused 0."
std::string import_sentence(import_counts counts, std::string_view table);
// Finds that sentence anywhere in the text.
std::optional<import_counts> parse_import_sentence(std::string_view text);

}  // namespace dbcord::commands
