#pragma once
// Cuts a file into the JSON texts of its rows: JSON lines, or a JSON array of objects, or (with a path) such an array inside a
// document. Builds no documents. Pure, any thread; linear time, memory: one copy of the rows.
// CSV: csv_file.hpp.
// A bad line refuses that line only. A document that is not JSON refuses the file, since where its next row begins is a guess.

#include <string>
#include <string_view>
#include <vector>

#include "commands/file_format.hpp"
#include "database/engine.hpp"

namespace dbcord::commands {

struct refused_line {
  std::size_t line = 0;  // in the file, from 1
  std::string key;       // empty if not known
  std::string reason;    // one sentence
  std::size_t item = 0;  // of an array, from 1: several may begin on one line; 0: the file is none
};

struct import_content {
  std::vector<database::new_row> rows;
  std::vector<std::size_t> lines;  // of each row, where it begins, from 1
  std::vector<std::size_t> items;  // of each row, its number in the array, from 1; empty: the file is none
  std::vector<refused_line> refused;
};

// `at`: names of fields from the top of the document, separated by `/` ("3166-1"); empty for the top itself. `format`: nothing: what it looks like.
base::result<import_content> cut_import_file(std::string_view bytes, std::string_view at, std::optional<file_format> format = std::nullopt);

// If all that was cut out is one object: its first field that holds an array of objects, in which the rows may lie. Empty: there is no such field.
std::string array_within_only_row(const import_content& content);

}  // namespace dbcord::commands
