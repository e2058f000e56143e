#pragma once
// Outcomes that users of the database act on: the codes of a base::error, beside base::errc.

#include "dbcord/base/result.hpp"

namespace dbcord::database {

enum class errc {
  unknown_database = 1,
  unknown_table,
  unknown_key,
  already_exists,     // database or table of that name
  duplicate_key,
  duplicate_value,    // a unique index has it already
  schema_violation,   // a row, or rows present, do not fit the table's schema
  invalid_name,
  invalid_json,
  invalid_query,
  too_large,
  conflict,           // another writer was first; retry
  outcome_unknown,    // whether it was done will be known later
  backpressure,       // the backlog is at its bound; retry after a while
  fenced,             // another process writes this database now
  damaged,            // a stored record cannot be read
  unavailable,        // Discord cannot be reached or refuses
  limit_reached,      // channels, memory
  horizon,            // older than the versions that are kept
  unfinished          // begun and not undone: the message says what is done, and how the rest follows
};

const boost::system::error_category& database_category() noexcept;
inline boost::system::error_code make_error_code(errc e) noexcept { return {static_cast<int>(e), database_category()}; }

}  // namespace dbcord::database

template <>
struct boost::system::is_error_code_enum<dbcord::database::errc> : std::true_type {};
