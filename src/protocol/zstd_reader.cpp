#include "protocol/zstd_reader.hpp"

#include <zstd.h>

#include <new>

namespace dbcord::protocol {
namespace {

constexpr int window_log_max = 27;  // 128 MiB, which is what zstd itself takes unasked

}  // namespace

struct zstd_reader::state {
  ZSTD_DCtx* context = ZSTD_createDCtx();
  ~state() { ZSTD_freeDCtx(context); }
};

zstd_reader::zstd_reader() : state_(std::make_unique<state>()) {
  if (!state_->context) throw std::bad_alloc();
  ZSTD_DCtx_setParameter(state_->context, ZSTD_d_windowLogMax, window_log_max);
}

zstd_reader::~zstd_reader() = default;
zstd_reader::zstd_reader(zstd_reader&&) noexcept = default;

void zstd_reader::feed(std::string bytes) {
  input_ = std::move(bytes);
  read_ = 0;
}

base::result<bool> zstd_reader::next(std::string& out) {
  while (read_ < input_.size() || more_inside_) {
    auto before = out.size();
    out.resize(before + ZSTD_DStreamOutSize());
    ZSTD_inBuffer from{input_.data(), input_.size(), read_};
    ZSTD_outBuffer to{out.data() + before, out.size() - before, 0};
    auto left = ZSTD_decompressStream(state_->context, &to, &from);
    out.resize(before + (ZSTD_isError(left) ? 0 : to.pos));
    if (ZSTD_isError(left)) {
      return base::error(base::errc::invalid_argument, std::string("the compressed data is damaged: ") + ZSTD_getErrorName(left));
    }
    read_ = from.pos;
    at_end_ = left == 0;
    more_inside_ = to.pos == to.size && left != 0;
    if (to.pos > 0) return true;
  }
  return false;
}

}  // namespace dbcord::protocol
