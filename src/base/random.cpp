#include "dbcord/base/random.hpp"

#include <unistd.h>

#include <array>
#include <boost/system/system_error.hpp>
#include <cerrno>

namespace dbcord::base {

std::string random_source::token(std::size_t length) {
  static constexpr char alphabet[] = "abcdefghijklmnopqrstuvwxyz0123456789";
  std::string text(length, ' ');
  for (auto& c : text) c = alphabet[below(36)];
  return text;
}

// By the block: std::random_device takes some 40 us a number where the processor's own generator is emulated, and a token has 48.
std::uint64_t system_random::next() {
  static thread_local std::array<std::uint64_t, 32> block;  // 256 bytes, the most that getentropy gives at once
  static thread_local std::size_t used = block.size();
  if (used == block.size()) {
    if (::getentropy(block.data(), sizeof(block)) != 0) {
      throw boost::system::system_error(errno, boost::system::system_category(), "getentropy");
    }
    used = 0;
  }
  return block[used++];
}

}  // namespace dbcord::base
