#include "simulation/simulated_user.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <stdexcept>

#include "bot/message_rendering.hpp"
#include "simulation/owner_view.hpp"

namespace dbcord::simulation {

namespace json = boost::json;

namespace {

// GUILDS, GUILD_MESSAGES, DIRECT_MESSAGES (replies for one person's eyes), MESSAGE_CONTENT (Discord docs, Gateway Intents).
constexpr int intents = 1 | 1 << 9 | 1 << 12 | 1 << 15;
constexpr int loading = 1 << 7;  // Discord docs, Message Flags
constexpr base::duration reconnect_after = std::chrono::milliseconds(100);

std::string text_of(const json::object& object, std::string_view name) {
  auto* member = object.if_contains(name);
  return member && member->is_string() ? std::string(member->get_string()) : std::string();
}

std::int64_t number_of(const json::object& object, std::string_view name) {
  auto* member = object.if_contains(name);
  return member && member->is_int64() ? member->get_int64() : 0;
}

// An event as the guild writes it: {"op":0,"s":7,"t":"MESSAGE_CREATE","d":…
struct event_head {
  std::int64_t sequence = 0;
  std::string_view type;
};

std::optional<event_head> head_of(std::string_view frame) {
  constexpr std::string_view before_sequence = R"({"op":0,"s":)", before_type = R"(,"t":")";
  if (!frame.starts_with(before_sequence)) return std::nullopt;
  event_head head;
  auto [end, failed] = std::from_chars(frame.data() + before_sequence.size(), frame.data() + frame.size(), head.sequence);
  frame.remove_prefix(static_cast<std::size_t>(end - frame.data()));
  if (failed != std::errc() || !frame.starts_with(before_type)) return std::nullopt;
  head.type = frame.substr(before_type.size(), frame.find('"', before_type.size()) - before_type.size());
  return head;
}

json::object option(int type, std::string_view name, json::value value) {
  json::object o;
  o["type"] = type;
  o["name"] = name;
  o["value"] = std::move(value);
  return o;
}

}  // namespace

json::object text_option(std::string_view name, std::string_view value) { return option(3, name, json::value(value)); }
json::object integer_option(std::string_view name, std::int64_t value) { return option(4, name, value); }
json::object flag_option(std::string_view name, bool value) { return option(5, name, value); }
json::object file_option(std::string_view name, int number) {
  return option(11, name, json::value(std::to_string(number)));
}

simulated_user::simulated_user(world& w, simulated_guild& guild, std::string name)
    : world_(w), guild_(guild), name_(std::move(name)), random_(w.random().next()) {
  connect();
}

simulated_user::~simulated_user() {
  *alive_ = false;
  guild_.disconnect(connection_, 1001);
  for (auto& [nonce, p] : pending_) world_.cancel(p.patience);
}

void simulated_user::connect() {
  ++generation_;
  connection_ = guild_.connect("v=10&encoding=json", *this);
}

// What the guild says is read in an event of its own: it must not be called back while it speaks.
void simulated_user::take(guild::outgoing_frame frame) {
  world_.after({}, [this, alive = alive_, generation = generation_, frame = std::move(frame)] {
    if (!*alive || generation != generation_) return;
    if (frame.close_code) {
      lost();
    } else {
      read(frame.text);
    }
  });
}

void simulated_user::lost() {
  session_.clear();
  ++generation_;
  while (!pending_.empty()) finish(pending_.begin()->first, {});
  world_.after(reconnect_after, [this, alive = alive_] {
    if (*alive) connect();
  });
}

// Nearly all that is dispatched are messages that answer nobody who waits here; reading them took a third of a run.
bool simulated_user::may_concern(std::string_view type, std::string_view text) const {
  if (!type.starts_with("MESSAGE_")) return true;
  return std::any_of(pending_.begin(), pending_.end(), [text](const auto& p) { return !p.second.id.empty() && text.find(p.second.id) != std::string_view::npos; });
}

void simulated_user::read(const std::string& text) {
  if (auto event = head_of(text); event && !may_concern(event->type, text)) {
    sequence_ = event->sequence;
    return;
  }
  auto frame = json::parse(text).as_object();
  auto op = number_of(frame, "op");
  if (op == 10) hello(frame.at("d").as_object());
  if (op == 1) say(json::serialize(json::object{{"op", 1}, {"d", sequence_}}));
  if (op == 9) throw std::runtime_error("the guild does not let " + name_ + " in: " + text);
  if (op != 0) return;
  sequence_ = number_of(frame, "s");
  dispatch(text_of(frame, "t"), frame.at("d").as_object());
}

void simulated_user::hello(const json::object& data) {
  heartbeat_every_ = std::chrono::milliseconds(number_of(data, "heartbeat_interval"));
  json::object identify;
  identify["token"] = guild_.credentials().owner_token;
  identify["intents"] = intents;
  identify["properties"] = json::object{{"os", "linux"}, {"browser", "simulation"}, {"device", "simulation"}};
  say(json::serialize(json::object{{"op", 2}, {"d", std::move(identify)}}));
  heartbeat();
}

