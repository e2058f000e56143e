// Everything that is read back from a guild's messages: log records, rows, claims, topics, descriptors. Input: the content of a
// message; behind a NUL, its attachment, or further messages.

#include "database/creation_record.hpp"
#include "database/dropped_record.hpp"
#include "database/import_refusals.hpp"
#include "fuzz/fuzz_input.hpp"
#include "protocol/channel_topic.hpp"
#include "protocol/checkpoint_delta.hpp"
#include "protocol/checkpoint_image.hpp"
#include "protocol/checkpoint_manifest.hpp"
#include "protocol/control_record.hpp"
#include "protocol/drop_record.hpp"
#include "protocol/dump_part.hpp"
#include "protocol/dump_stream.hpp"
#include "protocol/index_page.hpp"
#include "protocol/log_record.hpp"
#include "protocol/machine_line.hpp"
#include "protocol/roll_record.hpp"
#include "protocol/row_message.hpp"
#include "protocol/row_page.hpp"
#include "protocol/snapshot_part.hpp"
#include "protocol/transaction.hpp"
#include "protocol/zstd_frame.hpp"

using namespace dbcord;

namespace {

void read_log_record(std::string_view content, const std::optional<std::string>& attachment) {
  auto header = protocol::decode_header(content);
  if (!header) return;
  fuzz::promise(protocol::compute_hash(*header) == header->hash, "a record that counts has the right hash");
  auto body = protocol::decode_body(*header, content, attachment);
  if (body) fuzz::promise(protocol::record_hash(*body) == header->body_hash, "a body that counts has the right hash");
}

void read_row(std::string_view content, const std::optional<std::string>& attachment) {
  auto row = protocol::decode_row(content);
  if (row) (void)protocol::decode_row_json(*row, content, attachment);
}

void read_page(std::string_view content, const std::optional<std::string>& attachment) {
  auto page = protocol::decode_page(content);
  if (attachment) (void)protocol::find_in_page_part(*attachment, "k");
  if (!page || !attachment) return;
  auto slots = protocol::decode_page_part(*page, 1, *attachment);
  if (slots) fuzz::promise(slots->size() == page->parts.front().rows, "a part that counts has as many rows as its page says");
}

void read_index_page(std::string_view content, const std::optional<std::string>& attachment) {
  auto page = protocol::decode_index_page(content);
  if (!page) return;
  auto read = page->attached ? protocol::read_index_part(*page, 1, attachment.value_or("")) : protocol::read_index_part(*page, 1, protocol::inline_lines(content));
  if (read && page->kind == protocol::index_page_kind::base) {
    fuzz::promise(read->entries == page->parts.front().lines, "a part that counts has as many entries as its page says");
  }
}

void read_transactions(std::string_view body) {
  auto transactions = protocol::decode_transactions(body);
  if (!transactions) return;
  auto written = protocol::encode_transactions(*transactions);
  auto again = protocol::decode_transactions(written);
  fuzz::promise(again && protocol::encode_transactions(*again) == written, "transactions survive writing and reading");
}

struct nowhere final : protocol::image_sink {
  void take(protocol::image_database) override {}
  base::result<void> take(protocol::image_table) override { return {}; }
  base::result<void> take(protocol::table_id table, std::vector<protocol::image_row> rows) override {
    std::string written;
    append_entry(written, table, rows);
    return {};
  }
  base::result<void> take_garbage(protocol::table_id, std::vector<base::message_id>) override { return {}; }
  base::result<void> take(protocol::table_id, protocol::image_history) override { return {}; }
  void take(std::vector<protocol::image_command>) override {}
};

void read_dump(const std::string& bytes) {
  protocol::dump_stream stream;
  stream.feed(bytes);
  for (auto item = stream.next(); item && *item; item = stream.next()) {
  }
  (void)stream.finish();
}

void read_checkpoint(std::string_view content, const std::optional<std::string>& attachment) {
  if (auto header = protocol::decode_manifest_header(content)) (void)protocol::decode_manifest(*header, content, attachment);
  (void)protocol::decode_checkpoint_reference(content);
  if (!attachment) return;
  nowhere sink;
  (void)protocol::decode_image(*attachment, sink);
  constexpr std::size_t limit = 1 << 20;
  read_dump(*attachment);
  auto unpacked = protocol::read_zstd(*attachment, limit);
  if (unpacked) (void)protocol::decode_image(*unpacked, sink);
}

// Under the header that stands above it, and under one whose checksum is right.
void read_delta(std::string_view content, const std::optional<std::string>& attachment) {
  auto header = protocol::decode_delta_header(content);
  if (!header || !attachment) return;
  auto as_stated = protocol::decode_delta(*header, *attachment);
  if (as_stated) fuzz::promise(protocol::record_hash(*attachment) == header->hash, "a delta that counts has the right hash");
  header->hash = protocol::record_hash(*attachment);
  auto records = protocol::decode_delta(*header, *attachment);
  if (!records) return;
  protocol::delta_packer packer;
  for (const auto& r : *records) packer.add(r.lsn, r.message, r.body);
  auto again = packer.finish();
  fuzz::promise(again.header.first_lsn == header->first_lsn && again.header.last_lsn == header->last_lsn && again.header.records == header->records,
                "a delta that counts holds what it states");
}

// A record of several messages, a NUL between them.
void read_dropped(std::string_view text) {
  std::vector<database::stored_message> messages;
  while (!text.empty()) {
    auto content = text.substr(0, text.find('\0'));
    messages.emplace_back().content = std::string(content);
    text.remove_prefix(std::min(content.size() + 1, text.size()));
  }
  auto record = database::find_dropped(messages);
  if (!record) return;
  fuzz::promise(!record->channels.empty(), "a record of a drop names a channel");
  messages.clear();
  for (auto& written : database::encode_dropped(*record)) messages.emplace_back().content = std::move(written);
  auto again = database::find_dropped(messages);
  fuzz::promise(again && again->id == record->id && again->name == record->name && again->channels == record->channels, "a record of a drop survives writing");
}

void read_refusals(std::string_view text) {
  auto refused = database::decode_refusals(std::string(text));
  auto again = database::decode_refusals(database::encode_refusals(refused));
  fuzz::promise(again.size() == refused.size(), "refused rows survive writing");
  for (std::size_t i = 0; i < again.size(); ++i) {
    bool same = again[i].index == refused[i].index && again[i].key == refused[i].key && again[i].reason == refused[i].reason;
    fuzz::promise(same, "a refused row survives writing");
  }
}

}  // namespace

