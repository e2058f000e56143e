#include "database/row_block.hpp"

#include <limits>
#include <new>

#include "dbcord/base/assert.hpp"

namespace dbcord::database {
namespace {

// glibc: chunks of 16 bytes, 8 of them its own, at least 32.
constexpr std::size_t chunk = 16, chunk_head = 8, chunk_least = 32;

}  // namespace

row_block* row_block::make(std::string_view key, std::string_view held, std::uint64_t json_size, bool resident) {
  DBCORD_ASSERT(key.size() <= key_bytes_max && held.size() <= std::numeric_limits<std::uint32_t>::max());
  DBCORD_ASSERT(json_size <= json_bytes_max);
  std::size_t size = sizeof(row_block) + key.size() + (resident ? 0 : sizeof(std::uint32_t)) + held.size();
  auto* block = new (::operator new(size)) row_block;
  block->json_size_ = static_cast<std::uint32_t>(json_size);
  block->key_size_ = static_cast<std::uint16_t>(key.size()) & 0x1FF;
  block->resident_ = resident;
  auto* to = block->tail();
  std::memcpy(to, key.data(), key.size());
  to += key.size();
  if (!resident) {
    auto held_size = static_cast<std::uint32_t>(held.size());
    std::memcpy(to, &held_size, sizeof held_size);
    to += sizeof held_size;
  }
  if (!held.empty()) std::memcpy(to, held.data(), held.size());
  return block;
}

void row_block::destroy(row_block* block) {
  if (block) ::operator delete(block, block->size());
}

std::string_view row_block::held() const {
  const char* at = tail() + key_size_;
  if (resident_) return {at, json_size_};
  std::uint32_t held_size = 0;
  std::memcpy(&held_size, at, sizeof held_size);
  return {at + sizeof held_size, held_size};
}

std::size_t row_block::size() const {
  return sizeof(row_block) + key_size_ + (resident_ ? 0 : sizeof(std::uint32_t)) + held().size();
}

std::uint64_t row_block::allocated() const {
  auto bytes = (size() + chunk_head + chunk - 1) / chunk * chunk;
  return bytes < chunk_least ? chunk_least : bytes;
}

// 2^48 changes of one row take longer than anything.
void row_block::set_version(std::uint64_t version) {
  DBCORD_ASSERT(version <= version_max);
  version_low_ = static_cast<std::uint32_t>(version);
  version_high_ = static_cast<std::uint16_t>(version >> 32);
}

void row_block::take_place_of(const row_block& other) {
  place = other.place;
  group = other.group;
  version_low_ = other.version_low_;
  version_high_ = other.version_high_;
  part_ = other.part_;
  touched_ = other.touched_;
}

}  // namespace dbcord::database
