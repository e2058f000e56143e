#include "database/creation_record.hpp"

#include <fmt/format.h>

#include "protocol/ascii_json.hpp"
#include "protocol/json_node.hpp"
#include "protocol/machine_line.hpp"

namespace dbcord::database {

std::string encode_creation(const creation_record& record) {
  protocol::machine_line line{"database", {}};
  line.set("id", record.id);
  line.set("db", record.name);
  line.set("catalog", record.catalog.value);
  line.set("control", record.control.value);
  line.set("log", record.log.value);
  if (record.restoring) line.set("restoring", 1);
  if (!record.chain.empty()) line.set("chain", record.chain);
  return fmt::format("**Database {}**\n{}", record.name, to_text(line));
}

std::optional<creation_record> decode_creation(std::string_view content) {
  auto line = protocol::find_machine_line(content);
  if (!line || line->kind != "database") return std::nullopt;
  auto id = line->text("id"), name = line->text("db");
  auto catalog = line->number("catalog"), control = line->number("control"), log = line->number("log");
  if (!id || !name || !catalog || !control || !log) return std::nullopt;
  return creation_record{*id, *name, {*catalog}, {*control}, {*log}, line->number("restoring").has_value(), line->text("chain").value_or("")};
}

protocol::chain_anchor anchor_of(const creation_record& record) {
  return {0, 0, 0, record.chain.empty() ? protocol::record_hash(encode_creation(record)) : record.chain, record.log};
}

std::optional<creation_record> find_creation(const std::vector<stored_message>& messages, base::channel_id catalog) {
  std::optional<creation_record> counts;
  base::message_id since;
  for (const auto& m : messages) {
    auto record = decode_creation(m.content);
    if (!record || record->catalog != catalog) continue;
    if (!since) since = m.id;
    if (!counts || !record->chain.empty()) counts = std::move(record);
  }
  if (counts) counts->since = since;
  return counts;
}

std::string encode_table_descriptor(const protocol::create_table& table) {
  protocol::machine_line line{"table", {}};
  line.set("t", table.table);
  line.set("channel", table.channel.value);
  std::string json = "{\"table\":\"" + table.name + "\",\"primary_key\":";
  protocol::append_json_string(json, table.primary_key);
  return fmt::format("**Table {}**\n{}\n{}", table.name, protocol::json_block(protocol::to_ascii_json(json + "}")), to_text(line));
}

std::optional<table_descriptor> decode_table_descriptor(std::string_view content) {
  auto line = protocol::find_machine_line(content);
  if (!line || line->kind != "table") return std::nullopt;
  auto table = line->number("t");
  if (!table) return std::nullopt;
  return table_descriptor{*table, base::channel_id{line->number("channel").value_or(0)}};
}

std::optional<protocol::create_table> decode_described_table(std::string_view content) {
  auto descriptor = decode_table_descriptor(content);
  auto block = protocol::find_json_block(content);
  auto node = block ? protocol::parse_json(*block) : base::error(base::errc::invalid_argument);
  if (!descriptor || !node) return std::nullopt;
  const auto *name = node->find("table"), *key = node->find("primary_key");
  auto is_text = [](const protocol::json_node* n) { return n && n->type == protocol::json_node::kind::string; };
  if (!is_text(name) || !is_text(key)) return std::nullopt;
  return protocol::create_table{descriptor->table, name->text, key->text, descriptor->channel};
}

}  // namespace dbcord::database
