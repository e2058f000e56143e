#pragma once
// What the port message_store answers, beside the outcomes that users of the database act on.

#include "dbcord/errors.hpp"

namespace dbcord::database {

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
struct boost::system::is_error_code_enum<dbcord::database::store_errc> : std::true_type {};
