#include <fmt/format.h>

#include "commands/arguments.hpp"
#include "commands/attached_file.hpp"
#include "commands/handlers.hpp"
#include "commands/json_scan.hpp"
#include "commands/repeated_name.hpp"
#include "commands/reply_text.hpp"
#include "commands/typed_argument.hpp"
#include "database/row_operation.hpp"

namespace dbcord::commands {
namespace {

std::string outcome(const database::transaction_receipt& done, std::size_t steps) {
  if (done.repeated) return fmt::format("Done by an earlier delivery of this command. {}", done.location.url());
  if (done.lsn == 0) return fmt::format("Looked: {}, nothing to change.", count(steps, "step"));
  return fmt::format("Done: {} in one transaction. {}", count(steps, "step"), done.location.url());
}

}  // namespace

actor::task<reply> dbc_txn(services s, invocation call) {
  auto database = text_argument(call, "database");
  auto given = co_await text_or_file(s, call, "operations_json");
  if (!given) co_return failure(given.error().message);
  const auto& operations = given->text;
  if (operations.size() <= longest_text_of_file) {
    auto scan = scan_document(operations);
    if (!scan.good()) co_return failure(fmt::format("{}: not valid JSON {}.", given->name, describe(operations, scan)));
  }
  auto steps = database::parse_row_operations(operations, longest_text_of_file);
  if (!steps) co_return failure(fmt::format("{}: {}.", given->name, with_hidden_shown(steps.error().message)));
  if (auto twice = repeated_name(operations)) co_return failure(fmt::format("{}: {}.", given->name, named_twice(*twice)));
  auto number = steps->size();
  auto context = write_context_of(call);
  auto done = co_await s.engine.transact(database, std::move(*steps), std::move(context));
  if (!done) co_return explain(s, call, done.error());
  reply r;
  r.text = outcome(*done, number);
  for (auto& step : done->steps) {
    if (step.row.json.empty()) {
      r.text += fmt::format("\n- step {}: {} now has version {}", step.step + 1, quote_key(step.row.key), step.row.version);
    } else {
      r.rows.push_back(std::move(step.row.json));
    }
  }
  co_return r;
}

}  // namespace dbcord::commands
