#include "guild/api_error.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "guild/json_writer.hpp"

namespace dbcord::guild {

namespace json = boost::json;

std::string api_error::body() const {
  std::string text;
  json_writer w(text);
  w.begin_object();
  w.field("message", message);
  if (retry_after) {
    w.field("retry_after", static_cast<double>(retry_after->count()) / 1000);
    w.field("global", false);
  }
  if (!retry_after || code) w.field("code", code);
  if (!errors.empty()) w.raw_field("errors", errors);
  w.end_object();
  return text;
}

void form_errors::add(std::string_view path, std::string_view code, std::string_view message) {
  static constexpr std::size_t most_reported = 50;  // keeps the answer to a hostile form small
  if (found_.size() < most_reported)
    found_.push_back({std::string(path), std::string(code), std::string(message)});
}

void form_errors::too_long(std::string_view path, std::size_t least, std::size_t most) {
  if (least == 0) {
    add(path, "BASE_TYPE_MAX_LENGTH", fmt::format("Must be {} or fewer in length.", most));
  } else {
    add(path, "BASE_TYPE_BAD_LENGTH", fmt::format("Must be between {} and {} in length.", least, most));
  }
}

void form_errors::required(std::string_view path) {
  add(path, "BASE_TYPE_REQUIRED", "This field is required");
}

namespace {

// `place` becomes an object (if it was anything else) and its member `key` is returned.
json::value& descend(json::value& place, std::string_view key) {
  if (!place.is_object()) place.emplace_object();
  return place.get_object()[key];
}

json::value& walk(json::value& root, std::string_view path) {
  auto* place = &root;
  while (!path.empty()) {
    auto dot = path.find('.');
    place = &descend(*place, path.substr(0, dot));
    path = dot == path.npos ? std::string_view() : path.substr(dot + 1);
  }
  return *place;
}

}  // namespace

api_error form_errors::take() const {
  json::value root = json::object();
  for (auto& e : found_) {
    auto& list = descend(walk(root, e.path), "_errors");
    if (!list.is_array()) list.emplace_array();
    list.get_array().push_back({{"code", e.code}, {"message", e.message}});
  }
  return {400, 50035, "Invalid Form Body", json::serialize(root), {}};
}

api_error form_error(std::string_view path, std::string_view code, std::string_view message) {
  form_errors errors;
  errors.add(path, code, message);
  return errors.take();
}

namespace errors {
namespace {
api_error plain(int status, int code, const char* message) {
  return {status, code, message, {}, {}};
}
}  // namespace

api_error unauthorized() {
  return plain(401, 0, "401: Unauthorized");
}
api_error not_found() {
  return plain(404, 0, "404: Not Found");
}
api_error method_not_allowed() {
  return plain(405, 0, "405: Method Not Allowed");
}
api_error unknown_application() {
  return plain(404, 10002, "Unknown Application");
}
api_error unknown_channel() {
  return plain(404, 10003, "Unknown Channel");
}
api_error unknown_guild() {
  return plain(404, 10004, "Unknown Guild");
}
api_error unknown_member() {
  return plain(404, 10007, "Unknown Member");
}
api_error unknown_message() {
  return plain(404, 10008, "Unknown Message");
}
api_error unknown_overwrite() {
  return plain(404, 10009, "Unknown Overwrite");
}
api_error unknown_role() {
  return plain(404, 10011, "Unknown Role");
}
api_error unknown_user() {
  return plain(404, 10013, "Unknown User");
}
api_error unknown_emoji() {
  return plain(400, 10014, "Unknown Emoji");
}
api_error too_many_roles() {
  return plain(400, 30005, "Maximum number of guild roles reached (250)");
}
api_error invalid_role() {
  return plain(400, 50028, "Invalid role");
}
api_error too_many_pins() {
  return plain(400, 30003, "Maximum number of pins reached for the channel (250)");
}
api_error too_many_reactions() {
  return plain(400, 30010, "Maximum number of reactions reached (20)");
}
api_error unknown_webhook() {
  return plain(404, 10015, "Unknown Webhook");
}
api_error unknown_interaction() {
  return plain(404, 10062, "Unknown interaction");
}
api_error unknown_command() {
  return plain(404, 10063, "Unknown application command");
}
api_error too_many_channels() {
  return plain(400, 30013, "Maximum number of server channels reached (500)");
}
api_error too_many_attachments() {
  return plain(400, 30015, "Maximum number of attachments in a message reached (10)");
}
api_error too_many_overwrites() {
  return plain(400, 30060, "Maximum number of channel permission overwrites reached (1000)");
}
api_error too_large() {
  return plain(413, 40005, "Request entity too large");
}
api_error already_acknowledged() {
  return plain(400, 40060, "Interaction has already been acknowledged.");
}
api_error missing_access() {
  return plain(403, 50001, "Missing Access");
}
api_error missing_permissions() {
  return plain(403, 50013, "Missing Permissions");
}
api_error not_the_author() {
  return plain(403, 50005, "Cannot edit a message authored by another user");
}
api_error empty_message() {
  return plain(400, 50006, "Cannot send an empty message");
}
api_error not_a_text_channel() {
  return plain(400, 50008, "Cannot send messages in a non-text channel");
}
api_error wrong_channel_type() {
  return plain(400, 50024, "Cannot execute action on this channel type");
}
api_error blocked_by_automod() {
  return {400, 200000, "Message was blocked by automatic moderation"};
}
api_error bots_only() {
  return plain(403, 20002, "Only bots can use this endpoint");
}
api_error users_only() {
  return plain(403, 20001, "Bots cannot use this endpoint");
}
api_error invalid_webhook_token() {
  return plain(401, 50027, "Invalid Webhook Token");
}
api_error too_old_for_bulk_delete() {
  return plain(400, 50034, "You can only bulk delete messages that are under 14 days old.");
}
api_error bad_bulk_count() {
  return plain(400, 50016,
               "Provided too few or too many messages to delete. Must provide at least 2 and at most 100.");
}
api_error system_message() {
  return plain(403, 50021, "Cannot execute action on a system message");
}
api_error invalid_message_type() {
  return plain(400, 50068, "Invalid message type");
}
api_error thread_archived() {
  return plain(400, 50083, "Thread is archived");
}
api_error thread_exists() {
  return plain(400, 160004, "A thread has already been created for this message");
}
api_error thread_locked() {
  return plain(403, 160005, "Thread is locked");
}
api_error too_many_active_threads() {
  return plain(400, 160006, "Maximum number of active threads reached");
}
api_error too_many_thread_members() {
  return plain(400, 30033, "Maximum number of thread participants reached (1000)");
}
api_error invalid_json() {
  return plain(400, 50109, "The request body contains invalid JSON.");
}
api_error invalid_content_type() {
  return {
      400,
      50035,
      "Invalid Form Body",
      R"({"_errors":[{"code":"CONTENT_TYPE_INVALID","message":"Expected application/json or multipart/form-data."}]})",
      {}};
}
api_error invalid_api_version() {
  return plain(400, 50041, "Invalid API version provided");
}

}  // namespace errors
}  // namespace dbcord::guild
