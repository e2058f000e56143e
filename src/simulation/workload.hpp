#pragma once
// workload: a few people who insert, read, change and delete rows of a few keys through slash commands, at random, each
// waiting for one reply before the next command. Records what they asked and were told. Owned by the run; users and
// world outlive it. One thread (the world's).

#include <functional>

#include "simulation/bank.hpp"
#include "simulation/scenario.hpp"

namespace dbcord::simulation {

inline constexpr std::string_view database_name = "sim";

// A command about one of its tables.
slash_command table_command(std::string_view name, std::string_view table);

class workload {
 public:
  workload(world& w, trace& t, const scenario& s, std::vector<std::unique_ptr<simulated_user>>& users);
  ~workload();

  // Every user works until stop(), then finishes what it waits for.
  void start();
  void stop() { working_ = false; }
  bool idle() const { return busy_ == 0; }
  // One user reads every key of every table; calls `done` when it has all answers. Recorded like everything else; a read
  // that is not answered is asked again.
  void read_everything(std::function<void()> done);

  const history& operations() const { return operations_; }
  const bank& accounts() const { return bank_; }
  // Replies that make no sense.
  const std::vector<std::string>& violations() const { return violations_; }
  std::vector<std::pair<std::string, std::string>> all_keys() const;  // table, key

 private:
  using handler = std::function<void(const reply_meaning&)>;

  std::string table_name(std::size_t n) const { return "t" + std::to_string(n); }
  std::string key_name(std::size_t n) const { return "k" + std::to_string(n); }
  void next(int user);
  void act(int user);
  void single(int user, operation_kind kind);
  void get(int user, std::string table, std::string key, handler then);
  void find(int user);
  void import(int user);
  void do_banking(int user);
  void ask_bank(int user, slash_command command, bool changes, handler then);
  void look_at_bank(std::function<void()> done);
  void send(int user, slash_command command, handler then);
  void read_from(std::size_t position, std::function<void()> done);
  std::size_t begin(int user, operation_kind kind, std::string table, std::string key, row_patch fields = {});
  void end(std::size_t index, const reply_meaning& meaning);
  void end_read(std::size_t index, const reply_meaning& meaning);
  row_patch new_fields();
  void contend(row_patch& fields);
  row_patch new_patch(int user);

  world& world_;
  trace& trace_;
  scenario scenario_;
  std::vector<std::unique_ptr<simulated_user>>& users_;
  base::seeded_random random_;
  std::vector<char> refused_;  // by user: the last command was
  history operations_;
  bank bank_;
  std::vector<std::string> violations_;
  std::int64_t last_value_ = 0;
  int busy_ = 0;
  bool working_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace dbcord::simulation
