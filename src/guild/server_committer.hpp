#pragma once
// committer: the thread that makes effects durable, all that collected meanwhile with one commit (group commit).
//
// Owned by the server. submit() from one thread at a time; `done` is called on the committer's own thread with the number of
// the last commit that is durable, or with the error that ended it, after which nothing more is committed or reported.
// finish() (also the destructor) commits what was submitted and joins the thread. Its queue is bounded by the server: a
// connection has one request at a time, and bodies have a budget.

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "guild/server.hpp"

namespace dbcord::guild {

class committer {
 public:
  using report = std::function<void(base::result<std::uint64_t>)>;

  committer(durable_store& store, report done) : store_(store), done_(std::move(done)), thread_([this] { run(); }) {}
  ~committer() { finish(); }
  committer(const committer&) = delete;
  committer& operator=(const committer&) = delete;

  // `number` grows by one from call to call, beginning with 1.
  void submit(std::uint64_t number, durable_batch batch);
  void finish();

 private:
  struct numbered_batch {
    std::uint64_t last = 0;
    durable_batch work;
  };

  void run();
  bool next(numbered_batch& out);

  durable_store& store_;
  report done_;
  std::mutex mutex_;
  std::condition_variable changed_;
  numbered_batch collected_;
  bool finishing_ = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace dbcord::guild
