#pragma once
// What a person's client sends when a component is used or a modal filled in, checked against what was shown
// (facts 3.12, 3.14). For one request; one caller at a time.

#include <boost/json/object.hpp>

#include "guild/call.hpp"
#include "guild/world.hpp"

namespace dbcord::guild {

struct checked_use {
  std::string data;  // JSON text of the interaction's data
  std::vector<base::attachment_id> uploads;
};

// `component`: as the message has it; `data`: custom_id and perhaps values.
outcome<checked_use> check_component_use(world& w, const boost::json::object& component,
                                         const boost::json::object& data, base::channel_id where);
// `modal`: as the application sent it; `data`: custom_id and components with what was filled in.
outcome<checked_use> check_modal_submit(world& w, const boost::json::object& modal,
                                        const boost::json::object& data,
                                        const std::vector<uploaded_file>& files, base::channel_id where);

}  // namespace dbcord::guild
