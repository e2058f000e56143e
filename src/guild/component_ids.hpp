#pragma once
// Gives every component of a message its number (facts 3.14): what the sender chose stays, what has none or 0 gets the
// next that is free, in the order of the tree. Pure; the caller has checked the shape of the rows.

#include <boost/json/array.hpp>

namespace dbcord::guild {

void number_components(boost::json::array& rows);

}  // namespace dbcord::guild
