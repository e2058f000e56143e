#include "guild/server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <map>

#include "actor/event.hpp"
#include "actor/watchdog.hpp"
#include "guild/http_session.hpp"
#include "guild/server_committer.hpp"
#include "guild/server_http_text.hpp"
#include "guild/server_metrics.hpp"
#include "guild/server_release_queue.hpp"

namespace dbcord::guild {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using boost::system::error_code;

constexpr int backlog = 512;
constexpr std::chrono::milliseconds accept_pause{100};  // when the process is out of file descriptors

base::error cannot_listen(const server_options& o, const error_code& ec) {
  auto text = fmt::format("cannot listen on {} port {}: {}; choose another with --listen", o.address, o.port, ec.message());
  if (ec == asio::error::address_in_use) {
    text = fmt::format("port {} on {} is in use by another process; choose another with --listen", o.port, o.address);
  } else if (ec == asio::error::access_denied) {
    text = fmt::format("port {} on {} is reserved for the system; choose one above 1023 with --listen", o.port, o.address);
  }
  return {ec, std::move(text)};
}

error_code open_acceptor(tcp::acceptor& acceptor, const tcp::endpoint& at) {
  error_code ec;
  acceptor.open(at.protocol(), ec);
  if (!ec) acceptor.set_option(tcp::acceptor::reuse_address(true), ec);
  if (!ec) acceptor.bind(at, ec);
  if (!ec) acceptor.listen(backlog, ec);
  return ec;
}

}  // namespace

class server::implementation final : public server_host, public std::enable_shared_from_this<implementation> {
 public:
  implementation(const actor::environment& env, server_options options)
      : env_(env),
        options_(std::move(options)),
        strand_(env.make_strand()),
        acceptor_(strand_),
        release_([this](outgoing_frame f) { deliver(std::move(f)); }) {}

  base::result<void> open() {
    error_code ec;
    auto address = asio::ip::make_address(options_.address, ec);
    if (ec) {
      return base::error(ec, fmt::format("'{}' is no IP address to listen on; write it like 127.0.0.1:8080", options_.address));
    }
    ec = open_acceptor(acceptor_, {address, options_.port});
    if (ec) return cannot_listen(options_, ec);
    port_ = acceptor_.local_endpoint().port();
    return {};
  }

  std::uint16_t port() const { return port_; }

  void start(core& served, durable_store& store) {
    core_ = &served;
    committer_ = std::make_unique<committer>(store, env_.clock, [weak = weak_from_this()](base::result<committer::outcome> outcome) {
      auto self = weak.lock();
      if (self) asio::post(self->strand_, [self, outcome] { self->committed(outcome); });
    });
    tick_ = std::make_shared<actor::watchdog>(env_, strand_, [this] { tick(); });
    asio::post(strand_, [self = shared_from_this()] {
      self->accept();
      self->arm_tick();
    });
  }

  void run(base::unique_function<void(core&)> work) {
    asio::post(strand_, [self = shared_from_this(), work = std::move(work)]() mutable {
      if (self->core_ && !self->failed_) work(*self->core_);
    });
  }

  actor::task<void> stop(base::steady_time deadline) {
    begin_stop();
    while (!sessions_.empty() && env_.now() < deadline) co_await last_session_gone_.wait_until(env_, deadline);
    end_stop();
  }

  // Nothing of the core or the store is used after this. The second time, from the destructor, it touches nothing: handlers that were
  // cancelled may still run on the strand.
  void end_stop() {
    if (std::exchange(ended_, true)) return;
    begin_stop();
    if (committer_) committer_->finish();
    committer_.reset();
    release_.clear();
    drop_sessions();
    if (tick_) tick_->stop();
    core_ = nullptr;
  }

  // server_host -----------------------------------------------------------------------------------------------------

  const actor::environment& env() const override { return env_; }
  const actor::strand& strand() const override { return strand_; }
  const server_options& options() const override { return options_; }

