#include "discord/rest_message_store.hpp"

#include <algorithm>

#include "discord/api_error.hpp"
#include "discord/message_json.hpp"
#include "discord/store_request.hpp"

namespace dbcord::discord {

using actor::task;
using base::result;
using database::dated;
using database::store_errc;
using database::stored_message;

task<result<dated<std::vector<stored_message>>>> rest_message_store::history_after(
    base::channel_id channel, base::message_id after, int limit, database::call_options options) {
  return history(channel, "?limit=" + std::to_string(limit) + "&after=" + after.str(), options);
}

task<result<dated<std::vector<stored_message>>>> rest_message_store::history_before(
    base::channel_id channel, base::message_id before, int limit, database::call_options options) {
  auto query = "?limit=" + std::to_string(limit);
  if (before) query += "&before=" + before.str();
  return history(channel, std::move(query), options);
}

task<result<dated<std::vector<stored_message>>>> rest_message_store::history(base::channel_id channel,
                                                                             std::string query,
                                                                             database::call_options options) {
  static constexpr std::string_view what = "Reading the channel";
  auto r = store_request("GET", "/channels/{}/messages", channel.str(),
                   "/channels/" + channel.str() + "/messages" + query, options);
  auto answer = co_await scheduler_.send(std::move(r));
  if (!answer) co_return of_reading(translate(answer.error(), what), what);
  if (!succeeded(*answer)) co_return of_reading(translate(*answer, what, {request_kind::read_messages, channel}), what);
  auto messages = read_messages(answer->body);
  if (!messages) co_return unreadable(store_errc::not_done, what);
  std::sort(messages->begin(), messages->end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  dated<std::vector<stored_message>> d{std::move(*messages), answer->date};
  co_return std::move(d);
}

task<result<dated<stored_message>>> rest_message_store::fetch(base::channel_id channel,
                                                              base::message_id message,
                                                              database::call_options options) {
  static constexpr std::string_view what = "Reading the message";
  auto r = store_request("GET", "/channels/{}/messages/{}", channel.str(),
                   "/channels/" + channel.str() + "/messages/" + message.str(), options);
  auto answer = co_await scheduler_.send(std::move(r));
  if (!answer) co_return of_reading(translate(answer.error(), what), what);
  if (!succeeded(*answer)) co_return of_reading(translate(*answer, what, {request_kind::read_messages, channel}), what);
  auto read = read_message(answer->body);
  if (!read) co_return unreadable(store_errc::not_done, what);
  dated<stored_message> d{std::move(*read), answer->date};
  co_return std::move(d);
}

task<result<database::search_page>> rest_message_store::search(database::search_request wanted,
                                                               database::call_options options) {
  static constexpr std::string_view what = "Searching the channel";
  auto path = "/guilds/" + who_.guild.str() + "/messages/search?content=" + wanted.word + "&channel_id=" + wanted.channel.str() +
              "&limit=" + std::to_string(database::search_request::page_size);
  if (wanted.below) path += "&max_id=" + wanted.below.str();
  if (wanted.offset > 0) path += "&offset=" + std::to_string(wanted.offset);
  auto r = store_request("GET", "/guilds/{}/messages/search", who_.guild.str(), std::move(path), options);
  auto answer = co_await scheduler_.send(std::move(r));
  if (!answer) co_return of_reading(translate(answer.error(), what), what);
  if (!succeeded(*answer)) co_return of_reading(translate(*answer, what, {request_kind::read_messages, wanted.channel}), what);
  if (answer->status == 202) {
    database::search_page none;
    none.ready = false;
    co_return std::move(none);
  }
  auto page = read_search_page(answer->body);
  if (!page) co_return unreadable(store_errc::not_done, what);
  co_return std::move(*page);
}

task<result<std::string>> rest_message_store::download(database::attachment_info attachment,
                                                       database::call_options options) {
  static constexpr std::string_view what = "Reading the attachment";
  if (!attachment.url.starts_with("https://") && !attachment.url.starts_with("http://")) {
    co_return base::error(store_errc::not_done, "Reading the attachment failed: it has no usable address.");
  }
  // The file server is not the API: no token, no global limit, a limit of its own if any.
  auto r = store_request("GET", "attachments", "", attachment.url, options);
  r.authenticated = false;
  r.exempt_from_global = true;
  auto answer = co_await scheduler_.send(std::move(r));
  if (!answer) co_return of_reading(translate(answer.error(), what), what);
  if (!succeeded(*answer)) co_return of_reading(translate(*answer, what), what);
  if (answer->body.size() != attachment.size) {
    co_return base::error(store_errc::not_done, "Reading the attachment failed: it came incomplete.");
  }
  co_return std::move(answer->body);
}

}  // namespace dbcord::discord
