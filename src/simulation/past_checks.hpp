#pragma once
// past_checks: what people are told of rows as they were (as_of, /dbc_history) is what the log says. Replies are read like reply_reader reads the others, and judged in
// the end, by all that was ever logged. Pure.

#include "simulation/log_watch.hpp"
#include "simulation/reply_reader.hpp"

namespace dbcord::simulation {

enum class past_answer {
  none,          // or one that says nothing of the past
  row,           // `version` and `seen`
  absent,        // there was no such row
  too_long_ago,  // not everything is known from before `known_from`
  yet_to_come,   // the log has not come so far
  lost           // it is known that there was a version, and nobody has it any more
};

// A row as of an LSN.
struct past_read {
  std::string table;
  std::string key;
  std::uint64_t lsn = 0;
  std::uint64_t newest_told = 0;  // LSN that any answer had named when it was asked
  base::steady_time answered{};
  past_answer answer = past_answer::none;
  std::uint64_t version = 0;
  row_fields seen{};
  std::uint64_t known_from = 0;
  std::string told{};     // an answer that shows no row
  std::string strange{};  // empty: understood
};

// As a history shows it.
struct shown_version {
  std::uint64_t version = 0;
  std::uint64_t lsn = 0;
  bool deleted = false;
};
struct past_history {
  std::string table;
  std::string key;
  std::vector<shown_version> versions{};  // newest first
  std::string strange{};
};

struct past_figures {
  std::uint64_t answered = 0;      // with the row, or that there was none
  std::uint64_t of_older = 0;      // of those: by a version that was not the newest any more
  std::uint64_t refused = 0;       // too long ago, yet to come, or lost
  std::uint64_t too_long_ago = 0;  // of those
  std::uint64_t histories = 0;     // that were shown

  friend void operator+=(past_figures& a, const past_figures& b) {
    for (auto figure : {&past_figures::answered, &past_figures::of_older, &past_figures::refused, &past_figures::too_long_ago, &past_figures::histories})
      a.*figure += b.*figure;
  }
};

// Fills in what the reply tells; `files` are those that rows are in.
void read_past(const user_reply& reply, const reply_files& files, past_read& into);
void read_history(const user_reply& reply, past_history& into);

struct past_excuses {
  bool versions_go = false;  // older ones are given up: memory is short, or somebody has set how many are kept
  bool messages_go = false;  // people delete some, or files are cut
};

// By what one database has logged, and `counting`, its records that count: a row is shown as the last version up to the LSN. Refused is only what may be gone by now,
// which the version never is that the row still had when the answer came, or what no answer had named before. Of a history no version is missing between two that
// are shown.
std::vector<std::string> check_past(const std::vector<past_read>& reads, const std::vector<past_history>& histories, const logged_content& logged,
                                    const std::set<std::string>& counting, past_excuses excuses, past_figures* figures = nullptr);

}  // namespace dbcord::simulation
