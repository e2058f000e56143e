#pragma once
// alteration_workload: two more persons and a table of their own. One renames, adds and drops columns (/dbc_schema_alter), over and over, while the other
// inserts rows by the old name or the new one, changes, deletes and reads them, and processes crash. Every row has the field that is renamed exactly once, under a
// name that it can have by then, with the value that was written; when nothing is altered any more every row has the fields of the schema and no others.
// Owned by the run; world and guild outlive it. One thread (the world's).

#include "simulation/store_checks.hpp"
#include "simulation/workload.hpp"

namespace dbcord::simulation {

inline constexpr std::string_view altered_table = "altered";

class alteration_workload {
 public:
  alteration_workload(world& w, simulated_guild& guild, trace& t, const scenario& s);
  ~alteration_workload();

  // How it is set up; all of it must succeed.
  static std::vector<slash_command> opening(bool unique_index);
  void start();
  void stop() { working_ = false; }
  bool idle() const { return busy_ == 0; }
  std::uint64_t alterations() const { return alterations_; }  // that were acknowledged

  // No row waits to be brought into the form of the schema.
  static bool settled(const table_content& table);
  // Once it is settled.
  std::vector<std::string> check(const table_content& table) const;
  // What replies showed that must not be.
  const std::vector<std::string>& violations() const { return violations_; }

 private:
  struct known_row {
    std::set<std::int64_t> values;  // that it may have: the last that was acknowledged, and all that nobody knows about
    bool may_be_there = false;
    bool may_be_absent = true;
    bool deletion_in_doubt = false;
  };
  enum class answer { done, refused, unknown };

  void alter_next();
  void write_next();
  void alter(std::uint64_t present);
  void read(simulated_user& by, bool judge_values, std::function<void(std::optional<std::uint64_t> name_of_first)> then);
  void insert(const std::string& key);
  void change(const std::string& key);
  void remove(const std::string& key);
  void send(simulated_user& by, slash_command command, std::function<void(answer)> then);
  void after_thinking(simulated_user& by, base::duration mean, std::function<void()> what);
  std::optional<std::uint64_t> judge_row(const read_row& row, std::uint64_t lowest, bool judge_values);

  world& world_;
  trace& trace_;
  base::duration think_;
  base::duration alter_every_;
  base::seeded_random random_;
  simulated_user alterer_, writer_;
  std::map<std::string, known_row> rows_;
  // The field that is renamed is called f0, then f1, and so on.
  std::uint64_t lowest_ = 0;  // acknowledged: no older name is there any more
  std::uint64_t newest_ = 0;  // asked for
  std::int64_t last_value_ = 0;
  std::uint64_t alterations_ = 0;
  int busy_ = 0;
  bool working_ = false;
  std::vector<std::string> violations_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace dbcord::simulation
