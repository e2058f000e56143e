#pragma once
// row_block: one committed row in one piece of memory, so that a row costs one allocation and one pointer: a head of 14 bytes, the key, version and sizes
// in as few bytes as they take (mostly 3), and the value. Owned by a row_directory through plain pointers; on its table's strand.

#include <cstdint>
#include <cstring>
#include <string_view>

namespace dbcord::database {

// Packed: what would be padding is a tenth of a row whose value is evicted.
class [[gnu::packed]] row_block {
 public:
  static constexpr std::size_t key_bytes_max = 511;
  static constexpr std::uint64_t json_bytes_max = 0xFFFF'FFFF;
  static constexpr unsigned part_max = 15;

  // `held` is the row's JSON, or what is kept of it while its value is evicted: its digest, and behind that its fingerprints, if it has some;
  // `json_size` is that of the JSON in any case.
  struct content {
    std::string_view key, held;
    std::uint64_t version = 0, json_size = 0;
    bool resident = true;
  };
  static row_block* make(const content& row);
  static void destroy(row_block* block);

  std::string_view key() const { return {tail(), key_size_}; }
  std::string_view held() const;
  std::uint64_t json_size() const;
  bool resident() const { return resident_; }
  std::uint64_t version() const;
  // What the allocator takes for it, about.
  std::uint64_t allocated() const;
  // What eviction would free, with `digest` bytes kept of the value; zero if it is evicted.
  std::uint64_t evictable(std::size_t digest) const;
  // What it would free to forget an evicted row's fingerprints.
  std::uint64_t forgettable() const;
  // All but key, version and value, of another block of the same key.
  void take_place_of(const row_block& other);

  std::uint64_t place = 0;    // a message; zero: only the log has the row
  std::uint32_t group = 0;    // of commit_groups: the record that wrote it
  // Which attachment of the message holds it, from 1 on; zero: the message is the row's own.
  unsigned part() const { return part_; }
  void set_part(unsigned part) { part_ = part & part_max; }
  // Read since the eviction's hand passed.
  bool touched() const { return touched_; }
  void set_touched(bool touched) { touched_ = touched; }
  // Of an evicted row: held() has every field that the table's rules look at.
  bool digest_complete() const { return digest_complete_; }
  void set_digest_complete(bool complete) { digest_complete_ = complete; }
  // Of a resident row: what would be kept of its value takes as much memory. The same bit.
  bool stays() const { return resident_ && digest_complete_; }
  void set_stays() { digest_complete_ = true; }

 private:
  row_block() = default;
  const char* tail() const { return reinterpret_cast<const char*>(this + 1); }
  char* tail() { return reinterpret_cast<char*>(this + 1); }
  // Behind the key: version and json_size; of an evicted row also the size of what is held.
  struct numbers {
    std::uint64_t version, json_size, held_size;
    const char* end;
  };
  numbers read_numbers() const;
  std::size_t size() const;

  std::uint16_t key_size_ : 9 = 0;
  std::uint16_t part_ : 4 = 0;
  std::uint16_t resident_ : 1 = 0;
  std::uint16_t touched_ : 1 = 0;
  std::uint16_t digest_complete_ : 1 = 0;
};
static_assert(sizeof(row_block) == 14);

}  // namespace dbcord::database
