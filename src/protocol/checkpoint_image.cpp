#include "protocol/checkpoint_image.hpp"

#include <algorithm>

#include "protocol/byte_coding.hpp"
#include "protocol/checkpoint_image_tag.hpp"

namespace dbcord::protocol {
namespace {

void append(std::string& out, image_tag kind, const std::string& payload) {
  put_number(out, static_cast<std::uint64_t>(kind));
  put_text(out, payload);
}

template <class Get>
void put_steps(std::string& out, std::span<const image_row> rows, Get get) {
  std::uint64_t last = 0;
  for (const auto& row : rows) put_step(out, get(row), last);
}

}  // namespace

void append_entry(std::string& out, const image_database& database) {
  std::string payload;
  put_number(payload, database.last_table);
  put_text(payload, database.access_json);
  put_number(payload, database.dropped_channels.size());
  for (auto c : database.dropped_channels) put_number(payload, c.value);
  append(out, image_tag::database, payload);
  payload.clear();
  put_number(payload, database.accept_deletions ? 1 : 0);
  append(out, image_tag::deletions, payload);
  payload.clear();
  put_number(payload, (database.dropped ? dropped_flag : 0) | (database.restored ? restored_flag : 0));
  append(out, image_tag::standing, payload);
  if (database.row_threads.empty()) return;
  payload.clear();
  put_number(payload, database.row_threads.size());
  for (auto table : database.row_threads) put_number(payload, table);
  append(out, image_tag::row_threads, payload);
}

void append_entry(std::string& out, const image_log& log) {
  std::string payload;
  put_number(payload, log.segments.size());
  for (const auto& s : log.segments) {
    put_number(payload, s.number);
    put_number(payload, s.channel.value);
    put_number(payload, s.first_lsn);
  }
  append(out, image_tag::log, payload);
}

namespace {

void append_unfinished(std::string& out, const image_table& table) {
  if (table.unfinished.empty()) return;
  std::string payload;
  put_number(payload, table.definition.table);
  put_number(payload, table.unfinished.size());
  for (const auto& index : table.unfinished) {
    put_number(payload, index.definition.index);
    put_text(payload, index.definition.field);
    put_number(payload, index.definition.unique ? 1 : 0);
    put_text(payload, index.why);
  }
  append(out, image_tag::unfinished_indexes, payload);
}

void append_index_channels(std::string& out, const image_table& table) {
  std::vector<index_id> shown;
  for (const auto& index : table.indexes) {
    if (index.channel) shown.push_back(index.index);
  }
  for (const auto& index : table.unfinished) {
    if (index.definition.channel) shown.push_back(index.definition.index);
  }
  if (shown.empty()) return;
  std::string payload;
  put_number(payload, table.definition.table);
  put_number(payload, shown.size());
  for (auto index : shown) put_number(payload, index);
  append(out, image_tag::index_channels, payload);
}

void append_move(std::string& out, table_id table, const image_move& move) {
  std::string payload;
  put_number(payload, table);
  put_number(payload, move.retiring.value);
  put_number(payload, move.last.value);
  put_number(payload, move.drained ? 1 : 0);
  append(out, image_tag::move, payload);
}

void append_unadopted(std::string& out, const image_table& table) {
  if (table.unadopted.empty()) return;
  std::string payload;
  put_number(payload, table.definition.table);
  put_number(payload, table.unadopted.size());
  for (const auto& some : table.unadopted) {
    put_number(payload, some.channel.value);
    put_number(payload, some.after.value);
  }
  append(out, image_tag::unadopted, payload);
}

}  // namespace

void append_entry(std::string& out, const image_table& table) {
  std::string payload;
  put_number(payload, table.definition.table);
  put_text(payload, table.definition.name);
  put_text(payload, table.definition.primary_key);
  put_number(payload, table.definition.channel.value);
  put_text(payload, table.schema_json);
  put_number(payload, table.last_index);
  put_number(payload, table.last_message.value);
  put_number(payload, table.rows);
  put_number(payload, table.indexes.size());
  for (const auto& index : table.indexes) {
    put_number(payload, index.index);
    put_text(payload, index.field);
    put_number(payload, index.unique ? 1 : 0);
  }
  if (table.layout != table_layout::automatic) put_text(payload, to_string(table.layout));
  append(out, image_tag::table, payload);
  append_unfinished(out, table);
  append_index_channels(out, table);
  if (table.move) append_move(out, table.definition.table, *table.move);
  append_unadopted(out, table);
  if (table.alteration.empty()) return;
  payload.clear();
  put_number(payload, table.definition.table);
  put_text(payload, table.alteration);
  append(out, image_tag::alteration, payload);
}

namespace {

// Before the rows, which thus have them when they are handed on.
void append_fingerprints(std::string& out, table_id table, std::span<const image_row> rows) {
  if (std::all_of(rows.begin(), rows.end(), [](const image_row& r) { return r.fingerprints.empty(); })) return;
  std::string payload;
  put_number(payload, table);
  put_number(payload, rows.size());
  for (const auto& row : rows) put_text(payload, row.fingerprints);
  append(out, image_tag::fingerprints, payload);
}

}  // namespace

void append_entry(std::string& out, table_id table, std::span<const image_row> rows) {
  append_fingerprints(out, table, rows);
  std::string payload;
  put_number(payload, table);
  put_number(payload, rows.size());
  for (const auto& row : rows) put_text(payload, row.key);
  for (const auto& row : rows) put_number(payload, row.version);
  for (const auto& row : rows) put_number(payload, row.set_aside ? 1 : 0);
  put_steps(payload, rows, [](const image_row& r) { return r.lsn; });
  put_steps(payload, rows, [](const image_row& r) { return r.log_message.value; });
  put_steps(payload, rows, [](const image_row& r) { return r.row_message.value; });
  for (const auto& row : rows) put_text(payload, row.json);
  bool plain = std::all_of(rows.begin(), rows.end(), [](const image_row& r) { return r.resident && r.part == 0; });
  if (plain) {
    append(out, image_tag::rows, payload);
    return;
  }
  for (const auto& row : rows) put_number(payload, row.resident ? 1 : 0);
  for (const auto& row : rows) put_number(payload, row.json_size);
  for (const auto& row : rows) put_number(payload, row.part);
  append(out, image_tag::places, payload);
}

namespace {

void append_messages(std::string& out, image_tag kind, table_id table, std::span<const base::message_id> messages) {
  std::string payload;
  put_number(payload, table);
  put_number(payload, messages.size());
  std::uint64_t last = 0;
  for (auto m : messages) put_step(payload, m.value, last);
  append(out, kind, payload);
}

}  // namespace

void append_garbage(std::string& out, table_id table, std::span<const base::message_id> messages) {
  append_messages(out, image_tag::garbage, table, messages);
}

void append_garbage_kind(std::string& out, table_id table, const image_garbage_kind& some) {
  std::string payload;
  put_number(payload, table);
  put_number(payload, some.kind);
  put_number(payload, some.messages.size());
  std::uint64_t last = 0;
  for (auto m : some.messages) put_step(payload, m.value, last);
  append(out, image_tag::garbage_kind, payload);
}

void append_seen_in_search(std::string& out, table_id table, std::span<const base::message_id> messages) {
  append_messages(out, image_tag::seen_in_search, table, messages);
}

void append_pages(std::string& out, table_id table, std::span<const image_page> pages) {
  std::string payload;
  put_number(payload, table);
  put_number(payload, pages.size());
  std::uint64_t last = 0;
  for (const auto& p : pages) {
    put_step(payload, p.message.value, last);
    put_number(payload, p.rows);
  }
  append(out, image_tag::pages, payload);
}

void append_entry(std::string& out, table_id table, const image_history& history) {
  auto lies_in_page = [](const image_past& v) { return v.part != 0; };
  bool paged = std::any_of(history.chains.begin(), history.chains.end(), [&](const image_chain& chain) {
    return std::any_of(chain.versions.begin(), chain.versions.end(), lies_in_page);
  });
  std::string payload;
  put_number(payload, table);
  put_number(payload, history.versions);
  put_number(payload, history.age_s);
  put_number(payload, history.forgotten_to);
  put_number(payload, history.chains.size());
  for (const auto& chain : history.chains) {
    put_text(payload, chain.key);
    put_number(payload, chain.forgotten_to);
    put_number(payload, chain.versions.size());
    std::uint64_t last_lsn = 0, last_log = 0, last_row = 0;
    for (const auto& v : chain.versions) {
      put_number(payload, v.version);
      put_step(payload, v.lsn, last_lsn);
      put_step(payload, v.log_message.value, last_log);
      put_step(payload, v.row_message.value, last_row);
      put_number(payload, static_cast<std::uint64_t>(v.deleted ? past_kind::deletion : v.lost ? past_kind::lost : past_kind::value));
      if (paged) put_number(payload, v.part);
    }
  }
  append(out, paged ? image_tag::paged_history : image_tag::history, payload);
  if (history.deleted_to == 0) return;
  payload.clear();
  put_number(payload, table);
  put_number(payload, history.deleted_to);
  append(out, image_tag::forgotten_deletions, payload);
}

void append_entry(std::string& out, std::span<const image_command> commands) {
  std::string payload;
  put_number(payload, commands.size());
  std::uint64_t last_lsn = 0, last_message = 0;
  for (const auto& c : commands) {
    put_text(payload, c.key);
    put_step(payload, c.lsn, last_lsn);
    put_step(payload, c.message.value, last_message);
    put_number(payload, c.operations);
    put_number(payload, c.version);
    put_text(payload, c.refused);
  }
  append(out, image_tag::commands, payload);
}

}  // namespace dbcord::protocol
