#include "discord/api_error.hpp"

#include <fmt/format.h>

#include "discord/json_read.hpp"

namespace dbcord::discord {
namespace {

using database::store_errc;

// The first {"_errors": [{"code": …}]} in document order, with the path to it.
bool find_inner(const boost::json::value& value, const std::string& path, std::string& found, int depth) {
  auto* object = value.if_object();
  if (!object || depth > 32) return false;
  if (auto* list = array_at(*object, "_errors"); list && !list->empty() && list->front().is_object()) {
    found = path + " " + string_at(list->front().get_object(), "code");
    return true;
  }
  for (const auto& member : *object) {
    auto next = path.empty() ? std::string(member.key()) : path + "." + std::string(member.key());
    if (find_inner(member.value(), next, found, depth + 1)) return true;
  }
  return false;
}

struct meaning {
  store_errc code;
  const char* advice;
};

// Discord docs, Opcodes and Status Codes, JSON Error Codes.
std::optional<meaning> by_code(int code) {
  switch (code) {
    case 10003:
      return meaning{store_errc::not_found, "the channel does not exist any more"};
    case 10004:
      return meaning{store_errc::not_found, "the server does not exist or the bot is not in it"};
    case 10008:
      return meaning{store_errc::not_found, "the message does not exist any more"};
    case 30013:
      return meaning{store_errc::channel_limit,
                     "the server has 500 channels, as many as Discord allows; delete some"};
    case 30061:
      return meaning{store_errc::channel_limit,
                     "the server's channels are too large for Discord; delete some"};
    case 160005:
      return meaning{store_errc::not_done, "the thread is locked; unlock it first"};
    case 160006:
      return meaning{store_errc::channel_limit,
                     "the server has as many active threads as Discord allows; archive some"};
    case 50014:
      return meaning{store_errc::unauthorized, "the token is not valid"};
    case missing_access_code:
      return meaning{store_errc::forbidden, "the bot cannot see the channel; give it View Channel there"};
    case missing_permissions_code:
      return meaning{store_errc::forbidden, "the bot lacks a permission; see `dbcord doctor` for which"};
    case 40333:
      return meaning{store_errc::forbidden, "Discord's network protection blocks this client"};
    case 200000:
      return meaning{store_errc::content_refused, "a rule of the server's AutoMod blocks the text"};
    case 240000:
      return meaning{store_errc::content_refused, "Discord's link filter blocks the text"};
    case 400001:
      return meaning{store_errc::content_refused, "file uploads are limited in this server"};
    case 40005:
    case 50045:
      return meaning{store_errc::content_refused, "it is larger than Discord accepts"};
    case 50006:
      return meaning{store_errc::content_refused, "Discord takes it for an empty message"};
    default:
      return std::nullopt;
  }
}

meaning by_status(int status) {
  if (status >= 500)
    return {store_errc::unknown, "Discord failed while it worked on it; it may be done or not"};
  switch (status) {
    case 401:
      return {store_errc::unauthorized, "the token is not valid"};
    case 403:
      return {store_errc::forbidden, "Discord does not allow it"};
    case 404:
      return {store_errc::not_found, "it does not exist"};
    case 413:
      return {store_errc::content_refused, "it is larger than Discord accepts"};
    default:
      return {store_errc::not_done, "Discord refused it"};
  }
}

meaning judge(int status, const api_error_body& body) {
  if (status >= 500) return by_status(status);
  if (body.inner.find("CHANNEL_PARENT_MAX_CHANNELS") != std::string::npos) {
    return {store_errc::channel_limit, "the category has 50 channels, as many as Discord allows"};
  }
  if (body.code == 50035 && body.inner.starts_with("content ")) {
    return {store_errc::content_refused, "Discord does not accept the text"};
  }
  return by_code(body.code).value_or(by_status(status));
}

std::string sentence(std::string_view what, std::string_view why) {
  return fmt::format("{} failed: {}.", what, why);
}

}  // namespace

api_error_body read_api_error(std::string_view body) {
  auto object = parse_object(body);
  if (!object) return {};
  api_error_body e;
  e.code = static_cast<int>(integer_at(*object, "code").value_or(0));
  e.message = string_at(*object, "message");
  if (auto* errors = object->if_contains("errors")) find_inner(*errors, "", e.inner, 0);
  return e;
}

base::error translate(const rest_response& r, std::string_view what) {
  auto body = read_api_error(r.body);
  auto m = judge(r.status, body);
  auto detail = fmt::format("HTTP {}, code {}: {}", r.status, body.code, body.message);
  if (!body.inner.empty()) detail += " (" + body.inner + ")";
  return {m.code, sentence(what, m.advice), std::move(detail)};
}

base::error translate(const rest_response& r, std::string_view what, const refused_request& request) {
  auto e = translate(r, what);
  auto code = read_api_error(r.body).code;
  if (code == missing_access_code || code == missing_permissions_code) e.message = sentence(what, missing_permission_text(request, code));
  return e;
}

base::error translate(const base::error& e, std::string_view what) {
  if (e.code.category() == database::store_category() || e.code == base::errc::stopping) return e;
  if (e.code == transport_errc::interrupted) {
    return {store_errc::unknown,
            sentence(what, "the connection broke before an answer came; it may be done or not"), e.message};
  }
  if (e.code == transport_errc::not_sent) return {store_errc::not_done, sentence(what, e.message), e.detail};
  if (e.code == base::errc::overloaded || e.code == base::errc::timeout) {
    return {store_errc::busy, sentence(what, "too many requests wait already; try again in a moment"),
            e.message};
  }
  return {store_errc::not_done, sentence(what, e.message), e.detail};
}

base::error of_reading(base::error e, std::string_view what) {
  if (e.code != store_errc::unknown) return e;
  return {store_errc::not_done, sentence(what, "Discord did not answer it; try again later"), std::move(e.detail)};
}

base::error unreadable(database::store_errc code, std::string_view what) {
  return {code, sentence(what, "Discord's answer could not be read"), "unreadable answer"};
}

}  // namespace dbcord::discord
