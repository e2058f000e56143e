#pragma once
// database_lifecycle: the part of the engine's interface by which whole databases go, and by which those come that are filled from a backup. Any executor.

#include <optional>
#include <string>

#include "database/engine.hpp"

namespace dbcord::database {

// Who fills a database that is not whole yet.
struct unfinished_restore {
  std::string who;           // user id; of one that was interrupted nobody
  bool interrupted = false;  // it can only be dropped, or begun again
  std::string id = {};       // of the database
};

class database_lifecycle {
 public:
  virtual ~database_lifecycle() = default;

  // The database is gone when this is done; its channels are deleted soon afterwards, by this process or by the next one. Also for one whose restore
  // was interrupted.
  virtual actor::task<base::result<write_receipt>> drop_database(std::string name, write_context context) = 0;
  // A new database that is not whole until end_restore(): what a process finds so when it starts is refused to everybody. One of that name whose restore
  // was interrupted, or was begun by the same person, is dropped before.
  virtual actor::task<base::result<database_summary>> begin_restore(std::string name, write_context context) = 0;
  virtual actor::task<base::result<void>> end_restore(std::string name, write_context context) = 0;
  virtual std::optional<unfinished_restore> restoring(std::string name) const = 0;  // from memory
};

}  // namespace dbcord::database
