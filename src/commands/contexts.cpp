#include "commands/arguments.hpp"
#include "commands/handlers.hpp"

namespace dbcord::commands {

database::write_context write_context_of(const invocation& call) {
  database::write_context context;
  context.idempotency_key = call.idempotency_key;
  context.who = call.who;
  context.command = call.name;
  context.deadline = call.deadline;
  context.progress = call.progress;
  if (auto expected = integer_argument(call, "expected_version", 0); expected > 0) context.expected_version = static_cast<std::uint64_t>(expected);
  return context;
}

database::read_context read_context_of(const invocation& call) {
  database::read_context context;
  context.deadline = call.deadline;
  context.progress = call.progress;
  return context;
}

}  // namespace dbcord::commands
