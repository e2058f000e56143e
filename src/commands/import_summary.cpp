#include "commands/import_summary.hpp"

#include <fmt/format.h>

#include <charconv>

namespace dbcord::commands {
namespace {

std::optional<std::size_t> number_after(std::string_view text, std::string_view mark) {
  auto at = text.find(mark);
  if (at == std::string_view::npos) return std::nullopt;
  auto digits = text.substr(at + mark.size());
  std::size_t n = 0;
  auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), n);
  if (ec != std::errc{}) return std::nullopt;
  return n;
}

}  // namespace

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
