#include "guild/gateway_sessions.hpp"

#include <algorithm>
#include <utility>

namespace dbcord::guild {

gateway_session& gateway_sessions::start(gateway_session session) {
  sessions_.push_back(std::make_unique<gateway_session>(std::move(session)));
  return *sessions_.back();
}

gateway_session* gateway_sessions::find(std::string_view id) {
  for (auto& s : sessions_) {
    if (s->id == id) return s.get();
  }
  return nullptr;
}

gateway_session* gateway_sessions::find(connection_id connection) {
  for (auto& s : sessions_) {
    if (s->connection == connection) return s.get();
  }
  return nullptr;
}

bool gateway_sessions::any_of(base::user_id user) const {
  return std::any_of(sessions_.begin(), sessions_.end(), [&](auto& s) { return s->user == user && s->holds_guild; });
}

void gateway_sessions::tell(gateway_session& session, std::string_view name, std::string data) {
  add(session, name, std::make_shared<const std::string>(std::move(data)));
}

void gateway_sessions::dispatch(gateway_session& session, std::string_view name,
                                std::shared_ptr<const std::string> data) {
  if (!session.holds_guild) return;
  auto fate = session.bot ? faults_.draw_event(name) : event_fate::delivered;
  if (fate == event_fate::dropped) return;
  if (fate == event_fate::late && !session.held) {
    session.held = held_event{name, std::move(data), now_ + faults_.draw_event_delay()};
    return;
  }
  if (fate == event_fate::doubled) add(session, name, data);
  add(session, name, std::move(data));
  if (auto overtaken = std::exchange(session.held, std::nullopt)) add(session, overtaken->name, overtaken->data);
}

void gateway_sessions::add(gateway_session& session, std::string_view name, std::shared_ptr<const std::string> data) {
  session.buffered_bytes += data->size();
  session.buffer.push_back({++session.sequence, name, std::move(data)});
  if (session.connection) send(session, session.buffer.back());
  trim(session);
}

void gateway_sessions::dispatch(gateway_session& session, std::string_view name, std::string data) {
  dispatch(session, name, std::make_shared<const std::string>(std::move(data)));
}

void gateway_sessions::send(const gateway_session& session, const sent_event& event) {
  std::string text = R"({"op":0,"s":)";
  text.reserve(event.data->size() + 64);
  text += std::to_string(event.sequence);
  text += R"(,"t":")";
  text += event.name;
  text += R"(","d":)";
  text += *event.data;
  text += '}';
  frames_.push_back({*session.connection, std::move(text), std::nullopt});
}

void gateway_sessions::trim(gateway_session& session) {
  // The newest stays, whatever its size: GUILD_CREATE alone may be larger than the bound.
  while (session.buffer.size() > 1 &&
         (session.buffer.size() > buffered_events_max || session.buffered_bytes > buffered_bytes_max)) {
    session.buffered_bytes -= session.buffer.front().data->size();
    session.buffer.pop_front();
  }
}

resume_outcome gateway_sessions::replay(gateway_session& session, connection_id to, std::uint64_t sequence) {
  if (sequence > session.sequence) return resume_outcome::invalid_sequence;
  auto oldest = session.buffer.empty() ? session.sequence + 1 : session.buffer.front().sequence;
  if (sequence + 1 < oldest) return resume_outcome::too_old;
  session.connection = to;
  for (auto& event : session.buffer) {
    if (event.sequence > sequence) send(session, event);
  }
  return resume_outcome::resumed;
}

void gateway_sessions::detach(gateway_session& session, base::system_time now) {
  session.connection.reset();
  session.lost_at = now;
  drop_surplus();
}

void gateway_sessions::drop_surplus() {
  auto detached = [](auto& s) { return !s->connection; };
  auto count = static_cast<std::size_t>(std::count_if(sessions_.begin(), sessions_.end(), detached));
  if (count <= detached_max) return;
  auto oldest = sessions_.end();
  for (auto s = sessions_.begin(); s != sessions_.end(); ++s) {
    if (detached(*s) && (oldest == sessions_.end() || (*s)->lost_at < (*oldest)->lost_at)) oldest = s;
  }
  sessions_.erase(oldest);
}

void gateway_sessions::end(gateway_session& session) {
  std::erase_if(sessions_, [&](auto& s) { return s.get() == &session; });
}

void gateway_sessions::expire(base::system_time now) {
  std::erase_if(sessions_, [&](auto& s) { return !s->connection && s->lost_at + resume_window <= now; });
}

void gateway_sessions::release_held(base::system_time now) {
  for (auto& s : sessions_) {
    if (!s->held || s->held->until > now) continue;
    auto late = std::exchange(s->held, std::nullopt);
    add(*s, late->name, late->data);
  }
}

std::optional<base::system_time> gateway_sessions::next_expiry() const {
  std::optional<base::system_time> next;
  auto earlier = [&](base::system_time t) {
    if (!next || t < *next) next = t;
  };
  for (auto& s : sessions_) {
    if (!s->connection) earlier(s->lost_at + resume_window);
    if (s->held) earlier(s->held->until);
  }
  return next;
}

}  // namespace dbcord::guild
