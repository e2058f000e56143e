#include "guild/gateway_zlib_stream.hpp"

#include <zlib.h>

#include <new>

#include "dbcord/base/assert.hpp"

namespace dbcord::guild {

struct zlib_stream::state {
  z_stream z{};
};

zlib_stream::zlib_stream() : state_(std::make_unique<state>()) {
  if (deflateInit(&state_->z, Z_DEFAULT_COMPRESSION) != Z_OK) throw std::bad_alloc();
}

zlib_stream::~zlib_stream() { deflateEnd(&state_->z); }

std::string zlib_stream::compress(std::string_view text) {
  auto& z = state_->z;
  std::string out(deflateBound(&z, text.size()) + 16, '\0');
  std::size_t used = 0;
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  z.avail_in = static_cast<uInt>(text.size());
  do {
    if (used == out.size()) out.resize(out.size() * 2);
    z.next_out = reinterpret_cast<Bytef*>(out.data()) + used;
    z.avail_out = static_cast<uInt>(out.size() - used);
    int status = deflate(&z, Z_SYNC_FLUSH);
    DBCORD_ASSERT(status == Z_OK || status == Z_BUF_ERROR);
    used = out.size() - z.avail_out;
  } while (z.avail_out == 0);
  out.resize(used);
  return out;
}

}  // namespace dbcord::guild
