#pragma once
// import_run: one import over a connected session: makes the table if there is none, keeps a few chunks in flight, adds up
// what the replies say. Owned by import_command (or a benchmark); its coroutines run on one strand. The session outlives it.
// The first chunk that fails as a whole ends it; what was not sent stays unsent. An unanswered chunk is never sent again.

#include <string>

#include "actor/task_group.hpp"
#include "app/import_tally.hpp"
#include "app/progress_bar.hpp"
#include "app/row_upload.hpp"

namespace dbcord::app {

class import_run {
 public:
  static constexpr std::size_t chunks_in_flight = 2;  // one commits while the next is uploaded

  import_run(const actor::environment& env, user_session& session, import_target target, import_chunks chunks,
             import_tally& tally);

  // Nothing, or the sentence that ended the import.
  actor::task<std::string> run();
  // No chunk is begun any more; run() ends when those under way have. On the strand's thread.
  void stop(std::string why) { end(std::move(why)); }

 private:
  actor::task<void> make_table();
  actor::task<void> work();
  actor::task<void> send(const import_chunk& chunk);
  actor::task<void> settle(const import_chunk& chunk, const boost::json::object& reply);
  void end(std::string why);

  const actor::environment& env_;
  user_session& session_;
  import_target target_;
  import_chunks chunks_;
  import_tally& tally_;
  actor::strand strand_;
  actor::task_group workers_;
  progress_bar bar_;
  base::steady_time begun_{};
  std::size_t settled_ = 0;
  bool ended_ = false;
  std::string why_;
};

}  // namespace dbcord::app
