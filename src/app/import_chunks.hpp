#pragma once
// Cuts the rows of an import into uploads of bounded size, as JSON lines, and remembers where each line came from.
// Pure, used by one thread.

#include <optional>
#include <string>
#include <vector>

#include "commands/import_file.hpp"

namespace dbcord::app {

struct import_chunk {
  std::string bytes;               // JSON lines
  std::vector<std::size_t> lines;  // of the source file, for each line of `bytes`
};

class import_chunks {
 public:
  // A row that is larger than `bytes_max` makes a chunk of its own.
  import_chunks(std::vector<database::new_row> rows, std::vector<std::size_t> lines, std::size_t bytes_max,
                std::size_t rows_max);

  // In the order of the file; nothing when all were taken.
  std::optional<import_chunk> next();
  std::size_t rows() const { return rows_.size(); }

 private:
  std::vector<database::new_row> rows_;
  std::vector<std::size_t> lines_;
  std::size_t bytes_max_;
  std::size_t rows_max_;
  std::size_t taken_ = 0;
};

}  // namespace dbcord::app
