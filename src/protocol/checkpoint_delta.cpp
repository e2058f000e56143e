#include "protocol/checkpoint_delta.hpp"

#include <fmt/format.h>

#include "protocol/byte_coding.hpp"
#include "protocol/log_record.hpp"
#include "protocol/machine_line.hpp"

namespace dbcord::protocol {
namespace {

constexpr std::string_view delta_kind = "checkpoint-delta";
constexpr std::uint64_t delta_bytes_max = 64 * 1024 * 1024;  // of all attachments: what a reader must hold; writers stay far below
constexpr std::size_t record_frame = 3 * 10;                 // bytes of three LEB128 numbers, at most
constexpr std::uint64_t delta_records_max = 1 << 16;

base::error damaged_delta(std::string_view what) { return {base::errc::invalid_argument, fmt::format("the delta is damaged: {}", what)}; }

}  // namespace

void delta_packer::add(std::uint64_t lsn, base::message_id message, std::string_view body) {
  if (header_.records == 0) header_.first_lsn = lsn;
  header_.last_lsn = lsn;
  ++header_.records;
  header_.bytes += body.size();
  std::string frame;
  put_number(frame, lsn);
  put_number(frame, message.value);
  put_number(frame, body.size());
  packer_.append(frame);
  packer_.append(body);
}

encoded_delta delta_packer::finish() {
  encoded_delta encoded{std::exchange(header_, {}), {}, packer_.finish()};
  auto& h = encoded.header;
  h.hash = record_hash(encoded.attachment);
  machine_line line{std::string(delta_kind), {}};
  line.set("b", h.bytes);
  line.set("d", h.hash);
  line.set("f", h.first_lsn);
  line.set("l", h.last_lsn);
  line.set("n", h.records);
  encoded.content = fmt::format("**Checkpoint** copies of {} file{} of log records {} to {}\n{}", h.records, h.records == 1 ? "" : "s", h.first_lsn,
                                h.last_lsn, to_text(line));
  return encoded;
}

std::optional<delta_header> decode_delta_header(std::string_view content) {
  auto line = find_machine_line(content);
  if (!line || line->kind != delta_kind) return std::nullopt;
  auto bytes = line->number("b"), first = line->number("f"), last = line->number("l"), records = line->number("n");
  auto hash = line->text("d");
  if (!bytes || !first || !last || !records || !hash) return std::nullopt;
  bool possible = *first <= *last && *records > 0 && *records - 1 <= *last - *first && *bytes <= delta_bytes_max && *records <= delta_records_max;
  if (!possible) return std::nullopt;
  return delta_header{*first, *last, *records, *bytes, *hash};
}

base::result<std::vector<delta_record>> decode_delta(const delta_header& header, std::string_view attachment) {
  if (record_hash(attachment) != header.hash) return damaged_delta("its checksum is wrong");
  auto unpacked = read_zstd(attachment, header.bytes + header.records * record_frame);
  if (!unpacked) return damaged_delta(unpacked.error().message);
  std::vector<delta_record> records;
  byte_reader reader(*unpacked);
  while (!reader.at_end() && !reader.failed()) {
    auto lsn = reader.number();
    base::message_id message{reader.number()};
    auto body = reader.text();
    bool in_order = records.empty() ? lsn == header.first_lsn : lsn > records.back().lsn;
    if (reader.failed() || !in_order || records.size() == header.records) return damaged_delta("its records are not those that it states");
    records.push_back({lsn, message, std::string(body)});
  }
  if (records.size() != header.records || records.back().lsn != header.last_lsn) return damaged_delta("records are missing");
  return records;
}

}  // namespace dbcord::protocol
