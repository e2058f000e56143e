#pragma once
// SHA-256 by OpenSSL. Pure, any thread.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace dbcord::base {

// 64 lower-case hex digits.
std::string sha256_hex(std::string_view bytes);

}  // namespace dbcord::base
