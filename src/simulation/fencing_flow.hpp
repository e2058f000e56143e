#pragma once
// flow: the smallest coroutine that the fencing model needs (a million runs of it have no time for an executor). Lazily started, awaited
// once, destroyed with its owner whether or not it has ended. One thread. An exception ends the program: the model throws none.

#include <coroutine>
#include <cstdlib>
#include <optional>
#include <utility>

namespace dbcord::simulation {

template <class T>
class flow;

namespace detail {

struct flow_promise_base {
  std::coroutine_handle<> waiter;
  std::suspend_always initial_suspend() noexcept { return {}; }
  struct resume_waiter {
    bool await_ready() noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> ended) noexcept {
      auto next = ended.promise().waiter;
      return next ? next : std::noop_coroutine();
    }
    void await_resume() noexcept {}
  };
  resume_waiter final_suspend() noexcept { return {}; }
  void unhandled_exception() noexcept { std::abort(); }
};

template <class T>
struct flow_promise : flow_promise_base {
  std::optional<T> value;
  flow<T> get_return_object();
  void return_value(T v) { value = std::move(v); }
  T take() { return std::move(*value); }
};

template <>
struct flow_promise<void> : flow_promise_base {
  flow<void> get_return_object();
  void return_void() {}
  void take() {}
};

}  // namespace detail

template <class T>
class flow {
 public:
  using promise_type = detail::flow_promise<T>;
  explicit flow(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  flow(flow&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  flow& operator=(flow&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~flow() {
    if (handle_) handle_.destroy();
  }

  // For those that nobody awaits.
  void start() { handle_.resume(); }
  bool ended() const { return handle_.done(); }

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiter) noexcept {
    handle_.promise().waiter = waiter;
    return handle_;
  }
  T await_resume() { return handle_.promise().take(); }

 private:
  std::coroutine_handle<promise_type> handle_;
};

namespace detail {

template <class T>
flow<T> flow_promise<T>::get_return_object() {
  return flow<T>(std::coroutine_handle<flow_promise<T>>::from_promise(*this));
}
inline flow<void> flow_promise<void>::get_return_object() {
  return flow<void>(std::coroutine_handle<flow_promise<void>>::from_promise(*this));
}

}  // namespace detail

}  // namespace dbcord::simulation
