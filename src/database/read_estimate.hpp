#pragma once
// read_estimate: about how many requests it takes to read the values of rows from where they lie, as value_reader does it, and how long the rate limits
// make of them. Plain value, any thread. It knows where messages lie, not what stands between them: that is taken to be spread evenly.

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "database/stored_row.hpp"

namespace dbcord::database {

struct find_cost {
  std::uint64_t reads = 0;     // requests for messages and files
  std::uint64_t searches = 0;

  std::uint64_t requests() const { return reads + searches; }
  double seconds() const;
  std::string text() const;  // "about 12 requests, 7 s"
};

class read_estimate {
 public:
  // `messages`: how many the table's channel holds, about. `slice`: the bytes of values after which a scan reads those that it has met.
  read_estimate(std::uint64_t messages, std::size_t slice) : messages_(messages), slice_(slice) {}

  // Every row that the scan meets, in its order; `read`: its value has to be read.
  void add(const stored_row& row, std::size_t key_size, bool read);
  std::uint64_t rows() const { return rows_; }  // to be read
  std::uint64_t requests() const;

 private:
  struct portion {
    std::vector<std::uint64_t> messages;  // own ones, and pages
    std::set<std::pair<base::message_id, unsigned>> parts;  // of pages
    std::set<base::message_id> records;   // of the log
    std::uint64_t files = 0;
  };

  std::uint64_t messages_;
  std::size_t slice_;
  std::size_t bytes_ = 0;  // of the last portion
  std::uint64_t rows_ = 0;
  std::vector<portion> portions_;
};

}  // namespace dbcord::database
