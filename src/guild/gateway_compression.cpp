#include "guild/gateway_compression.hpp"

#include "guild/gateway_zlib_stream.hpp"
#include "guild/gateway_zstd_stream.hpp"
#include "guild/query_string.hpp"

namespace dbcord::guild {

std::unique_ptr<gateway_compressor> make_gateway_compressor(std::string_view query) {
  auto wanted = query_string(query).find("compress");
  if (wanted == "zlib-stream") return std::make_unique<zlib_stream>();
  if (wanted == "zstd-stream") return std::make_unique<zstd_stream>();
  return nullptr;
}

}  // namespace dbcord::guild
