#pragma once
// deletion_policies: the part of the engine's interface that says what becomes of rows whose messages people delete (design.md section 7). Any executor.

#include <cstdint>
#include <string>

#include "database/engine.hpp"

namespace dbcord::database {

// restore: the row is written again. accept: the row is deleted, too, ten seconds later; by a transaction, which the history shows.
enum class deletion_policy { restore, accept };

struct deletion_status {
  deletion_policy policy = deletion_policy::restore;
  std::uint64_t accepted = 0;  // rows that were deleted so, by this process
  std::uint64_t waiting = 0;   // that are deleted soon, unless more messages go
  std::uint64_t held = 0;      // rows that are kept until a person decides, since too many messages went at once
};

struct deletion_decision {
  write_receipt receipt;
  std::uint64_t deleted = 0;   // of the rows that were held
  std::uint64_t kept = 0;
};

class deletion_policies {
 public:
  virtual ~deletion_policies() = default;
  // Also decides about the rows that are held, and lets later deletions be acted on again.
  virtual actor::task<base::result<deletion_decision>> set_deletions(std::string database, deletion_policy policy, write_context context) = 0;
  virtual base::result<deletion_status> deletions(std::string database) const = 0;  // from memory
};

}  // namespace dbcord::database
