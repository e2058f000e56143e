#pragma once
// supervisor: keeps one bot process running, as an init system does: starts it, starts it again after a pause when it has
// exited, and kills it at random points between two of its handlers. Owned by the run. One thread (the world's).

#include "simulation/bot_program.hpp"
#include "simulation/embedded_client.hpp"
#include "simulation/scenario.hpp"

namespace dbcord::simulation {

// Of processes, as by SIGSTOP.
struct pause_figures {
  std::uint64_t all = 0;
  std::uint64_t long_ones = 0;  // of a minute or more
  friend void operator+=(pause_figures& a, const pause_figures& b) {
    a.all += b.all;
    a.long_ones += b.long_ones;
  }
};

class supervisor final : private bot_observer {
 public:
  // `name`: of its processes, which are numbered.
  supervisor(world& w, simulated_guild& guild, network& net, trace& t, const scenario& s, std::string name = "bot");
  ~supervisor() override;

  // Crashes and pauses happen only while allowed.
  void allow_crashes(bool yes);
  bool ready() const { return ready_; }
  bool running() const { return process_ != nullptr; }
  bot_program* program() { return program_; }
  process* where() { return process_; }
  std::uint64_t crashes() const { return crash_count_; }
  std::uint64_t starts() const { return start_count_; }
  const pause_figures& pauses() const { return pauses_; }
  // One of its processes has.
  bool ever_ready() const { return ever_ready_; }
  // The embedded client begins nothing new, or does again.
  void rest_client(bool yes) { ledger_.resting = yes; }
  const client_ledger& ledger() const { return ledger_; }
  // The client reads what the other one counts.
  void set_other(const supervisor& other) { other_ = &other.ledger_; }
  // Why processes ended by themselves.
  const std::vector<std::string>& exits() const { return exits_; }

  // From the next start on: as `serve --accept-loss`, for the workload's database.
  void accept_loss(bool yes) { accept_loss_ = yes; }
  void start();
  // As on SIGTERM: lets the process end cleanly and does not start it again. False when it did not end in time.
  bool stop();
  void crash();
  // As SIGKILL, and it is not started again.
  void end();

 private:
  void bot_ready() override;
  void session_saved(const protocol::gateway_saved_session& saved) override;
  void bot_exits(const std::string& why) override;
  void bot_fenced(const std::string& why) override;

  void start_client();
  void plan_crash();
  void crash_behind(std::uint64_t handlers);
  void plan_pause();
  void bury();
  void start_later();

  world& world_;
  simulated_guild& guild_;
  network& net_;
  trace& trace_;
  scenario scenario_;
  std::string name_;
  base::seeded_random random_;
  client_ledger ledger_;
  const client_ledger* other_ = nullptr;
  std::unique_ptr<trace_logger> log_;
  process* process_ = nullptr;
  bot_program* program_ = nullptr;
  protocol::gateway_saved_session saved_;
  bool ready_ = false;
  bool ever_ready_ = false;
  bool crashes_ = false;
  bool accept_loss_ = false;
  bool wanted_ = false;
  bool ending_ = false;  // told to stop, or fenced: both once
  std::uint64_t generation_ = 0;
  std::uint64_t crash_count_ = 0;
  std::uint64_t start_count_ = 0;
  pause_figures pauses_;
  std::vector<std::string> exits_;
};

}  // namespace dbcord::simulation
