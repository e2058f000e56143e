#pragma once
// actor: base class of everything that owns state and serialises access to it on a strand.
//
// tell() and ask() run a plain function on the strand: it cannot suspend, so the actor's invariants hold before and after
// it. run() runs a coroutine on the strand: between two of its suspensions nobody else is on the strand, across one
// anything may have changed (style.md rule 11). All three refuse with errc::overloaded when the bound is reached. Callers
// may be on any executor; they resume on their own. An actor outlives every call made on it (its owner joins them).

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "actor/gate.hpp"
#include "actor/mailbox.hpp"
#include "actor/promise.hpp"
#include "dbcord/base/result.hpp"

namespace dbcord::actor {

namespace detail {
template <class R>
struct ask_result {
  using type = base::result<R>;
};
template <class T>
struct ask_result<base::result<T>> {
  using type = base::result<T>;
};
template <class T>
struct task_value;
template <class T>
struct task_value<task<T>> {
  using type = T;
};
}  // namespace detail

class actor {
 public:
  actor(const environment& env, std::size_t limit)
      : env_(env), mailbox_(std::make_shared<mailbox>(env.make_strand(), limit)), calls_(limit) {}
  actor(const actor&) = delete;
  actor& operator=(const actor&) = delete;

  const strand& executor() const { return mailbox_->executor(); }
  std::size_t backlog() const { return mailbox_->size() + calls_.count(); }

 protected:
  ~actor() = default;
  const environment& env() const { return env_; }

  void discard_messages() { mailbox_->discard(); }
  bool tell(mailbox::message m) { return mailbox_->push(std::move(m)); }

  // fn() -> R or result<R>, run on the strand; answers result<R>.
  template <class Fn>
  task<typename detail::ask_result<std::invoke_result_t<Fn&>>::type> ask(Fn fn, base::steady_time deadline) {
    using answer = typename detail::ask_result<std::invoke_result_t<Fn&>>::type;
    promise<answer> reply;
    bool accepted = mailbox_->push([fn = std::move(fn), reply]() mutable { reply.set(invoke<answer>(fn)); });
    if (!accepted) co_return base::error(base::errc::overloaded);
    auto value = co_await reply.get_until(env_, deadline);
    if (!value) co_return base::error(base::errc::timeout);
    co_return std::move(*value);
  }

  // fn(args...) -> task<result<T>>, awaited on the strand. Arguments are moved into the coroutine's frame.
  template <class Fn, class... Args>
  std::invoke_result_t<Fn, Args...> run(Fn fn, Args... args) {
    auto holder = calls_.enter();
    if (!holder) co_return base::error(base::errc::overloaded);
    co_return co_await asio::co_spawn(executor(), std::invoke(std::move(fn), std::move(args)...), asio::use_awaitable);
  }

  void refuse_calls() { calls_.shut(); }
  task<bool> finish_calls(base::steady_time deadline) { return calls_.close(env_, deadline); }

 private:
  template <class Answer, class Fn>
  static Answer invoke(Fn& fn) {
    if constexpr (std::is_void_v<std::invoke_result_t<Fn&>>) {
      fn();
      return {};
    } else {
      return fn();
    }
  }

  const environment& env_;
  std::shared_ptr<mailbox> mailbox_;
  gate calls_;
};

}  // namespace dbcord::actor
