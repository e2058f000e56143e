#pragma once
// LEB128 numbers and length-prefixed texts in a buffer. Reading past the end sets `failed` and yields zeroes, so that a decoder may check
// once at the end. Pure, any thread.

#include <cstdint>
#include <string>
#include <string_view>

namespace dbcord::protocol {

inline void put_number(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<char>(value));
}

inline void put_text(std::string& out, std::string_view text) {
  put_number(out, text.size());
  out += text;
}

// The difference to `last`, modulo 2^64, small in either direction; `last` becomes the value.
inline void put_step(std::string& out, std::uint64_t value, std::uint64_t& last) {
  auto step = static_cast<std::int64_t>(value - last);
  put_number(out, (static_cast<std::uint64_t>(step) << 1) ^ static_cast<std::uint64_t>(step >> 63));
  last = value;
}

class byte_reader {
 public:
  explicit byte_reader(std::string_view bytes) : rest_(bytes) {}

  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (rest_.empty()) break;
      auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
    return fail();
  }

  std::uint64_t step(std::uint64_t& last) {
    auto coded = number();
    last += (coded >> 1) ^ (~(coded & 1) + 1);
    return last;
  }

  std::string_view text() { return bytes(number()); }

  std::string_view bytes(std::uint64_t size) {
    if (size > rest_.size()) {
      fail();
      return {};
    }
    auto found = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return found;
  }

  // A number of items that take at least `least` bytes each.
  std::size_t count(std::size_t least) {
    auto n = number();
    return n <= rest_.size() / least ? n : fail();
  }

  bool at_end() const { return rest_.empty(); }
  bool failed() const { return failed_; }

 private:
  std::uint64_t fail() {
    failed_ = true;
    rest_ = {};
    return 0;
  }

  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace dbcord::protocol
