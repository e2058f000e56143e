#pragma once
// begun_find: how far a find has come on its table's strand: either it is answered, or it knows what has to be read. Plain values.

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "database/find_plan.hpp"
#include "database/past_rows.hpp"
#include "database/search_sightings.hpp"

namespace dbcord::database {

struct begun_find {
  std::optional<find_answer> answer;
  table_state::scan_ptr scan;       // else: values have to be read, of these rows,
  std::shared_ptr<past_rows> past;  // or of those
  search_sightings::view_ptr seen;
  find_plan plan;
  bool counts_all = false;          // all values were in memory, but looking at them takes long: every row is looked at, as if that were done at once
};

// What guild search has shown to one find.
struct search_hit {
  std::uint64_t lsn = 0;
  bool matches = true;               // false: its value is known, and does not
  std::optional<std::string> value;  // empty: it lies in a file, or does not match
};
struct searched_rows {
  std::map<base::message_id, search_hit> hits;
  std::uint64_t requests = 0;
  std::string useless;  // why search counts for nothing; empty: it is complete but for what it was never seen to return
};

}  // namespace dbcord::database
