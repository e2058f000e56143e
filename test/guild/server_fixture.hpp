#pragma once
// The server on real sockets with a core of a few lines and a store that a test can hold up or break.

#include <boost/asio/post.hpp>
#include <condition_variable>
#include <future>
#include <set>
#include <stdexcept>

#include "discord/beast_transport.hpp"
#include "guild/server.hpp"
#include "support/real_environment.hpp"

namespace dbcord::test {

// POST /record keeps its body and tells every gateway connection; POST /interactions tells them and keeps nothing;
// GET /state rests on what is kept; /attachment keeps a file; anything else is echoed.
class tiny_core final : public guild::core {
 public:
  guild::effects take_initial_effects() override { return {}; }
  guild::credentials get_credentials() const override { return {}; }
  std::size_t message_count() const override { return 42; }
  void set_public_url(std::string) override {}
  bool knows_attachment(base::attachment_id) const override { return true; }

  guild::effects handle(const guild::http_request& request, base::system_time) override {
    guild::effects out;
    out.response.emplace();
    out.response->delivery = delivery;
    if (request.target == "/throw") throw std::runtime_error("a bug");
    if (request.target == "/record") {
      out.records.push_back(request.body);
      tell(out, "recorded " + request.body);
    } else if (request.target == "/interactions") {
      out.response->status = 204;
      tell(out, "interaction " + request.body);
    } else if (request.target == "/attachment") {
      out.attachments.push_back({base::attachment_id{7}, request.body});
    } else if (request.target == "/broken-header") {
      out.response->headers.emplace_back("X-Name", "a\r\nX-Injected: b");
    } else {
      out.response->headers.emplace_back("X-Target", request.target);
      out.response->body = request.method + " " + request.body;
    }
    return out;
  }

  guild::effects connect(guild::connection_id id, std::string_view query, base::system_time) override {
    connections_.insert(id);
    guild::effects out;
    out.frames.push_back({id, "hello " + std::string(query), std::nullopt});
    return out;
  }
  guild::effects receive(guild::connection_id id, std::string_view text, base::system_time) override {
    guild::effects out;
    if (text == "close me") {
      connections_.erase(id);
      out.frames.push_back({id, "last words", std::nullopt});
      out.frames.push_back({id, "", 4004});
    } else if (text == "vanish") {
      connections_.erase(id);
      out.frames.push_back({id, "", 1006});
    } else if (text == "flood") {
      for (int i = 0; i < 64; ++i) out.frames.push_back({id, std::string(1 << 20, 'x'), std::nullopt});
    } else {
      out.frames.push_back({id, "echo " + std::string(text), std::nullopt});
    }
    return out;
  }
  guild::effects disconnect(guild::connection_id id, int code, base::system_time) override {
    connections_.erase(id);
    if (on_disconnect) on_disconnect(code);
    return {};
  }

  std::optional<base::system_time> next_tick() const override { return next_tick_at; }
  guild::effects tick(base::system_time now) override {
    guild::effects out;
    if (!next_tick_at || now < *next_tick_at) return out;
    next_tick_at.reset();
    tell(out, "tick");
    return out;
  }

  std::optional<base::system_time> next_tick_at;
  std::function<void(int)> on_disconnect;
  guild::delivery delivery;  // of every answer

 private:
  void tell(guild::effects& out, const std::string& text) {
    for (auto id : connections_) out.frames.push_back({id, text, std::nullopt});
  }
  std::set<guild::connection_id> connections_;
};

class gated_store final : public guild::durable_store {
 public:
  base::result<void> commit(const guild::durable_batch& batch) override {
    std::unique_lock lock(mutex_);
    ++begun_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
    if (fail_) return base::error(boost::system::errc::make_error_code(boost::system::errc::io_error), "the disk is full");
    for (const auto& a : batch.attachments) attachments_.push_back(a.bytes);
    batches_.push_back(batch.records);
    return {};
  }

  void hold() { set(open_, false); }
  void let_go() { set(open_, true); }
  void fail() { set(fail_, true); }
  void wait_for_commit(int n) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return begun_ >= n; });
  }
  std::vector<std::vector<std::string>> batches() {
    std::lock_guard lock(mutex_);
    return batches_;
  }
  std::vector<std::string> attachments() {
    std::lock_guard lock(mutex_);
    return attachments_;
  }

 private:
  void set(bool& flag, bool value) {
    std::lock_guard lock(mutex_);
    flag = value;
    changed_.notify_all();
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = true;
  bool fail_ = false;
  int begun_ = 0;
  std::vector<std::vector<std::string>> batches_;
  std::vector<std::string> attachments_;
};

struct server_fixture {
  explicit server_fixture(guild::server_options options = {}) {
    options.failed = [this](base::error e) { failure.set_value(e.message); };
    server = *guild::server::listen(world.env(), std::move(options));
    server->start(core, store);
  }
  ~server_fixture() {
    store.let_go();
    stop();
    world.leave();
  }
  void stop() {
    if (server) world.run(server->stop(world.after(std::chrono::seconds(2))));
    server.reset();
  }

  std::string base_url(std::string scheme) const { return scheme + "://127.0.0.1:" + std::to_string(server->port()); }

  discord::http_request make(std::string method, std::string target, std::string body = {}) const {
    discord::http_request request;
    request.method = std::move(method);
    request.url = base_url("http") + target;
    request.body = std::move(body);
    return request;
  }
  base::result<discord::http_response> send(std::string method, std::string target, std::string body = {}) {
    return world.run(client.send(make(std::move(method), std::move(target), std::move(body)), soon()));
  }
  std::future<base::result<discord::http_response>> start(std::string method, std::string target, std::string body = {}) {
    auto request = make(std::move(method), std::move(target), std::move(body));
    return boost::asio::co_spawn(world.env().make_strand(), client.send(std::move(request), soon()), boost::asio::use_future);
  }
  std::unique_ptr<discord::event_stream> connect(std::string query = "/?v=10&encoding=json") {
    return *world.run(client.open(base_url("ws") + query, soon()));
  }
  discord::stream_event next(discord::event_stream& stream) { return world.run(stream.receive()); }
  std::string text(discord::event_stream& stream) { return std::get<discord::stream_frame>(next(stream)).data; }

  base::steady_time soon() const { return world.after(std::chrono::seconds(60)); }

  real_environment world;
  tiny_core core;
  gated_store store;
  std::promise<std::string> failure;
  discord::beast_transport client{world.env()};
  std::unique_ptr<guild::server> server;
};

inline bool ready_within(auto& future, std::chrono::milliseconds time) {
  return future.wait_for(time) == std::future_status::ready;
}

}  // namespace dbcord::test
