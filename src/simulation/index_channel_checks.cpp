#include "simulation/index_channel_checks.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "database/database_administration.hpp"
#include "protocol/channel_topic.hpp"
#include "protocol/index_page.hpp"
#include "simulation/workload.hpp"

namespace dbcord::simulation {
namespace {

using entries = std::set<std::string>;  // as index_entry writes them

// Rows of the workload have numbers in their fields, neither lists nor objects.
entries entries_of(const table_content& memory, const std::string& field) {
  entries all;
  for (const auto& [key, row] : memory.rows) {
    auto node = protocol::parse_json(row.json);
    const auto* value = node ? node->find(field) : nullptr;
    if (value && value->type != protocol::json_node::kind::null) all.insert(protocol::index_entry(*value, key));
  }
  return all;
}

std::string lines_of(const protocol::index_page_header& header, const seen_message& m) {
  if (!header.attached) return std::string(protocol::inline_lines(m.content));
  std::string all;
  for (std::size_t part = 1; part <= header.parts.size(); ++part) {
    auto file = m.files.find(fmt::format("index-{}.jsonl", part));
    if (file != m.files.end()) all += file->second;
  }
  return all;
}

// A page's lines as they were written: an entry, or one that begins with what became of it.
void apply_lines(entries& shown, std::string_view lines, protocol::index_page_kind kind, std::vector<std::string>& violations, const std::string& where) {
  constexpr std::string_view added = "{\"op\":\"add\",", removed = "{\"op\":\"remove\",";
  while (!lines.empty()) {
    auto end = lines.find('\n');
    auto line = lines.substr(0, end);
    lines.remove_prefix(end == std::string_view::npos ? lines.size() : end + 1);
    if (line.empty()) continue;
    bool removes = kind == protocol::index_page_kind::changes && line.starts_with(removed);
    auto begin = removes ? removed.size() : line.starts_with(added) ? added.size() : 1;
    auto entry = "{" + std::string(line.substr(begin));
    bool done = removes ? shown.erase(entry) == 1 : shown.insert(entry).second;
    if (!done) violations.push_back(fmt::format("{}: {} {}", where, removes ? "it removes what it does not show:" : "it adds twice", entry));
  }
}

std::vector<database::index_channel_status> statuses(supervisor& bot, std::vector<std::string>& violations) {
  auto known = bot.program()->engine()->administration().index_channels_of(std::string(database_name));
  if (!known) violations.push_back("the channels of indexes are not known: " + known.error().message);
  return known ? *known : std::vector<database::index_channel_status>();
}

std::vector<std::string> check_now(simulated_guild& guild, supervisor& bot, const std::vector<table_content>& memory, bool tidy) {
  if (!bot.ready()) return {"the bot is not there"};  // a dead process's claim may have taken the database from it
  std::vector<std::string> violations;
  std::set<base::channel_id> wanted;
  for (const auto& s : statuses(bot, violations)) {
    auto where = fmt::format("the channel of {}.{}", s.table, s.field);
    wanted.insert(s.channel);
    if (!s.complete || s.waiting > 0) {
      violations.push_back(fmt::format("{} is not complete, {} entries wait: {}", where, s.waiting, s.problem));
      continue;
    }
    auto table = std::find_if(memory.begin(), memory.end(), [&](const auto& t) { return t.name == s.table; });
    if (table == memory.end()) continue;
    auto found = check_index_pages(*table, s.field, messages_in(guild, s.channel), tidy);
    violations.insert(violations.end(), found.begin(), found.end());
  }
  if (!tidy) return violations;
  for (auto channel : channels_of_indexes(guild)) {
    if (!wanted.contains(channel)) violations.push_back(fmt::format("channel {} is of an index that has none", channel.value));
  }
  return violations;
}

}  // namespace

std::vector<base::channel_id> channels_of_indexes(simulated_guild& guild) {
  std::vector<base::channel_id> found;
  for (const auto& channel : channels_in(guild)) {
    auto topic = protocol::decode_topic(channel.topic);
    if (topic && topic->role == protocol::channel_role::index) found.push_back(channel.id);
  }
  return found;
}

std::vector<std::string> check_index_pages(const table_content& memory, const std::string& field, const std::vector<seen_message>& messages, bool tidy) {
  std::vector<std::string> violations;
  auto where = fmt::format("the channel of {}.{}", memory.name, field);
  using page = std::pair<protocol::index_page_header, const seen_message*>;
  std::vector<page> pages;
  std::uint64_t newest = 0;
  for (const auto& m : messages) {
    auto header = protocol::decode_index_page(m.content);
    if (!header) continue;
    newest = std::max(newest, header->generation);
    pages.emplace_back(std::move(*header), &m);
  }
  auto others = std::erase_if(pages, [newest](const page& p) { return p.first.generation != newest; });
  if (tidy && (others > 0 || pages.size() != messages.size() - others)) violations.push_back(where + " holds more than its newest generation");
  std::stable_sort(pages.begin(), pages.end(), [](const page& a, const page& b) { return a.first.sequence < b.first.sequence; });
  auto same = [](const page& a, const page& b) { return a.first.sequence == b.first.sequence; };
  bool twins = std::adjacent_find(pages.begin(), pages.end(), same) != pages.end();
  if (twins && !tidy) return violations;  // a request that was applied late: the next start, or verification, sees it
  entries shown;
  std::uint64_t next = 0;
  for (const auto& [header, m] : pages) {
    if (header.sequence != next++) violations.push_back(fmt::format("{} has page {} where page {} should be", where, header.sequence, next - 1));
    apply_lines(shown, lines_of(header, *m), header.kind, violations, where);
  }
  if (pages.empty()) violations.push_back(where + " holds nothing");
  auto wanted = entries_of(memory, field);
  for (const auto& entry : wanted) {
    if (!shown.contains(entry)) violations.push_back(fmt::format("{} lacks {}", where, entry));
  }
  for (const auto& entry : shown) {
    if (!wanted.contains(entry)) violations.push_back(fmt::format("{} shows {}, which no row has", where, entry));
  }
  return violations;
}

std::vector<std::string> await_index_channels(world& w, simulated_guild& guild, supervisor& bot, const std::vector<table_content>& memory, bool tidy,
                                              base::duration limit) {
  auto wait = base::duration(std::chrono::seconds(1));
  for (auto last = w.now() + limit;; w.run_for(wait)) {
    auto violations = check_now(guild, bot, memory, tidy);
    if (violations.empty() || w.now() >= last) return violations;
  }
}

}  // namespace dbcord::simulation
