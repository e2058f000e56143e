#include "database/table_scan.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "actor/event.hpp"
#include "database/channel_pages.hpp"
#include "database/creation_record.hpp"
#include "database/index_channel.hpp"
#include "database/log_reader.hpp"
#include "database/page_reader.hpp"
#include "database/store_refusal.hpp"
#include "protocol/channel_topic.hpp"

namespace dbcord::database {
namespace {

using namespace std::chrono_literals;
constexpr base::duration scan_request_time = 60s;
constexpr base::duration scan_pause = 500ms;
constexpr int download_attempts_of_scan = 5;
constexpr std::uint64_t messages_a_notice = 5'000;
constexpr std::string_view no_fields = "{}";  // what a row holds of itself whose value is not in memory, without indexes

bool cannot_be_had(const base::error& e) { return e.code == errc::damaged || e.code == store_errc::not_found; }

}  // namespace

void scan_task::note(const protocol::operation& op) {
  if (const auto* move = std::get_if<protocol::move_table>(&op)) moves[move->table].push_back(*move);
  bool makes = std::holds_alternative<protocol::create_table>(op);
  auto note_table = [&](const auto& o) {
    if constexpr (requires { o.table; }) in_log[o.table] |= makes;
  };
  std::visit(note_table, op);
}

bool scan_task::is_lost(std::uint64_t lsn) const {
  return std::any_of(lost.begin(), lost.end(), [lsn](const auto& range) { return range.first <= lsn && lsn <= range.second; });
}

actor::task<base::result<scanned_tables>> table_scan::run() {
  env_.log.warning("there is no checkpoint, and the log's beginning is gone: the tables' channels are read from their beginning",
                   {{"database", what_.database}});
  auto tables = co_await find_tables();
  if (!tables) co_return tables.error();
  for (auto& [id, table] : *tables) {
    auto read = co_await read_table(std::move(table));
    if (!read) co_return read.error();
  }
  co_return std::move(out_);
}

actor::task<base::result<std::vector<protocol::create_table>>> table_scan::find_unmade() {
  auto tables = co_await find_tables();
  if (!tables) co_return tables.error();
  std::vector<protocol::create_table> found;
  for (auto& [id, table] : *tables) {
    if (what_.in_log.contains(id)) found.push_back(std::move(table.head.definition));
  }
  co_return found;
}

actor::task<base::result<std::map<protocol::table_id, loaded_table>>> table_scan::find_tables() {
  auto described = co_await read_catalog();
  if (!described) co_return described.error();
  for (const auto& d : *described) out_.image.head.last_table = std::max(out_.image.head.last_table, d.table);
  auto tables = tables_of(*described);
  auto added = co_await add_undescribed(tables, *described);
  if (!added) co_return added.error();
  co_return tables;
}

actor::task<base::result<std::vector<protocol::create_table>>> table_scan::read_catalog() {
  for (;;) {
    auto messages = co_await read_all(store_, what_.catalog, {}, request());
    if (messages) {
      std::vector<protocol::create_table> described;
      for (const auto& m : messages->value) {
        auto table = m.author == store_.self() ? decode_described_table(m.content) : std::nullopt;
        if (table) described.push_back(std::move(*table));
      }
      co_return described;
    }
    bool again = co_await goes_on(messages.error());
    if (!again) co_return messages.error();
  }
}

bool table_scan::is_there(base::channel_id channel) const {
  return std::any_of(what_.present.begin(), what_.present.end(), [&](const channel_info& c) { return c.id == channel; });
}

// By a record of the log, which tells all of it.
bool table_scan::is_made_later(protocol::table_id table) const {
  auto told = what_.in_log.find(table);
  return told != what_.in_log.end() && told->second;
}

bool table_scan::is_moved_to(base::channel_id channel) const {
  return std::any_of(what_.moves.begin(), what_.moves.end(), [&](const auto& of) {
    return std::any_of(of.second.begin(), of.second.end(), [&](const auto& move) { return move.channel == channel; });
  });
}

// The newest description of each that was not made or dropped meanwhile. A table whose channel is gone was dropped, unless the log goes on about it. A move
// that the log tells of begins where the table was before; of one that it does not tell of the last channel but one may still hold what was not written again.
std::map<protocol::table_id, loaded_table> table_scan::tables_of(const std::vector<protocol::create_table>& described) const {
  std::map<protocol::table_id, loaded_table> tables;
  for (const auto& d : described) {
    if (is_made_later(d.table)) continue;
    if (auto moves = what_.moves.find(d.table); moves != what_.moves.end()) {
      auto& definition = tables[d.table].head.definition;
      auto before = moves->second.front().before;
      auto known = definition.channel;
      definition = d;
      definition.channel = before ? before : is_moved_to(d.channel) ? known : d.channel;
      continue;
    }
    if (what_.dropped_channels.contains(d.channel)) continue;
    if (!is_there(d.channel) && !what_.in_log.contains(d.table)) continue;
    auto [it, first] = tables.try_emplace(d.table);
    auto& head = it->second.head;
    auto before = head.definition.channel;
    head.definition = d;
    head.move.reset();
    if (!first && before != d.channel && is_there(before)) head.move = protocol::image_move{before, {}, false};
  }
  return tables;
}

// By the channels that show indexes, lost ones too: no number is given twice.
protocol::index_id table_scan::last_index_of(protocol::table_id table) const {
  protocol::index_id last = 0;
  for (const auto& c : what_.present) {
    auto topic = protocol::decode_topic(c.topic);
    if (!topic || topic->role != protocol::channel_role::index || topic->database_id != what_.database_id) continue;
    last = std::max(last, index_of_channel(topic->object, table).value_or(0));
  }
  return last;
}

// A table whose description is not there, too, is known by the topic of its channel, which names it, and by any message in it. Its key is a member of its rows.
actor::task<base::result<void>> table_scan::add_undescribed(std::map<protocol::table_id, loaded_table>& tables, std::vector<protocol::create_table> described) {
  for (const auto& c : what_.present) {
    auto topic = protocol::decode_topic(c.topic);
    if (!topic || topic->role != protocol::channel_role::table || topic->database_id != what_.database_id) continue;
    bool known = std::any_of(described.begin(), described.end(), [&](const auto& d) { return d.channel == c.id; });
    if (known || is_moved_to(c.id) || what_.dropped_channels.contains(c.id)) continue;
    auto owner = co_await owner_of(c.id);
    if (!owner) co_return owner.error();
    if (*owner == 0 || tables.contains(*owner) || is_made_later(*owner)) continue;
    tables[*owner].head.definition = {*owner, topic->object, {}, c.id};
    out_.image.head.last_table = std::max(out_.image.head.last_table, *owner);
  }
  co_return base::result<void>();
}

// By the first message that says so; 0: none does.
actor::task<base::result<protocol::table_id>> table_scan::owner_of(base::channel_id channel) {
  channel_pages pages(store_, channel);
  pages.allow_emptied();
  for (;;) {
    auto page = co_await next_page(pages);
    if (!page) co_return page.error();
    if (page->empty()) co_return protocol::table_id{0};
    for (const auto& m : *page) {
      if (m.author != store_.self()) continue;
      if (auto row = protocol::decode_row(m.content)) co_return row->table;
      if (auto rows = protocol::decode_page(m.content)) co_return rows->table;
    }
  }
}

actor::task<base::result<void>> table_scan::read_table(loaded_table table) {
  table_content content;
  content.table = std::move(table);
  content.table.head.last_index = last_index_of(content.table.head.definition.table);
  if (content.table.head.move) {
    auto read = co_await read_channel(content, content.table.head.move->retiring, standing::retiring);
    if (!read) co_return read.error();
    if (!content.table.head.move->last) content.table.head.move.reset();
  }
  auto read = co_await read_channel(content, content.table.head.definition.channel, standing::own);
  if (!read) co_return read.error();
  auto moves = what_.moves.find(content.table.head.definition.table);
  for (std::size_t i = 0; moves != what_.moves.end() && i < moves->second.size(); ++i) {
    read = co_await read_channel(content, moves->second[i].channel, standing::moved_to);
    if (!read) co_return read.error();
  }
  finish(std::move(content));
  co_return base::result<void>();
}

actor::task<base::result<void>> table_scan::read_channel(table_content& into, base::channel_id channel, standing as) {
  if (!is_there(channel) || what_.dropped_channels.contains(channel)) co_return base::result<void>();
  channel_pages pages(store_, channel);
  pages.allow_emptied();
  for (;;) {
    auto page = co_await next_page(pages);
    if (!page) co_return page.error();
    if (page->empty()) co_return base::result<void>();
    auto before = messages_;
    messages_ += page->size();
    if (before / messages_a_notice != messages_ / messages_a_notice) {
      env_.log.info("the tables' channels are being read", {{"database", what_.database}, {"messages", messages_}});
    }
    for (const auto& message : *page) {
      if (message.author != store_.self()) continue;
      auto& head = into.table.head;
      if (as == standing::own && head.move && message.id <= head.move->last) continue;  // a copy that does not count (table_channels)
      auto read = co_await read_message(into, message, as);
      if (!read) co_return read.error();
      if (as == standing::retiring) head.move->last = std::max(head.move->last, message.id);
      if (as == standing::own) head.last_message = std::max(head.last_message, message.id);
    }
  }
}

actor::task<base::result<void>> table_scan::read_message(table_content& into, const stored_message& message, standing as) {
  if (what_.dropped.contains(message.id)) co_return base::result<void>();
  auto table = into.table.head.definition.table;
  auto header = protocol::decode_row(message.content);
  if (header && header->table == table) co_return co_await read_row(into, message, std::move(*header), as);
  auto page = protocol::decode_page(message.content);
  if (page && page->table == table) co_return co_await read_page(into, message, std::move(*page), as);
  co_return base::result<void>();
}

actor::task<base::result<void>> table_scan::read_row(table_content& into, const stored_message& message, protocol::row_header header, standing as) {
  out_.newest_lsn = std::max(out_.newest_lsn, header.lsn);
  if (!what_.is_lost(header.lsn)) {
    if (!into.first_of_log && as != standing::moved_to) into.first_of_log = message.id;
    co_return base::result<void>();
  }
  auto json = co_await read_json(message, header);
  if (!json) co_return json.error();
  if (!*json) co_return base::result<void>();
  found_version found{header.version, header.lsn, message.channel, message.id, 0, false, (*json)->size(), {}};
  found.json = std::move(**json);
  take(into, std::move(header.key), std::move(found));
  co_return base::result<void>();
}

actor::task<base::result<void>> table_scan::read_page(table_content& into, const stored_message& message, protocol::page_header header, standing as) {
  out_.newest_lsn = std::max(out_.newest_lsn, header.newest_lsn);
  bool some = false;
  for (unsigned part = 1; part <= header.parts.size(); ++part) {
    auto read = co_await read_part(message, header, part);
    if (!read) co_return read.error();
    for (auto& slot : read->slots) {
      if (!what_.is_lost(slot.lsn)) {
        if (!into.first_of_log && as != standing::moved_to) into.first_of_log = message.id;
        continue;
      }
      some = true;
      take(into, std::move(slot.key), {slot.version, slot.lsn, message.channel, message.id, part, false, slot.json.size(), std::string(slot.json)});
    }
  }
  if (some) into.table.pages.push_back({message.id, header.rows});
  co_return base::result<void>();
}

actor::task<base::result<std::optional<std::string>>> table_scan::read_json(const stored_message& message, const protocol::row_header& header) {
  std::optional<std::string> file;
  if (header.attached && !message.attachments.empty()) {
    auto bytes = co_await download(message.channel, message.id, message.attachments.front());
    if (!bytes && !cannot_be_had(bytes.error())) co_return bytes.error();
    if (bytes) file = std::move(*bytes);
  }
  auto json = protocol::decode_row_json(header, message.content, file);
  if (json) co_return std::optional(std::move(*json));
  out_.unreadable.push_back(fmt::format("message {} in channel {}: {}", message.id.str(), message.channel.str(), json.error().message));
  co_return std::optional<std::string>();
}

actor::task<base::result<table_scan::page_part>> table_scan::read_part(const stored_message& message, const protocol::page_header& header, unsigned part) {
  auto name = page_part_name(header.newest_lsn, part);
  auto file = std::find_if(message.attachments.begin(), message.attachments.end(), [&](const attachment_info& a) { return a.filename == name; });
  base::result<std::string> bytes = base::error(errc::damaged, "it is not there");
  if (file != message.attachments.end()) {
    bytes = co_await download(message.channel, message.id, *file);
    if (!bytes && !cannot_be_had(bytes.error())) co_return bytes.error();
  }
  page_part out;
  if (bytes) out.bytes = std::make_unique<const std::string>(std::move(*bytes));
  auto slots = bytes ? protocol::decode_page_part(header, part, *out.bytes) : bytes.error();
  if (slots) {
    out.slots = std::move(*slots);
  } else {
    out_.unreadable.push_back(fmt::format("part {} of page {} in channel {}: {}", part, message.id.str(), message.channel.str(), slots.error().message));
  }
  co_return out;
}

// A second message of the same version is garbage, or what a move has left behind: then the later one counts. The values of the newest versions are kept as far as there is room.
void table_scan::take(table_content& into, std::string key, found_version version) {
  auto& all = into.versions[std::move(key)];
  auto order = [](const found_version& v) { return std::pair(v.lsn, v.version); };
  auto at = std::lower_bound(all.begin(), all.end(), version, [&](const auto& a, const auto& b) { return order(a) < order(b); });
  if (at != all.end() && order(*at) == order(version)) {
    if (at->channel != version.channel) {
      at->channel = version.channel;
      at->message = version.message;
      at->part = version.part;
    } else if (version.part == 0) {
      into.table.garbage.push_back(version.message);
    }
    return;
  }
  bool newest = at == all.end();
  version.resident = newest && values_ + version.json.size() <= what_.values_max;
  if (newest && !all.empty() && all.back().resident) {
    auto& old = all.back();
    values_ -= old.json.size();
    old.resident = false;
    std::string().swap(old.json);
  }
  if (version.resident) values_ += version.json.size();
  else std::string().swap(version.json);
  all.insert(at, std::move(version));
}

// A version's record is gone; what its message is younger than is all that is known of the time at which it was written.
void table_scan::finish(table_content content) {
  auto& table = content.table;
  auto& head = table.head;
  protocol::image_history history;
  history_limits limits;
  history.versions = limits.versions;
  history.age_s = static_cast<std::uint64_t>(limits.age / 1s);
  for (auto& [key, all] : content.versions) {
    auto& live = all.back();
    protocol::image_row row{key, live.resident ? std::move(live.json) : std::string(no_fields), live.version, live.lsn, live.message, live.message};
    row.resident = live.resident;
    if (!live.resident) row.json_size = live.size;
    row.part = live.part;
    table.rows.push_back(std::move(row));
    protocol::image_chain chain{key, all.front().lsn, {}};
    for (auto v = all.begin(); v + 1 != all.end(); ++v) chain.versions.push_back({v->version, v->lsn, v->message, v->message, false, v->part});
    history.forgotten_to = std::max(history.forgotten_to, live.lsn);
    if (!chain.versions.empty()) history.chains.push_back(std::move(chain));
  }
  table.history = std::move(history);
  std::sort(table.garbage.begin(), table.garbage.end());
  head.rows = table.rows.size();
  out_.rows += head.rows;
  if (content.first_of_log) {
    auto channel = head.move && content.first_of_log <= head.move->last ? head.move->retiring : head.definition.channel;
    head.unadopted.push_back({channel, base::message_id{content.first_of_log.value - 1}});
    if (channel != head.definition.channel) head.unadopted.push_back({head.definition.channel, {}});
  }
  auto id = head.definition.table;
  out_.image.tables.emplace(id, std::move(table));
}

// Addresses of files hold for a day, and the scan may take longer: the message is fetched again.
// As long as that fails, too, it is not the file that is to blame.
actor::task<base::result<std::string>> table_scan::download(base::channel_id channel, base::message_id message, attachment_info file) {
  for (int attempt = 1;;) {
    auto copy = file;
    auto bytes = co_await store_.download(std::move(copy), request());
    if (bytes || bytes.error().code == store_errc::not_found) co_return bytes;
    bool again = co_await goes_on(bytes.error());
    if (!again) co_return bytes;
    auto anew = co_await store_.fetch(channel, message, request());
    if (!anew) continue;
    if (++attempt > download_attempts_of_scan) co_return base::error(errc::damaged, bytes.error().message);
    for (const auto& a : anew->value.attachments) {
      if (a.filename == file.filename) file = a;
    }
  }
}

actor::task<base::result<std::vector<stored_message>>> table_scan::next_page(channel_pages& pages) {
  for (;;) {
    auto page = co_await pages.next(request());
    if (page) co_return page;
    if (page.error().code == store_errc::not_found) co_return std::vector<stored_message>();
    bool again = co_await goes_on(page.error());
    if (!again) co_return page.error();
  }
}

// Whether to try again, after a pause.
actor::task<bool> table_scan::goes_on(const base::error& why) {
  if (!may_pass(why) || given_up_()) co_return false;
  env_.log.warning("the tables' channels cannot be read on yet", {{"database", what_.database}, {"error", why.message}});
  co_await actor::sleep_for(env_, scan_pause);
  co_return !given_up_();
}

call_options table_scan::request() const { return {priority::interactive, env_.after(scan_request_time)}; }

}  // namespace dbcord::database
