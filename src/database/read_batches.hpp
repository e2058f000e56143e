#pragma once
// read_batches: in which order the values of a slice of rows are read by somebody who may soon have enough of them. The first few are read, and with them whatever comes
// along with the same requests: what one listing shows, one part of a page or one record of the log holds. So reading all of them bit by bit takes hardly more requests
// than reading them at once. Used by one task.

#include <limits>
#include <map>
#include <vector>

#include "database/find_cost.hpp"
#include "database/message_spread.hpp"
#include "dbcord/base/result.hpp"
#include "protocol/checkpoint_image.hpp"

namespace dbcord::database {

// What became of lacking() rows.
struct valued_rows {
  std::vector<protocol::image_row> rows;
  std::map<std::size_t, base::error> unreadable = {};  // those of them whose values cannot be had, and why
  find_cost cost = {};                                 // what that took
};

class read_batches {
 public:
  read_batches(std::vector<protocol::image_row> rows, const message_spread& spread);

  // The rows that come next and have their values, in the order of all.
  std::vector<protocol::image_row> ready();
  bool ended() const { return next_ == rows_.size(); }
  // Why the row that comes next has no value, if it was to be read; null: it was not, or there is none.
  const base::error* unreadable() const;
  // Some whose values are to be read, the first `at_least` among them, but from no more than `sources` places, at least one: a request or two each; and none but the first
  // `at_most`. put() takes them back, with their values but for those that cannot be read.
  std::vector<protocol::image_row> lacking(std::size_t at_least, std::uint64_t sources = std::numeric_limits<std::uint64_t>::max(),
                                           std::uint64_t at_most = std::numeric_limits<std::uint64_t>::max());
  void put(valued_rows read);

 private:
  struct entry {
    protocol::image_row row;
    std::uint64_t source = 0;  // of all whose values come together the same number
    std::optional<base::error> unreadable = {};

    bool lacks_value() const { return !row.resident && !unreadable; }
  };

  void number_sources(const message_spread& spread);

  std::vector<entry> rows_;
  std::size_t next_ = 0;            // the first that ready() has not answered
  std::vector<std::size_t> taken_;  // by lacking()
};

}  // namespace dbcord::database