  void handle(const http_request& request, std::shared_ptr<http_peer> from) override {
    bool asks_metrics = options_.metrics && request.method == "GET" && request.target == "/metrics";
    if (asks_metrics && from->is_local()) return from->respond(metrics());
    effects caused;
    bool overtaking = may_overtake(request);
    if (!ask_core("request", caused, [&] { return core_->handle(request, env_.clock.wall_now()); })) {
      caused.response = refusal(core_ ? 500 : 503, core_ ? "Internal server error" : "The server is shutting down.");
    }
    DBCORD_ASSERT(caused.response.has_value());
    if (options_.metrics) options_.metrics->count_request(request.method, request.target, caused.response->status);
    auto answer = [from = std::move(from), response = std::move(*caused.response)]() mutable {
      from->respond(std::move(response));
    };
    apply(std::move(caused), std::move(answer), overtaking);
  }

  connection_id connect(std::shared_ptr<gateway_peer> peer, std::string_view query) override {
    auto id = ++last_connection_;
    peers_.emplace(id, std::move(peer));
    drive("gateway connection", [&] { return core_->connect(id, query, env_.clock.wall_now()); });
    return id;
  }
  void receive(connection_id id, std::string_view text) override {
    drive("gateway message", [&] { return core_->receive(id, text, env_.clock.wall_now()); });
  }
  void disconnect(connection_id id, int code) override {
    peers_.erase(id);
    drive("gateway disconnect", [&] { return core_->disconnect(id, code, env_.clock.wall_now()); });
  }
  void forget(connection_id id) override { peers_.erase(id); }

  std::uint64_t add(std::shared_ptr<session> s) override {
    if (stopping_ || sessions_.size() >= options_.connections) return 0;
    sessions_.emplace(++last_session_, std::move(s));
    return last_session_;
  }
  void remove(std::uint64_t number) override {
    if (sessions_.erase(number) != 0 && sessions_.empty()) last_session_gone_.notify();
  }

  bool reserve_body(std::size_t bytes) override {
    if (bodies_ + bytes > options_.body_budget) return false;
    bodies_ += bytes;
    return true;
  }
  void release_body(std::size_t bytes) override { bodies_ -= bytes; }

 private:
  // Driving the core ------------------------------------------------------------------------------------------------

  // The core does not throw on input; if it does all the same, one request fails and not the guild.
  template <class Call>
  bool ask_core(std::string_view what, effects& out, Call call) {
    if (!core_ || failed_) return false;
    try {
      out = call();
      return true;
    } catch (const std::exception& e) {
      env_.log.error("the guild's core failed", {{"input", what}, {"error", e.what()}});
      return false;
    }
  }

  template <class Call>
  void drive(std::string_view what, Call call) {
    effects caused;
    if (ask_core(what, caused, std::move(call))) apply(std::move(caused), {}, false);
  }

  void apply(effects caused, release_queue::answer answer, bool overtaking) {
    for (auto& complaint : caused.complaints) env_.log.error("the guild's disk does not give back what it was told", {{"what", complaint}});
    if (failed_) return;
    bool kept = !caused.records.empty() || !caused.attachments.empty();
    if (committer_ && (kept || !caused.forgotten_attachments.empty())) {
      durable_batch batch;
      batch.attachments = std::move(caused.attachments);
      batch.records = std::move(caused.records);
      batch.forgotten = std::move(caused.forgotten_attachments);
      committer_->submit(++last_commit_, std::move(batch));
    }
    if (overtaking && !kept) {
      release_.push_overtaking(last_commit_, std::move(answer), std::move(caused.frames));
    } else {
      release_.push(last_commit_, std::move(answer), std::move(caused.frames));
    }
    arm_tick();
  }

