// The JSON that keeps its numbers' text: what parses is written again and parses to the same, a merge patch of anything
// onto anything is JSON, and scanner and parser agree on what JSON is. Input: a document a line.

#include "commands/json_scan.hpp"
#include "fuzz/fuzz_input.hpp"
#include "protocol/ascii_json.hpp"
#include "protocol/canonical_value.hpp"
#include "protocol/json_node.hpp"
#include "protocol/merge_patch.hpp"

using namespace dbcord;

DBCORD_FUZZ_TARGET(fuzz_json, data, size) {
  auto rest = fuzz::text_of(data, size);
  auto first_text = fuzz::take_line(rest);
  auto first = protocol::parse_json(first_text);
  auto second = protocol::parse_json(rest);
  auto scan = commands::scan_document(first_text);
  bool huge_exponent = !first && first.error().message.find("exponent") != std::string::npos;  // beyond what the parser can hold
  fuzz::promise(scan.good() == first.has_value() || huge_exponent, "scanner and parser agree");
  if (!scan.good()) (void)commands::describe(first_text, scan);
  if (!first) return 0;
  auto written = protocol::to_json(*first);
  auto again = protocol::parse_json(written);
  fuzz::promise(again && protocol::to_json(*again) == written, "JSON survives writing and reading");
  auto ascii = protocol::to_ascii_json(written);
  auto from_ascii = protocol::parse_json(ascii);
  fuzz::promise(from_ascii && protocol::to_json(*from_ascii) == written, "JSON survives its ASCII form");
  (void)protocol::key_text(*first);
  if (!second) return 0;
  protocol::apply_merge_patch(*first, *second);
  fuzz::promise(protocol::parse_json(protocol::to_json(*first)).has_value(), "a patched document is JSON");
  return 0;
}
