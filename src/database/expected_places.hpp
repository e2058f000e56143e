#pragma once
// expected_places: where the rows and the kept versions of a table lay when its verification began, by message; and which of those messages were seen since.
// Plain data; used by one task at a time. Memory: about 100 bytes for each row and version.

#include <span>
#include <vector>

#include "database/row_place.hpp"

namespace dbcord::database {

class expected_places {
 public:
  explicit expected_places(std::vector<row_place> all);

  std::size_t size() const { return all_.size(); }
  // What lies in that message, by part.
  std::span<const row_place> in(base::message_id message) const;
  void note_seen(base::message_id message);
  // In a message that was not seen.
  std::vector<row_place> unseen() const;
  // Those that only the log has.
  std::span<const row_place> in_log() const { return in({}); }

 private:
  std::vector<row_place> all_;  // in the order of messages; those without one first
  std::vector<bool> seen_;      // of each
};

}  // namespace dbcord::database
