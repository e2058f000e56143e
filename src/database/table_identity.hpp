#pragma once
// Which table is meant, whatever its name is by now. Pure.

#include <string>
#include <string_view>

namespace dbcord::database {

// An id of table_summary, cut so that it fits into a button's or form's custom_id beside names: the table's number, and so much of its database's id (24 bits) that
// databases which had one name after the other are told apart. Where an id is expected, this will do.
inline std::string short_table_id(std::string_view id) {
  constexpr std::size_t kept = 6;
  auto number = id.rfind('-');
  if (number == id.npos || number <= kept) return std::string(id);
  return std::string(id.substr(0, kept)) + std::string(id.substr(number));
}

}  // namespace dbcord::database
