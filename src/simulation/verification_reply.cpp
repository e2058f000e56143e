#include "simulation/verification_reply.hpp"

#include <fmt/format.h>

#include <optional>
#include <sstream>

#include "simulation/owner_view.hpp"

namespace dbcord::simulation {
namespace {

constexpr std::string_view lost_version = R"({"kind":"history")";
constexpr std::string_view link = R"("link":")";

std::optional<base::message_id> linked_message(const std::string& line) {
  auto at = line.find(link);
  auto end = line.rfind('"');
  if (at == std::string::npos || end < at + link.size()) return std::nullopt;
  auto url = line.substr(at + link.size(), end - at - link.size());
  return base::parse_id<base::message_id>(url.substr(url.rfind('/') + 1));
}

bool tells_only_of_history(const std::string& told, const std::set<base::message_id>& deleted) {
  std::size_t lost = 0;
  std::istringstream lines(told);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(lost_version)) continue;
    auto message = linked_message(line);
    if (!message || !deleted.contains(*message)) return false;
    ++lost;
  }
  return told.find(fmt::format("{} {} found ({} history;", lost, lost == 1 ? "problem" : "problems", lost)) != std::string::npos;
}

}  // namespace

std::string all_told(simulated_guild& guild, const user_reply& reply) {
  auto told = reply.text;
  if (reply.what != user_reply::kind::answered) return told;
  for (const auto& [name, bytes] : files_of(guild, reply.message)) told += "\n" + bytes;
  return told;
}

bool tells_that_all_is_well(const std::string& told, const std::set<base::message_id>& deleted) {
  bool well = told.find("All is well") != std::string::npos || tells_only_of_history(told, deleted);
  return well && told.find("orphan") == std::string::npos;
}

}  // namespace dbcord::simulation
