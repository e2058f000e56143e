#include "protocol/zstd_frame.hpp"

#include <zstd.h>

#include <new>

#include "dbcord/base/assert.hpp"

namespace dbcord::protocol {
namespace {

constexpr int level = 3;

base::error damaged(const char* what) { return {base::errc::invalid_argument, std::string("the compressed data is damaged: ") + what}; }

}  // namespace

struct zstd_writer::state {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ~state() { ZSTD_freeCCtx(context); }
};

zstd_writer::zstd_writer() : state_(std::make_unique<state>()) {
  if (!state_->context) throw std::bad_alloc();
  ZSTD_CCtx_setParameter(state_->context, ZSTD_c_compressionLevel, level);
  ZSTD_CCtx_setParameter(state_->context, ZSTD_c_checksumFlag, 1);
}

zstd_writer::~zstd_writer() = default;

void zstd_writer::run(std::string_view bytes, bool end) {
  ZSTD_inBuffer from{bytes.data(), bytes.size(), 0};
  for (;;) {
    auto before = out_.size();
    out_.resize(before + ZSTD_CStreamOutSize());
    ZSTD_outBuffer to{out_.data() + before, out_.size() - before, 0};
    auto left = ZSTD_compressStream2(state_->context, &to, &from, end ? ZSTD_e_end : ZSTD_e_continue);
    DBCORD_ASSERT(!ZSTD_isError(left));  // only misuse is an error once the context exists
    out_.resize(before + to.pos);
    if (end ? left == 0 : from.pos == from.size) return;
  }
}

void zstd_writer::append(std::string_view bytes) {
  taken_ += bytes.size();
  run(bytes, false);
}

std::string zstd_writer::finish() {
  run({}, true);
  taken_ = 0;
  return std::exchange(out_, {});
}

base::result<std::string> read_zstd(std::string_view frame, std::size_t limit) {
  std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(), &ZSTD_freeDCtx);
  if (!context) throw std::bad_alloc();
  std::string out;
  ZSTD_inBuffer from{frame.data(), frame.size(), 0};
  for (;;) {
    auto before = out.size();
    out.resize(before + std::max(before, ZSTD_DStreamOutSize()));
    ZSTD_outBuffer to{out.data() + before, out.size() - before, 0};
    auto left = ZSTD_decompressStream(context.get(), &to, &from);
    if (ZSTD_isError(left)) return damaged(ZSTD_getErrorName(left));
    out.resize(before + to.pos);
    if (out.size() > limit) return damaged("it holds more than it may");
    if (left == 0) break;
    if (from.pos == from.size && to.pos < to.size) return damaged("it ends too early");
  }
  if (from.pos != from.size) return damaged("something follows it");
  return out;
}

}  // namespace dbcord::protocol
