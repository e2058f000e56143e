#pragma once
// read_estimate: about how many requests it takes to read the values of rows from where they lie, as value_reader does it, and how long the rate limits
// make of them. Plain value, any thread.

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "database/message_spread.hpp"
#include "database/value_reader.hpp"

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
  // `slice`: the bytes of values after which a scan reads those that it has met. `kept`: what a value_reader has.
  explicit read_estimate(std::size_t slice, value_reader::kept_sources kept = {}) : slice_(slice), kept_(std::move(kept)) {}

  // Every row that the scan meets, in its order; `read`: its value has to be read.
  void add(const stored_row& row, std::size_t key_size, bool read);
  std::uint64_t rows() const { return rows_; }  // to be read
  std::uint64_t requests(const message_spread& spread) const;

 private:
  struct record {
    base::message_id message;
    std::uint64_t bytes = 0;  // of those of its rows that are read
  };
  struct portion {
    std::vector<std::uint64_t> messages;  // of one row each
    std::set<value_reader::page_part> parts;
    std::map<std::uint64_t, record> records;  // of the log, by LSN
    std::uint64_t files = 0;
  };

  static std::uint64_t requests_of_messages(const portion& p, const message_spread& spread, value_reader::kept_sources& kept);
  static std::uint64_t requests_of_records(const portion& p, value_reader::kept_sources& kept);

  std::size_t slice_;
  value_reader::kept_sources kept_;
  std::size_t bytes_ = 0;  // of the last portion
  std::uint64_t rows_ = 0;
  std::vector<portion> portions_;
};

}  // namespace dbcord::database
