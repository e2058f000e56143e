#include "database/memory_words.hpp"

#include <fmt/format.h>

namespace dbcord::database {
namespace {

std::string in_mebibytes(std::uint64_t bytes) { return fmt::format("{:.1f} MiB", static_cast<double>(bytes) / (1024 * 1024)); }

}  // namespace

std::optional<std::string> lack_of_memory(const memory_figures& memory, std::string_view whose, std::string_view option) {
  if (memory.cap == 0 || memory.takes_new_rows()) return std::nullopt;
  auto way_out = fmt::format("no new rows are taken; raise {}, or delete rows and use /dbc_vacuum", option);
  if (memory.fixed > memory.cap)
    return fmt::format("keys, places, indexes and older versions of {} need at least {} of memory, and the cap is {}: {}", whose, in_mebibytes(memory.fixed), in_mebibytes(memory.cap), way_out);
  return fmt::format("keys, places, indexes and older versions of {} take {} of the {} of memory that there may be: {}", whose, in_mebibytes(memory.fixed), in_mebibytes(memory.cap), way_out);
}

std::optional<std::string> lack_of_memory(const memory_figures& one, const memory_figures& all, std::string_view database) {
  auto lack = one.cap > 0 && one.cap < all.cap ? lack_of_memory(one, fmt::format("database {}", database), "DBCORD_DATABASE_MEMORY") : std::nullopt;
  return lack ? lack : lack_of_memory(all, "all databases together", "DBCORD_MEMORY");
}

}  // namespace dbcord::database
