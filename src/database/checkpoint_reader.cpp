#include "database/checkpoint_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "database/history_page.hpp"
#include "database/store_refusal.hpp"
#include "protocol/row_schema.hpp"
#include "protocol/zstd_frame.hpp"

namespace dbcord::database {
namespace {

constexpr std::size_t manifests_wanted = 2;  // so many are kept; more only after a failure
constexpr std::size_t part_limit = 256 * 1024 * 1024;  // bytes of a part when unpacked; checkpoint_writer stays far below

base::error damaged(std::string what) { return {errc::damaged, std::move(what)}; }

// Gathers the entries of all parts and refuses what cannot be of one state.
class image_builder final : public protocol::image_sink {
 public:
  explicit image_builder(loaded_image& image) : image_(image) {}

  void take(protocol::image_database database) override { image_.head = std::move(database); }
  void take_deletions(bool accept) override { image_.head.accept_deletions = accept; }
  void take_row_threads(std::vector<protocol::table_id> tables) override { image_.head.row_threads = std::move(tables); }
  void take_standing(bool dropped, bool restored) override {
    image_.head.dropped = dropped;
    image_.head.restored = restored;
  }
  void take(protocol::image_log log) override {
    for (const auto& s : log.segments) image_.segments.push_back({s.number, s.channel, s.first_lsn});
  }
  base::result<void> take(protocol::image_table table) override {
    if (!protocol::row_schema::parse(table.schema_json)) return damaged("the schema of table " + table.definition.name + " cannot be read");
    auto id = table.definition.table;
    image_.tables[id].head = std::move(table);
    return {};
  }
  base::result<void> take_alteration(protocol::table_id id, std::string change) override {
    auto table = find(id);
    if (!table) return table.error();
    (*table)->head.alteration = std::move(change);
    return {};
  }
  base::result<void> take_move(protocol::table_id id, protocol::image_move move) override {
    auto table = find(id);
    if (!table) return table.error();
    (*table)->head.move = move;
    return {};
  }
  base::result<void> take_unadopted(protocol::table_id id, std::vector<protocol::image_adoption> all) override {
    auto table = find(id);
    if (!table) return table.error();
    (*table)->head.unadopted = std::move(all);
    return {};
  }
  base::result<void> take_unfinished(protocol::table_id id, std::vector<protocol::image_index> indexes) override {
    auto table = find(id);
    if (!table) return table.error();
    (*table)->head.unfinished = std::move(indexes);
    return {};
  }
  base::result<void> take_index_channels(protocol::table_id id, std::vector<protocol::index_id> indexes) override {
    auto table = find(id);
    if (!table) return table.error();
    auto note = [&](protocol::create_index& index) { index.channel = std::find(indexes.begin(), indexes.end(), index.index) != indexes.end(); };
    for (auto& index : (*table)->head.indexes) note(index);
    for (auto& index : (*table)->head.unfinished) note(index.definition);
    return {};
  }
  base::result<void> take(protocol::table_id id, std::vector<protocol::image_row> rows) override {
    auto table = find(id);
    if (!table) return table.error();
    auto& all = (*table)->rows;
    if (all.empty()) all.reserve(std::min<std::uint64_t>((*table)->head.rows, most_reserved));
    std::move(rows.begin(), rows.end(), std::back_inserter(all));
    return {};
  }
  base::result<void> take_garbage(protocol::table_id id, std::vector<base::message_id> messages) override {
    auto table = find(id);
    if (!table) return table.error();
    (*table)->garbage.insert((*table)->garbage.end(), messages.begin(), messages.end());
    return {};
  }
  base::result<void> take_garbage_kind(protocol::table_id id, protocol::image_garbage_kind some) override {
    auto table = find(id);
    if (!table) return table.error();
    (*table)->garbage_kinds.push_back(std::move(some));
    return {};
  }
  base::result<void> take_pages(protocol::table_id id, std::vector<protocol::image_page> pages) override {
    auto table = find(id);
    if (!table) return table.error();
    (*table)->pages.insert((*table)->pages.end(), pages.begin(), pages.end());
    return {};
  }
  base::result<void> take_seen_in_search(protocol::table_id id, std::vector<base::message_id> messages) override {
    auto table = find(id);
    if (!table) return table.error();
    (*table)->seen_in_search = std::move(messages);
    return {};
  }
  base::result<void> take(protocol::table_id id, protocol::image_history history) override {
    auto table = find(id);
    if (!table) return table.error();
    auto& all = (*table)->history;
    if (!all) {
      all = std::move(history);
    } else {
      std::move(history.chains.begin(), history.chains.end(), std::back_inserter(all->chains));
      all->deleted_to = std::max(all->deleted_to, history.deleted_to);
    }
    return {};
  }
  void take(std::vector<protocol::image_command> commands) override {
    std::move(commands.begin(), commands.end(), std::back_inserter(image_.commands));
  }

  base::result<void> complete(std::uint64_t rows) const {
    std::uint64_t present = 0;
    for (const auto& [id, table] : image_.tables) {
      if (table.rows.size() != table.head.rows) return damaged(fmt::format("rows of table {} are missing", table.head.definition.name));
      present += table.rows.size();
    }
    if (present != rows) return damaged(fmt::format("it holds {} rows but states {}", present, rows));
    return {};
  }

