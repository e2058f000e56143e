#pragma once
// loss_trial: after a run's work, somebody deletes by hand what the database lives on, while the bot is up or while it is down: records of the log, segments of
// it, checkpoints, claims. Then it is judged what the next process makes of that (design.md section 7, "a log that lacks a record"): it goes on with all it had;
// or it is read-only, names what is lost, shows the rest, and goes on from that once the loss is accepted. Never less, and never silently.
// Owned by the run; everything else outlives it. One thread (the world's).

#include "protocol/channel_topic.hpp"
#include "simulation/bank.hpp"
#include "simulation/loss_checks.hpp"

namespace dbcord::simulation {

enum class hand_loss { record, records, old_record, roll, checkpoint, checkpoints, claims, segment, old_segment, table, control, catalog, checkpoint_channel, count };
std::string_view name(hand_loss what);

// What became of the losses of one kind.
struct loss_figures {
  std::uint64_t drawn = 0;
  std::uint64_t impossible = 0;  // there was nothing of the kind to delete
  std::uint64_t harmless = 0;    // the database was open, with all that it had
  std::uint64_t read_only = 0;   // it was read-only and said why; the loss was accepted, and it went on

  loss_figures& operator+=(const loss_figures& other) {
    drawn += other.drawn;
    impossible += other.impossible;
    harmless += other.harmless;
    read_only += other.read_only;
    return *this;
  }
};
using loss_report = std::map<hand_loss, loss_figures>;

class loss_trial {
 public:
  loss_trial(world& w, simulated_guild& guild, network& net, trace& t, const scenario& s, supervisor& bot, simulated_user& person);

  // The bot is stopped, and everything is well. It ends stopped.
  void run();
  const loss_report& report() const { return report_; }
  // One line for each.
  const std::vector<std::string>& violations() const { return violations_; }

 private:
  static constexpr int rounds = 3;
  // What somebody has deleted now.
  struct deed {
    lost_records lost;
    std::set<base::channel_id> channels;  // as wholes
    bool newest_segment = false;          // which may hold what nobody has seen
    std::uint64_t end_of_log = 0;         // the newest record's LSN: nobody can say how many stood behind it; 0: it is there
    bool ended_in_order = false;          // the process that was up then
    bool told = false;                    // of messages of the log: to a process that writes checkpoints, so it may have left them behind
    bool stands_in_the_way = false;       // where other processes may be at work nobody opens the database without a person's word
    std::string what;
  };

  void round(hand_loss kind);
  std::optional<deed> commit(hand_loss kind, bool followed);
  bool nothing_tells_the_beginning();
  std::optional<deed> delete_some(hand_loss kind, bool followed);
  std::optional<deed> delete_records(hand_loss kind, bool followed);
  enum class removal { none, deleted, emptied };
  removal remove_channel(base::channel_id channel);
  std::optional<deed> delete_segment(bool newest, bool followed);
  std::optional<deed> delete_checkpoints(bool all);
  std::optional<deed> delete_claims();
  std::optional<deed> delete_table();
  std::optional<deed> delete_channel_of(protocol::channel_role role);

  void start(bool accept);
  void end(bool cleanly);
  void work(int writes);
  void write(std::size_t n);
  bool has_t0() const;
  user_reply ask(slash_command command);
  void look();
  void move_into_fresh_channels();
  void judge(hand_loss kind, const deed& done);
  void judge_not_open(hand_loss kind, const deed& done);
  std::set<std::tuple<protocol::table_id, std::string, std::uint64_t>> rows_in_messages();
  void judge_read_only(const lost_records& lost, const std::string& state, std::uint64_t opened_from);
  void expect_whole(std::string_view when);
  std::vector<table_content> content(std::string_view when);
  template <class... Args>
  void violate(fmt::format_string<Args...> format, Args&&... args) {
    violations_.push_back(fmt::format(format, std::forward<Args>(args)...));
    trace_.line("VIOLATION loss: " + violations_.back());
  }

  world& world_;
  simulated_guild& guild_;
  network& network_;
  trace& trace_;
  scenario scenario_;
  supervisor& bot_;
  simulated_user& person_;
  base::seeded_random random_;
  bank bank_;                          // draws transfers
  std::vector<table_content> before_;  // what the database held when it was last whole
  std::map<std::string, std::size_t> acknowledged_;  // rows that were written here since before_: the value by key
  // What was deleted in all rounds: a start that must fall back to an older checkpoint meets it again.
  std::set<std::uint64_t> gone_;
  std::set<base::channel_id> gone_channels_;
  std::set<std::uint64_t> given_up_;  // LSNs of records whose loss was accepted: messages of their rows may lie about
  std::set<std::string> homeless_;    // tables whose channel is gone
  std::size_t written_ = 0;
  loss_report report_;
  std::vector<std::string> violations_;
};

}  // namespace dbcord::simulation
