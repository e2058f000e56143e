#include "commands/import_summary.hpp"

#include <fmt/format.h>

#include "commands/number_after.hpp"

namespace dbcord::commands {

std::string import_sentence(import_counts counts, std::string_view table) {
  return fmt::format("Imported {} row{} into `{}`, refused {}.", counts.accepted, counts.accepted == 1 ? "" : "s", table,
                     counts.refused);
}

std::optional<import_counts> parse_import_sentence(std::string_view text) {
  auto accepted = number_after(text, "Imported ");
  auto refused = number_after(text, "`, refused ");
  if (!accepted || !refused) return std::nullopt;
  return import_counts{*accepted, *refused};
}

}  // namespace dbcord::commands