DBCORD_FUZZ_TARGET(fuzz_stored_text, data, size) {
  auto text = fuzz::text_of(data, size);
  auto content = text.substr(0, text.find('\0'));
  std::optional<std::string> attachment;
  if (content.size() < text.size()) attachment = std::string(text.substr(content.size() + 1));
  read_log_record(content, attachment);
  read_row(content, attachment);
  read_page(content, attachment);
  read_index_page(content, attachment);
  read_transactions(attachment ? std::string_view(*attachment) : content);
  read_checkpoint(content, attachment);
  read_delta(content, attachment);
  if (auto roll = protocol::decode_roll(content)) {
    fuzz::promise(protocol::decode_roll(protocol::encode_roll(*roll)).has_value(), "a roll survives writing");
  }
  if (auto drop = protocol::decode_drop(content)) {
    fuzz::promise(protocol::decode_drop(protocol::encode_drop(*drop))->messages == drop->messages, "a drop survives writing");
  }
  (void)protocol::decode_claim(content);
  (void)protocol::decode_held(content);
  if (auto topic = protocol::decode_topic(content)) {
    fuzz::promise(protocol::decode_topic(protocol::encode_topic(*topic)).has_value(), "a topic survives writing");
  }
  (void)database::decode_creation(content);
  (void)protocol::decode_snapshot_part(content);
  (void)protocol::decode_dump_part(content);
  if (auto head = protocol::decode_snapshot_head(content)) {
    fuzz::promise(protocol::decode_snapshot_head(protocol::encode_snapshot_head(*head)).has_value(), "a snapshot's head survives writing");
  }
  (void)database::decode_table_descriptor(content);
  read_dropped(text);
  read_refusals(content);
  return 0;
}
