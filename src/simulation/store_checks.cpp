#include "simulation/store_checks.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <set>

#include "database/database_administration.hpp"
#include "protocol/row_message.hpp"
#include "simulation/workload.hpp"

namespace dbcord::simulation {

namespace json = boost::json;

namespace {

constexpr base::duration read_limit = std::chrono::minutes(1);

std::string index_name(const database::index_summary& i) { return (i.unique ? "unique " : "") + i.field; }

std::string description_of(const database::table_summary& t) {
  auto text = fmt::format("table with schema {}, history of {} versions and {} days, indexes", t.schema_json, t.history_versions, t.history_days);
  std::set<std::string> indexes;  // their order means nothing: behind an accepted loss it is another one than after the next start
  for (const auto& i : t.indexes) indexes.insert(fmt::format(" {}{}{} of {}", index_name(i), i.state == "failed" ? " failed" : "", i.channel ? ", shown," : "", i.entries));
  for (const auto& i : indexes) text += i;
  return text;
}

}  // namespace

base::result<database::database_summary> summary_of(world& w, supervisor& bot) {
  database::read_context context{w.now() + read_limit};
  return w.run(*bot.where(), bot.program()->engine()->inspect(std::string(database_name), context));
}

database::cache_figures cache_of(world& w, supervisor& bot) {
  auto figures = w.run(*bot.where(), bot.program()->engine()->administration().figures(std::string(database_name), {w.now() + read_limit}));
  return figures ? figures->cache : database::cache_figures();
}

std::vector<std::string> check_dropped(simulated_guild& guild) {
  std::vector<std::string> left;
  for (const auto& channel : channels_in(guild)) {
    if (channel.name != "dbc-catalog") continue;
    for (const auto& m : messages_in(guild, channel.id)) {
      bool dropped = m.content.find(" is dropped**") != std::string::npos;
      if (dropped) left.push_back(fmt::format("channel {} of a dropped database is still there: {}", channel.id.value, m.content));
    }
  }
  return left;
}

std::vector<base::channel_id> channels_of_tables(world& w, supervisor& bot) {
  std::vector<base::channel_id> channels;
  if (auto known = summary_of(w, bot)) {
    for (const auto& t : known->tables) channels.push_back(t.channel);
  }
  return channels;
}

std::vector<table_content> memory_of(world& w, supervisor& bot, std::vector<std::string>& violations) {
  auto known = summary_of(w, bot);
  if (!known) {
    violations.push_back("the database cannot be inspected: " + known.error().message);
    return {};
  }
  std::vector<table_content> tables;
  for (const auto& t : known->tables) {
    database::find_request everything;
    everything.limit = 1'000'000;
    everything.request_budget = everything.limit;
    database::read_context context{w.now() + read_limit};
    auto found = w.run(*bot.where(), bot.program()->engine()->find(std::string(database_name), t.name,
                                                                   std::move(everything), context));
    if (!found) {
      violations.push_back("table " + t.name + " cannot be read: " + found.error().message);
      continue;
    }
    table_content content{t.name, t.channel, t.moving_from, {}, t.not_materialised, description_of(t), t.past_versions, t.schema_json};
    for (auto& row : found->rows) {
      auto key = row.key;
      if (!content.rows.emplace(key, std::move(row)).second) violations.push_back("two rows with key " + key);
    }
    tables.push_back(std::move(content));
  }
  return tables;
}

std::vector<std::string> await_materialised(world& w, supervisor& bot, base::duration limit) {
  for (auto last = w.now() + limit;; w.run_for(std::chrono::seconds(1))) {
    auto known = summary_of(w, bot);
    std::uint64_t open = 0;
    if (known) {
      bool adopting = false;
      for (const auto& t : known->tables) open += t.not_materialised, adopting = adopting || t.adopting;
      if (open == 0 && !adopting) return {};
    }
    if (w.now() < last) continue;
    return {fmt::format("{} rows still have no message of their own, or what an earlier process has written is still being found out", open)};
  }
}

std::vector<std::string> check_messages(simulated_guild& guild, const std::vector<table_content>& memory, const std::set<std::uint64_t>& given_up) {
  std::vector<std::string> violations;
  for (const auto& table : memory) {
    auto messages = messages_in(guild, table.channel);
    if (table.moving_from && is_there(guild, table.moving_from)) {
      auto others = messages_in(guild, table.moving_from);
      messages.insert(messages.end(), others.begin(), others.end());
    }
    auto found = check_table_messages(table, messages, given_up);
    violations.insert(violations.end(), found.begin(), found.end());
  }
  return violations;
}

namespace {

// What a page says of each row that memory knows; those that lie there are counted.
void check_page(const table_content& memory, const seen_message& m, const protocol::page_header& page, const std::set<std::uint64_t>& given_up,
                std::map<std::string, std::size_t>& located, std::vector<std::string>& violations) {
  for (unsigned part = 1; part <= page.parts.size(); ++part) {
    auto slots = part_of_page(m, page, part);
    bool needed = std::any_of(memory.rows.begin(), memory.rows.end(), [&](const auto& r) { return r.second.location.message == m.id; });
    if (!slots && !needed) continue;  // Discord has cut it: known at once, and its rows are elsewhere
    if (!slots) {
      violations.push_back(fmt::format("{}: part {} of page {}: {}", memory.name, part, m.id.value, slots.error().message));
      continue;
    }
    for (const auto& slot : *slots) {
      auto row = memory.rows.find(slot.key);
      if (row == memory.rows.end()) continue;
      const auto& live = row->second;
      if (slot.lsn > live.lsn && !given_up.contains(slot.lsn)) {
        violations.push_back(fmt::format("{}/{}: a page says LSN {}, memory has LSN {}", memory.name, live.key, slot.lsn, live.lsn));
      }
      if (m.id != live.location.message) continue;
      ++located[live.key];
      if (slot.version != live.version || slot.lsn != live.lsn || slot.json != live.json) {
        violations.push_back(fmt::format("{}/{}: its page says version {} {}, memory {} {}", memory.name, live.key, slot.version, slot.json, live.version,
                                         live.json));
      }
    }
  }
}

}  // namespace

std::vector<std::string> check_table_messages(const table_content& memory, const std::vector<seen_message>& messages,
                                              const std::set<std::uint64_t>& given_up) {
  std::vector<std::string> violations;
  std::map<std::string, std::size_t> located;
  for (const auto& m : messages) {
    if (auto page = protocol::decode_page(m.content)) check_page(memory, m, *page, given_up, located, violations);
    auto header = protocol::decode_row(m.content);
    if (!header) continue;
    auto row = memory.rows.find(header->key);
    if (row == memory.rows.end()) continue;
    const auto& live = row->second;
    if (header->lsn > live.lsn && !given_up.contains(header->lsn)) {
      violations.push_back(fmt::format("{}/{}: a message says version {} at LSN {}, memory has version {} at LSN {}",
                                       memory.name, live.key, header->version, header->lsn, live.version, live.lsn));
    }
    if (m.id != live.location.message) continue;
    ++located[live.key];
    if (header->version != live.version || header->lsn != live.lsn) {
      violations.push_back(fmt::format("{}/{}: its message is of version {}, memory has {}", memory.name, live.key,
                                       header->version, live.version));
    }
    auto file = m.files.empty() ? std::nullopt : std::optional(m.files.begin()->second);
    auto json = protocol::decode_row_json(*header, m.content, file);
    if (!json || *json != live.json) {
      violations.push_back(fmt::format("{}/{}: its message says {}, memory {}", memory.name, live.key,
                                       json ? *json : json.error().message, live.json));
    }
  }
  for (const auto& [key, row] : memory.rows) {
    bool of_table = row.location.channel == memory.channel || (memory.moving_from && row.location.channel == memory.moving_from);
    if (of_table && located[key] == 0) {
      violations.push_back(fmt::format("{}/{}: its message {} is not in the channel", memory.name, key,
                                       row.location.message.value));
    }
    if (!of_table) {
      violations.push_back(fmt::format("{}/{}: has no message of its own", memory.name, key));
    }
  }
  return violations;
}

std::vector<std::string> check_nothing_forgettable(const std::vector<table_content>& memory, std::uint64_t cap) {
  constexpr std::uint64_t version_bytes = 40;  // of the engine's record of one, at least
  std::uint64_t kept = 0;
  for (const auto& t : memory) kept += t.past_versions;
  if (kept * version_bytes <= cap / 10) return {};
  return {fmt::format("writes are refused for want of memory, and {} older versions are kept", kept)};
}

std::vector<std::string> check_counters(const table_content& own, const std::vector<supervisor*>& processes) {
  std::vector<std::string> violations;
  for (const auto* of : processes) {
    const auto& l = of->ledger();
    auto row = own.rows.find(l.name);
    auto shown = row == own.rows.end() ? std::string("nothing") : row->second.json;
    bool right = shown.ends_with(fmt::format("\"n\":{}}}", l.acknowledged)) || shown.ends_with(fmt::format("\"n\":{}}}", l.asked));
    if (!right) violations.push_back(fmt::format("{} has {} acknowledged increments, and its row is {}", l.name, l.acknowledged, shown));
  }
  return violations;
}

bool promises_unique(const table_content& memory, std::string_view field) {
  auto index = fmt::format(" unique {}", field);
  return memory.description.find(index + " of ") != std::string::npos || memory.description.find(index + ", shown,") != std::string::npos;
}

std::vector<std::string> check_unique(const table_content& memory, std::string_view field) {
  std::vector<std::string> violations;
  std::map<std::int64_t, std::string> holders;
  for (const auto& [key, row] : memory.rows) {
    auto value = json::parse(row.json).as_object();
    const auto* found = value.if_contains(field);
    if (!found || !found->is_int64()) continue;
    auto [holder, fresh] = holders.emplace(found->get_int64(), key);
    if (!fresh) violations.push_back(fmt::format("{}: rows {} and {} both have {} {}", memory.name, holder->second, key, field, holder->first));
  }
  return violations;
}

namespace {

std::map<std::string, std::string> flattened(const std::vector<table_content>& tables, bool histories, const std::string& at_work) {
  std::map<std::string, std::string> flat;
  for (const auto& t : tables) {
    if (t.name == at_work) continue;
    flat[t.name] = t.description;
    if (histories) flat[t.name] += fmt::format(", {} past versions", t.past_versions);
    for (const auto& [key, row] : t.rows) {
      flat[t.name + "/" + key] = fmt::format("version {} LSN {} {}", row.version, row.lsn, row.json);
    }
  }
  return flat;
}

std::vector<std::string> lost_versions(const std::vector<table_content>& before, const std::vector<table_content>& after) {
  std::vector<std::string> violations;
  for (const auto& t : before) {
    auto now = std::find_if(after.begin(), after.end(), [&](const auto& other) { return other.name == t.name; });
    if (now == after.end() || now->past_versions >= t.past_versions) continue;
    violations.push_back(fmt::format("a kill loses past versions of {}: before {}, after {}", t.name, t.past_versions, now->past_versions));
  }
  return violations;
}

}  // namespace

std::vector<std::string> compare(const std::vector<table_content>& before, const std::vector<table_content>& after, const restart& how) {
  std::string_view what = how.killed ? "a kill" : "a clean restart";
  bool all = how.histories && !how.killed;
  auto one = flattened(before, all, how.at_work), two = flattened(after, all, how.at_work);
  auto violations = how.histories && how.killed ? lost_versions(before, after) : std::vector<std::string>();
  for (const auto& [name, value] : one) {
    auto other = two.find(name);
    if (other != two.end() && other->second == value) continue;
    violations.push_back(fmt::format("{} changes {}: before {}, after {}", what, name, value, other == two.end() ? "nothing" : other->second));
  }
  for (const auto& [name, value] : two) {
    if (!one.contains(name)) violations.push_back(fmt::format("{} brings up {}: {}", what, name, value));
  }
  return violations;
}

}  // namespace dbcord::simulation
