#include <fmt/format.h>

#include "commands/arguments.hpp"
#include "commands/handlers.hpp"
#include "commands/json_scan.hpp"
#include "commands/repeated_name.hpp"
#include "commands/reply_text.hpp"
#include "database/row_operation.hpp"

namespace dbcord::commands {
namespace {

constexpr std::size_t most_bytes = 8 * 1024 * 1024;  // of the list: no longer than a row may be

std::string outcome(const database::transaction_receipt& done, std::size_t steps) {
  if (done.repeated) return fmt::format("Done by an earlier delivery of this command. {}", done.location.url());
  if (done.lsn == 0) return fmt::format("Looked: {}, nothing to change.", count(steps, "step"));
  return fmt::format("Done: {} in one transaction. {}", count(steps, "step"), done.location.url());
}

}  // namespace

actor::task<reply> dbc_txn(services s, invocation call) {
  auto database = text_argument(call, "database");
  auto operations = text_argument(call, "operations_json");
  if (operations.size() <= most_bytes) {
    auto scan = scan_document(operations);
    if (!scan.good()) co_return failure(fmt::format("operations_json: not valid JSON {}.", describe(operations, scan)));
  }
  auto steps = database::parse_row_operations(operations, most_bytes);
  if (!steps) co_return failure("operations_json: " + steps.error().message + ".");
  if (auto twice = repeated_name(operations)) co_return failure("operations_json: " + named_twice(*twice) + ".");
  auto number = steps->size();
  auto context = write_context_of(call);
  auto done = co_await s.engine.transact(database, std::move(*steps), std::move(context));
  if (!done) co_return explain(s, call, done.error());
  reply r;
  r.text = outcome(*done, number);
  for (auto& step : done->steps) {
    if (step.row.json.empty()) {
      r.text += fmt::format("\n- step {}: {} now has version {}", step.step + 1, quote(step.row.key), step.row.version);
    } else {
      r.rows.push_back(std::move(step.row.json));
    }
  }
  co_return r;
}

}  // namespace dbcord::commands
