#pragma once
// What is left of a log from which records were deleted by hand: the chain up to each hole, and on behind it. Only for reading what is left, and
// for going on from it when a person has accepted the loss. Of a whole log it is valid_chain(). Pure, any thread.

#include "protocol/log_chain.hpp"

namespace dbcord::protocol {

struct log_gap {
  std::uint64_t first_lsn = 0;  // of the records that are lost
  std::uint64_t last_lsn = 0;
  std::size_t before = 0;       // position, in the chain, of the record that stands behind the hole
  bool accepted_once = false;   // whoever wrote that record knew of the hole, and went on
};

struct bridged_log {
  std::vector<std::size_t> chain;  // as valid_chain(), with holes
  std::vector<log_gap> gaps;       // in order; none: nothing is known to be lost
};

bridged_log bridged_chain(const chain_anchor& anchor, const std::vector<chain_record>& records);

}  // namespace dbcord::protocol
