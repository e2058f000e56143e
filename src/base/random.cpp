#include "dbcord/base/random.hpp"

namespace dbcord::base {

std::string random_source::token(std::size_t length) {
  static constexpr char alphabet[] = "abcdefghijklmnopqrstuvwxyz0123456789";
  std::string text(length, ' ');
  for (auto& c : text) c = alphabet[below(36)];
  return text;
}

std::uint64_t system_random::next() {
  static thread_local std::random_device device;
  return (static_cast<std::uint64_t>(device()) << 32) | device();
}

}  // namespace dbcord::base
