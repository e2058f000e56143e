#pragma once
// What became of the rows of an import, row by row, added up from the replies to its chunks. One thread.

#include <string>
#include <vector>

#include "app/import_chunks.hpp"

namespace dbcord::app {

enum class row_outcome { not_sent, accepted, refused, unknown };

class import_tally {
 public:
  // `local` are the lines that were no rows at all. `lines` are those of the rows.
  import_tally(std::vector<commands::refused_line> local, const std::vector<std::size_t>& lines);

  // `refusals` is the text of the reply's refused.jsonl (lines counted within the chunk); the others were accepted.
  // False if it does not fit the counts; then the chunk's outcome is unknown.
  bool settle(const import_chunk& chunk, std::size_t accepted, std::string_view refusals);
  void all_refused(const import_chunk& chunk, const std::string& reason);
  void all_unknown(const import_chunk& chunk);

  std::size_t count(row_outcome outcome) const;
  std::size_t rows() const { return outcomes_.size(); }
  const std::vector<commands::refused_line>& refused() const { return refused_; }  // in the order in which they became known
  // JSON lines {"line":…,"outcome":…} in the order of the file, with key and reason of refused rows.
  std::string as_json_lines() const;

 private:
  struct entry {
    std::size_t line = 0;
    row_outcome outcome = row_outcome::not_sent;
  };

  entry& at_line(std::size_t line);
  void refuse(commands::refused_line refusal);

  std::vector<entry> outcomes_;  // sorted by line
  std::vector<commands::refused_line> refused_;
};

}  // namespace dbcord::app
