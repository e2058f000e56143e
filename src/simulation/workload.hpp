#pragma once
// workload: a few people who insert, read, change and delete rows of a few keys through slash commands, at random, each
// waiting for one reply before the next command. Records what they asked and were told. Owned by the run; users and
// world outlive it. One thread (the world's).

#include <functional>

#include "simulation/bank.hpp"
#include "simulation/find_checks.hpp"
#include "simulation/import_checks.hpp"
#include "simulation/past_reader.hpp"
#include "simulation/scenario.hpp"

namespace dbcord::simulation {

inline constexpr std::string_view database_name = "sim";

// A command about one of its tables.
slash_command table_command(std::string_view name, std::string_view table);

// Of finds and exports that were answered.
struct find_figures {
  std::uint64_t answered = 0;
  std::uint64_t with_condition = 0, sorted = 0, counts = 0, exports = 0;
  std::uint64_t cut = 0;            // more rows match than are shown
  std::uint64_t by_index = 0;
  std::uint64_t by_search = 0;      // of the guild
  std::uint64_t of_pairs = 0;       // two rows that every transfer changes (bank)

  friend void operator+=(find_figures& a, const find_figures& b) {
    for (auto figure : {&find_figures::answered, &find_figures::with_condition, &find_figures::sorted, &find_figures::counts, &find_figures::exports,
                        &find_figures::cut, &find_figures::by_index, &find_figures::by_search, &find_figures::of_pairs})
      a.*figure += b.*figure;
  }
};

class workload {
 public:
  workload(world& w, trace& t, const scenario& s, std::vector<std::unique_ptr<simulated_user>>& users);
  ~workload();

  // Every user works until stop(), then finishes what it waits for.
  void start();
  void stop() { working_ = false; }
  bool idle() const { return busy_ == 0; }
  // One user reads every key of every table, in some runs as it was, too; calls `done` when it has all answers. Recorded like everything else; a read
  // that is not answered is asked again.
  void read_everything(std::function<void()> done);

  const history& operations() const { return operations_; }
  past_reader& past() { return past_; }
  const past_reader& past() const { return past_; }
  const bank& accounts() const { return bank_; }
  const find_figures& finds() const { return finds_; }
  const std::vector<told_import>& imports() const { return imports_; }
  // Numbers of rows that finds cannot have counted.
  std::vector<std::string> count_violations() const { return check_counts(operations_, counts_, all_keys()); }
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
  find_question draw_question();
  void told(const find_question& q, const std::string& table, const reply_meaning& meaning, base::steady_time asked);
  void read_export(const std::map<std::string, std::string>& files, reply_meaning& meaning);
  void import(int user);
  void do_banking(int user);
  void find_in_bank(int user);
  void ask_bank(int user, slash_command command, bool changes, handler then);
  void look_at_bank(std::function<void()> done);
  void send(int user, slash_command command, handler then);
  void read_from(std::size_t position, std::function<void()> done);
  std::size_t begin(int user, operation_kind kind, std::string table, std::string key, row_patch fields = {}, std::optional<std::uint64_t> expected = {});
  void end(std::size_t index, const reply_meaning& meaning);
  void end_read(std::size_t index, const reply_meaning& meaning);
  row_patch new_fields();
  void contend(row_patch& fields);
  std::optional<std::uint64_t> draw_expected(int user, operation_kind kind, const std::string& table, const std::string& key);
  row_patch new_patch(int user);

  world& world_;
  trace& trace_;
  scenario scenario_;
  std::vector<std::unique_ptr<simulated_user>>& users_;
  base::seeded_random random_;
  std::vector<char> refused_;  // by user: the last command was
  base::seeded_random finding_;
  std::uint64_t last_find_ = 1;
  base::seeded_random expecting_;
  std::map<std::tuple<int, std::string, std::string>, std::uint64_t> versions_seen_;  // by user, table and key: what their last answer named
  find_figures finds_;
  std::vector<told_count> counts_;
  std::vector<told_import> imports_;
  history operations_;
  bank bank_;
  past_reader past_;
  std::vector<std::string> violations_;
  std::int64_t last_value_ = 0;
  int busy_ = 0;
  bool working_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace dbcord::simulation
