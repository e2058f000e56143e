#pragma once
// The actor behind gateway_actor: carries out what protocol::gateway_session asks for. Private to it;
// everything runs on its strand. Kept alive by its coroutines.

#include <deque>

#include "actor/actor.hpp"
#include "actor/task_group.hpp"
#include "discord/gateway_actor.hpp"
#include "protocol/gateway_session.hpp"

namespace dbcord::discord {

class gateway_actor::impl final : public actor::actor, public std::enable_shared_from_this<impl> {
 public:
  impl(const ::dbcord::actor::environment& env, transport& net, gateway_options options,
       gateway_listener& listener);

  void start();
  void abandon() { discard_messages(); }
  ::dbcord::actor::task<void> stop(base::steady_time deadline);

 private:
  using session = protocol::gateway_session;
  // One connection: what still arrives from one that is not the current one is dropped.
  struct link {
    std::unique_ptr<event_stream> stream;
    std::deque<std::string>
        outbox;  // at most what one session sends while a send is pending: bounded by its own pace
    bool writing = false;
  };
  using link_ptr = std::shared_ptr<link>;
  using self_ptr = std::shared_ptr<impl>;
  template <class T>
  using task = ::dbcord::actor::task<T>;

  protocol::gateway_time time() const { return {env().now(), env().clock.wall_now()}; }
  void feed(session::actions actions);
  void carry_out(protocol::gateway_do::open& a);
  void carry_out(protocol::gateway_do::send& a);
  void carry_out(protocol::gateway_do::close& a);
  void carry_out(protocol::gateway_do::dispatch& a);
  void carry_out(protocol::gateway_do::report& a);
  void carry_out(protocol::gateway_do::save& a);
  void carry_out(protocol::gateway_do::fail& a);
  void carry_out(protocol::gateway_do::note& a);
  void set_timer();
  void end();

  static task<void> connect(self_ptr self, link_ptr to, std::string url);
  static task<void> listen(self_ptr self, link_ptr from);
  static task<void> write(self_ptr self, link_ptr to);
  static task<void> hang_up(self_ptr self, link_ptr to, int code);

  transport& net_;
  gateway_listener& listener_;
  base::duration connect_timeout_;
  session session_;
  link_ptr link_;
  ::dbcord::actor::task_group tasks_;
  ::dbcord::actor::promise<bool> ended_;
  bool over_ = false;
  std::optional<std::pair<base::steady_time, ::dbcord::actor::timer_service::timer_id>> timer_;
};

}  // namespace dbcord::discord
