#include "guild/gateway_zstd_stream.hpp"

#include <zstd.h>

#include <new>

#include "dbcord/base/assert.hpp"

namespace dbcord::guild {
namespace {

// A small window and a fast level: connections are many, their messages short and alike.
constexpr int level = 1;
constexpr int window_log = 17;

}  // namespace

struct zstd_stream::state {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ~state() { ZSTD_freeCCtx(context); }
};

zstd_stream::zstd_stream() : state_(std::make_unique<state>()) {
  if (!state_->context) throw std::bad_alloc();
  ZSTD_CCtx_setParameter(state_->context, ZSTD_c_compressionLevel, level);
  ZSTD_CCtx_setParameter(state_->context, ZSTD_c_windowLog, window_log);
}

zstd_stream::~zstd_stream() = default;

std::string zstd_stream::compress(std::string_view text) {
  std::string out(ZSTD_compressBound(text.size()) + 16, '\0');
  ZSTD_inBuffer from{text.data(), text.size(), 0};
  ZSTD_outBuffer to{out.data(), out.size(), 0};
  while (auto left = ZSTD_compressStream2(state_->context, &to, &from, ZSTD_e_flush)) {
    DBCORD_ASSERT(!ZSTD_isError(left));  // only misuse is an error once the context exists
    out.resize(out.size() + left);
    to.dst = out.data();
    to.size = out.size();
  }
  out.resize(to.pos);
  return out;
}

}  // namespace dbcord::guild
