// What faults do to gateway sessions: op 7, op 9, connections that vanish (facts 5.2, 5.6).

#include "guild/gateway.hpp"

#include "guild/gateway_opcodes.hpp"

namespace dbcord::guild {

std::vector<gateway_session*> gateway::connected_bots() {
  std::vector<gateway_session*> found;
  for (auto& s : world_.sessions.all()) {
    if (s->bot && s->connection) found.push_back(s.get());
  }
  return found;
}

void gateway::inflict(session_fault kind, gateway_session& session) {
  auto id = *session.connection;
  switch (kind) {
    case session_fault::reconnect:
      send(id, op_reconnect, "null");
      connections_[id].close_at = world_.now + reconnect_grace;
      return;
    case session_fault::invalidate:
      send(id, op_invalid_session, "false");
      world_.sessions.end(session);
      return;
    case session_fault::drop:
      close(id, close_code::vanished);
      return;
  }
}

std::size_t gateway::inflict_on_all(session_fault kind) {
  auto sessions = connected_bots();
  for (auto* s : sessions) inflict(kind, *s);
  return sessions.size();
}

void gateway::inflict_due() {
  for (auto kind : world_.faults.take_session_faults(world_.now)) {
    auto sessions = connected_bots();
    if (!sessions.empty()) inflict(kind, *sessions[world_.faults.choose(sessions.size())]);
  }
}

}  // namespace dbcord::guild
