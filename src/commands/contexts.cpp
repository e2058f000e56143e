#include "commands/handlers.hpp"

namespace dbcord::commands {

database::write_context write_context_of(const invocation& call) {
  database::write_context context;
  context.idempotency_key = call.idempotency_key;
  context.who = call.who;
  context.command = call.name;
  context.deadline = call.deadline;
  return context;
}

database::read_context read_context_of(const invocation& call) {
  database::read_context context;
  context.deadline = call.deadline;
  return context;
}

}  // namespace dbcord::commands
