// Reading what checkpoint_image.cpp writes.

#include "protocol/checkpoint_image.hpp"

#include <fmt/format.h>

#include <utility>

#include "protocol/byte_coding.hpp"
#include "protocol/checkpoint_image_tag.hpp"
#include "protocol/column_change.hpp"
#include "protocol/row_fingerprints.hpp"

namespace dbcord::protocol {
namespace {

base::error damaged(std::uint64_t kind) {
  return {base::errc::invalid_argument, fmt::format("an entry of kind {} of the checkpoint is damaged", kind)};
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

std::vector<image_adoption> read_unadopted(byte_reader& in) {
  std::vector<image_adoption> all(in.count(2));
  for (auto& some : all) some = {base::channel_id{in.number()}, base::message_id{in.number()}};
  return all;
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

// Of the rows of the next entry.
struct next_fingerprints {
  table_id table = 0;
  std::vector<std::string> of_rows;
};

next_fingerprints read_fingerprints(byte_reader& in) {
  next_fingerprints next{in.number(), {}};
  next.of_rows.resize(in.count(1));
  for (auto& one : next.of_rows) one = in.text();
  return next;
}

// Without those that are not as any are the row is read.
bool take_fingerprints(next_fingerprints next, table_id table, std::vector<image_row>& rows) {
  if (next.of_rows.empty()) return true;
  if (next.table != table || next.of_rows.size() != rows.size()) return false;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!rows[i].resident && are_fingerprints(next.of_rows[i])) rows[i].fingerprints = std::move(next.of_rows[i]);
  }
  return true;
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
      auto kind = static_cast<past_kind>(in.number());
      v.deleted = kind == past_kind::deletion;
      v.lost = kind == past_kind::lost;
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

base::result<void> decode_entry(std::uint64_t kind, byte_reader in, next_fingerprints& fingerprints, image_sink& sink) {
  base::result<void> done;
  auto sound = [&] { return !in.failed() && in.at_end(); };
  switch (static_cast<image_tag>(kind)) {
    case image_tag::database: {
      auto database = read_database(in);
      if (!sound()) return damaged(kind);
      sink.take(std::move(database));
      return {};
    }
    case image_tag::table: {
      auto table = read_table(in);
      if (!sound()) return damaged(kind);
      return sink.take(std::move(table));
    }
    case image_tag::unfinished_indexes: {
      auto table = in.number();
      auto indexes = read_unfinished(in, table);
      if (!sound()) return damaged(kind);
      return sink.take_unfinished(table, std::move(indexes));
    }
    case image_tag::index_channels: {
      auto table = in.number();
      std::vector<index_id> indexes;
      for (auto left = in.number(); left > 0 && !in.failed(); --left) indexes.push_back(in.number());
      if (!sound()) return damaged(kind);
      return sink.take_index_channels(table, std::move(indexes));
    }
    case image_tag::alteration: {
      auto table = in.number();
      auto change = in.text();
      if (!sound() || !column_change::parse(change)) return damaged(kind);
      return sink.take_alteration(table, std::string(change));
    }
    case image_tag::move: {
      auto table = in.number();
      image_move move{base::channel_id{in.number()}, base::message_id{in.number()}, false};
      move.drained = in.number() != 0;
      if (!sound() || !move.retiring) return damaged(kind);
      return sink.take_move(table, move);
    }
    case image_tag::unadopted: {
      auto table = in.number();
      auto all = read_unadopted(in);
      if (!sound()) return damaged(kind);
      return sink.take_unadopted(table, std::move(all));
    }
    case image_tag::rows: {
      auto table = in.number();
      auto rows = read_rows(in);
      if (!sound()) return damaged(kind);
      return sink.take(table, std::move(rows));
    }
    case image_tag::places: {
      auto table = in.number();
      auto rows = read_places(in);
      if (!sound() || !take_fingerprints(std::exchange(fingerprints, {}), table, rows)) return damaged(kind);
      return sink.take(table, std::move(rows));
    }
    case image_tag::fingerprints: {
      fingerprints = read_fingerprints(in);
      return sound() ? base::result<void>() : damaged(kind);
    }
    case image_tag::garbage: {
      auto table = in.number();
      auto messages = read_messages(in);
      if (!sound()) return damaged(kind);
      return sink.take_garbage(table, std::move(messages));
    }
    case image_tag::garbage_kind: {
      auto table = in.number();
      image_garbage_kind some{in.number(), {}};
      some.messages = read_messages(in);
      if (!sound()) return damaged(kind);
      return sink.take_garbage_kind(table, std::move(some));
    }
    case image_tag::seen_in_search: {
      auto table = in.number();
      auto messages = read_messages(in);
      if (!sound()) return damaged(kind);
      return sink.take_seen_in_search(table, std::move(messages));
    }
    case image_tag::pages: {
      auto table = in.number();
      auto pages = read_pages(in);
      if (!sound()) return damaged(kind);
      return sink.take_pages(table, std::move(pages));
    }
    case image_tag::history:
    case image_tag::paged_history: {
      auto table = in.number();
      auto history = read_history(in, static_cast<image_tag>(kind) == image_tag::paged_history);
      if (!sound()) return damaged(kind);
      return sink.take(table, std::move(history));
    }
    case image_tag::forgotten_deletions: {
      auto table = in.number();
      image_history more;
      more.deleted_to = in.number();
      if (!sound()) return damaged(kind);
      return sink.take(table, std::move(more));
    }
    case image_tag::log: {
      auto log = read_log(in);
      if (!sound()) return damaged(kind);
      sink.take(std::move(log));
      return {};
    }
    case image_tag::deletions: {
      auto accept = in.number() != 0;
      if (!sound()) return damaged(kind);
      sink.take_deletions(accept);
      return {};
    }
    case image_tag::standing: {
      auto flags = in.number();
      if (!sound()) return damaged(kind);
      sink.take_standing((flags & dropped_flag) != 0, (flags & restored_flag) != 0);
      return {};
    }
    case image_tag::row_threads: {
      std::vector<table_id> tables;
      for (auto left = in.number(); left > 0 && !in.failed(); --left) tables.push_back(in.number());
      if (!sound()) return damaged(kind);
      sink.take_row_threads(std::move(tables));
      return {};
    }
    case image_tag::commands: {
      auto commands = read_commands(in);
      if (!sound()) return damaged(kind);
      sink.take(std::move(commands));
      return {};
    }
  }
  return {};  // of a later version
}

}  // namespace

base::result<void> decode_image(std::string_view bytes, image_sink& sink) {
  byte_reader in(bytes);
  next_fingerprints fingerprints;
  while (!in.at_end()) {
    auto kind = in.number();
    auto payload = in.text();
    if (in.failed()) return damaged(kind);
    auto done = decode_entry(kind, byte_reader(payload), fingerprints, sink);
    if (!done) return done;
  }
  return {};
}

}  // namespace dbcord::protocol
