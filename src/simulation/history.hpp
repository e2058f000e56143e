#pragma once
// history: what the simulated users asked and what they were told. Pure data, one thread.
//
// A row's content is a handful of integer fields (besides its key); an update is a merge patch on them. Every operation is on
// one key: a find is as many reads as there are keys, an import as many inserts as there are rows.

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "dbcord/base/clock.hpp"

namespace dbcord::simulation {

using row_fields = std::map<std::string, std::int64_t>;
using row_patch = std::map<std::string, std::optional<std::int64_t>>;  // nullopt removes the field

// Rows that have the field, with a value from `lowest` to `highest`. Without a field: all rows.
struct row_filter {
  std::string field{};
  std::int64_t lowest = std::numeric_limits<std::int64_t>::min();
  std::int64_t highest = std::numeric_limits<std::int64_t>::max();

  bool matches(const row_fields& row) const;
};

enum class operation_kind { insert, update, remove, read };

enum class operation_outcome {
  done,            // acknowledged; a read has `seen`
  refused_exists,  // refused because the key exists
  refused_absent,  // refused, or a read answered, because the key does not exist
  refused_version, // refused because the row has `version`, not the expected one
  refused,         // refused for another reason; certainly without effect
  unknown          // no answer, or "outcome unknown": may take effect at any time after it was invoked, or never
};

struct operation {
  std::uint64_t number = 0;
  int user = 0;
  operation_kind kind = operation_kind::read;
  std::string table;
  std::string key;
  row_patch fields;  // insert: the whole row; update: the patch
  base::steady_time invoked{};
  base::steady_time answered = base::steady_time::max();
  operation_outcome outcome = operation_outcome::unknown;
  std::optional<row_fields> seen;          // by a read; by an update if its answer showed the row as it left it
  std::optional<std::uint64_t> version{};  // of the row, as the answer told it
  std::string asked_by{};                  // the interaction, for people who look into logs
  std::string told{};                      // why it was refused
  std::uint64_t find = 0;                  // reads with one number were answered together: by a find, at one moment
  std::vector<row_filter> hidden_from{};   // of a read that shows nothing: there may be a row that one of these does not match
  std::optional<std::uint64_t> expected_version{};  // of an update or a deletion: only this one was to be changed
};

using history = std::vector<operation>;

std::string describe(const operation& op);
std::string describe(const row_filter& filter);
std::string describe(const row_fields& fields);
row_fields merge(row_fields row, const row_patch& patch);

// Of updates and deletions that expect a version.
struct precondition_figures {
  std::uint64_t given = 0;
  std::uint64_t met = 0;      // and done
  std::uint64_t refused = 0;  // another version
  std::uint64_t absent = 0;   // no row

  friend void operator+=(precondition_figures& a, const precondition_figures& b) {
    for (auto figure : {&precondition_figures::given, &precondition_figures::met, &precondition_figures::refused, &precondition_figures::absent}) a.*figure += b.*figure;
  }
};
precondition_figures count_preconditions(const history& all);

}  // namespace dbcord::simulation