void simulated_user::heartbeat() {
  world_.after(heartbeat_every_, [this, alive = alive_, generation = generation_] {
    if (!*alive || generation != generation_) return;
    say(json::serialize(json::object{{"op", 1}, {"d", sequence_}}));
    heartbeat();
  });
}

void simulated_user::say(std::string text) { guild_.receive(connection_, text); }

void simulated_user::dispatch(std::string_view type, const json::object& data) {
  if (type == "READY") session_ = text_of(data, "session_id");
  if (type == "MESSAGE_CREATE" || type == "MESSAGE_UPDATE") message(data);
  auto nonce = pending_.find(text_of(data, "nonce"));
  if (nonce == pending_.end()) return;
  if (type == "INTERACTION_CREATE") nonce->second.id = text_of(data, "id");
  if (type == "INTERACTION_FAILURE") {
    user_reply reply;
    reply.what = user_reply::kind::failed;
    finish(nonce->first, std::move(reply));
  }
}

void simulated_user::message(const json::object& data) {
  auto* metadata = data.if_contains("interaction_metadata");
  if (!metadata || !metadata->is_object() || (number_of(data, "flags") & loading) != 0) return;
  if (bot::is_progress(text_of(data, "content"))) return;
  auto id = text_of(metadata->get_object(), "id");
  for (auto& [nonce, p] : pending_) {
    if (p.id != id) continue;
    user_reply reply;
    reply.what = user_reply::kind::answered;
    reply.message = data;
    reply.text = text_of(data, "content");
    return finish(nonce, std::move(reply));
  }
}

void simulated_user::finish(const std::string& nonce, user_reply reply) {
  auto node = pending_.extract(nonce);
  world_.cancel(node.mapped().patience);
  reply.interaction = node.mapped().id;
  node.mapped().answered(std::move(reply));
}

guild::http_response simulated_user::request(std::string method, std::string path, std::string body,
                                             std::string content_type) {
  guild::http_request r;
  r.method = std::move(method);
  r.target = "/api/v10" + path;
  r.headers = {{"Authorization", guild_.credentials().owner_token}, {"User-Agent", "simulation"}};
  if (!body.empty()) r.headers.emplace_back("Content-Type", std::move(content_type));
  r.body = std::move(body);
  return guild_.request(r);
}

std::map<std::string, std::string> simulated_user::files_of(const user_reply& reply) { return simulation::files_of(guild_, reply.message); }

bool simulated_user::sees_command(std::string_view command) {
  if (commands_.contains(command)) return true;
  auto c = guild_.credentials();
  auto answer = request("GET", "/applications/" + c.application.str() + "/guilds/" + c.guild.str() + "/commands");
  if (answer.status != 200) return false;
  commands_.clear();
  auto list = json::parse(answer.body).as_array();
  for (auto& entry : list) {
    auto name = text_of(entry.as_object(), "name");
    commands_[name] = std::move(entry.as_object());
  }
  return commands_.contains(command);
}

void simulated_user::send(slash_command command, base::duration patience, reply_handler answered) {
  auto nonce = random_.token(20);
  auto& p = pending_[nonce];
  p.answered = std::move(answered);
  p.patience = world_.after(patience, [this, nonce] { finish(nonce, {}); });
  if (!sees_command(command.name)) throw std::logic_error("the guild knows no command " + command.name);
  const auto& known = commands_.find(command.name)->second;

  json::array attachments;
  for (const auto& file : command.files) {
    attachments.push_back(json::object{{"id", std::to_string(attachments.size())},
                                       {"filename", file.filename},
                                       {"file_size", file.bytes.size()}});
  }
  json::object data{{"type", 1}, {"name", command.name}, {"id", known.at("id")}, {"version", known.at("version")}};
  data["options"] = std::move(command.options);
  data["attachments"] = std::move(attachments);
  auto c = guild_.credentials();
  json::object payload{{"type", 2},
                       {"application_id", c.application.str()},
                       {"guild_id", c.guild.str()},
                       {"channel_id", c.channel.str()},
                       {"session_id", session_},
                       {"nonce", nonce}};
  payload["data"] = std::move(data);
  discord::multipart_body body{"application/json", json::serialize(payload)};
  if (!command.files.empty()) body = discord::make_multipart(body.body, command.files, random_);
  auto answer = request("POST", "/interactions", std::move(body.body), std::move(body.content_type));
  if (answer.status / 100 == 2) return;
  user_reply refused;
  refused.what = user_reply::kind::not_accepted;
  refused.text = std::to_string(answer.status) + " " + answer.body;
  finish(nonce, std::move(refused));
}

}  // namespace dbcord::simulation
