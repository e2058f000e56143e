#include "protocol/page_parts.hpp"

#include <fmt/format.h>

#include "protocol/log_record.hpp"
#include "protocol/whole_number.hpp"

namespace dbcord::protocol {
namespace {

std::vector<std::string_view> split_at_dots(std::string_view text) {
  std::vector<std::string_view> fields;
  for (;;) {
    auto dot = text.find('.');
    fields.push_back(text.substr(0, dot));
    if (dot == std::string_view::npos) return fields;
    text.remove_prefix(dot + 1);
  }
}

}  // namespace

void set_parts(machine_line& line, const std::vector<page_part>& parts) {
  std::string counts, hashes;
  for (const auto& p : parts) {
    counts += fmt::format("{}{}", counts.empty() ? "" : ".", p.lines);
    hashes += fmt::format("{}{}", hashes.empty() ? "" : ".", p.hash);
  }
  line.set("n", std::move(counts));
  line.set("d", std::move(hashes));
}

std::optional<std::vector<page_part>> parts_of(const machine_line& line, std::size_t most, std::uint64_t most_lines) {
  auto counts = line.text("n"), hashes = line.text("d");
  if (!counts || !hashes) return std::nullopt;
  auto count_fields = split_at_dots(*counts), hash_fields = split_at_dots(*hashes);
  if (count_fields.size() != hash_fields.size() || count_fields.size() > most) return std::nullopt;
  std::vector<page_part> parts;
  for (std::size_t i = 0; i < count_fields.size(); ++i) {
    auto lines = whole_number(count_fields[i]);
    if (!lines || *lines > most_lines) return std::nullopt;
    parts.push_back({*lines, std::string(hash_fields[i])});
  }
  return parts;
}

base::error damaged_part(std::size_t part, std::string_view why) {
  return {base::errc::invalid_argument, fmt::format("part {} of the page is damaged: {}", part, why)};
}

base::result<void> check_part(const std::string& stated_hash, std::size_t part, std::string_view bytes) {
  if (record_hash(bytes) != stated_hash) return damaged_part(part, "its checksum is wrong");
  return {};
}

}  // namespace dbcord::protocol
