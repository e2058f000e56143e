#include "dbcord/base/sha256.hpp"

#include <openssl/evp.h>

#include <new>

#include "base/hex_text.hpp"

namespace dbcord::base {

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  // Fails only when OpenSSL cannot allocate.
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) throw std::bad_alloc();
  return hex_text(digest.data(), size);
}

}  // namespace dbcord::base
