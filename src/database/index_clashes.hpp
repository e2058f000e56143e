#pragma once
// index_clashes: values of a unique index that several rows have: deletions and changes that are lost bring back rows whose values others have taken since. Plain data.

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/transaction.hpp"

namespace dbcord::database {

struct index_clashes {
  static constexpr std::size_t most_examples = 100;

  struct holder {
    std::string key;
    base::message_id row_message;  // zero: it has none
  };
  struct clash {
    std::string value;  // as shown to people
    holder first, second;  // of the rows that have it
  };
  protocol::create_index index;
  bool failed = false;       // so it binds nobody
  bool building = false;     // so it fails at its end
  std::uint64_t values = 0;  // that several rows have
  std::vector<clash> examples;
};

// "2 values of the unique index on email of table t stand in several rows (rows "a" and "c" have "x"; rows "b" and "d" have "y")": up to three examples.
std::string sentence_of(const index_clashes& clashes, std::string_view table);

}  // namespace dbcord::database
