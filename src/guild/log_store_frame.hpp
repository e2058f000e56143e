#pragma once
// The bytes of a log segment (README.md, "Store"): its header and its frames. Pure; any input is fine, any thread.
//
// A frame: u32 payload length, u32 position in its batch (0 begins one), u64 checksum (XXH3 of the payload, seeded
// with the XXH3 of length, position and sequence number), u64 sequence number, payload. Little-endian.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dbcord::guild {

inline constexpr std::size_t segment_header_size = 32;
inline constexpr std::size_t frame_header_size = 24;
inline constexpr std::uint32_t log_format_version = 1;

struct segment_header {
  std::uint32_t version = log_format_version;
  std::uint32_t number = 0;          // of the segment, from 1
  std::uint64_t first_sequence = 0;  // of its first frame
};

struct log_frame {
  std::uint32_t position = 0;
  std::uint64_t sequence = 0;
  std::string_view payload;

  std::size_t size() const { return frame_header_size + payload.size(); }
  // Everything before the batch was durable when the batch was written.
  std::uint64_t batch_begin() const { return sequence - position; }
};

std::string encode_segment_header(const segment_header& header);
// Empty when it is none or damaged.
std::optional<segment_header> decode_segment_header(std::string_view bytes);

void append_frame(std::string& out, const log_frame& frame);
// The frame at the beginning of `bytes`; empty when there is no whole and undamaged one.
std::optional<log_frame> decode_frame(std::string_view bytes);

// Whether any offset of `bytes` holds a valid frame whose batch begins after `sequence`: written when that one was durable.
bool holds_later_batch(std::string_view bytes, std::uint64_t sequence);

}  // namespace dbcord::guild
