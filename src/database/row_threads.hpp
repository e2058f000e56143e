#pragma once
// row_threads, one per database: where the threads of its rows are, and how far each goes. Nothing of it is persisted: a row's thread has a name that
// tells which row it is of (protocol/row_thread), and its messages say which versions they show; so what Discord has is all that there is to know, and
// nothing can contradict it. A channel's threads are listed when the first of them is asked for, and remembered.
//
// Any executor. What is done to one row's thread is done under its turn(), so that an erased row is not written once more by somebody who has read
// it before.

#include <array>
#include <map>

#include "actor/async_mutex.hpp"
#include "database/thread_store.hpp"
#include "protocol/row_thread.hpp"

namespace dbcord::database {

// In which order a row's versions are shown. Those of one record of the log (a transaction may change a row twice) have its LSN in common.
struct shown_order {
  std::uint64_t lsn = 0;
  std::uint64_t version = 0;
  auto operator<=>(const shown_order&) const = default;
};

class row_threads {
 public:
  explicit row_threads(message_store& store) : store_(store) {}

  // Null: there are no threads. Before anything else.
  void use(thread_store* threads) { threads_ = threads; }
  bool usable() const { return threads_ != nullptr; }

  actor::task<actor::async_mutex::guard> turn(const std::string& tag);

  struct place {
    base::channel_id thread;
    shown_order shown;  // the newest version that it shows
    bool made = false;  // just now
  };
  // The thread of a row, made if there is none. `look`: as it is on Discord now, not as it was when this process saw it last.
  actor::task<base::result<place>> open(base::channel_id parent, std::string key, std::string tag, bool look, call_options options);
  // Discord reopens an archived one. store_errc::not_found: the thread is gone, and forgotten.
  actor::task<base::result<void>> append(base::channel_id parent, place& at, protocol::shown_version version, std::string nonce, call_options options);
  // Every thread of that row: a lost answer may have left a second. Answers how many there were.
  actor::task<base::result<std::uint64_t>> erase(base::channel_id parent, std::string tag, call_options options);

 private:
  struct known_thread {
    base::channel_id id;
    std::optional<shown_order> shown;
  };
  using known_threads = std::map<std::string, known_thread, std::less<>>;  // by tag
  using found_threads = std::multimap<std::string, base::channel_id, std::less<>>;

  std::optional<known_thread> known(base::channel_id parent, const std::string& tag) const;
  void remember(base::channel_id parent, const std::string& tag, known_thread thread);
  void forget(base::channel_id parent, const std::string& tag);
  bool is_listed(base::channel_id parent) const;
  void unlist(base::channel_id parent);
  actor::task<base::result<std::optional<known_thread>>> find(base::channel_id parent, const std::string& tag, call_options options);
  actor::task<base::result<found_threads>> list(base::channel_id parent, call_options options);
  actor::task<base::result<std::optional<std::string>>> tag_of(thread_info thread, call_options options);
  actor::task<base::result<known_thread>> make(base::channel_id parent, std::string key, std::string tag, call_options options);
  actor::task<base::result<shown_order>> newest_shown(base::channel_id thread, std::string tag, call_options options);

  message_store& store_;
  thread_store* threads_ = nullptr;
  std::array<actor::async_mutex, 16> turns_;
  mutable std::mutex mutex_;
  std::map<base::channel_id, known_threads> channels_;  // those that are listed
};

}  // namespace dbcord::database