 private:
  static constexpr std::uint64_t most_reserved = 4'000'000;

  base::result<loaded_table*> find(protocol::table_id id) {
    auto found = image_.tables.find(id);
    if (found == image_.tables.end()) return damaged(fmt::format("it has rows of table {}, which it does not describe", id));
    return &found->second;
  }

  loaded_image& image_;
};

actor::task<base::result<std::string>> download(message_store& store, stored_message message, std::uint64_t position, call_options options) {
  if (position >= message.attachments.size()) co_return damaged(fmt::format("message {} lacks an attachment", message.id.str()));
  auto info = message.attachments[position];
  auto bytes = co_await store.download(std::move(info), options);
  if (!bytes && is_not_there(bytes.error())) co_return damaged(fmt::format("an attachment of message {} is gone", message.id.str()));
  co_return bytes;
}

actor::task<base::result<stored_message>> find_message(message_store& store, const checkpoint_listing& listing, base::channel_id channel,
                                                       base::message_id id, call_options options) {
  auto known = std::find_if(listing.messages.begin(), listing.messages.end(), [&](const auto& m) { return m.id == id; });
  if (known != listing.messages.end()) co_return *known;
  auto fetched = co_await store.fetch(channel, id, options);
  if (!fetched && is_not_there(fetched.error())) co_return damaged(fmt::format("message {} is gone", id.str()));
  if (!fetched) co_return fetched.error();
  if (fetched->value.author != store.self()) co_return damaged(fmt::format("message {} is not by dbcord", id.str()));
  co_return std::move(fetched->value);
}

}  // namespace

actor::task<base::result<dated<checkpoint_listing>>> list_checkpoints(message_store& store, base::channel_id channel, call_options options) {
  dated<checkpoint_listing> found;
  auto& [candidates, messages, deltas] = found.value;
  for (base::message_id before;;) {
    auto page = co_await store.history_before(channel, before, history_page_max, options);
    if (!page) co_return page.error();
    found.date = page->date;
    for (auto& m : page->value) {
      if (m.author != store.self()) continue;
      if (auto header = protocol::decode_delta_header(m.content)) {
        deltas.push_back({m, std::move(*header)});
        continue;
      }
      if (auto header = protocol::decode_manifest_header(m.content)) candidates.push_back({m, std::move(*header)});
      messages.push_back(m);
    }
    if (page->value.size() < static_cast<std::size_t>(history_page_max) || candidates.size() >= manifests_wanted) break;
    before = page->value.front().id;
  }
  std::sort(candidates.begin(), candidates.end(), [](const auto& a, const auto& b) {
    return std::pair(a.header.lsn, a.message.id) > std::pair(b.header.lsn, b.message.id);
  });
  co_return found;
}

actor::task<base::result<protocol::checkpoint_manifest>> read_manifest(message_store& store, checkpoint_candidate candidate,
                                                                       call_options options) {
  std::optional<std::string> attachment;
  if (candidate.header.attached) {
    auto bytes = co_await download(store, candidate.message, 0, options);
    if (!bytes) co_return bytes.error();
    attachment = std::move(*bytes);
  }
  auto manifest = protocol::decode_manifest(candidate.header, candidate.message.content, attachment);
  if (!manifest) co_return damaged(manifest.error().message);
  co_return manifest;
}

actor::task<base::result<std::string>> read_checkpoint_part(message_store& store, const checkpoint_listing& listing, const checkpoint_candidate& candidate,
                                                            const protocol::checkpoint_part& part, call_options options) {
  auto id = part.message ? part.message : candidate.message.id;
  auto message = co_await find_message(store, listing, candidate.message.channel, id, options);
  if (!message) co_return message.error();
  auto bytes = co_await download(store, std::move(*message), part.position, options);
  if (!bytes) co_return bytes.error();
  if (bytes->size() != part.size || protocol::record_hash(*bytes) != part.hash) {
    co_return damaged(fmt::format("the checksum of a part (message {}) is wrong", id.str()));
  }
  co_return bytes;
}

actor::task<base::result<loaded_image>> read_checkpoint(message_store& store, checkpoint_listing listing, checkpoint_candidate candidate,
                                                        protocol::checkpoint_manifest manifest, call_options options) {
  loaded_image image;
  image.anchor = manifest.anchor;
  image.record = manifest.record;
  image.messages.push_back(candidate.message.id);
  image_builder builder(image);
  for (const auto& part : manifest.parts) {
    auto bytes = co_await read_checkpoint_part(store, listing, candidate, part, options);
    if (!bytes) co_return bytes.error();
    image.bytes += bytes->size();
    if (part.message) image.messages.push_back(part.message);
    auto unpacked = protocol::read_zstd(*bytes, part_limit);
    if (!unpacked) co_return damaged(unpacked.error().message);
    auto decoded = protocol::decode_image(*unpacked, builder);
    if (!decoded) co_return damaged(decoded.error().message);
  }
  auto complete = builder.complete(manifest.rows);
  if (!complete) co_return complete.error();
  co_return image;
}

}  // namespace dbcord::database
