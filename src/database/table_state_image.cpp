// The part of table_state that checkpoints are made of, and made from.

#include "database/table_state.hpp"
#include "base/deliberate_bug.hpp"
#include "dbcord/base/assert.hpp"
#include "protocol/row_fingerprints.hpp"

namespace dbcord::database {

protocol::image_row table_state::image_of(std::string_view key, const stored_row& row) const {
  bool aside = !row.row_message && !rows_.is_dirty(key);
  protocol::image_row image{std::string(key), std::string(row.indexed_fields()), row.version, row.lsn, row.log_message, row.row_message, aside};
  image.resident = row.resident;
  image.part = row.part;
  if (row.resident) return image;
  image.json_size = row.json_size;
  image.fingerprints = row.fingerprints;
  return image;
}

void table_state::preserve(std::string_view key) {
  auto keep = [&](table_capture& capture) {
    if (!capture.wants(key)) return;
    auto row = rows_.find(key);
    capture.keep(std::string(key), row ? std::optional(image_of(key, *row)) : std::nullopt);
  };
  if (capture_) keep(*capture_);
  if (scans_.empty()) return;
  std::erase_if(scans_, [](const auto& s) { return s.expired(); });
  for (const auto& s : scans_) {
    if (auto scan = s.lock()) keep(*scan);
  }
}

protocol::image_table table_state::begin_capture() {
  capture_.emplace();
  protocol::image_table head{definition_, schema_.committed().json(), indexes_.definitions(), indexes_.next_id() - 1, newest_message_, rows_.size(), layout_, {}, {}, {}, unadopted_};
  for (auto& index : indexes_.all()) {
    if (index.state != index_state::ready) head.unfinished.push_back({std::move(index.definition), std::move(index.why)});
  }
  if (alteration_) head.alteration = alteration_->json();
  if (channels_.retiring) head.move = protocol::image_move{channels_.retiring, channels_.last, channels_.drained};
  return head;
}

std::vector<protocol::image_row> table_state::capture(std::size_t bytes) {
  if (!capture_) return {};
  auto image = [this](std::string_view key, const stored_row& row) { return trimmed_image_of(key, row); };
  return capture_->next(rows_, image, bytes);
}

table_state::scan_ptr table_state::begin_scan(captured_rows which) {
  std::erase_if(scans_, [](const auto& s) { return s.expired(); });
  auto scan = std::make_shared<table_capture>(std::move(which));
  scans_.push_back(scan);
  return scan;
}

std::vector<protocol::image_row> table_state::scan(table_capture& scan, std::size_t bytes) const {
  auto image = [this](std::string_view key, const stored_row& row) { return image_of(key, row); };
  return scan.next(rows_, image, bytes);
}

void table_state::load(const protocol::image_table& head) {
  auto schema = protocol::row_schema::parse(head.schema_json);
  DBCORD_ASSERT(schema.has_value());  // the reader has checked it
  schema_.set(std::move(*schema));
  bool forgets = base::has_bug(base::deliberate_bug::checkpoint_without_indexes);
  for (const auto& index : head.indexes) {
    if (!forgets) indexes_.create(index, std::nullopt);
  }
  for (const auto& index : head.unfinished) {
    indexes_.create(index.definition, std::nullopt);
    if (!index.why.empty()) indexes_.settle(index.definition.index, false, index.why);
  }
  indexes_.skip_ids(head.last_index);
  if (!head.alteration.empty()) {
    auto change = protocol::column_change::parse(head.alteration);
    DBCORD_ASSERT(change.has_value());  // the reader has checked it
    alteration_ = std::move(*change);
    ++alteration_number_;
  }
  if (head.move) channels_ = {definition_.channel, head.move->retiring, head.move->last, head.move->drained};
  newest_message_ = head.last_message;
  layout_ = head.layout;
}

base::result<void> table_state::load(std::vector<protocol::image_row> rows) {
  for (auto& row : rows) {
    auto held = row.resident ? row.json : row.json + row.fingerprints;
    row_directory::image image{row.key, held, row.resident ? row.json.size() : row.json_size, row.resident, row.version, row.lsn,
                               row.log_message, row.row_message, row.part};
    bool possible = row.key.size() <= row_block::key_bytes_max && image.json_size <= row_block::json_bytes_max && held.size() <= row_block::json_bytes_max;
    possible = possible && (row.resident || row.json.find(protocol::fingerprints_mark) == row.json.npos);
    if (!possible || (row.part != 0 && !row.row_message)) {
      return base::error(errc::damaged, "a row of table " + definition_.name + " is not as any row can be");
    }
    if (!rows_.load(image)) {
      return base::error(errc::damaged, "the rows of table " + definition_.name + " are not in the order of their keys");
    }
    if (!indexes_.empty()) indexes_.add_row(row.key, indexed(row.json));
    newest_message_ = std::max(newest_message_, row.row_message);
    if (row.part != 0) garbage_.use_page(row.row_message);
    bool forgotten = base::has_bug(base::deliberate_bug::forget_unwritten_rows);
    if (!row.row_message && !row.set_aside && !forgotten) rows_.set_dirty(row.key);
    if (!row.row_message && row.set_aside) ++set_aside_;
  }
  if (indexes_.first_building()) rows_.mark_digests_incomplete();  // which of them its backfill had come to is not known
  return {};
}

std::optional<std::uint64_t> table_state::oldest_log_only(std::uint64_t first_in_log) const {
  auto of_rows = rows_.oldest_log_only(first_in_log), of_history = history_.oldest_in_log(first_in_log);
  if (!of_rows || !of_history) return of_rows ? of_rows : of_history;
  return std::min(*of_rows, *of_history);
}

// Kinds that a newer program has written count as the first one.
void table_state::load_garbage(const std::vector<base::message_id>& messages, const std::vector<protocol::image_garbage_kind>& kinds) {
  for (const auto& some : kinds) {
    if (some.kind >= garbage_kinds) continue;
    for (auto m : some.messages) garbage_.insert(m, static_cast<garbage_kind>(some.kind));
  }
  for (auto m : messages) garbage_.insert(m, garbage_kind::superseded);
}

void table_state::load_pages(const std::vector<protocol::image_page>& pages) {
  for (const auto& page : pages) garbage_.set_rows(page.message, static_cast<std::uint32_t>(page.rows));
}

}  // namespace dbcord::database
