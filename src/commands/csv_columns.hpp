#pragma once
// The columns of a CSV file: which field of a row each cell is, from the header record, and the rows' JSON by it. Pure, any thread.

#include "commands/csv_reader.hpp"
#include "protocol/row_schema.hpp"

namespace dbcord::commands {

class csv_columns {
 public:
  // An error is a sentence about the file: an unnamed column, a field that stands twice or is both a value and an object, …
  static base::result<csv_columns> from_header(const csv_record& header, const protocol::row_schema& schema);

  std::size_t size() const { return columns_.size(); }
  bool has(std::string_view field) const;  // at the top of the row
  // The row as JSON, its fields in the order of the columns, those of one object together. Cells that are empty, or missing at the end, are
  // fields that the row does not have. An error is the reason why it is none. Time: linear in the record, however many columns there are.
  base::result<std::string> row_of(const csv_record& record) const;

 private:
  struct column {
    std::vector<std::string> names;  // along the path, as JSON with the colon: "address": "city":
    std::size_t place = 0;           // among the columns, in the row
    protocol::field_rule rule;       // of the field
  };

  void set_places();
  std::vector<std::size_t> filled_columns(const csv_record& record) const;

  std::vector<column> columns_;
};

}  // namespace dbcord::commands
