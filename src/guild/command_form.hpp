#pragma once
// Validation of application commands (facts 3.13). Pure, any thread.

#include <boost/json/object.hpp>
#include <string>

#include "guild/api_error.hpp"
#include "guild/model.hpp"

namespace dbcord::guild {

// A command without id and version. `path` is where it stands in the request ("" or "3"); errors go into
// `errors`.
app_command read_command_form(const boost::json::object& form, const std::string& path, form_errors& errors);

}  // namespace dbcord::guild
