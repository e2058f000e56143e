#include "database/row_block.hpp"

#include <new>

#include "dbcord/base/assert.hpp"
#include "protocol/row_fingerprints.hpp"

namespace dbcord::database {
namespace {

// glibc: chunks of 16 bytes, 8 of them its own, at least 32.
constexpr std::size_t chunk = 16, chunk_head = 8, chunk_least = 32;

// Seven bits a byte, the lowest first; the last byte has the eighth clear.
char* write_number(char* to, std::uint64_t n) {
  for (; n >= 0x80; n >>= 7) *to++ = static_cast<char>(n | 0x80);
  *to++ = static_cast<char>(n);
  return to;
}

const char* read_number(const char* from, std::uint64_t& n) {
  n = 0;
  for (unsigned shift = 0;; shift += 7) {
    auto byte = static_cast<unsigned char>(*from++);
    n |= std::uint64_t{byte & 0x7FU} << shift;
    if (byte < 0x80) return from;
  }
}

constexpr std::size_t number_bytes(std::uint64_t n) {
  std::size_t bytes = 1;
  for (; n >= 0x80; n >>= 7) ++bytes;
  return bytes;
}

std::uint64_t allocation(std::size_t size) {
  auto bytes = (size + chunk_head + chunk - 1) / chunk * chunk;
  return bytes < chunk_least ? chunk_least : bytes;
}

}  // namespace

row_block* row_block::make(const content& row) {
  DBCORD_ASSERT(row.key.size() <= key_bytes_max && row.json_size <= json_bytes_max);
  DBCORD_ASSERT(row.resident ? row.held.size() == row.json_size : row.held.size() <= json_bytes_max);
  auto size = sizeof(row_block) + row.key.size() + number_bytes(row.version) + number_bytes(row.json_size) +
              (row.resident ? 0 : number_bytes(row.held.size())) + row.held.size();
  auto* block = new (::operator new(size)) row_block;
  block->key_size_ = static_cast<std::uint16_t>(row.key.size()) & 0x1FF;
  block->resident_ = row.resident;
  auto* to = block->tail();
  std::memcpy(to, row.key.data(), row.key.size());
  to = write_number(to + row.key.size(), row.version);
  to = write_number(to, row.json_size);
  if (!row.resident) to = write_number(to, row.held.size());
  if (!row.held.empty()) std::memcpy(to, row.held.data(), row.held.size());
  return block;
}

void row_block::destroy(row_block* block) {
  if (block) ::operator delete(block, block->size());
}

row_block::numbers row_block::read_numbers() const {
  numbers n{};
  n.end = read_number(tail() + key_size_, n.version);
  n.end = read_number(n.end, n.json_size);
  n.held_size = n.json_size;
  if (!resident_) n.end = read_number(n.end, n.held_size);
  return n;
}

std::uint64_t row_block::version() const { return read_numbers().version; }
std::uint64_t row_block::json_size() const { return read_numbers().json_size; }

std::string_view row_block::held() const {
  auto n = read_numbers();
  return {n.end, n.held_size};
}

std::size_t row_block::size() const {
  auto value = held();
  return static_cast<std::size_t>(value.data() + value.size() - reinterpret_cast<const char*>(this));
}

std::uint64_t row_block::allocated() const { return allocation(size()); }

std::uint64_t row_block::evictable(std::size_t digest) const {
  if (!resident_) return 0;
  auto n = read_numbers();
  auto head = static_cast<std::size_t>(n.end - reinterpret_cast<const char*>(this));
  auto now = allocation(head + n.json_size), then = allocation(head + number_bytes(digest) + digest);
  return now > then ? now - then : 0;
}

std::uint64_t row_block::forgettable() const {
  if (resident_) return 0;
  auto n = read_numbers();
  auto digest = held().find(protocol::fingerprints_mark);
  if (digest == std::string_view::npos) return 0;
  auto head = static_cast<std::size_t>(n.end - reinterpret_cast<const char*>(this)) - number_bytes(n.held_size);
  return allocation(head + number_bytes(n.held_size) + n.held_size) - allocation(head + number_bytes(digest) + digest);
}

void row_block::take_place_of(const row_block& other) {
  place = other.place;
  group = other.group;
  part_ = other.part_;
  touched_ = other.touched_;
}

}  // namespace dbcord::database
