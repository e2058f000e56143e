#pragma once
// thread_workload: one more person with a table of their own, whose rows have threads that show their history: by /dbc_history, or since the table's threads
// follow it. Rows come, change, go and are purged, and people delete threads. A thread shows nothing but versions that were logged once, and nothing of a row whose purge
// was acknowledged. Owned by the run; world and guild outlive it. One thread (the world's).

#include "simulation/log_watch.hpp"
#include "simulation/lone_worker.hpp"
#include "simulation/owner_view.hpp"
#include "simulation/workload.hpp"

namespace dbcord::simulation {

inline constexpr std::string_view threaded_table = "threaded";

class thread_workload final : public lone_worker {
 public:
  thread_workload(world& w, simulated_guild& guild, trace& t, const scenario& s);

  // How it is set up; all of it must succeed.
  static std::vector<slash_command> opening();
  std::uint64_t threads_shown() const { return shown_; }  // commands that were told where the thread is

  // When all is quiet. `logged`: everything that was ever written to the log.
  std::vector<std::string> check(const logged_content& logged);

 private:
  void act() override;
  slash_command draw(const std::string& key);
  void note(const slash_command& asked, const std::string& key, const user_reply& reply);
  void delete_some_thread();
  void check_thread(const seen_thread& thread, const logged_content& logged, protocol::table_id table, std::vector<std::string>& violations);

  simulated_guild& guild_;
  std::uint64_t shown_ = 0;
  std::int64_t last_value_ = 0;
  std::map<std::string, base::system_time> purged_;  // keys of which nothing may be left from before that
  std::set<std::string> in_doubt_;  // a command about them was left without an answer: it may be carried out yet
};

}  // namespace dbcord::simulation
