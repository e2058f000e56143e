#pragma once
// Cuts a file into the JSON texts of its rows: JSON lines, or a JSON array of objects, or (with a path) such an array inside a
// document. Builds no documents. Pure, any thread; linear time, memory: one copy of the rows.
// A bad line refuses that line only. A document that is not JSON refuses the file, since where its next row begins is a guess.

#include <string>
#include <string_view>
#include <vector>

#include "database/engine.hpp"

namespace dbcord::commands {

struct refused_line {
  std::size_t line = 0;  // in the file, from 1
  std::string key;       // empty if not known
  std::string reason;    // one sentence
};

struct import_content {
  std::vector<database::new_row> rows;
  std::vector<std::size_t> lines;  // of each row, where it begins, from 1
  std::vector<refused_line> refused;
};

// `at`: names of fields from the top of the document, separated by `/` ("3166-1"); empty for the top itself.
base::result<import_content> cut_import_file(std::string_view bytes, std::string_view at);

}  // namespace dbcord::commands
