#include "simulation/store_checks.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>

#include "database/page_reader.hpp"
#include "protocol/row_message.hpp"
#include "simulation/workload.hpp"

namespace dbcord::simulation {

namespace json = boost::json;

namespace {

constexpr std::size_t page = 100;  // Discord docs, Get Channel Messages
constexpr base::duration read_limit = std::chrono::minutes(1);

std::string description_of(const database::table_summary& t) {
  auto text = fmt::format("table with schema {}, history of {} versions and {} days, indexes", t.schema_json, t.history_versions, t.history_days);
  for (const auto& i : t.indexes) text += fmt::format(" {}{} of {}", i.unique ? "unique " : "", i.field, i.entries);
  return text;
}

base::result<database::database_summary> summary(world& w, supervisor& bot) {
  database::read_context context{w.now() + read_limit};
  return w.run(*bot.where(), bot.program()->engine()->inspect(std::string(database_name), context));
}

std::map<std::string, std::string> files_of(simulated_guild& guild, const json::object& message) {
  std::map<std::string, std::string> files;
  for (const auto& entry : message.at("attachments").as_array()) {
    const auto& file = entry.as_object();
    std::string url(file.at("url").as_string());
    guild::http_request r;
    r.method = "GET";
    r.target = url.substr(url.find("/attachments/"));
    r.headers = {{"User-Agent", "simulation"}};
    auto answer = guild.inspect(r);
    if (answer.status != 200) throw std::runtime_error("cannot download " + url + ": " + answer.body);
    files[std::string(file.at("filename").as_string())] = std::move(answer.body);
  }
  return files;
}

std::vector<seen_message> messages_in(simulated_guild& guild, base::channel_id channel) {
  std::vector<seen_message> all;
  auto token = guild.credentials().owner_token;  // the bot alone uses the bot's token
  std::string before;
  for (;;) {
    guild::http_request r;
    r.method = "GET";
    r.target = "/api/v10/channels/" + channel.str() + "/messages?limit=100" + before;
    r.headers = {{"Authorization", token}, {"User-Agent", "simulation"}};
    auto answer = guild.inspect(r);
    if (answer.status != 200) throw std::runtime_error("cannot list messages: " + answer.body);
    auto list = json::parse(answer.body).as_array();
    for (auto& entry : list) {
      auto& m = entry.as_object();
      auto id = base::parse_id<base::message_id>(m.at("id").as_string());
      all.push_back({id.value(), std::string(m.at("content").as_string())});
      if (protocol::decode_page(all.back().content)) all.back().files = files_of(guild, m);
    }
    if (list.size() < page) return all;
    before = "&before=" + all.back().id.str();
  }
}

}  // namespace

std::vector<std::string> check_dropped(simulated_guild& guild) {
  guild::http_request r;
  r.method = "GET";
  r.target = "/api/v10/guilds/" + guild.credentials().guild.str() + "/channels";
  r.headers = {{"Authorization", guild.credentials().owner_token}, {"User-Agent", "simulation"}};
  auto answer = guild.inspect(r);
  if (answer.status != 200) throw std::runtime_error("cannot list channels: " + answer.body);
  std::vector<std::string> left;
  auto channels = json::parse(answer.body).as_array();
  for (const auto& entry : channels) {
    const auto& c = entry.as_object();
    if (std::string(c.at("name").as_string()) != "dbc-catalog") continue;
    auto id = base::parse_id<base::channel_id>(c.at("id").as_string());
    for (const auto& m : messages_in(guild, id.value())) {
      bool dropped = m.content.find(" is dropped**") != std::string::npos;
      if (dropped) left.push_back(fmt::format("channel {} of a dropped database is still there: {}", id->value, m.content));
    }
  }
  return left;
}

std::vector<base::channel_id> channels_of_tables(world& w, supervisor& bot) {
  std::vector<base::channel_id> channels;
  if (auto known = summary(w, bot)) {
    for (const auto& t : known->tables) channels.push_back(t.channel);
  }
  return channels;
}

std::optional<base::message_id> delete_some_message(simulated_guild& guild, base::channel_id channel, base::random_source& random) {
  auto ask = [&](std::string method, const std::string& rest) {
    guild::http_request r;
    r.method = std::move(method);
    r.target = "/api/v10/channels/" + channel.str() + "/messages" + rest;
    r.headers = {{"Authorization", guild.credentials().owner_token}, {"User-Agent", "simulation"}};
    return guild.request(r);
  };
  auto answer = ask("GET", "?limit=100");
  if (answer.status != 200) return std::nullopt;
  auto list = json::parse(answer.body).as_array();
  if (list.empty()) return std::nullopt;
  auto id = base::parse_id<base::message_id>(list[random.below(list.size())].as_object().at("id").as_string());
  auto gone = ask("DELETE", "/" + id.value().str());
  return gone.status / 100 == 2 ? std::optional(id.value()) : std::nullopt;
}

std::vector<table_content> memory_of(world& w, supervisor& bot, std::vector<std::string>& violations) {
  auto known = summary(w, bot);
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
    table_content content{t.name, t.channel, t.moving_from, {}, t.not_materialised, description_of(t), t.past_versions};
    for (auto& row : found->rows) {
      auto key = row.key;
      if (!content.rows.emplace(key, std::move(row)).second) violations.push_back("two rows with key " + key);
    }
    tables.push_back(std::move(content));
  }
  return tables;
}

