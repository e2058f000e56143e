#include "discord/gateway_actor.hpp"

#include <boost/asio/post.hpp>

#include "discord/gateway_actor_impl.hpp"

namespace dbcord::discord {
namespace {

namespace gd = protocol::gateway_do;

class gateway_error_names final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "dbcord.gateway"; }
  std::string message(int value) const override {
    switch (static_cast<gateway_errc>(value)) {
      case gateway_errc::authentication_failed:
        return "the gateway refuses the token";
      case gateway_errc::disallowed_intents:
        return "the gateway does not allow the intents";
      case gateway_errc::refused:
        return "the gateway refuses the session";
    }
    return "unknown gateway error";
  }
};

gateway_errc code_of(gd::reason why) {
  switch (why) {
    case gd::reason::authentication_failed:
      return gateway_errc::authentication_failed;
    case gd::reason::disallowed_intents:
      return gateway_errc::disallowed_intents;
    case gd::reason::refused:
      break;
  }
  return gateway_errc::refused;
}

gateway_state state_of(gd::status s) {
  switch (s) {
    case gd::status::connecting:
      return gateway_state::connecting;
    case gd::status::ready:
      return gateway_state::ready;
    case gd::status::resumed:
      return gateway_state::resumed;
    case gd::status::disconnected:
      return gateway_state::disconnected;
    case gd::status::stopped:
      break;
  }
  return gateway_state::stopped;
}

protocol::gateway_session_options session_options(const gateway_options& from) {
  protocol::gateway_session_options o;
  o.url = from.url;
  o.token = from.token;
  o.intents = from.intents;
  o.os = from.identify_properties.os;
  o.browser = from.identify_properties.browser;
  o.device = from.identify_properties.device;
  o.saved = from.saved;
  o.identify_interval = from.identify_interval;
  o.identify_budget = from.identify_budget;
  o.hello_timeout = o.ready_timeout = from.connect_timeout;
  o.backoff_min = from.backoff_min;
  o.backoff_max = from.backoff_max;
  return o;
}

// start and stop; nothing else is sent to it.
constexpr std::size_t mailbox_limit = 16;

}  // namespace

const boost::system::error_category& gateway_category() noexcept {
  static const gateway_error_names instance;
  return instance;
}

gateway_actor::gateway_actor(const actor::environment& env, transport& net, gateway_options options,
                             gateway_listener& listener)
    : impl_(std::make_shared<impl>(env, net, std::move(options), listener)) {}
// Without stop() (a process that is killed in simulation) messages may wait that own the impl.
gateway_actor::~gateway_actor() { impl_->abandon(); }
void gateway_actor::start() {
  impl_->start();
}
actor::task<void> gateway_actor::stop(base::steady_time deadline) {
  return impl_->stop(deadline);
}

gateway_actor::impl::impl(const ::dbcord::actor::environment& env, transport& net, gateway_options options,
                          gateway_listener& listener)
    : actor(env, mailbox_limit),
      net_(net),
      listener_(listener),
      connect_timeout_(options.connect_timeout),
      session_(session_options(options), env.random),
      tasks_(env, "gateway") {}

void gateway_actor::impl::start() {
  bool told = tell([self = shared_from_this()] { self->feed(self->session_.start(self->time())); });
  DBCORD_ASSERT(told);
}

::dbcord::actor::task<void> gateway_actor::impl::stop(base::steady_time deadline) {
  auto self = shared_from_this();
  bool told = tell([self] {
    self->feed(self->session_.stop(self->time()));
    if (self->over_) self->ended_.set(true);  // it had failed before
  });
  DBCORD_ASSERT(told);
  co_await ended_.get_until(env(), deadline);
  // Awaited: a message left in the mailbox would keep this object alive for ever.
  ::dbcord::actor::promise<bool> at_end;
  tell([self, at_end] {
    self->end();
    at_end.set(true);
  });
  co_await at_end.get();
  co_await tasks_.join(base::steady_time::max());
}

void gateway_actor::impl::end() {
  over_ = true;
  link_.reset();
  if (timer_) env().timers.cancel(timer_->second);
  timer_.reset();
}

void gateway_actor::impl::feed(session::actions actions) {
  for (auto& action : actions) {
    if (over_) return;
    std::visit([this](auto& what) { carry_out(what); }, action);
  }
  if (!over_) set_timer();
}

void gateway_actor::impl::set_timer() {
  auto when = session_.next_timer();
  if (timer_ && when && timer_->first == *when) return;
  if (timer_) env().timers.cancel(timer_->second);
  timer_.reset();
  if (!when) return;
  auto fire = [weak = weak_from_this(), where = executor()] {
    ::dbcord::actor::asio::post(where, [weak] {
      auto self = weak.lock();
      if (!self || self->over_) return;
      self->timer_.reset();
      self->feed(self->session_.timer(self->time()));
    });
  };
  timer_.emplace(*when, env().timers.schedule(*when, std::move(fire)));
}

void gateway_actor::impl::carry_out(gd::dispatch& a) {
  listener_.on_dispatch(std::move(a.type), std::move(a.data));
}

void gateway_actor::impl::carry_out(gd::report& a) {
  listener_.on_state(state_of(a.what), std::move(a.detail));
  if (a.what != gd::status::stopped) return;
  end();
  ended_.set(true);
}

void gateway_actor::impl::carry_out(gd::save& a) {
  listener_.on_session(a.saved);
}

void gateway_actor::impl::carry_out(gd::fail& a) {
  env().log.error("gateway refused", {{"reason", a.message}});
  end();
  listener_.on_fatal(base::error(code_of(a.why), std::move(a.message)));
}

void gateway_actor::impl::carry_out(gd::note& a) {
  env().log.warning("gateway", {{"note", a.text}});
}

}  // namespace dbcord::discord
