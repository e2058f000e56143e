#pragma once
// gateway_compressor: the transport compression of one gateway connection: one stream for all its messages, flushed at the
// end of each (facts 5.10). Not thread-safe; the session's strand. Memory: about 256 KiB (zlib) or 700 KiB (zstd) each.
// Throws std::bad_alloc.

#include <memory>
#include <string>
#include <string_view>

namespace dbcord::guild {

class gateway_compressor {
 public:
  virtual ~gateway_compressor() = default;
  // The bytes of one WebSocket message.
  virtual std::string compress(std::string_view text) = 0;
};

// What `compress` in the URL's query asks for: zlib-stream, zstd-stream; nullptr for none, and for what is not known.
std::unique_ptr<gateway_compressor> make_gateway_compressor(std::string_view query);

}  // namespace dbcord::guild
