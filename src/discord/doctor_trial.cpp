#include "discord/doctor_trial.hpp"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>

#include "actor/event.hpp"
#include "discord/api_error.hpp"
#include "discord/json_read.hpp"

namespace dbcord::discord {
namespace {

using actor::task;
using database::dated;
using database::stored_message;

constexpr const char* name = "dbcord-doctor";
constexpr base::duration look_again = std::chrono::milliseconds(100);
constexpr base::duration search_again = std::chrono::seconds(2);
constexpr base::duration longest_staleness = std::chrono::seconds(30);  // until a message counts as never shown
constexpr std::size_t content_max = 2'000;                               // code points of a message

double seconds(base::duration d) { return std::chrono::duration<double>(d).count(); }

// As a row message is: a heading, JSON in a code block with everything delicate escaped, and as long as Discord takes.
std::string delicate_text() {
  std::string text = "**doctor** `a.b` v1\n```json\n{\"text\":\"\\u0040everyone \\u003c\\u0040123\\u003e  two  spaces \\u002f\\u002f *_~|\",\"n\":1.10e+05,";
  std::string end = "\"}\n```\nv1 lsn=1";
  text += "\"filler\":\"";
  text.append(content_max - text.size() - end.size(), 'x');
  return text + end;
}

bool everyone_is_denied(const boost::json::object& channel, base::guild_id guild) {
  const auto* overwrites = array_at(channel, "permission_overwrites");
  if (!overwrites) return false;
  for (const auto& o : *overwrites) {
    if (!o.is_object() || string_at(o.as_object(), "id") != guild.str()) continue;  // @everyone has the guild's id
    return bits_at(o.as_object(), "deny").value_or(0) & permission::view_channel;
  }
  return false;
}

}  // namespace

task<void> doctor_trial::run() {
  bool made = co_await make_channels();
  if (made) {
    co_await privacy();
    co_await text();
    co_await nonce();
    co_await history();
    co_await attachment();
    co_await deletion();
    co_await search();
  }
  co_await remove_channels();
}

task<bool> doctor_trial::make_channels() {
  database::new_channel category;
  category.kind = database::channel_kind::category;
  category.name = name;
  category.private_to_bot = true;
  auto made = co_await store_.create_channel(std::move(category), options());
  if (!made) {
    failed("channels", made.error());
    co_return false;
  }
  category_ = made->value.id;
  database::new_channel channel;
  channel.name = name;
  channel.topic = "dbcord doctor tries things here; it can be deleted";
  channel.parent = category_;
  channel.private_to_bot = true;
  auto inside = co_await store_.create_channel(std::move(channel), options());
  if (!inside) {
    failed("channels", inside.error());
    co_return false;
  }
  channel_ = inside->value.id;
  if (inside->value.topic.empty()) say("channels", verdict::failed, "a channel's topic was not kept; dbcord finds its channels by it");
  else say("channels", verdict::ok, "a category and a channel can be made");
  co_return true;
}

task<void> doctor_trial::remove_channels() {
  for (auto* id : {&channel_, &category_}) {
    if (!*id) continue;
    auto gone = co_await store_.delete_channel(*id, options());
    if (gone) continue;
    say("tidying up", verdict::failed, fmt::format("the channel {} named {} could not be deleted, please do it: {}", id->str(), name, gone.error().message));
  }
}

task<void> doctor_trial::privacy() {
  rest_request r;
  r.method = "GET";
  r.route = "/channels/{}";
  r.top_level = channel_.str();
  r.path = "/channels/" + channel_.str();
  r.deadline = deadline_;
  auto answer = co_await context_.scheduler.send(std::move(r));
  if (!answer || !succeeded(*answer)) {
    failed("privacy", answer ? translate(*answer, "Reading the channel") : translate(answer.error(), "Reading the channel"));
    co_return;
  }
  auto channel = parse_object(answer->body);
  bool denied = channel && everyone_is_denied(*channel, context_.guild);
  if (denied) say("privacy", verdict::ok, "members do not see dbcord's channels unless they are let in");
  else say("privacy", verdict::warning, "everyone sees dbcord's channels: the denial was not kept");
}

task<base::result<dated<stored_message>>> doctor_trial::post(std::string content, std::string nonce) {
  database::new_message message;
  message.content = std::move(content);
  message.nonce = std::move(nonce);
  auto posted = co_await store_.post(channel_, std::move(message), options());
  co_return std::move(posted);
}

task<void> doctor_trial::text() {
  auto posted = co_await post(delicate_text(), context_.env.random.token(20));
  if (!posted) {
    failed("text", posted.error());  // an altered one is among these: post() compares the echo
    co_return;
  }
  say("text", verdict::ok, fmt::format("{} characters come back as they were sent", content_max));
  if (posted->value.rate) {
    say("rate limits", verdict::ok, fmt::format("answers foretell them: {} messages in {:.1f} s in this channel", posted->value.rate->limit,
                                                 seconds(posted->value.rate->reset_after)));
  } else {
    say("rate limits", verdict::warning, "answers do not foretell them; dbcord learns them from refusals, which Discord counts against the bot");
  }
}

task<void> doctor_trial::nonce() {
  auto token = context_.env.random.token(20);
  auto first = co_await post("nonce", token);
  auto second = co_await post("nonce", token);
  if (!first || !second) {
    failed("nonce", first ? second.error() : first.error());
    co_return;
  }
  if (first->value.id == second->value.id) say("nonce", verdict::ok, "a message sent twice with one nonce is stored once");
  else say("nonce", verdict::warning, "a message sent twice with one nonce is stored twice; each lost answer will cost another request");
}

task<std::optional<base::duration>> doctor_trial::staleness_of(base::message_id message, base::steady_time posted) {
  for (;;) {
    auto asked = context_.env.now();
    auto newest = co_await store_.history_before(channel_, {}, 5, options());
    if (!newest) {
      failed("history", newest.error());
      co_return std::nullopt;
    }
    for (const auto& m : newest->value)
      if (m.id == message) co_return asked - posted;
    if (asked - posted > longest_staleness) co_return asked - posted;
    co_await actor::sleep_for(context_.env, look_again);
  }
}

task<void> doctor_trial::history() {
  base::duration worst{};
  base::duration skew{};
  for (int i = 0; i < context_.options.history_probes; ++i) {
    auto posted = co_await post(fmt::format("history {}", i), context_.env.random.token(20));
    if (!posted) {
      failed("history", posted.error());
      co_return;
    }
    // Date shows whole seconds, rounded down, of a moment after the message was made.
    auto made = std::chrono::floor<std::chrono::seconds>(base::created_at(posted->value.id));
    auto differs = std::chrono::abs(std::chrono::duration_cast<base::duration>(posted->date - made));
    skew = std::max(skew, differs);
    // Only what was late is staleness: 0 when the first look shows the message.
    auto late = co_await staleness_of(posted->value.id, context_.env.now());
    if (!late) co_return;
    worst = std::max(worst, *late);
  }
  auto assumed = context_.options.staleness;
  if (worst <= assumed) say("history", verdict::ok, fmt::format("new messages are shown within {:.1f} s; dbcord assumes {:.0f} s", seconds(worst), seconds(assumed)));
  else {
    say("history", verdict::failed, fmt::format("a new message was shown after {:.1f} s only; dbcord assumes {:.0f} s, so two processes on one "
                                                "database could both write", seconds(worst), seconds(assumed)));
  }
  bool agree = skew <= std::chrono::seconds(2);
  if (agree) say("clock", verdict::ok, "message ids and the Date of answers agree");
  else say("clock", verdict::failed, fmt::format("message ids and the Date of answers differ by {:.0f} s; leases rest on both", seconds(skew)));
}

task<void> doctor_trial::attachment() {
  database::new_message message;
  message.content = "attachment";
  database::new_attachment file;
  file.filename = "doctor.bin";
  file.bytes.resize(context_.options.upload);
  for (std::size_t i = 0; i < file.bytes.size(); ++i) file.bytes[i] = static_cast<char>(i * 2654435761u >> 13);
  auto sent = file.bytes;
  message.attachments.push_back(std::move(file));
  auto posted = co_await store_.post(channel_, std::move(message), options());
  if (!posted) {
    failed("attachments", posted.error());
    co_return;
  }
  auto again = co_await store_.fetch(channel_, posted->value.id, options());
  if (!again || again->value.attachments.empty()) {
    say("attachments", verdict::failed, again ? "a stored attachment is not listed when its message is read" : again.error().message);
    co_return;
  }
  auto listed = again->value.attachments.front();
  auto bytes = co_await store_.download(std::move(listed), options());
  if (!bytes) failed("attachments", bytes.error());
  else if (*bytes != sent) say("attachments", verdict::failed, "an attachment came back altered");
  else say("attachments", verdict::ok, fmt::format("{} MiB come back byte for byte", context_.options.upload / (1024 * 1024)));
}

task<void> doctor_trial::deletion() {
  auto posted = co_await post("deletion", context_.env.random.token(20));
  if (!posted) {
    failed("deletion", posted.error());
    co_return;
  }
  auto gone = co_await store_.remove(channel_, posted->value.id, options());
  if (!gone) {
    failed("deletion", gone.error());
    co_return;
  }
  auto read = co_await store_.fetch(channel_, posted->value.id, options());
  if (!read && read.error().code == database::store_errc::not_found) say("deletion", verdict::ok, "a deleted message is gone");
  else say("deletion", verdict::failed, read ? "a deleted message can still be read" : read.error().message);
}

task<void> doctor_trial::search() {
  std::string word = "doctor";
  for (int i = 0; i < 12; ++i) word += static_cast<char>('a' + context_.env.random.next() % 26);
  auto posted = co_await post(word, context_.env.random.token(20));
  if (!posted) {
    failed("search", posted.error());
    co_return;
  }
  auto begun = context_.env.now();
  auto until = std::min(deadline_, begun + context_.options.search_patience);
  while (context_.env.now() < until) {
    rest_request r;
    r.method = "GET";
    r.route = "/guilds/{}/messages/search";
    r.top_level = context_.guild.str();
    r.path = fmt::format("/guilds/{}/messages/search?content={}", context_.guild.str(), word);
    r.level = database::priority::maintenance;
    r.deadline = deadline_;
    auto answer = co_await context_.scheduler.send(std::move(r));
    if (!answer || !succeeded(*answer)) {
      auto e = answer ? translate(*answer, "Searching") : translate(answer.error(), "Searching");
      say("search", verdict::warning, e.message + " dbcord answers finds from memory and does without.");
      co_return;
    }
    if (answer->body.find(posted->value.id.str()) != std::string::npos) {
      say("search", verdict::ok, fmt::format("a new message was found after {:.0f} s", seconds(context_.env.now() - begun)));
      co_return;
    }
    co_await actor::sleep_for(context_.env, search_again);
  }
  say("search", verdict::warning, fmt::format("a new message was not found within {:.0f} s; dbcord answers finds from memory and does without",
                                              seconds(context_.options.search_patience)));
}

}  // namespace dbcord::discord
