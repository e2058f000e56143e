#include "protocol/log_record.hpp"

#include <fmt/format.h>

#include <array>

#include "dbcord/base/sha256.hpp"
#include "protocol/ascii_json.hpp"
#include "protocol/content_limit.hpp"
#include "protocol/machine_line.hpp"

namespace dbcord::protocol {
namespace {

constexpr std::array<std::string_view, 7> kind_names{"start", "group", "barrier", "roll", "drop", "checkpoint", "release"};

std::optional<record_kind> parse_kind(std::string_view name) {
  for (std::size_t i = 0; i < kind_names.size(); ++i) {
    if (kind_names[i] == name) return static_cast<record_kind>(i);
  }
  return std::nullopt;
}

machine_line to_line(const log_header& h) {
  machine_line line;
  line.kind = to_string(h.kind);
  line.set("a", h.attempt);
  line.set("b", std::string(h.attached ? "file" : "here"));
  line.set("d", h.body_hash);
  line.set("e", h.epoch);
  line.set("h", h.hash);
  line.set("l", h.lsn);
  line.set("p", h.previous);
  line.set("s", h.body_size);
  return line;
}

std::string content_of(const log_header& h, std::string_view heading, std::string_view inline_body) {
  std::string content(heading);
  content += '\n';
  if (!h.attached && !inline_body.empty()) content += json_block(inline_body) + "\n";
  return content + to_text(to_line(h));
}

}  // namespace

std::string_view to_string(record_kind kind) { return kind_names[static_cast<std::size_t>(kind)]; }

std::string record_hash(std::string_view bytes) { return base::sha256_hex(bytes).substr(0, 32); }

std::string compute_hash(const log_header& h) {
  return record_hash(fmt::format("dbcord/{} {} {} {} {} {} {} {} {}", format_version, to_string(h.kind), h.epoch, h.attempt,
                                 h.lsn, h.previous, h.body_size, h.body_hash, h.attached));
}

encoded_record encode_record(log_header header, std::string_view heading, std::string body, placement where) {
  auto seal = [&](bool attached, std::string_view bytes) {
    header.attached = attached;
    header.body_size = bytes.size();
    header.body_hash = record_hash(bytes);
    header.hash = compute_hash(header);
  };
  if (where == placement::automatic && body.size() < content_limit) {
    auto ascii = to_ascii_json(body);
    seal(false, ascii);
    auto content = content_of(header, heading, ascii);
    if (content.size() <= content_limit) return {header, std::move(content), std::nullopt};
  }
  seal(true, body);
  auto content = content_of(header, heading, {});
  return {header, std::move(content), std::move(body)};
}

std::optional<log_header> decode_header(std::string_view content) {
  auto line = find_machine_line(content);
  if (!line) return std::nullopt;
  auto kind = parse_kind(line->kind);
  auto epoch = line->number("e"), attempt = line->number("a"), lsn = line->number("l"), size = line->number("s");
  auto previous = line->text("p"), hash = line->text("h"), body_hash = line->text("d"), where = line->text("b");
  if (!kind || !epoch || !attempt || !lsn || !size || !previous || !hash || !body_hash || !where) return std::nullopt;
  if (*where != "file" && *where != "here") return std::nullopt;
  log_header h{*kind, *epoch, *attempt, *lsn, *previous, *hash, *size, *body_hash, *where == "file"};
  if (compute_hash(h) != h.hash) return std::nullopt;
  return h;
}

base::result<std::string> decode_body(const log_header& header, std::string_view content,
                                      const std::optional<std::string>& attachment) {
  std::string_view bytes;
  if (header.attached) {
    if (!attachment) return base::error(base::errc::invalid_argument, "the attachment of the log record is missing");
    bytes = *attachment;
  } else if (header.body_size > 0) {
    auto block = find_json_block(content);
    if (!block) return base::error(base::errc::invalid_argument, "the log record has no JSON block");
    bytes = *block;
  }
  if (bytes.size() != header.body_size) {
    return base::error(base::errc::invalid_argument,
                       fmt::format("the body of log record {} is damaged: it has {} bytes, not {}", header.lsn, bytes.size(), header.body_size));
  }
  if (record_hash(bytes) != header.body_hash) {
    return base::error(base::errc::invalid_argument, fmt::format("the body of log record {} is damaged: its checksum is wrong", header.lsn));
  }
  return std::string(bytes);
}

}  // namespace dbcord::protocol
