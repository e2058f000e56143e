#pragma once
// fencing_discord: Discord as far as the protocol of one writer sees it: a control channel, log segments, checkpoints, requests that are lost, refused
// or applied up to a minute late, answers that never come, ids out of order, claims that people delete, history that hides what is younger than S in any
// order, or everything while a permission is lost. Times are milliseconds from its beginning. Owned by one run of the fencing model; one thread.

#include <coroutine>
#include <functional>
#include <memory>
#include <queue>
#include <set>
#include <vector>

#include "protocol/control_record.hpp"
#include "protocol/log_chain.hpp"
#include "protocol/writer_rules.hpp"
#include "simulation/fencing_flow.hpp"

namespace dbcord::simulation {

using model_time = std::int64_t;  // ms

struct model_record {
  protocol::chain_record chain;
  int group = -1;        // what it commits
  int dropped = -1;      // the segment that may be deleted
  std::string manifest;  // the hash of the one that counts with it
};

struct model_manifest {
  protocol::chain_anchor anchor;
  std::string hash;
  std::vector<int> state;     // the groups up to the anchor
  std::vector<int> segments;  // in which the log lay then, oldest first
};

struct model_message {
  base::message_id id;
  model_time time = 0;
  bool ours = true;
  std::optional<protocol::claim_record> claim;
  std::optional<protocol::held_record> held;
  std::optional<model_record> record;
  std::optional<model_manifest> manifest;
};

// Nothing changes of it once it lies in a channel: who reads the channel shares it.
using model_message_ptr = std::shared_ptr<const model_message>;

// A channel id of the model: the segment's number and one.
base::channel_id model_channel(int segment);

struct model_answer {
  enum class kind { answered, refused, gone, unknown };
  kind what = kind::unknown;
  model_time date = 0;                     // whole seconds
  base::message_id id;                     // of what was posted
  std::vector<model_message_ptr> messages; // of a read
  bool ok() const { return what == kind::answered; }
};

// Draws of one run; cheaper than base::random_source by its lock.
class model_random {
 public:
  explicit model_random(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15ull + 0x1234567) {}
  std::uint64_t next();  // splitmix64 (public domain algorithm by Sebastiano Vigna)
  std::int64_t below(std::int64_t n) { return n <= 0 ? 0 : static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(n)); }
  bool chance(int percent) { return below(100) < percent; }

 private:
  std::uint64_t state_;
};

struct model_process;  // who waits: a frozen or dead one is not resumed

class fencing_discord {
 public:
  struct outage {
    model_time from = 0, to = 0;
    bool reads = false, posts = false;
    int only = -1;  // this process alone does not reach Discord; -1: nobody does
  };
  struct climate {
    int lost = 0, late = 0, refused = 0, slow = 0;  // percent of the requests
    int slow_of_first = 0;                          // percent of what process 0 sends and is answered
    int stale = 0;                                  // 0 not, 1 as of an earlier moment, 2 each message by itself, 3 nothing young
    model_time staleness = 2000;
    model_time ids_behind = 0;                      // ids are of a moment up to this long ago
    model_time blind_from = 0, blind_to = 0;        // READ_MESSAGE_HISTORY is lost
    std::vector<outage> outages;
  };

  fencing_discord(std::uint64_t seed, climate c) : random(seed), climate_(c) { add_segment(); }

  model_random random;
  model_time now() const { return now_; }
  void at(model_time when, std::function<void()> event);
  // Runs events up to that time; false when there are none left.
  void run_until(model_time end);

  // Resumes its waiter when the process is alive and awake.
  struct sleep {
    fencing_discord& d;
    model_process& who;
    model_time until;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiter) { d.wake(who, until, waiter); }
    void await_resume() const noexcept {}
  };
  sleep sleep_for(model_process& who, model_time ms) { return {*this, who, now_ + ms}; }

  static constexpr int control = -1, checkpoints = -2;
  // A resend of the same message is the caller's doing: see fencing_writer.
  flow<model_answer> post(model_process& who, int channel, model_message m);
  flow<model_answer> read(model_process& who, int channel);
  flow<model_answer> remove_segment(model_process& who, int segment);
  // A message of the control channel by its id: there, or gone for good.
  flow<model_answer> fetch(model_process& who, base::message_id id);
  flow<model_answer> remove_checkpoint(model_process& who, base::message_id id);
  int add_segment();
  int segments() const { return static_cast<int>(segments_.size()); }
  // As the guild's channel list says.
  bool is_empty(int channel) const { return messages(channel).empty(); }
  bool is_gone(int segment) const { return gone_[segment] != 0; }
  // Of a segment that is gone, too: for who judges.
  const std::vector<model_message_ptr>& messages(int channel) const;
  base::message_id append(int channel, model_message m);
  // A person deletes them.
  void delete_by_hand(const std::vector<base::message_id>& from_control);
  // A person takes the permission to read history, and gives it back then.
  void hide_history(model_time until) {
    climate_.blind_from = now_;
    climate_.blind_to = until;
  }
  bool is_deleted_by_hand(base::message_id m) const { return deleted_.contains(m); }

  static base::system_time to_system(model_time t);
  static model_time to_model(base::system_time t);

 private:
  struct event {
    model_time when;
    std::uint64_t order;
    model_process* who;  // who goes on; none: one of `others_` is done
    std::uint64_t generation;
    std::coroutine_handle<> waiter;
    std::size_t other;
    bool operator<(const event& o) const { return when != o.when ? when > o.when : order > o.order; }
  };

  // What a request does when it is applied: the id of what it posted; empty: refused, since there is no such channel.
  using effect = std::function<std::optional<base::message_id>()>;

  flow<model_answer> request(model_process& who, effect apply);
  std::vector<model_message_ptr>& all(int channel);
  void wake(model_process& who, model_time when, std::coroutine_handle<> waiter);
  void resume(model_process& who, std::uint64_t generation, std::coroutine_handle<> waiter);
  model_time latency(const model_process& who);
  bool is_out(const model_process& who, bool outage::*what) const;
  std::vector<model_message_ptr> shown(int channel);

  climate climate_;
  model_time now_ = 0;
  std::uint64_t order_ = 0, ids_ = 0;
  std::priority_queue<event> events_;
  std::vector<std::function<void()>> others_;  // of events; those in between that are done are free again
  std::vector<std::size_t> free_;
  std::vector<model_message_ptr> control_, checkpoints_;
  std::vector<std::vector<model_message_ptr>> segments_;
  std::vector<char> gone_;
  std::set<base::message_id> deleted_;  // from control, by hand
};

struct model_process {
  int number = 0;
  std::uint64_t generation = 0;  // rises when it dies
  model_time asleep_until = 0;   // SIGSTOP
};

}  // namespace dbcord::simulation
