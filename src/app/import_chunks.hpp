#pragma once
// Cuts the rows of an import into uploads of bounded size, as JSON lines or as CSV with its header above each, and remembers where each row came from.
// Pure, used by one thread.

#include <optional>
#include <string>
#include <vector>

#include "commands/import_file.hpp"

namespace dbcord::app {

// Moves the rows that no database takes from the rows to the refusals, each by its line; the server would refuse a whole upload for one that is larger still. JSON is
// measured as the bot does it; of CSV only what is larger than that in any form.
void refuse_too_large(commands::import_content& content, bool csv, std::size_t row_cap = database::engine_options().row_cap);

struct import_chunk {
  std::string bytes;
  std::vector<std::size_t> lines;   // of the source file, for each row
  std::vector<std::size_t> begins;  // the line of `bytes` on which each row begins, from 1; ascending

  std::vector<std::size_t> items = {};  // of the source file's array, for each row; empty: it is none

  // The row that begins there.
  std::optional<std::size_t> row_at(std::size_t line_of_bytes) const;
};

class import_chunks {
 public:
  // A row that is larger than `bytes_max` makes a chunk of its own. With a header the rows are not JSON but records of CSV.
  import_chunks(commands::import_content content, std::optional<std::string> csv_header, std::size_t bytes_max, std::size_t rows_max);

  // In the order of the file; nothing when all were taken.
  std::optional<import_chunk> next();
  std::size_t rows() const { return rows_.size(); }
  std::string file_name() const { return csv_header_ ? "rows.csv" : "rows.jsonl"; }  // of the uploads

 private:
  void append(import_chunk& chunk, std::size_t& line, std::string_view row) const;

  std::vector<database::new_row> rows_;
  std::vector<std::size_t> lines_;
  std::vector<std::size_t> items_;
  std::optional<std::string> csv_header_;
  std::size_t bytes_max_;
  std::size_t rows_max_;
  std::size_t taken_ = 0;
};

}  // namespace dbcord::app
