#pragma once
// read_estimate: about what it takes to read the values of rows from where they lie, as value_reader does it. Plain value, any thread.

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "database/find_cost.hpp"
#include "database/message_spread.hpp"
#include "database/value_reader.hpp"

namespace dbcord::database {

class read_estimate {
 public:
  // `slice`: the bytes of values after which a scan reads those that it has met. `kept`: what a value_reader has.
  explicit read_estimate(std::size_t slice, value_reader::kept_sources kept = {}) : slice_(slice), kept_(std::move(kept)) {}

  // Every row that the scan meets, in its order; `read`: its value has to be read.
  void add(const stored_row& row, std::size_t key_size, bool read);
  std::uint64_t rows() const { return rows_; }  // to be read
  find_cost cost(const message_spread& spread) const;
  base::duration pace() const { return kept_.pace; }

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

  static find_cost cost_of_messages(const portion& p, const message_spread& spread, value_reader::kept_sources& kept);
  static find_cost cost_of_records(const portion& p, value_reader::kept_sources& kept);

  std::size_t slice_;
  value_reader::kept_sources kept_;
  std::size_t bytes_ = 0;  // of the last portion
  std::uint64_t rows_ = 0;
  std::vector<portion> portions_;
};

}  // namespace dbcord::database
