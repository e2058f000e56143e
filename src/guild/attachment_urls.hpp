#pragma once
// Signed, expiring attachment URLs (facts 3.10):
// .../attachments/<channel>/<attachment>/<filename>?ex=&is=&hm= with hm = HMAC-SHA256 of path, ex and is.
// Owned by the core; one caller at a time. Valid for one day.

#include <chrono>
#include <string>
#include <string_view>

#include "guild/model.hpp"

namespace dbcord::guild {

class attachment_urls {
 public:
  static constexpr std::chrono::hours lifetime{24};

  void set_secret(std::string secret) { secret_ = std::move(secret); }
  void set_public_url(std::string url) { public_url_ = std::move(url); }

  std::string sign(base::channel_id where, const attachment& file, base::system_time now) const;
  // `path` begins with "/attachments/"; `query` is what follows the '?'.
  bool is_valid(std::string_view path, std::string_view query, base::system_time now) const;

 private:
  std::string signature(std::string_view path, std::string_view expires, std::string_view issued) const;

  std::string secret_;
  std::string public_url_;
};

}  // namespace dbcord::guild
