#pragma once
// What a request says a role shall be (facts 3.5, 4.2): validated. Pure, any thread.

#include <boost/json/object.hpp>

#include "guild/api_error.hpp"
#include "guild/model.hpp"

namespace dbcord::guild {

inline constexpr std::size_t roles_max = 250;

// `before` with the fields of `form` put in.
outcome<role> read_role_form(const boost::json::object& form, role before);

}  // namespace dbcord::guild
