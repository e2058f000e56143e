#include "support/gateway_load.hpp"

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <charconv>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <vector>

#include "actor/event.hpp"
#include "actor/task_group.hpp"
#include "app/runtime.hpp"
#include "discord/beast_transport.hpp"
#include "support/processor_time.hpp"
#include "support/report.hpp"

namespace dbcord::bench {
namespace {

constexpr base::duration answer_patience = std::chrono::seconds(30);
constexpr std::uint64_t posters = 4;
constexpr std::string_view content_begin = R"("content":"load )";

struct access {
  std::string api_url, gateway_url, channel, token;

  explicit access(const std::filesystem::path& directory) {
    std::ifstream file(directory / "credentials.json");
    auto known = boost::json::parse(std::string(std::istreambuf_iterator<char>(file), {}));
    auto text = [&known](const char* name) { return std::string(known.at(name).as_string()); };
    api_url = text("api_url"), gateway_url = text("gateway_url"), channel = text("channel_id"), token = text("bot_token");
  }
};

struct exchange_state {
  exchange_state(const actor::environment& e, const gateway_load_options& o)
      : env(e), options(o), guild(o.guild), transport(e), count(static_cast<std::uint64_t>(o.a_second) * static_cast<std::uint64_t>(o.seconds)), posted(count) {}

  base::steady_time due(std::uint64_t number) const {
    return begun + std::chrono::nanoseconds(1'000'000'000ull * number / static_cast<std::uint64_t>(options.a_second));
  }
  void fail(std::string why) {
    if (failure.empty()) failure = std::move(why);
  }

  const actor::environment& env;
  const gateway_load_options& options;
  access guild;
  discord::beast_transport transport;
  std::uint64_t count;  // of messages, and of heartbeats a session
  base::steady_time begun;
  std::vector<base::steady_time> posted;
  std::vector<double> delays;  // ms
  base::steady_time last_event;
  std::string failure;
};

struct session {
  explicit session(exchange_state& all_of_them) : all(all_of_them), seen(all_of_them.count) {}

  bool complete() const { return got == all.count && acknowledged == all.count; }
  void take(std::string_view text) {
    if (text.find(R"("op":11)") != text.npos) {
      ++acknowledged;
      all.last_event = all.env.now();
      return;
    }
    auto at = text.find(content_begin);
    if (at == text.npos) return;
    std::uint64_t number = 0;
    std::from_chars(text.data() + at + content_begin.size(), text.data() + text.size(), number);
    if (number >= seen.size()) return all.fail(fmt::format("an event that nobody caused: {}", text));
    if (seen[number]) return void(++doubled);
    seen[number] = true;
    ++got;
    all.last_event = all.env.now();
    all.delays.push_back(std::chrono::duration<double, std::milli>(all.last_event - all.posted[number]).count());
  }

