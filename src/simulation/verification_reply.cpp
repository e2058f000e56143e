#include "simulation/verification_reply.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <sstream>

#include "base/number_text.hpp"
#include "protocol/json_node.hpp"
#include "simulation/owner_view.hpp"

namespace dbcord::simulation {
namespace {

constexpr std::string_view lost_version = R"({"kind":"history")";
constexpr std::string_view known_loss = R"({"kind":"lost")";
constexpr std::string_view link = R"("link":")";

// Where dbcord was told of the deletion it names no message any more.
bool tells_of_one(const std::string& line, const hand_deletions& deleted) {
  auto finding = protocol::parse_json(line);
  const auto* key = finding ? finding->find("key") : nullptr;
  const auto* lsn = finding ? finding->find("lsn") : nullptr;
  return key && lsn && std::any_of(deleted.versions.begin(), deleted.versions.end(), [&](const auto& v) { return v.first == key->text && std::to_string(v.second) == lsn->text; });
}

std::optional<base::message_id> linked_message(const std::string& line) {
  auto at = line.find(link);
  auto end = line.rfind('"');
  if (at == std::string::npos || end < at + link.size()) return std::nullopt;
  auto url = line.substr(at + link.size(), end - at - link.size());
  return base::parse_id<base::message_id>(url.substr(url.rfind('/') + 1));
}

bool tells_only_of_history(const std::string& told, const hand_deletions& deleted) {
  std::size_t lost = 0;
  std::istringstream lines(told);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(lost_version)) continue;
    auto message = linked_message(line);
    if (message ? !deleted.messages.contains(*message) : !tells_of_one(line, deleted)) return false;
    ++lost;
  }
  return told.find(fmt::format("{0} {1} found ({0} history;", base::with_separators(lost), lost == 1 ? "problem" : "problems")) != std::string::npos;
}

// Of a loss that is known nothing but a warning is told.
bool lost_only_by_hand(const std::string& told, const hand_deletions& deleted) {
  std::istringstream lines(told);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(known_loss) && !tells_of_one(line, deleted)) return false;
  }
  return true;
}

std::uint64_t times_told(std::string_view told, std::string_view what) {
  std::uint64_t n = 0;
  for (auto at = told.find(what); at != told.npos; at = told.find(what, at + 1)) ++n;
  return n;
}

}  // namespace

std::string all_told(simulated_guild& guild, const user_reply& reply) {
  auto told = reply.text;
  if (reply.what != user_reply::kind::answered) return told;
  for (const auto& [name, bytes] : files_of(guild, reply.message)) told += "\n" + bytes;
  return told;
}

bool tells_that_all_is_well(const std::string& told, const hand_deletions& deleted) {
  bool well = told.find("All is well") != std::string::npos || tells_only_of_history(told, deleted);
  return well && lost_only_by_hand(told, deleted) && told.find("orphan") == std::string::npos;
}

bool tells_only_of_what_is_incomplete(std::string_view told, bool refusals, bool cut_files) {
  std::uint64_t n = refusals ? times_told(told, "\"what\":\"its channel is not complete: ") : 0;
  if (cut_files) n += times_told(told, "\"kind\":\"snapshot\"");
  auto end = std::min(told.find(" problem"), told.size());
  auto begin = told.substr(0, end).find_last_of(' ');
  return n > 0 && begin != told.npos && base::leading_number(told.substr(begin + 1)) == n;
}

}  // namespace dbcord::simulation
