#include "guild/log_store_frame.hpp"

#include <xxhash.h>

#include "guild/little_endian.hpp"


namespace dbcord::guild {
namespace {

constexpr std::string_view magic = "DBCGUILD";

// The header's fields but for the checksum itself seed that of the payload.
std::uint64_t checksum(const log_frame& frame) {
  std::string head;
  put(head, static_cast<std::uint32_t>(frame.payload.size()));
  put(head, frame.position);
  put(head, frame.sequence);
  return XXH3_64bits_withSeed(frame.payload.data(), frame.payload.size(), XXH3_64bits(head.data(), head.size()));
}

}  // namespace

std::string encode_segment_header(const segment_header& header) {
  std::string out(magic);
  put(out, header.version);
  put(out, header.number);
  put(out, header.first_sequence);
  put<std::uint64_t>(out, XXH3_64bits(out.data(), out.size()));
  return out;
}

std::optional<segment_header> decode_segment_header(std::string_view bytes) {
  if (bytes.size() < segment_header_size || !bytes.starts_with(magic)) return std::nullopt;
  if (get<std::uint64_t>(bytes, 24) != XXH3_64bits(bytes.data(), 24)) return std::nullopt;
  return segment_header{get<std::uint32_t>(bytes, 8), get<std::uint32_t>(bytes, 12), get<std::uint64_t>(bytes, 16)};
}

void append_frame(std::string& out, const log_frame& frame) {
  put(out, static_cast<std::uint32_t>(frame.payload.size()));
  put(out, frame.position);
  put(out, checksum(frame));
  put(out, frame.sequence);
  out.append(frame.payload);
}

std::optional<log_frame> decode_frame(std::string_view bytes) {
  if (bytes.size() < frame_header_size) return std::nullopt;
  auto length = get<std::uint32_t>(bytes, 0);
  if (length > bytes.size() - frame_header_size) return std::nullopt;
  log_frame frame{get<std::uint32_t>(bytes, 4), get<std::uint64_t>(bytes, 16), bytes.substr(frame_header_size, length)};
  if (get<std::uint64_t>(bytes, 8) != checksum(frame)) return std::nullopt;
  return frame;
}

bool holds_later_batch(std::string_view bytes, std::uint64_t after) {
  for (std::size_t at = 0; at + frame_header_size <= bytes.size(); ++at) {
    // The sequence number first: it spares the checksum of nearly every offset.
    auto sequence = get<std::uint64_t>(bytes, at + 16);
    if (sequence <= after || sequence - after > bytes.size()) continue;
    auto frame = decode_frame(bytes.substr(at));
    if (frame && frame->batch_begin() > after) return true;
  }
  return false;
}

}  // namespace dbcord::guild
