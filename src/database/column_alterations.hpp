#pragma once
// column_alterations: the part of the engine's interface that adds, drops and renames columns of tables while they are read and written. Any executor.

#include <string>

#include "database/engine.hpp"
#include "protocol/column_change.hpp"

namespace dbcord::database {

struct alteration_report {
  write_receipt receipt;      // of the record that began it
  std::string schema_json;    // of the new form
};

class column_alterations {
 public:
  virtual ~column_alterations() = default;
  // Done when every row has the new form. Past the deadline, or cancelled by `context.progress`, it is not undone: what is written from its beginning on has the
  // new form, and the other rows follow when the same alteration is asked for again, or after the next start. Until then the change that takes it back
  // (column_change::takes_back) may be asked for as well, which takes its place. `force`: rows may lack an added field.
  virtual actor::task<base::result<alteration_report>> alter_columns(std::string database, std::string table, protocol::column_change change, bool force,
                                                                     write_context context) = 0;
};

}  // namespace dbcord::database
