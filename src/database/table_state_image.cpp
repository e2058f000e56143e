// The part of table_state that checkpoints are made of, and made from.

#include "database/table_state.hpp"
#include "dbcord/base/assert.hpp"

namespace dbcord::database {

protocol::image_row table_state::image_of(const std::string& key, const stored_row& row) const {
  bool aside = !row.row_message && !dirty_.contains(key);
  return {key, row.json, row.version, row.lsn, row.log_message, row.row_message, aside};
}

void table_state::preserve(const std::string& key) {
  if (!capture_ || !capture_->wants(key)) return;
  auto it = rows_.find(key);
  capture_->keep(key, it == rows_.end() ? std::nullopt : std::optional(image_of(key, it->second)));
}

protocol::image_table table_state::begin_capture() {
  capture_.emplace();
  return {definition_, schema_.committed().json(), indexes_.definitions(), indexes_.next_id() - 1, newest_message_, rows_.size()};
}

std::vector<protocol::image_row> table_state::capture(std::size_t bytes) {
  if (!capture_) return {};
  auto image = [this](const std::string& key, const stored_row& row) { return image_of(key, row); };
  return capture_->next(rows_, image, bytes);
}

void table_state::load(const protocol::image_table& head) {
  auto schema = protocol::row_schema::parse(head.schema_json);
  DBCORD_ASSERT(schema.has_value());  // the reader has checked it
  schema_.set(std::move(*schema));
  for (const auto& index : head.indexes) indexes_.create(index, std::nullopt);
  indexes_.skip_ids(head.last_index);
  newest_message_ = head.last_message;
}

base::result<void> table_state::load(std::vector<protocol::image_row> rows) {
  for (auto& row : rows) {
    auto it = rows_.emplace_hint(rows_.end(), std::move(row.key), stored_row{});
    if (std::next(it) != rows_.end() || it->second.version != 0) {
      return base::error(errc::damaged, "the rows of table " + definition_.name + " are not in the order of their keys");
    }
    if (!indexes_.empty()) indexes_.add_row(it->first, parsed(row.json));
    key_bytes_ += it->first.size();
    json_bytes_ += row.json.size();
    newest_message_ = std::max(newest_message_, row.row_message);
    if (!row.row_message && !row.set_aside) dirty_.insert(it->first);
    if (!row.row_message && row.set_aside) ++set_aside_;
    it->second = {std::move(row.json), row.version, row.lsn, row.log_message, row.row_message};
  }
  return {};
}

void table_state::load_garbage(const std::vector<base::message_id>& messages) {
  garbage_.insert(garbage_.end(), messages.begin(), messages.end());
}

}  // namespace dbcord::database
