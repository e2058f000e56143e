#pragma once
// each_at_once: the same work for many items, several of them at a time, awaited together.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <algorithm>
#include <exception>
#include <functional>
#include <memory>

#include "actor/event.hpp"

namespace dbcord::actor {

namespace detail {
struct items_at_work {
  std::size_t next = 0;
  std::size_t working = 0;
  std::exception_ptr failure;
  event ended;
};

inline task<void> work_on_items(std::shared_ptr<items_at_work> shared, std::size_t count, const std::function<task<void>(std::size_t)>& work) {
  while (shared->next < count && !shared->failure) co_await work(shared->next++);
}
}  // namespace detail

// work(0) … work(count - 1), `at_once` of them at a time, on the caller's executor, which must be a strand. Returns when all that began have
// ended; behind an exception no other begins, and the first one is thrown. What they have in common may thus live in the caller's frame:
// destroyed with its io_context it is not touched again.
inline task<void> each_at_once(std::size_t count, std::size_t at_once, std::function<task<void>(std::size_t)> work) {
  auto executor = co_await asio::this_coro::executor;
  auto shared = std::make_shared<detail::items_at_work>();
  for (auto workers = std::min(count, at_once); workers > 0; --workers) {
    ++shared->working;
    asio::co_spawn(executor, detail::work_on_items(shared, count, work), [shared](std::exception_ptr failure) {
      if (failure && !shared->failure) shared->failure = failure;
      if (--shared->working == 0) shared->ended.notify();
    });
  }
  while (shared->working > 0) co_await shared->ended.wait();
  if (shared->failure) std::rethrow_exception(shared->failure);
}

}  // namespace dbcord::actor
