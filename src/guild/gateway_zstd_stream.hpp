#pragma once
// zstd_stream: one zstd frame for all messages, flushed after each and never ended.

#include "guild/gateway_compression.hpp"

namespace dbcord::guild {

class zstd_stream final : public gateway_compressor {
 public:
  zstd_stream();
  ~zstd_stream() override;
  std::string compress(std::string_view text) override;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace dbcord::guild
