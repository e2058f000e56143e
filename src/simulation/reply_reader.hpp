#pragma once
// reply_reader: turns the bot's reply to a command into the outcome of operations. It reads what a person would read;
// a text that it does not know is an error of the run (`strange`), so that no change of wording goes unnoticed. Pure.

#include "simulation/history.hpp"
#include "simulation/simulated_user.hpp"

namespace dbcord::simulation {

struct read_row {
  std::string key;
  row_fields fields;
};

struct reply_meaning {
  operation_outcome outcome = operation_outcome::unknown;
  std::vector<read_row> rows;             // in the JSON block
  std::optional<std::uint64_t> version;   // named by the text
  std::optional<std::size_t> matched;     // by a find, or exported
  bool at_least = false;                  // so many and perhaps more
  std::string plan;                       // of a find: how it looked
  std::map<std::string, std::string> refused_rows;  // by an import: key and reason
  bool unnamed_refusals = false;          // of an import: more rows were refused than are named
  std::optional<std::uint64_t> imported;  // rows of an import that are in, for certain; empty: nothing is promised
  bool no_others = false;                 // of an import: no further row is in, and none comes
  std::string strange;                    // empty: understood
  std::string interaction;                // the id, for logs
  std::string told;                       // a refusal's text
};

using reply_files = std::map<std::string, std::string>;  // bytes by name
// `files` are those that rows are in.
reply_meaning read_reply(std::string_view command, const user_reply& reply, const reply_files& files = {});
// Rows that are too large for its text.
bool has_rows_in_files(const user_reply& reply);
// Of a refused row of an import.
operation_outcome outcome_of_refusal(std::string_view reason);
// JSON lines.
void read_rows_of(std::string_view lines, reply_meaning& meaning);
// {"id":"k1","v":7,…} as the workload writes it, with the text of a number in the field that takes texts (long_text); nullopt when it is something else.
std::optional<read_row> parse_row(std::string_view json);
std::string row_json(const std::string& key, const row_patch& fields);

}  // namespace dbcord::simulation
