#pragma once
// chore_workload: one more person, who does while the others work what is meant to be done now and then: /dbc_verify, /dbc_reindex, /dbc_snapshot with /dbc_restore under
// another name (exported, compared and dropped again, sometimes while somebody alters its columns), and in some long runs an import of some hundred rows. Nothing may be found that is not well; a copy must be the
// table as it was at one moment while the snapshot was taken. Owned by the run; world and guild outlive it. One thread (the world's).

#include "simulation/lone_worker.hpp"
#include "simulation/store_checks.hpp"
#include "simulation/workload.hpp"

namespace dbcord::simulation {

inline constexpr std::string_view bulk_table = "bulk";
inline constexpr int bulk_rows = 300;               // in one transaction, or in some (scenario::cuts_imports);
inline constexpr std::size_t bulk_row_bytes = 100;  // each of fewer in the log

// Of what was acknowledged.
struct chore_figures {
  std::uint64_t verified = 0, excused = 0;  // all well; problems that are explained
  std::uint64_t reindexed = 0;
  std::uint64_t snapshots = 0, restored = 0, compared = 0, dropped = 0;
  std::uint64_t imported = 0;  // rows

  friend void operator+=(chore_figures& a, const chore_figures& b) {
    for (auto figure : {&chore_figures::verified, &chore_figures::excused, &chore_figures::reindexed, &chore_figures::snapshots, &chore_figures::restored,
                        &chore_figures::compared, &chore_figures::dropped, &chore_figures::imported})
      a.*figure += b.*figure;
  }
};

// The checks, apart from who asks. Pure.
enum class verification_verdict {
  none,     // it did not come to its end
  well,
  deleted,     // problems that people who delete by hand may have made
  unfinished,  // of an index's channel that the page to be written next was refused or lost, which is true while Discord does so
  wrong
};
verification_verdict judge_verification(const std::string& told, const scenario& s);
bool tells_only_of_incomplete_channels(std::string_view told);
bool tells_of_a_wrong_index(std::string_view reindexed);
// What a copy shows, of which the snapshot said how many rows it kept; empty: all right. Nullopt: it tells nothing.
std::optional<std::string> fault_of_copy(std::uint64_t kept, const reply_meaning& exported, const scenario& s);
// `least`, `most`: how many of the rows may be there.
std::vector<std::string> check_bulk(const table_content& bulk, std::uint64_t least, std::uint64_t most);

class chore_workload final : public lone_worker {
 public:
  chore_workload(world& w, simulated_guild& guild, trace& t, const scenario& s);
  ~chore_workload();

  static std::vector<slash_command> opening(const scenario& s);

  const chore_figures& figures() const { return figures_; }
  const std::vector<std::string>& violations() const { return violations_; }
  // What copies have shown of the tables, as reads.
  const history& seen() const { return seen_; }
  // Whose restore or drop has not been answered, and may still go on; empty: none.
  std::string copy_at_work() const { return next_ == step::restore || next_ == step::drop ? copy_ : std::string(); }
  // In the end: tables that were dropped are gone, rows that were imported are there.
  std::vector<std::string> check(const std::vector<table_content>& tables) const;

 private:
  enum class step { snapshot, restore, compare, drop, forget };

  void act() override;
  void verify(const std::string& table);
  void reindex(const std::string& table);
  void import();
  void go_on_with_copy();
  void take_snapshot();
  void restore();
  void compare();
  void drop();
  void drop_now();
  void alter_copy();
  void forget();
  void read_copy(const user_reply& reply);

  simulated_guild& guild_;
  scenario scenario_;
  simulated_user hasty_;  // alters a copy that is about to be dropped
  bool hasty_waits_ = false;
  base::duration patience_;
  chore_figures figures_;
  std::vector<std::string> violations_;
  history seen_;
  // Of the copy in hand.
  step next_ = step::snapshot;
  std::uint64_t copies_ = 0;
  std::string source_, copy_, snapshot_;
  std::uint64_t rows_ = 0;
  base::steady_time asked_{}, answered_{};
  int tries_ = 0;
  bool in_doubt_ = false;  // a restore that was not answered well may still make it, behind its drop, too
  std::set<std::string> gone_;  // copies whose drop was acknowledged
  bool imported_ = false;
  std::uint64_t least_imported_ = 0, most_imported_ = 0;
  std::shared_ptr<bool> here_ = std::make_shared<bool>(true);
};

}  // namespace dbcord::simulation
