// What people declare, and the log keeps of it: schemas, rules of access, changes of columns, descriptors, transactions; and what Discord says beside its bodies.
// Input: the text; rate-limit headers take lines of "name: value", the first being the status.

#include <charconv>

#include "database/creation_record.hpp"
#include "database/database_descriptor.hpp"
#include "database/row_operation.hpp"
#include "discord/message_json.hpp"
#include "fuzz/fuzz_input.hpp"
#include "protocol/access_rules.hpp"
#include "protocol/column_change.hpp"
#include "protocol/json_node.hpp"
#include "protocol/rate_limit_headers.hpp"
#include "protocol/row_schema.hpp"
#include "protocol/row_thread.hpp"

using namespace dbcord;

namespace {

// What the log keeps must be read again by the next process.
template <class T>
void declared(std::string_view text) {
  auto first = T::parse(text);
  if (!first) return fuzz::promise(!first.error().message.empty(), "a refusal says why");
  std::string kept(first->json());
  auto again = T::parse(kept);
  fuzz::promise(again && again->json() == kept, "what was declared is read again as it was written");
}

void schema(std::string_view schema_json, std::string_view row_json) {
  auto schema = protocol::row_schema::parse(schema_json);
  auto row = protocol::parse_json(row_json);
  if (schema && row) (void)schema->check(*row);
}

void headers(std::string_view text) {
  auto status_text = fuzz::take_line(text);
  int status = 0;
  std::from_chars(status_text.data(), status_text.data() + status_text.size(), status);
  std::vector<std::pair<std::string, std::string>> all;
  for (auto line = fuzz::take_line(text); !line.empty(); line = fuzz::take_line(text)) {
    auto colon = line.find(": ");
    if (colon != line.npos) all.emplace_back(line.substr(0, colon), line.substr(colon + 2));
  }
  auto read = protocol::read_rate_limit_headers(status, all, text);
  if (read.counted) fuzz::promise(read.counted->reset_after >= base::duration::zero(), "no window ends before it began");
  if (read.retry_after) fuzz::promise(*read.retry_after >= base::duration::zero(), "nobody is told to repeat before he asked");
}

}  // namespace

DBCORD_FUZZ_TARGET(fuzz_settings, data, size) {
  auto text = fuzz::text_of(data, size);
  declared<protocol::row_schema>(text);
  declared<protocol::access_rules>(text);
  declared<protocol::column_change>(text);
  (void)database::database_descriptor::parse(text);
  constexpr std::size_t row_cap = 4'096;
  auto operations = database::parse_row_operations(text, row_cap);
  if (operations) fuzz::promise(operations->size() <= database::max_row_operations, "a transaction has no more steps than it may");
  (void)discord::read_search_page(text);
  (void)database::decode_described_table(text);
  (void)protocol::decode_thread_entry(text);
  headers(text);
  auto rest = text;
  auto first = fuzz::take_line(rest);
  schema(first, rest);
  return 0;
}
