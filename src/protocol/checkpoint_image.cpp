#include "protocol/checkpoint_image.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "protocol/byte_coding.hpp"
#include "protocol/column_change.hpp"

namespace dbcord::protocol {
namespace {

enum class tag : std::uint64_t {
  database = 1, table = 2, rows = 3, garbage = 4, commands = 5, history = 6, log = 7, places = 8, paged_history = 9, pages = 10, seen_in_search = 11, deletions = 12,
  unfinished_indexes = 13, alteration = 14, standing = 16, row_threads = 17, move = 18
};

constexpr std::uint64_t dropped_flag = 1, restored_flag = 2;

void append(std::string& out, tag kind, const std::string& payload) {
  put_number(out, static_cast<std::uint64_t>(kind));
  put_text(out, payload);
}

base::error damaged(std::uint64_t kind) {
  return {base::errc::invalid_argument, fmt::format("an entry of kind {} of the checkpoint is damaged", kind)};
}

template <class Get>
void put_steps(std::string& out, std::span<const image_row> rows, Get get) {
  std::uint64_t last = 0;
  for (const auto& row : rows) put_step(out, get(row), last);
}

template <class Set>
void read_steps(byte_reader& in, std::vector<image_row>& rows, Set set) {
  std::uint64_t last = 0;
  for (auto& row : rows) set(row, in.step(last));
}

image_database read_database(byte_reader& in) {
  image_database database;
  database.last_table = in.number();
  database.access_json = in.text();
  database.dropped_channels.resize(in.count(1));
  for (auto& c : database.dropped_channels) c = base::channel_id{in.number()};
  return database;
}

image_table read_table(byte_reader& in) {
  image_table t;
  t.definition.table = in.number();
  t.definition.name = in.text();
  t.definition.primary_key = in.text();
  t.definition.channel = base::channel_id{in.number()};
  t.schema_json = in.text();
  t.last_index = in.number();
  t.last_message = base::message_id{in.number()};
  t.rows = in.number();
  for (auto left = in.count(3); left > 0 && !in.failed(); --left) {
    create_index index{t.definition.table, in.number(), {}, false};
    index.field = in.text();
    index.unique = in.number() != 0;
    t.indexes.push_back(std::move(index));
  }
  if (!in.failed() && !in.at_end()) t.layout = parse_layout(in.text()).value_or(table_layout::automatic);
  return t;
}

std::vector<image_index> read_unfinished(byte_reader& in, table_id table) {
  std::vector<image_index> indexes;
  for (auto left = in.count(4); left > 0 && !in.failed(); --left) {
    image_index index;
    index.definition.table = table;
    index.definition.index = in.number();
    index.definition.field = in.text();
    index.definition.unique = in.number() != 0;
    index.definition.building = true;
    index.why = in.text();
    indexes.push_back(std::move(index));
  }
  return indexes;
}

std::vector<image_row> read_rows(byte_reader& in) {
  std::vector<image_row> rows(in.count(7));
  for (auto& row : rows) row.key = in.text();
  for (auto& row : rows) row.version = in.number();
  for (auto& row : rows) row.set_aside = in.number() != 0;
  read_steps(in, rows, [](image_row& r, std::uint64_t v) { r.lsn = v; });
  read_steps(in, rows, [](image_row& r, std::uint64_t v) { r.log_message = base::message_id{v}; });
  read_steps(in, rows, [](image_row& r, std::uint64_t v) { r.row_message = base::message_id{v}; });
  for (auto& row : rows) row.json = in.text();
  return rows;
}

image_log read_log(byte_reader& in) {
  image_log log;
  log.segments.resize(in.count(3));
  for (auto& s : log.segments) s = {in.number(), base::channel_id{in.number()}, in.number()};
  return log;
}

// As rows, for those of which some lie in pages or have their values elsewhere.
std::vector<image_row> read_places(byte_reader& in) {
  std::vector<image_row> rows = read_rows(in);
  for (auto& row : rows) row.resident = in.number() != 0;
  for (auto& row : rows) row.json_size = in.number();
  for (auto& row : rows) row.part = static_cast<unsigned>(in.number() & 0xF);
  return rows;
}

std::vector<base::message_id> read_messages(byte_reader& in) {
  std::vector<base::message_id> messages(in.count(1));
  std::uint64_t last = 0;
  for (auto& m : messages) m = base::message_id{in.step(last)};
  return messages;
}

std::vector<image_page> read_pages(byte_reader& in) {
  std::vector<image_page> pages(in.count(2));
  std::uint64_t last = 0;
  for (auto& p : pages) p = {base::message_id{in.step(last)}, in.number()};
  return pages;
}

// `paged`: some versions lie in pages.
image_history read_history(byte_reader& in, bool paged) {
  image_history h{in.number(), in.number(), in.number(), {}};
  for (auto left = in.count(3); left > 0 && !in.failed(); --left) {
    image_chain chain;
    chain.key = in.text();
    chain.forgotten_to = in.number();
    std::uint64_t last_lsn = 0, last_log = 0, last_row = 0;
    chain.versions.resize(in.count(5));
    for (auto& v : chain.versions) {
      v.version = in.number();
      v.lsn = in.step(last_lsn);
      v.log_message = base::message_id{in.step(last_log)};
      v.row_message = base::message_id{in.step(last_row)};
      v.deleted = in.number() != 0;
      if (paged) v.part = static_cast<unsigned>(in.number() & 0xF);
    }
    h.chains.push_back(std::move(chain));
  }
  return h;
}

std::vector<image_command> read_commands(byte_reader& in) {
  std::vector<image_command> commands(in.count(6));
  std::uint64_t last_lsn = 0, last_message = 0;
  for (auto& c : commands) {
    c.key = in.text();
    c.lsn = in.step(last_lsn);
    c.message = base::message_id{in.step(last_message)};
    c.operations = in.number();
    c.version = in.number();
    c.refused = in.text();
  }
  return commands;
}

base::result<void> decode_entry(std::uint64_t kind, byte_reader in, image_sink& sink) {
  base::result<void> done;
  auto sound = [&] { return !in.failed() && in.at_end(); };
  switch (static_cast<tag>(kind)) {
    case tag::database: {
      auto database = read_database(in);
      if (!sound()) return damaged(kind);
      sink.take(std::move(database));
      return {};
    }
    case tag::table: {
      auto table = read_table(in);
      if (!sound()) return damaged(kind);
      return sink.take(std::move(table));
    }
    case tag::unfinished_indexes: {
      auto table = in.number();
      auto indexes = read_unfinished(in, table);
      if (!sound()) return damaged(kind);
      return sink.take_unfinished(table, std::move(indexes));
    }
    case tag::alteration: {
      auto table = in.number();
      auto change = in.text();
      if (!sound() || !column_change::parse(change)) return damaged(kind);
      return sink.take_alteration(table, std::string(change));
    }
    case tag::move: {
      auto table = in.number();
      image_move move{base::channel_id{in.number()}, base::message_id{in.number()}, false};
      move.drained = in.number() != 0;
      if (!sound() || !move.retiring) return damaged(kind);
      return sink.take_move(table, move);
    }
    case tag::rows: {
      auto table = in.number();
      auto rows = read_rows(in);
      if (!sound()) return damaged(kind);
      return sink.take(table, std::move(rows));
    }
    case tag::places: {
      auto table = in.number();
      auto rows = read_places(in);
      if (!sound()) return damaged(kind);
      return sink.take(table, std::move(rows));
    }
    case tag::garbage: {
      auto table = in.number();
      auto messages = read_messages(in);
      if (!sound()) return damaged(kind);
      return sink.take_garbage(table, std::move(messages));
    }
    case tag::seen_in_search: {
      auto table = in.number();
      auto messages = read_messages(in);
      if (!sound()) return damaged(kind);
      return sink.take_seen_in_search(table, std::move(messages));
    }
    case tag::pages: {
      auto table = in.number();
      auto pages = read_pages(in);
      if (!sound()) return damaged(kind);
      return sink.take_pages(table, std::move(pages));
    }
    case tag::history:
    case tag::paged_history: {
      auto table = in.number();
      auto history = read_history(in, static_cast<tag>(kind) == tag::paged_history);
      if (!sound()) return damaged(kind);
      return sink.take(table, std::move(history));
    }
    case tag::log: {
      auto log = read_log(in);
      if (!sound()) return damaged(kind);
      sink.take(std::move(log));
      return {};
    }
    case tag::deletions: {
      auto accept = in.number() != 0;
      if (!sound()) return damaged(kind);
      sink.take_deletions(accept);
      return {};
    }
    case tag::standing: {
      auto flags = in.number();
      if (!sound()) return damaged(kind);
      sink.take_standing((flags & dropped_flag) != 0, (flags & restored_flag) != 0);
      return {};
    }
    case tag::row_threads: {
      std::vector<table_id> tables;
      for (auto left = in.number(); left > 0 && !in.failed(); --left) tables.push_back(in.number());
      if (!sound()) return damaged(kind);
      sink.take_row_threads(std::move(tables));
      return {};
    }
    case tag::commands: {
      auto commands = read_commands(in);
      if (!sound()) return damaged(kind);
      sink.take(std::move(commands));
      return {};
    }
  }
  return {};  // of a later version
}

}  // namespace

void append_entry(std::string& out, const image_database& database) {
  std::string payload;
  put_number(payload, database.last_table);
  put_text(payload, database.access_json);
  put_number(payload, database.dropped_channels.size());
  for (auto c : database.dropped_channels) put_number(payload, c.value);
  append(out, tag::database, payload);
  payload.clear();
  put_number(payload, database.accept_deletions ? 1 : 0);
  append(out, tag::deletions, payload);
  payload.clear();
  put_number(payload, (database.dropped ? dropped_flag : 0) | (database.restored ? restored_flag : 0));
  append(out, tag::standing, payload);
  if (database.row_threads.empty()) return;
  payload.clear();
  put_number(payload, database.row_threads.size());
  for (auto table : database.row_threads) put_number(payload, table);
  append(out, tag::row_threads, payload);
}

void append_entry(std::string& out, const image_log& log) {
  std::string payload;
  put_number(payload, log.segments.size());
  for (const auto& s : log.segments) {
    put_number(payload, s.number);
    put_number(payload, s.channel.value);
    put_number(payload, s.first_lsn);
  }
  append(out, tag::log, payload);
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
  append(out, tag::unfinished_indexes, payload);
}

void append_move(std::string& out, table_id table, const image_move& move) {
  std::string payload;
  put_number(payload, table);
  put_number(payload, move.retiring.value);
  put_number(payload, move.last.value);
  put_number(payload, move.drained ? 1 : 0);
  append(out, tag::move, payload);
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
  append(out, tag::table, payload);
  append_unfinished(out, table);
  if (table.move) append_move(out, table.definition.table, *table.move);
  if (table.alteration.empty()) return;
  payload.clear();
  put_number(payload, table.definition.table);
  put_text(payload, table.alteration);
  append(out, tag::alteration, payload);
}

void append_entry(std::string& out, table_id table, std::span<const image_row> rows) {
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
    append(out, tag::rows, payload);
    return;
  }
  for (const auto& row : rows) put_number(payload, row.resident ? 1 : 0);
  for (const auto& row : rows) put_number(payload, row.json_size);
  for (const auto& row : rows) put_number(payload, row.part);
  append(out, tag::places, payload);
}

