#pragma once
// committer: the thread that makes effects durable, all that collected meanwhile with one commit (group commit).
//
// Owned by the server. submit() from one thread at a time; `done` is called on the committer's own thread with the number of
// the last commit that is durable and the places of the records since the one before, or with the error that ended it, after which nothing more is committed or reported.
// finish() (also the destructor) commits what was submitted and joins the thread. A store that need not wait for the disk is
// asked to settle() in time, whether there is work or not. Its queue is bounded by the server: a
// connection has one request at a time, and bodies have a budget.

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "guild/server.hpp"

namespace dbcord::guild {

class committer {
 public:
  struct outcome {
    std::uint64_t last = 0;  // commit that is durable
    std::vector<record_place> places;
  };
  using report = std::function<void(base::result<outcome>)>;

  committer(durable_store& store, const base::clock& clock, report done)
      : store_(store), clock_(clock), done_(std::move(done)), thread_([this] { run(); }) {}
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
  base::result<void> commit(const numbered_batch& work);
  base::result<void> settle_in_time();

  durable_store& store_;
  const base::clock& clock_;
  report done_;
  std::mutex mutex_;
  std::condition_variable changed_;
  numbered_batch collected_;
  bool finishing_ = false;
  std::optional<base::steady_time> settle_at_;  // the thread's
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace dbcord::guild
