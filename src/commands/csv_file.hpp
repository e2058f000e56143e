#pragma once
// CSV files for imports: the rows' JSON, or the records as they stand in the file, for who sends them on in parts with the header above each part.
// A record that is no row refuses that row only; bad quotes, a bad header or bytes that are not UTF-8 refuse the file. Pure, any thread; linear time,
// memory: the rows.

#include <string>
#include <string_view>

#include "commands/import_file.hpp"
#include "protocol/row_schema.hpp"

namespace dbcord::commands {

// Errors are sentences about the file. `key`: the field that every row must have; empty: not known. What the cells mean: csv_value.hpp.
base::result<import_content> cut_csv_file(std::string_view bytes, std::string_view key, const protocol::row_schema& schema);

struct csv_records {
  std::string header;
  import_content records;  // not JSON but records; none refused
};
base::result<csv_records> cut_csv_records(std::string_view bytes, std::string_view key);

}  // namespace dbcord::commands
