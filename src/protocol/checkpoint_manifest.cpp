#include "protocol/checkpoint_manifest.hpp"

#include <fmt/format.h>

#include <iterator>

#include "protocol/content_limit.hpp"
#include "protocol/json_node.hpp"
#include "protocol/machine_line.hpp"
#include "protocol/whole_number.hpp"

namespace dbcord::protocol {
namespace {


base::error damaged(std::string_view what) {
  return {base::errc::invalid_argument, fmt::format("the manifest of the checkpoint is damaged: {}", what)};
}

std::string body_of(const checkpoint_manifest& m) {
  auto body = fmt::format(R"({{"epoch":{},"attempt":{},"lsn":{},"hash":"{}","channel":{},"record":{},"rows":{},"parts":[)", m.anchor.epoch,
                          m.anchor.attempt, m.anchor.lsn, m.anchor.hash, m.anchor.channel.value, m.record.value, m.rows);
  for (std::size_t i = 0; i < m.parts.size(); ++i) {
    const auto& p = m.parts[i];
    fmt::format_to(std::back_inserter(body), R"({}[{},{},{},"{}"])", i == 0 ? "" : ",", p.message.value, p.position, p.size, p.hash);
  }
  return body + "]}";
}

std::optional<std::uint64_t> number_in(const json_node* node) {
  if (!node || node->type != json_node::kind::number) return std::nullopt;
  return whole_number(node->text);
}

std::optional<std::string> text_in(const json_node* node) {
  if (!node || node->type != json_node::kind::string) return std::nullopt;
  return node->text;
}

std::optional<checkpoint_part> part_in(const json_node& node) {
  if (node.items.size() != 4) return std::nullopt;
  auto message = number_in(&node.items[0]), position = number_in(&node.items[1]), size = number_in(&node.items[2]);
  auto hash = text_in(&node.items[3]);
  if (!message || !position || !size || !hash) return std::nullopt;
  return checkpoint_part{base::message_id{*message}, *position, *size, *hash};
}

}  // namespace

encoded_manifest encode_manifest(const checkpoint_manifest& m) {
  auto body = body_of(m);
  encoded_manifest encoded;
  encoded.hash = record_hash(body);
  machine_line line{"checkpoint-manifest", {}};
  line.set("l", m.anchor.lsn);
  line.set("d", encoded.hash);
  auto heading = fmt::format("**Checkpoint** {} row{} at LSN {}\n", m.rows, m.rows == 1 ? "" : "s", m.anchor.lsn);
  line.set("b", std::string("here"));
  encoded.content = heading + json_block(body) + "\n" + to_text(line);
  if (encoded.content.size() <= content_limit) return encoded;
  line.set("b", std::string("file"));
  encoded.content = heading + to_text(line);
  encoded.attachment = std::move(body);
  return encoded;
}

std::optional<manifest_header> decode_manifest_header(std::string_view content) {
  auto line = find_machine_line(content);
  if (!line || line->kind != "checkpoint-manifest") return std::nullopt;
  auto lsn = line->number("l");
  auto hash = line->text("d"), where = line->text("b");
  if (!lsn || !hash || !where) return std::nullopt;
  return manifest_header{*lsn, *hash, *where == "file"};
}

base::result<checkpoint_manifest> decode_manifest(const manifest_header& header, std::string_view content,
                                                  const std::optional<std::string>& attachment) {
  std::optional<std::string_view> body;
  if (!header.attached) body = find_json_block(content);
  if (header.attached && attachment) body = *attachment;
  if (!body) return damaged("its body is missing");
  if (record_hash(*body) != header.hash) return damaged("its checksum is wrong");
  auto node = parse_json(*body);
  if (!node || !node->is_object()) return damaged("its body is no JSON object");
  auto epoch = number_in(node->find("epoch")), attempt = number_in(node->find("attempt")), lsn = number_in(node->find("lsn"));
  auto channel = number_in(node->find("channel")), record = number_in(node->find("record")), rows = number_in(node->find("rows"));
  auto hash = text_in(node->find("hash"));
  const auto* parts = node->find("parts");
  if (!epoch || !attempt || !lsn || !channel || !record || !rows || !hash || !parts || *lsn != header.lsn) return damaged("a field is missing");
  checkpoint_manifest m{{*epoch, *attempt, *lsn, *hash, base::channel_id{*channel}}, base::message_id{*record}, *rows, {}};
  for (const auto& item : parts->items) {
    auto part = part_in(item);
    if (!part) return damaged("a part is not named properly");
    m.parts.push_back(std::move(*part));
  }
  return m;
}

std::string encode_checkpoint_reference(const checkpoint_reference& r) {
  return fmt::format(R"({{"manifest":{},"hash":"{}"}})", r.manifest.value, r.hash);
}

std::optional<checkpoint_reference> decode_checkpoint_reference(std::string_view body) {
  auto node = parse_json(body);
  if (!node || !node->is_object()) return std::nullopt;
  auto manifest = number_in(node->find("manifest"));
  auto hash = text_in(node->find("hash"));
  if (!manifest || !hash) return std::nullopt;
  return checkpoint_reference{base::message_id{*manifest}, *hash};
}

}  // namespace dbcord::protocol
