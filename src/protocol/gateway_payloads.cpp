#include "protocol/gateway_payloads.hpp"

#include <boost/json/serialize.hpp>

namespace dbcord::protocol {
namespace {

namespace json = boost::json;

std::string frame(int op, json::value data) {
  json::object o;
  o["op"] = op;
  o["d"] = std::move(data);
  return json::serialize(o);
}

// Privileged intents (docs, Gateway Intents) as the developer portal names their switches.
std::string privileged(std::uint64_t intents) {
  std::string names;
  auto add = [&](int bit, const char* name) {
    if (!(intents & (1ull << bit))) return;
    if (!names.empty()) names += ", ";
    names += name;
  };
  add(1, "Server Members Intent");
  add(8, "Presence Intent");
  add(15, "Message Content Intent");
  return names;
}

}  // namespace

std::string identify_payload(const gateway_session_options& options) {
  json::object properties;
  properties["os"] = options.os;
  properties["browser"] = options.browser;
  properties["device"] = options.device;
  json::object d;
  d["token"] = options.token;
  d["intents"] = options.intents;
  d["properties"] = std::move(properties);
  d["compress"] = false;
  d["large_threshold"] = 50;
  return frame(2, std::move(d));
}

std::string resume_payload(const gateway_session_options& options, const gateway_saved_session& saved) {
  json::object d;
  d["token"] = options.token;
  d["session_id"] = saved.session_id;
  d["seq"] = saved.sequence;
  return frame(6, std::move(d));
}

std::string heartbeat_payload(const gateway_saved_session& saved) {
  if (saved.sequence == 0) return frame(1, nullptr);
  return frame(1, saved.sequence);
}

std::string gateway_address(const std::string& url) {
  return url + (url.ends_with("/") ? "" : "/") + "?v=10&encoding=json";
}

close_meaning meaning_of_close(int code) {
  switch (code) {
    case 4004:
      return close_meaning::authentication_failed;
    case 4014:
      return close_meaning::disallowed_intents;
    case 4010:
    case 4011:
    case 4012:
    case 4013:
      return close_meaning::refused;
    case 1000:  // the server ended the session
    case 4003:
    case 4005:
    case 4007:
      return close_meaning::identify;
    default:
      return close_meaning::resume;  // 4009 too: if the session is gone, the answer to RESUME says so
  }
}

std::string sentence_of_close(int code, std::uint64_t intents) {
  switch (code) {
    case 4004:
      return "The gateway refuses the token; put a valid one into DISCORD_BOT_TOKEN and start again.";
    case 4010:
      return "The gateway refuses the shard number; this is a bug of dbcord.";
    case 4011:
      return "The bot is in too many servers for one connection; use one that is in fewer than 2,500.";
    case 4012:
      return "The gateway no longer speaks API version 10; update dbcord.";
    case 4013:
      return "The gateway does not know the intents asked for; this is a bug of dbcord.";
    case 4014: {
      auto names = privileged(intents);
      return "The gateway does not allow the intents asked for; switch on " +
             (names.empty() ? "them" : names) + " in Discord's developer portal under Bot and start again.";
    }
    default:
      return "The gateway closed the connection with code " + std::to_string(code) + ".";
  }
}

}  // namespace dbcord::protocol
