#include "database/row_directory.hpp"

#include "dbcord/base/assert.hpp"
#include "protocol/row_fingerprints.hpp"

namespace dbcord::database {
namespace {

// Of a pointer in a B-tree whose nodes are about three quarters full.
constexpr std::uint64_t tree_slot = 11;

std::string_view digest_within(std::string_view held) { return held.substr(0, held.find(protocol::fingerprints_mark)); }

// A block for the same row, with what is held of it while its value is evicted.
row_block* evicted(const row_block& row, std::string_view held) {
  auto* block = row_block::make({row.key(), held, row.version(), row.json_size(), false});
  block->take_place_of(row);
  return block;
}

}  // namespace

stored_row row_directory::shown(const row_block& block) const {
  stored_row row;
  row.resident = block.resident();
  if (row.resident) {
    row.json = block.held();
  } else {
    auto held = block.held();
    row.digest = digest_within(held);
    row.fingerprints = held.substr(row.digest.size());
  }
  row.json_size = block.json_size();
  row.digest_complete = row.resident || block.digest_complete();
  row.version = block.version();
  row.lsn = groups_.lsn(block.group);
  row.log_message = groups_.log_message(block.group);
  row.row_message = base::message_id{block.place};
  row.part = block.part();
  return row;
}

row_block* row_directory::block_of(std::string_view key) const {
  auto it = blocks_.find(key);
  return it == blocks_.end() ? nullptr : *it;
}

std::optional<stored_row> row_directory::find(std::string_view key) const {
  const auto* block = block_of(key);
  return block ? std::optional(shown(*block)) : std::nullopt;
}

void row_directory::count(const row_block& block) {
  allocated_ += block.allocated();
  json_bytes_ += block.json_size();
  fingerprint_bytes_ += block.forgettable();
  values_of(block) += evictable(block);
}

void row_directory::discount(const row_block& block) {
  allocated_ -= block.allocated();
  json_bytes_ -= block.json_size();
  fingerprint_bytes_ -= block.forgettable();
  values_of(block) -= evictable(block);
}

// The key stays, so the order of the set does too.
void row_directory::replace(row_block* old, row_block* fresh) {
  DBCORD_ASSERT(old->key() == fresh->key());
  bool was_dirty = dirty_.erase(old) > 0;
  if (auto it = blocks_.find(old->key()); it != blocks_.end()) const_cast<row_block*&>(*it) = fresh;
  if (was_dirty) dirty_.insert(fresh);
  discount(*old);
  count(*fresh);
  row_block::destroy(old);
}

void row_directory::put(std::string_view key, std::string_view json, std::uint64_t version, std::uint64_t lsn, base::message_id log_message) {
  auto* fresh = row_block::make({key, json, version, json.size(), true});
  fresh->set_touched(true);
  fresh->group = groups_.add_row(lsn, log_message);
  groups_.add_log_only(fresh->group);
  if (auto* old = block_of(key)) {
    dirty_.erase(old);  // while its group is known
    forget_place(*old);
    groups_.remove_log_only(old->group);
    groups_.remove_row(old->group);
    replace(old, fresh);
  } else {
    blocks_.insert(fresh);
    count(*fresh);
  }
  dirty_.insert(fresh);
}

bool row_directory::erase(std::string_view key) {
  auto it = blocks_.find(key);
  if (it == blocks_.end()) return false;
  auto* block = *it;
  dirty_.erase(block);
  forget_place(*block);
  groups_.remove_log_only(block->group);
  groups_.remove_row(block->group);
  blocks_.erase(it);
  discount(*block);
  row_block::destroy(block);
  return true;
}

void row_directory::clear() {
  dirty_.clear();
  for (auto* block : blocks_) row_block::destroy(block);
  blocks_.clear();
  groups_ = {};
  hands_ = {};
  forgetting_hand_.clear();
  trimming_hand_.reset();
  fingerprint_bytes_ = 0;
  incomplete_digests_ = 0;
  allocated_ = json_bytes_ = 0;
  value_bytes_ = {};
}

bool row_directory::load(const image& row) {
  if (!blocks_.empty() && (*blocks_.rbegin())->key() >= row.key) return false;
  auto* block = row_block::make({row.key, row.held, row.version, row.json_size, row.resident});
  block->set_part(row.part);
  block->set_digest_complete(!row.resident);
  block->place = row.row_message.value;
  block->group = groups_.add_row(row.lsn, row.log_message);
  if (!row.row_message) groups_.add_log_only(block->group);
  blocks_.insert(blocks_.end(), block);
  count(*block);
  return true;
}

std::uint64_t row_directory::evict(std::uint64_t bytes, bool log_only, const digest_function& digest, const spared_function& spared) {
  std::uint64_t freed = 0;
  auto& hand = hands_[log_only];
  auto it = blocks_.lower_bound(hand);
  auto most = std::min(blocks_.size(), rows_a_look);
  auto last_eviction = evictions_ + evictions_a_look;
  for (std::size_t looked = 0; looked < most && freed < bytes && value_bytes_[log_only] > 0 && evictions_ < last_eviction; ++looked) {
    if (it == blocks_.end()) it = blocks_.begin();
    auto* block = *it++;
    if (!block->resident() || block->stays() || (block->place == 0) != log_only || spared(block->key())) continue;
    if (block->touched()) {
      block->set_touched(false);
      continue;
    }
    auto left = digest(block->held());
    auto* fresh = evicted(*block, left);
    if (fresh->allocated() >= block->allocated()) {  // where fingerprints take as much as the value, they are not worth while
      row_block::destroy(fresh);
      fresh = evicted(*block, digest_within(left));
    }
    if (fresh->allocated() >= block->allocated()) {
      row_block::destroy(fresh);
      values_of(*block) -= evictable(*block);
      block->set_stays();
      continue;
    }
    freed += block->allocated() - fresh->allocated();
    ++evictions_;
    fresh->set_digest_complete(true);
    replace(block, fresh);
  }
  hand = it == blocks_.end() ? std::string_view() : (*it)->key();
  return freed;
}

std::uint64_t row_directory::forget_fingerprints(std::uint64_t bytes) {
  std::uint64_t freed = 0;
  auto it = blocks_.lower_bound(forgetting_hand_);
  auto most = std::min(blocks_.size(), rows_a_look);
  for (std::size_t looked = 0; looked < most && freed < bytes && fingerprint_bytes_ > 0; ++looked) {
    if (it == blocks_.end()) it = blocks_.begin();
    auto* block = *it++;
    if (block->forgettable() == 0) continue;
    freed += block->forgettable();
    auto* fresh = evicted(*block, digest_within(block->held()));
    fresh->set_digest_complete(block->digest_complete());
    replace(block, fresh);
  }
  forgetting_hand_ = it == blocks_.end() ? std::string_view() : (*it)->key();
  return freed;
}

void row_directory::trim_digests(std::size_t least, const digest_function& digest) {
  if (!trimming_hand_) return;
  auto it = blocks_.lower_bound(*trimming_hand_);
  std::size_t parsed = 0;
  for (std::size_t looked = 0; it != blocks_.end() && looked < rows_a_look && parsed < trimmed_a_look; ++looked) {
    auto* block = *it++;
    if (block->stays()) {  // less of its value has to stay now, perhaps
      block->set_digest_complete(false);
      values_of(*block) += evictable(*block);
    }
    auto kept = block->resident() ? std::string_view() : digest_within(block->held());
    if (kept.size() <= least) continue;
    parsed += kept.size();
    auto left = digest(kept);
    if (left.size() >= kept.size()) continue;
    auto* fresh = evicted(*block, left);
    fresh->set_digest_complete(block->digest_complete());
    replace(block, fresh);
  }
  if (it == blocks_.end()) {
    trimming_hand_.reset();
  } else {
    *trimming_hand_ = (*it)->key();
  }
}

bool row_directory::admit(std::string_view key, std::uint64_t lsn, std::string_view json) {
  auto* block = block_of(key);
  if (!block || block->resident() || groups_.lsn(block->group) != lsn) return false;
  auto* fresh = row_block::make({key, json, block->version(), json.size(), true});
  fresh->take_place_of(*block);
  fresh->set_touched(true);
  replace(block, fresh);
  return true;
}

void row_directory::touch(std::string_view key) {
  if (auto* block = block_of(key)) block->set_touched(true);
}

void row_directory::mark_digests_incomplete() {
  incomplete_digests_ = 0;
  for (auto* block : blocks_) {
    if (block->resident()) continue;
    block->set_digest_complete(false);
    ++incomplete_digests_;
  }
}

std::vector<std::string> row_directory::with_incomplete_digest(std::uint64_t bytes) const {
  std::vector<std::string> keys;
  if (incomplete_digests_ == 0) return keys;
  std::uint64_t taken = 0;
  for (auto it = blocks_.begin(); it != blocks_.end() && taken < bytes; ++it) {
    if ((*it)->resident() || (*it)->digest_complete()) continue;
    keys.emplace_back((*it)->key());
    taken += (*it)->json_size() + 1;
  }
  return keys;
}

bool row_directory::is_dirty(std::string_view key) const {
  auto* block = block_of(key);
  return block && dirty_.contains(block);
}

bool row_directory::set_dirty(std::string_view key) {
  auto* block = block_of(key);
  DBCORD_ASSERT(block);
  return dirty_.insert(block).second;
}

bool row_directory::set_clean(std::string_view key) {
  auto* block = block_of(key);
  return block && dirty_.erase(block) > 0;
}

void row_directory::locate(row_block& block, base::message_id message) {
  auto bytes = evictable(block);
  values_of(block) -= bytes;
  block.place = message.value;
  values_of(block) += bytes;
}

void row_directory::forget_place(row_block& block) {
  if (block.place == 0) return;
  locate(block, {});
  block.set_part(0);
  groups_.add_log_only(block.group);
}

void row_directory::set_place(std::string_view key, base::message_id message, unsigned part) {
  auto* block = block_of(key);
  DBCORD_ASSERT(block && part <= row_block::part_max);
  forget_place(*block);
  if (!message) return;
  locate(*block, message);
  block->set_part(part);
  groups_.remove_log_only(block->group);
}

row_directory::lost_rows row_directory::lost_before(std::uint64_t first_in_log) const {
  lost_rows lost;
  auto oldest = groups_.oldest_log_only();
  if (!oldest || *oldest >= first_in_log) return lost;
  for (auto* block : blocks_) {
    if (block->place != 0 || block->resident() || groups_.lsn(block->group) >= first_in_log) continue;
    ++lost.all;
    if (dirty_.contains(block)) ++lost.dirty;
  }
  return lost;
}

std::uint64_t row_directory::memory() const {
  return allocated_ + (blocks_.size() + dirty_.size()) * tree_slot + groups_.memory();
}

}  // namespace dbcord::database
