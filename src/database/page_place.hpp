#pragma once
// Where one version of a row stands in a page. Plain data.

#include <cstdint>
#include <string>

namespace dbcord::database {

struct page_place {
  std::string key;
  std::uint64_t version = 0;
  std::uint64_t lsn = 0;
  unsigned part = 0;  // from 1 on
};

}  // namespace dbcord::database