  exchange_state& all;
  std::unique_ptr<discord::event_stream> stream;
  std::vector<bool> seen;  // by number of the message
  std::uint64_t got = 0, doubled = 0, acknowledged = 0, sent = 0;
};

actor::task<bool> receive_until(discord::event_stream& stream, std::string_view name) {
  for (;;) {
    auto event = co_await stream.receive();
    auto* frame = std::get_if<discord::stream_frame>(&event);
    if (!frame) co_return false;
    if (frame->data.find(name) != std::string::npos) co_return true;
  }
}

// HELLO, IDENTIFY, READY, GUILD_CREATE.
actor::task<void> open_session(session& s) {
  auto& all = s.all;
  auto opened = co_await all.transport.open(all.guild.gateway_url + "/?v=10&encoding=json", all.env.after(answer_patience));
  if (!opened) throw std::runtime_error("a gateway session cannot be opened: " + opened.error().message);
  s.stream = std::move(*opened);
  auto identify = fmt::format(R"({{"op":2,"d":{{"token":"{}","intents":33281,"properties":{{}}}}}})", all.guild.token);
  auto sent = co_await s.stream->send(std::move(identify));
  bool ready = false;
  if (sent) ready = co_await receive_until(*s.stream, R"("GUILD_CREATE")");
  if (!ready) throw std::runtime_error("a gateway session was refused");
}

actor::task<void> listen(session& s) {
  while (!s.complete()) {
    auto event = co_await s.stream->receive();
    auto* frame = std::get_if<discord::stream_frame>(&event);
    if (!frame) co_return;
    s.take(frame->data);
  }
}

// On a grid of its own, so that the sessions do not all speak at once.
actor::task<void> beat(session& s, base::duration offset) {
  for (; s.sent < s.all.count; ++s.sent) {
    co_await actor::sleep_until(s.all.env, s.all.due(s.sent) + offset);
    std::string text = R"({"op":1,"d":1})";
    auto sent = co_await s.stream->send(std::move(text));
    if (!sent) co_return;
  }
}

actor::task<void> post(exchange_state& all, std::uint64_t first) {
  for (auto number = first; number < all.count; number += posters) {
    co_await actor::sleep_until(all.env, all.due(number));
    discord::http_request request;
    request.method = "POST";
    request.url = fmt::format("{}/channels/{}/messages", all.guild.api_url, all.guild.channel);
    request.headers = {{"Authorization", "Bot " + all.guild.token}, {"Content-Type", "application/json"}, {"User-Agent", "DiscordBot (bench, 1)"}};
    request.body = fmt::format(R"({{{}{} and what a row has"}})", content_begin, number);
    all.posted[number] = all.env.now();
    auto answer = co_await all.transport.send(std::move(request), all.env.after(answer_patience));
    if (!answer || answer->status != 200) all.fail("a message was refused: " + (answer ? answer->body : answer.error().message));
  }
}

gateway_load_result sum_up(const exchange_state& all, const std::vector<session>& sessions, double cpu) {
  gateway_load_result out;
  for (auto& s : sessions) {
    out.to_sessions += all.count;
    out.lost += all.count - s.got;
    out.doubled += s.doubled;
    out.from_sessions += s.sent;
    out.unanswered += s.sent - s.acknowledged;
  }
  out.seconds = std::chrono::duration<double>(all.last_event - all.begun).count();
  out.client_cpu_seconds = cpu;
  if (all.delays.empty()) return out;
  out.p50_ms = percentile(all.delays, 0.5);
  out.p99_ms = percentile(all.delays, 0.99);
  return out;
}

actor::task<int> exchange(const actor::environment& env, const gateway_load_options& options, gateway_load_result& out) {
  exchange_state all(env, options);
  std::vector<session> sessions;
  for (int i = 0; i < options.sessions; ++i) sessions.emplace_back(all);
  for (auto& s : sessions) co_await open_session(s);
  actor::task_group listeners(env, "listeners"), speakers(env, "speakers");
  auto on = env.context.get_executor();
  auto cpu_before = processor_seconds();
  all.begun = env.after(std::chrono::milliseconds(100));
  auto step = std::chrono::nanoseconds(1'000'000'000 / options.a_second / options.sessions);
  for (std::size_t i = 0; i < sessions.size(); ++i) {
    listeners.spawn(on, listen(sessions[i]));
    speakers.spawn(on, beat(sessions[i], step * static_cast<int>(i)));
  }
  for (std::uint64_t i = 0; i < posters; ++i) speakers.spawn(on, post(all, i));
  auto end = all.due(all.count) + answer_patience;
  (void)co_await speakers.join(end);
  (void)co_await listeners.join(end);  // what did not come until then counts as lost
  out = sum_up(all, sessions, processor_seconds() - cpu_before);
  for (auto& s : sessions) co_await s.stream->close(1000, "");
  (void)co_await listeners.join(env.after(answer_patience));
  if (!all.failure.empty()) throw std::runtime_error(all.failure);
  co_return 0;
}

}  // namespace

gateway_load_result exchange_events(const gateway_load_options& options) {
  base::null_logger log;
  app::runtime world(log);
  gateway_load_result out;
  world.run(exchange(world.env(), options, out));
  return out;
}

}  // namespace dbcord::bench
