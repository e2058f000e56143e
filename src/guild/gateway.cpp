#include "guild/gateway.hpp"

#include <boost/json.hpp>

#include "guild/gateway_opcodes.hpp"
#include "guild/json_read.hpp"
#include "guild/json_writer.hpp"
#include "guild/query_string.hpp"

namespace dbcord::guild {
namespace {

bool is_supported_version(std::string_view query) {
  auto v = query_string(query).find("v");
  return !v || *v == "10" || *v == "9";
}

// Only JSON is spoken here: a client that waits for ETF would make no sense of it.
bool is_supported_encoding(std::string_view query) {
  auto encoding = query_string(query).find("encoding");
  return !encoding || *encoding == "json";
}

}  // namespace

void gateway::connect(connection_id id, std::string_view query) {
  connections_[id] = {world_.now, world_.now + sends_window, 0, std::nullopt};
  if (!is_supported_version(query)) return close(id, close_code::invalid_version);
  if (!is_supported_encoding(query)) return close(id, close_code::decode_error);
  send(id, op_hello, R"({"heartbeat_interval":41250,"_trace":["[\"local\"]"]})");
}

void gateway::disconnect(connection_id id, int code) {
  connections_.erase(id);
  auto* session = world_.sessions.find(id);
  if (!session) return;
  // Only these two end a session at once (facts 5.7).
  if (code == 1000 || code == 1001) {
    world_.sessions.end(*session);
  } else {
    world_.sessions.detach(*session, world_.now);
  }
}

void gateway::close(connection_id id, int code) {
  world_.out.frames.push_back({id, {}, code});
  connections_.erase(id);
  if (auto* session = world_.sessions.find(id)) world_.sessions.detach(*session, world_.now);
}

void gateway::send(connection_id id, int op, std::string_view data) {
  std::string text;
  json_writer w(text);
  w.begin_object();
  w.field("op", op);
  w.raw_field("d", data);
  w.raw(R"("s":null,"t":null)");
  w.end_object();
  world_.out.frames.push_back({id, std::move(text), std::nullopt});
}

bool gateway::within_send_limit(connection& c) {
  if (c.window_end <= world_.now) c.window_end = world_.now + sends_window, c.sends = 0;
  return ++c.sends <= sends_max;
}

void gateway::receive(connection_id id, std::string_view text) {
  auto found = connections_.find(id);
  if (found == connections_.end()) return;  // what was under way when we closed
  if (world_.options.rate_limits && !within_send_limit(found->second)) return close(id, close_code::rate_limited);
  if (text.size() > payload_max) return close(id, close_code::decode_error);
  auto value = parse_json(text);
  auto* payload = value ? value->if_object() : nullptr;
  auto op = payload ? integer_field(*payload, "op") : std::nullopt;
  if (!op) return close(id, close_code::decode_error);
  if (*op < 0 || *op > 255) return close(id, close_code::unknown_opcode);
  handle(id, static_cast<int>(*op), *payload);
}

void gateway::handle(connection_id id, int op, const boost::json::object& payload) {
  if (op == op_heartbeat) {
    connections_[id].heartbeat = world_.now;
    return send(id, op_ack, "null");
  }
  bool authenticated = world_.sessions.find(id) != nullptr;
  if (op == op_identify || op == op_resume) {
    if (authenticated) return close(id, close_code::already_authenticated);
    return op == op_identify ? identify(id, payload) : resume(id, payload);
  }
  bool known =
      op == op_presence || op == op_voice || op == op_members || op == op_sounds || op == op_channel_info;
  if (!known) return close(id, close_code::unknown_opcode);
  if (!authenticated) return close(id, close_code::not_authenticated);
  if (op == op_members) request_members(id, payload);
  // Presence, voice, sounds: accepted; nothing here depends on them.
}

void gateway::resume(connection_id id, const boost::json::object& payload) {
  auto* d = object_field(payload, "d");
  if (!d) return close(id, close_code::decode_error);
  auto token = text_field(*d, "token");
  auto session_id = text_field(*d, "session_id");
  auto sequence = integer_field(*d, "seq");
  auto& first = world_.state.first();
  if (token != first.bot_token && token != first.owner_token)
    return close(id, close_code::authentication_failed);
  auto* session = session_id ? world_.sessions.find(*session_id) : nullptr;
  bool own = session && session->bot == (token == first.bot_token);
  if (!own || !sequence || *sequence < 0) return send(id, op_invalid_session, "false");
  auto old = session->connection;
  auto outcome = world_.sessions.replay(*session, id, static_cast<std::uint64_t>(*sequence));
  if (outcome != resume_outcome::resumed) {
    bool wrong = outcome == resume_outcome::invalid_sequence;
    if (!old) world_.sessions.end(*session);
    return wrong ? close(id, close_code::invalid_sequence) : send(id, op_invalid_session, "false");
  }
  if (old) {  // the client knows before us that its former connection is dead
    world_.out.frames.push_back({*old, {}, close_code::not_authenticated});
    connections_.erase(*old);
  }
  world_.sessions.tell(*session, "RESUMED", R"({"_trace":["[\"local\"]"]})");
}

void gateway::tick() {
  for (auto c = connections_.begin(); c != connections_.end();) {
    auto id = c->first;
    bool zombie = c->second.heartbeat + heartbeat_tolerance <= world_.now;
    bool told_to_go = c->second.close_at && *c->second.close_at <= world_.now;
    ++c;  // close() erases
    if (told_to_go) {
      close(id, close_code::going_away);
    } else if (zombie) {
      close(id, close_code::unknown_error);
    }
  }
  world_.sessions.expire(world_.now);
  world_.sessions.release_held(world_.now);
  inflict_due();
}

std::optional<base::system_time> gateway::next_tick() const {
  auto next = world_.sessions.next_expiry();
  auto earlier = [&](std::optional<base::system_time> t) {
    if (t && (!next || *t < *next)) next = t;
  };
  for (auto& [id, c] : connections_) {
    earlier(c.heartbeat + heartbeat_tolerance);
    earlier(c.close_at);
  }
  earlier(world_.faults.next_session_fault());
  return next;
}

}  // namespace dbcord::guild
