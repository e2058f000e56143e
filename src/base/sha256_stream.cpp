#include "dbcord/base/sha256_stream.hpp"

#include <openssl/evp.h>

#include <array>
#include <new>

#include "base/hex_text.hpp"

namespace dbcord::base {
namespace {

// What these calls return is false only when OpenSSL cannot allocate.
void need(int done) {
  if (done != 1) throw std::bad_alloc();
}

}  // namespace

struct sha256_stream::state {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ~state() { EVP_MD_CTX_free(context); }
};

sha256_stream::sha256_stream() : state_(std::make_unique<state>()) {
  need(state_->context != nullptr);
  need(EVP_DigestInit_ex(state_->context, EVP_sha256(), nullptr));
}

sha256_stream::~sha256_stream() = default;
sha256_stream::sha256_stream(sha256_stream&&) noexcept = default;
sha256_stream& sha256_stream::operator=(sha256_stream&&) noexcept = default;

void sha256_stream::add(std::string_view bytes) { need(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size())); }

std::string sha256_stream::hex() const {
  state copy;
  need(copy.context != nullptr);
  need(EVP_MD_CTX_copy_ex(copy.context, state_->context));
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  need(EVP_DigestFinal_ex(copy.context, digest.data(), &size));
  return hex_text(digest.data(), size);
}

}  // namespace dbcord::base
