#include "database/import_refusals.hpp"

#include <fmt/format.h>

#include <charconv>

#include "protocol/json_node.hpp"

namespace dbcord::database {

std::string encode_refusals(const std::vector<refused_row>& refused) {
  if (refused.empty()) return {};
  std::string out = "[";
  for (const auto& r : refused) {
    if (out.size() > 1) out += ',';
    out += fmt::format("[{},", r.index);
    protocol::append_json_string(out, r.key);
    out += ',';
    protocol::append_json_string(out, r.reason);
    out += ']';
  }
  return out + "]";
}

std::vector<refused_row> decode_refusals(const std::string& json) {
  std::vector<refused_row> refused;
  auto list = protocol::parse_json(json);
  if (!list) return refused;
  for (const auto& item : list->items) {
    if (item.items.size() != 3) continue;
    refused_row r;
    const auto& index = item.items[0].text;
    std::from_chars(index.data(), index.data() + index.size(), r.index);
    r.key = item.items[1].text;
    r.reason = item.items[2].text;
    refused.push_back(std::move(r));
  }
  return refused;
}

}  // namespace dbcord::database
