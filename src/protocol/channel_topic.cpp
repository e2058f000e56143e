#include "protocol/channel_topic.hpp"

#include <fmt/format.h>

#include <array>

#include "protocol/machine_line.hpp"

namespace dbcord::protocol {
namespace {

constexpr std::array<std::string_view, 7> role_names{"catalog", "control", "log", "table", "snapshots", "checkpoints", "index"};

}  // namespace

std::string_view to_string(channel_role role) { return role_names[static_cast<std::size_t>(role)]; }

std::string category_name(std::string_view database) { return fmt::format("dbcord-{}", database); }

std::string encode_topic(const channel_topic& topic) {
  machine_line line{std::string(to_string(topic.role)), {}};
  line.set("id", topic.database_id);
  line.set("db", topic.database_name);
  if (!topic.object.empty()) line.set("object", topic.object);
  return "Kept by dbcord; please do not write here. " + to_text(line);
}

std::optional<channel_topic> decode_topic(std::string_view text) {
  auto tick = text.find('`');
  if (tick == std::string_view::npos) return std::nullopt;
  auto line = find_machine_line(text.substr(tick));
  if (!line) return std::nullopt;
  auto id = line->text("id"), name = line->text("db");
  if (!id || !name) return std::nullopt;
  for (std::size_t i = 0; i < role_names.size(); ++i) {
    if (role_names[i] != line->kind) continue;
    return channel_topic{static_cast<channel_role>(i), *id, *name, line->text("object").value_or("")};
  }
  return std::nullopt;
}

}  // namespace dbcord::protocol
