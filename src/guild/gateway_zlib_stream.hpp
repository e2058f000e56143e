#pragma once
// zlib_stream: one zlib stream for all messages, each ended by a sync flush (00 00 FF FF).

#include "guild/gateway_compression.hpp"

namespace dbcord::guild {

class zlib_stream final : public gateway_compressor {
 public:
  zlib_stream();
  ~zlib_stream() override;
  std::string compress(std::string_view text) override;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace dbcord::guild