namespace {

void append_messages(std::string& out, tag kind, table_id table, std::span<const base::message_id> messages) {
  std::string payload;
  put_number(payload, table);
  put_number(payload, messages.size());
  std::uint64_t last = 0;
  for (auto m : messages) put_step(payload, m.value, last);
  append(out, kind, payload);
}

}  // namespace

void append_garbage(std::string& out, table_id table, std::span<const base::message_id> messages) {
  append_messages(out, tag::garbage, table, messages);
}

void append_seen_in_search(std::string& out, table_id table, std::span<const base::message_id> messages) {
  append_messages(out, tag::seen_in_search, table, messages);
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
  append(out, tag::pages, payload);
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
      put_number(payload, v.deleted ? 1 : 0);
      if (paged) put_number(payload, v.part);
    }
  }
  append(out, paged ? tag::paged_history : tag::history, payload);
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
  append(out, tag::commands, payload);
}

base::result<void> decode_image(std::string_view bytes, image_sink& sink) {
  byte_reader in(bytes);
  while (!in.at_end()) {
    auto kind = in.number();
    auto payload = in.text();
    if (in.failed()) return damaged(kind);
    auto done = decode_entry(kind, byte_reader(payload), sink);
    if (!done) return done;
  }
  return {};
}

}  // namespace dbcord::protocol
