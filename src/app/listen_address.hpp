#pragma once
// ADDR:PORT as people write it. Pure, any thread.

#include <cstdint>
#include <string>
#include <string_view>

#include "dbcord/base/result.hpp"

namespace dbcord::app {

struct listen_address {
  std::string address;  // without brackets
  std::uint16_t port = 0;
};

// 127.0.0.1:8423, [::1]:8423, localhost:0, :8423 (loopback)
base::result<listen_address> parse_listen_address(std::string_view text, std::string_view flag = "--listen");

}  // namespace dbcord::app
