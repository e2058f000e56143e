#pragma once
// Outcomes that users of the database act on.

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
  horizon             // older than the versions that are kept
};

const boost::system::error_category& database_category() noexcept;
inline boost::system::error_code make_error_code(errc e) noexcept { return {static_cast<int>(e), database_category()}; }

// Refusals of the message store.
enum class store_errc {
  not_done = 1,   // certain: not applied (refused, or never sent)
  unknown,        // sent; whether it was applied is not known
  not_found,      // certain: no such channel or message
  forbidden,      // certain: a permission is missing (detail names Discord's text)
  unauthorized,   // certain: the token is not valid (any more)
  content_refused,// certain: a filter or limit of Discord refuses this content; do not repeat it as it is
  channel_limit,  // certain: the guild or category is full
  busy            // certain: not sent before the deadline because of rate limits or overload
};

const boost::system::error_category& store_category() noexcept;
inline boost::system::error_code make_error_code(store_errc e) noexcept { return {static_cast<int>(e), store_category()}; }

}  // namespace dbcord::database

template <>
struct boost::system::is_error_code_enum<dbcord::database::errc> : std::true_type {};
template <>
struct boost::system::is_error_code_enum<dbcord::database::store_errc> : std::true_type {};
