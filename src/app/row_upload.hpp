#pragma once
// row_upload: rows sent through /dbc_import, by import and restore. Stateless coroutines over a connected session.

#include <functional>
#include <string>

#include "app/user_session.hpp"
#include "discord/multipart.hpp"

namespace dbcord::app {

struct import_target {
  std::string database;
  std::string table;
  std::string key;  // the primary key field
  bool upsert = false;  // what is there already is replaced, not refused
};

// A file of rows, given again as long as they are refused for lack of room (nothing was changed then). Answers the reply; of an error
// may_have_been_done() tells what it leaves open. Not given again when `go_on` says no.
actor::task<base::result<boost::json::object>> upload_rows(const actor::environment& env, user_session& session, import_target target,
                                                           discord::file_part rows, std::function<bool()> go_on = {});

}  // namespace dbcord::app
