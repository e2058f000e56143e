// The part of rest_message_store that changes something.

#include "actor/event.hpp"
#include "base/deliberate_bug.hpp"
#include "discord/api_error.hpp"
#include "discord/message_json.hpp"
#include "discord/multipart.hpp"
#include "discord/rest_message_store.hpp"
#include "discord/store_request.hpp"

namespace dbcord::discord {

using actor::task;
using base::result;
using database::dated;
using database::store_errc;
using database::stored_message;

namespace {

// For whatever broke the first sending to pass.
constexpr base::duration pause_before_resend = std::chrono::milliseconds(200);

constexpr std::string_view posting = "Writing the message";

void fill_body(rest_request& r, const database::new_message& message, base::random_source& random) {
  auto payload = message_payload(message);
  if (message.attachments.empty()) {
    r.body = std::move(payload);
    r.headers.emplace_back("Content-Type", "application/json");
    return;
  }
  std::vector<file_part> files;
  for (const auto& a : message.attachments) files.push_back({a.filename, a.bytes});
  auto form = make_multipart(payload, files, random);
  r.body = std::move(form.body);
  r.headers.emplace_back("Content-Type", std::move(form.content_type));
}

result<dated<stored_message>> judge_post(const result<rest_response>& answer,
                                         const database::new_message& message, base::channel_id channel) {
  if (!answer) return translate(answer.error(), posting);
  auto kind = message.attachments.empty() ? request_kind::write_message : request_kind::write_files;
  if (!succeeded(*answer)) return translate(*answer, posting, {kind, channel});
  auto stored = read_message(answer->body);
  if (!stored) return unreadable(store_errc::unknown, posting);
  if (!echoes(*stored, message)) {
    return base::error(store_errc::content_refused, "Discord stored the message with an altered content.",
                       "altered");
  }
  stored->rate = answer->rate;
  return dated<stored_message>{std::move(*stored), answer->date};
}

base::error unresolved(const base::error& first, const base::error& second) {
  return {store_errc::unknown, first.message,
          first.detail + "; sent again: " + second.message + " " + second.detail};
}

// Discord's delete limits differ by age (observed, discord/discord-api-docs 8330), and so do the buckets.
std::string delete_route(base::message_id message, base::system_time now) {
  auto age = now - base::created_at(message);
  std::string route = "/channels/{}/messages/{}";
  if (age < std::chrono::seconds(10)) return route + "#young";
  if (age > std::chrono::hours(24 * 14)) return route + "#old";
  return route;
}

}  // namespace

task<result<dated<stored_message>>> rest_message_store::post(base::channel_id channel,
                                                             database::new_message message,
                                                             database::call_options options) {
  auto r = store_request("POST", "/channels/{}/messages", channel.str(), "/channels/" + channel.str() + "/messages",
                   options);
  if (base::has_bug(base::deliberate_bug::drop_nonce)) message.nonce.clear();
  fill_body(r, message, env_.random);
  r.leave_time_for_another = !message.nonce.empty();
  auto again = r;
  auto first_answer = co_await scheduler_.send(std::move(r));
  auto first = judge_post(first_answer, message, channel);
  bool ambiguous = first.has_error() && first.error().code == store_errc::unknown;
  bool anew = base::has_bug(base::deliberate_bug::drop_nonce);
  if (!ambiguous || (message.nonce.empty() && !anew)) co_return std::move(first);
  co_await actor::sleep_for(env_, pause_before_resend);
  auto second_answer = co_await scheduler_.send(std::move(again));
  auto second = judge_post(second_answer, message, channel);
  if (base::has_bug(base::deliberate_bug::trust_a_retrys_refusal)) co_return std::move(second);
  bool altered = second.has_error() && second.error().detail == "altered";
  if (second.has_value() || (altered && base::has_bug(base::deliberate_bug::altered_is_refused))) co_return std::move(second);
  // A refusal now says nothing of the first sending, and neither does an altered echo: if Discord does not know the nonce any more, the first may stand there as it was sent.
  co_return unresolved(first.error(), second.error());
}

task<result<void>> rest_message_store::remove(base::channel_id channel, base::message_id message,
                                              database::call_options options) {
  static constexpr std::string_view what = "Deleting the message";
  auto r = store_request("DELETE", delete_route(message, env_.clock.wall_now()), channel.str(),
                   "/channels/" + channel.str() + "/messages/" + message.str(), options);
  auto answer = co_await scheduler_.send(std::move(r));
  if (!answer) co_return translate(answer.error(), what);
  if (succeeded(*answer)) co_return result<void>();
  auto e = translate(*answer, what, {request_kind::delete_message, channel});
  if (e.code == store_errc::not_found) co_return result<void>();
  co_return std::move(e);
}

task<result<void>> rest_message_store::remove_many(base::channel_id channel, std::vector<base::message_id> messages,
                                                   database::call_options options) {
  static constexpr std::string_view what = "Deleting messages";
  // Discord has counted these by guild, not by channel (observed, discord/discord-api-docs 40 and 48).
  auto r = store_request("POST", "/channels/{}/messages/bulk-delete", who_.guild.str(),
                   "/channels/" + channel.str() + "/messages/bulk-delete", options);
  r.body = "{\"messages\":[";
  for (const auto& m : messages) r.body += (&m == &messages.front() ? "\"" : ",\"") + m.str() + "\"";
  r.body += "]}";
  r.headers.emplace_back("Content-Type", "application/json");
  auto answer = co_await scheduler_.send(std::move(r));
  if (!answer) co_return translate(answer.error(), what);
  if (succeeded(*answer)) co_return result<void>();
  co_return translate(*answer, what, {request_kind::delete_messages, channel});
}

task<result<dated<std::vector<database::channel_info>>>> rest_message_store::channels(
    database::call_options options) {
  static constexpr std::string_view what = "Listing the channels";
  auto r = store_request("GET", "/guilds/{}/channels", who_.guild.str(),
                   "/guilds/" + who_.guild.str() + "/channels", options);
  auto answer = co_await scheduler_.send(std::move(r));
  if (!answer) co_return of_reading(translate(answer.error(), what), what);
  if (!succeeded(*answer)) co_return of_reading(translate(*answer, what), what);
  auto list = read_channels(answer->body);
  if (!list) co_return unreadable(store_errc::not_done, what);
  dated<std::vector<database::channel_info>> d{std::move(*list), answer->date};
  co_return std::move(d);
}

task<result<dated<database::channel_info>>> rest_message_store::create_channel(
    database::new_channel channel, database::call_options options) {
  static constexpr std::string_view what = "Creating the channel";
  auto r = store_request("POST", "/guilds/{}/channels", who_.guild.str(),
                   "/guilds/" + who_.guild.str() + "/channels", options);
  auto kind = channel.private_to_bot ? request_kind::create_private_channel : request_kind::create_channel;
  r.body = channel_payload(channel, who_.guild, who_.self);
  r.headers.emplace_back("Content-Type", "application/json");
  auto answer = co_await scheduler_.send(std::move(r));
  if (!answer) co_return translate(answer.error(), what);
  if (!succeeded(*answer)) co_return translate(*answer, what, {kind, channel.parent});
  auto created = read_channel(answer->body);
  if (!created) co_return unreadable(store_errc::unknown, what);
  dated<database::channel_info> d{std::move(*created), answer->date};
  co_return std::move(d);
}

task<result<void>> rest_message_store::delete_channel(base::channel_id channel,
                                                      database::call_options options) {
  static constexpr std::string_view what = "Deleting the channel";
  auto r = store_request("DELETE", "/channels/{}", channel.str(), "/channels/" + channel.str(), options);
  auto answer = co_await scheduler_.send(std::move(r));
  if (!answer) co_return translate(answer.error(), what);
  if (succeeded(*answer)) co_return result<void>();
  auto e = translate(*answer, what, {request_kind::delete_channel, channel});
  if (e.code == store_errc::not_found) co_return result<void>();
  co_return std::move(e);
}

}  // namespace dbcord::discord
