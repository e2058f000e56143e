#include "guild/attachment_urls.hpp"

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <charconv>

#include "guild/query_string.hpp"

namespace dbcord::guild {
namespace {

std::int64_t unix_seconds(base::system_time when) {
  return std::chrono::duration_cast<std::chrono::seconds>(when.time_since_epoch()).count();
}

std::string to_hex(const unsigned char* bytes, std::size_t count) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(2 * count);
  for (std::size_t i = 0; i < count; ++i) {
    text += digits[bytes[i] >> 4];
    text += digits[bytes[i] & 15];
  }
  return text;
}

std::optional<std::int64_t> from_hex(std::string_view text) {
  std::int64_t number = 0;
  auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number, 16);
  if (ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::string attachment_urls::signature(std::string_view path, std::string_view expires,
                                       std::string_view issued) const {
  auto text = fmt::format("{}\n{}\n{}", path, expires, issued);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  HMAC(EVP_sha256(), secret_.data(), static_cast<int>(secret_.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest, &length);
  return to_hex(digest, length);
}

std::string attachment_urls::sign(base::channel_id where, const attachment& file,
                                  base::system_time now) const {
  auto path = fmt::format("/attachments/{}/{}/{}", where.value, file.id.value, file.filename);
  auto issued = fmt::format("{:x}", unix_seconds(now));
  auto expires = fmt::format("{:x}", unix_seconds(now + lifetime));
  return fmt::format("{}{}?ex={}&is={}&hm={}", public_url_, path, expires, issued,
                     signature(path, expires, issued));
}

bool attachment_urls::is_valid(std::string_view path, std::string_view query, base::system_time now) const {
  query_string parameters(query);
  auto expires = parameters.find("ex");
  auto issued = parameters.find("is");
  auto given = parameters.find("hm");
  if (!expires || !issued || !given) return false;
  auto end = from_hex(*expires);
  if (!end || *end <= unix_seconds(now)) return false;
  auto right = signature(path, *expires, *issued);
  return given->size() == right.size() && CRYPTO_memcmp(given->data(), right.data(), right.size()) == 0;
}

}  // namespace dbcord::guild