void await_materialised(world& w, supervisor& bot, base::duration limit, std::vector<std::string>& violations) {
  for (auto last = w.now() + limit;; w.run_for(std::chrono::seconds(1))) {
    auto known = summary(w, bot);
    std::uint64_t open = 0;
    if (known) {
      for (const auto& t : known->tables) open += t.not_materialised;
      if (open == 0) return;
    }
    if (w.now() < last) continue;
    violations.push_back(fmt::format("{} rows still have no message of their own", open));
    return;
  }
}

std::vector<std::string> check_messages(simulated_guild& guild, const std::vector<table_content>& memory) {
  std::vector<std::string> violations;
  for (const auto& table : memory) {
    auto messages = messages_in(guild, table.channel);
    if (table.moving_from) {
      auto others = messages_in(guild, table.moving_from);
      messages.insert(messages.end(), others.begin(), others.end());
    }
    auto found = check_table_messages(table, messages);
    violations.insert(violations.end(), found.begin(), found.end());
  }
  return violations;
}

namespace {

// What a page says of each row that memory knows; those that lie there are counted.
void check_page(const table_content& memory, const seen_message& m, const protocol::page_header& page, std::map<std::string, std::size_t>& located,
                std::vector<std::string>& violations) {
  for (unsigned part = 1; part <= page.parts.size(); ++part) {
    auto file = m.files.find(database::page_part_name(page.newest_lsn, part));
    auto slots = file == m.files.end() ? base::result<std::vector<protocol::page_slot>>(base::error(base::errc::invalid_argument, "it is not there"))
                                       : protocol::decode_page_part(page, part, file->second);
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
      if (slot.lsn > live.lsn) {
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

std::vector<std::string> check_table_messages(const table_content& memory, const std::vector<seen_message>& messages) {
  std::vector<std::string> violations;
  std::map<std::string, std::size_t> located;
  for (const auto& m : messages) {
    if (auto page = protocol::decode_page(m.content)) check_page(memory, m, *page, located, violations);
    auto header = protocol::decode_row(m.content);
    if (!header) continue;
    auto row = memory.rows.find(header->key);
    if (row == memory.rows.end()) continue;
    const auto& live = row->second;
    if (header->lsn > live.lsn) {
      violations.push_back(fmt::format("{}/{}: a message says version {} at LSN {}, memory has version {} at LSN {}",
                                       memory.name, live.key, header->version, header->lsn, live.version, live.lsn));
    }
    if (m.id != live.location.message) continue;
    ++located[live.key];
    if (header->version != live.version || header->lsn != live.lsn) {
      violations.push_back(fmt::format("{}/{}: its message is of version {}, memory has {}", memory.name, live.key,
                                       header->version, live.version));
    }
    if (header->attached) continue;
    auto json = protocol::decode_row_json(*header, m.content, std::nullopt);
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

std::vector<std::string> compare(const std::vector<table_content>& before, const std::vector<table_content>& after, bool histories) {
  auto flatten = [histories](const std::vector<table_content>& tables) {
    std::map<std::string, std::string> flat;
    for (const auto& t : tables) {
      flat[t.name] = t.description;
      if (histories) flat[t.name] += fmt::format(", {} past versions", t.past_versions);
      for (const auto& [key, row] : t.rows) {
        flat[t.name + "/" + key] = fmt::format("version {} LSN {} {}", row.version, row.lsn, row.json);
      }
    }
    return flat;
  };
  auto one = flatten(before), two = flatten(after);
  std::vector<std::string> violations;
  for (const auto& [name, value] : one) {
    auto other = two.find(name);
    if (other != two.end() && other->second == value) continue;
    violations.push_back(fmt::format("a clean restart changes {}: before {}, after {}", name, value,
                                     other == two.end() ? "nothing" : other->second));
  }
  for (const auto& [name, value] : two) {
    if (!one.contains(name)) violations.push_back(fmt::format("a clean restart brings up {}: {}", name, value));
  }
  return violations;
}

}  // namespace dbcord::simulation