  http_response metrics() {
    options_.metrics->set_connections(sessions_.size() - peers_.size(), peers_.size());
    if (core_) options_.metrics->set_messages(core_->message_count());
    http_response out;
    out.headers.emplace_back("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    out.body = options_.metrics->text();
    return out;
  }

  void deliver(outgoing_frame frame) {
    auto it = peers_.find(frame.to);
    if (it == peers_.end()) return;
    auto peer = it->second;
    if (frame.close_code) peers_.erase(it);
    peer->send(std::move(frame));
  }

  void committed(const base::result<committer::outcome>& outcome) {
    if (!outcome) return fail(outcome.error());
    if (core_ && !outcome->places.empty()) {
      core_->placed(outcome->places);
      if (options_.committed) options_.committed(*core_, outcome->places);
    }
    release_.durable(outcome->last);
  }

  void fail(const base::error& why) {
    if (std::exchange(failed_, true)) return;
    env_.log.error("the guild cannot keep what it is told and stops", {{"error", why.message}});
    begin_stop();
    release_.clear();
    drop_sessions();
    if (options_.failed) options_.failed(why);
  }

  void tick() {
    drive("tick", [&] { return core_->tick(env_.clock.wall_now()); });
    arm_tick();
  }

  void arm_tick() {
    if (!core_ || failed_) return;
    auto next = core_->next_tick();
    if (!next) return tick_->clear();
    tick_->set(env_.now() + std::max(base::duration(0), base::duration(*next - env_.clock.wall_now())));
  }

  // Connections -----------------------------------------------------------------------------------------------------

  void accept() {
    if (stopping_) return;
    acceptor_.async_accept(asio::any_io_executor(strand_), [self = shared_from_this()](error_code ec, tcp::socket socket) {
      if (self->stopping_) return;
      if (!ec) start_http_session(self, std::move(socket));
      if (ec && ec != asio::error::connection_aborted) return self->accept_later(ec);
      self->accept();
    });
  }

  void accept_later(const error_code& ec) {
    env_.log.warning("cannot accept a connection", {{"error", ec.message()}});
    env_.timers.schedule(env_.after(accept_pause), [weak = weak_from_this()] {
      auto self = weak.lock();
      if (self) asio::post(self->strand_, [self] { self->accept(); });
    });
  }

  void begin_stop() {
    if (std::exchange(stopping_, true)) return;
    error_code ignored;
    acceptor_.close(ignored);
    for (auto& [number, s] : copy_of_sessions()) s->wind_down();
  }

  void drop_sessions() {
    for (auto& [number, s] : copy_of_sessions()) s->drop();
  }

  // They leave the map while one walks over them.
  std::map<std::uint64_t, std::shared_ptr<session>> copy_of_sessions() const { return sessions_; }

  const actor::environment& env_;
  server_options options_;
  actor::strand strand_;
  tcp::acceptor acceptor_;
  std::uint16_t port_ = 0;
  core* core_ = nullptr;
  std::unique_ptr<committer> committer_;
  release_queue release_;
  std::shared_ptr<actor::watchdog> tick_;
  std::map<std::uint64_t, std::shared_ptr<session>> sessions_;
  std::map<connection_id, std::shared_ptr<gateway_peer>> peers_;
  actor::event last_session_gone_;
  std::uint64_t last_session_ = 0;
  connection_id last_connection_ = 0;
  std::uint64_t last_commit_ = 0;
  std::size_t bodies_ = 0;
  bool stopping_ = false;
  bool ended_ = false;
  bool failed_ = false;
};

base::result<std::unique_ptr<server>> server::listen(const actor::environment& env, server_options options) {
  auto impl = std::make_shared<implementation>(env, std::move(options));
  auto opened = impl->open();
  if (!opened) return opened.error();
  return std::unique_ptr<server>(new server(std::move(impl)));
}

server::server(std::shared_ptr<implementation> i) : impl_(std::move(i)) {}
server::~server() { impl_->end_stop(); }

std::uint16_t server::port() const { return impl_->port(); }
void server::run(base::unique_function<void(core&)> work) { impl_->run(std::move(work)); }
void server::start(core& served, durable_store& store) { impl_->start(served, store); }

namespace {
// Holds the server's inside while it stops.
template <class Implementation>
actor::task<void> stop_on(std::shared_ptr<Implementation> impl, base::steady_time deadline) {
  co_await impl->stop(deadline);
}
}  // namespace

actor::task<void> server::stop(base::steady_time deadline) {
  auto impl = impl_;
  auto work = stop_on(impl, deadline);
  co_await asio::co_spawn(impl->strand(), std::move(work), asio::use_awaitable);
}

}  // namespace dbcord::guild
