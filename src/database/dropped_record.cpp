#include "database/dropped_record.hpp"

#include <fmt/format.h>

#include <map>

#include "protocol/log_record.hpp"
#include "protocol/machine_line.hpp"

namespace dbcord::database {
namespace {

constexpr std::size_t channels_a_message = 60;   // of a message: 1,260 characters
constexpr std::size_t list_hash_characters = 16; // tells lists apart that were made at different times

std::string channel_list_of(const std::vector<base::channel_id>& channels, std::size_t first, std::size_t count) {
  std::string text;
  for (auto i = first; i < std::min(first + count, channels.size()); ++i) text += (text.empty() ? "" : ".") + channels[i].str();
  return text;
}

bool append_channels(std::string_view list, std::vector<base::channel_id>& to) {
  while (!list.empty()) {
    auto dot = list.find('.');
    auto id = base::parse_id<base::channel_id>(list.substr(0, dot));
    if (!id) return false;
    to.push_back(*id);
    list.remove_prefix(dot == std::string_view::npos ? list.size() : dot + 1);
  }
  return true;
}

struct gathered_parts {
  std::uint64_t count = 0;
  std::map<std::uint64_t, std::string> lists;
  dropped_record record;
};

std::optional<dropped_record> completed(gathered_parts parts) {
  if (parts.lists.size() != parts.count) return std::nullopt;
  for (const auto& [number, list] : parts.lists) {
    if (!append_channels(list, parts.record.channels)) return std::nullopt;
  }
  return std::move(parts.record);
}

}  // namespace

std::vector<std::string> encode_dropped(const dropped_record& record) {
  auto hash = protocol::record_hash(channel_list_of(record.channels, 0, record.channels.size())).substr(0, list_hash_characters);
  auto count = std::max<std::size_t>(1, (record.channels.size() + channels_a_message - 1) / channels_a_message);
  std::vector<std::string> messages;
  for (std::size_t i = 0; i < count; ++i) {
    protocol::machine_line line{"dropped", {}};
    line.set("id", record.id);
    line.set("db", record.name);
    line.set("list", hash);
    line.set("part", i + 1);
    line.set("parts", count);
    line.set("channels", channel_list_of(record.channels, i * channels_a_message, channels_a_message));
    messages.push_back(fmt::format("**Database {} is dropped**, its channels are being deleted ({} of {})\n{}", record.name, i + 1, count, to_text(line)));
  }
  return messages;
}

std::optional<dropped_record> find_dropped(const std::vector<stored_message>& messages) {
  std::map<std::string, gathered_parts> lists;  // by hash
  for (const auto& m : messages) {
    auto line = protocol::find_machine_line(m.content);
    if (!line || line->kind != "dropped") continue;
    auto id = line->text("id"), name = line->text("db"), hash = line->text("list"), channels = line->text("channels");
    auto part = line->number("part"), count = line->number("parts");
    if (!id || !name || !hash || !channels || !part || !count || *part == 0 || *part > *count) continue;
    auto& its = lists[*hash];
    its.count = *count;
    its.record.id = *id;
    its.record.name = *name;
    its.lists[*part] = *channels;
  }
  std::optional<dropped_record> longest;
  for (auto& [hash, parts] : lists) {
    auto record = completed(std::move(parts));
    if (record && (!longest || record->channels.size() > longest->channels.size())) longest = std::move(record);
  }
  return longest;
}

}  // namespace dbcord::database
