#pragma once
// A JSON document for people to edit: one member a line, two spaces a level; the text of numbers kept. Pure, any thread.

#include <string>
#include <string_view>

namespace dbcord::commands {

// Of text that is no JSON: as it is.
std::string indented_json(std::string_view compact);

}  // namespace dbcord::commands
