#pragma once
// Buttons and selects of a message, fields of a modal (facts 3.14): validated as Discord does. Pure, any
// thread; what is wrong goes into `errors` with its place.

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "guild/api_error.hpp"

namespace dbcord::guild {

// Action rows with up to five buttons or one select.
void check_component_rows(const boost::json::array& rows, form_errors& errors);
// Data of callback type 9: custom_id, title, one to five rows or labels.
void check_modal(const boost::json::object& modal, form_errors& errors);

// The component with that custom_id, at any depth; nullptr if there is none.
const boost::json::object* find_component(const boost::json::value& components, std::string_view custom_id);

}  // namespace dbcord::guild
