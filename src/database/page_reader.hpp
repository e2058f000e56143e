#pragma once
// Pages as messages of a table's channel: their attachments by name, downloaded and checked. Free coroutines, any executor.

#include <string>
#include <vector>

#include "database/message_store.hpp"
#include "database/page_place.hpp"
#include "protocol/row_page.hpp"

namespace dbcord::database {

// "page-1200-3.jsonl": the page's newest LSN and the part, from 1 on.
std::string page_part_name(std::uint64_t newest_lsn, unsigned part);
// The bytes of a part, whose checksum is right. errc::damaged: they are lost; other errors may pass.
actor::task<base::result<std::string>> read_page_part(message_store& store, const stored_message& message, const protocol::page_header& header,
                                                      unsigned part, call_options options);

struct page_rows {
  std::vector<page_place> rows;               // of all parts that could be read
  std::vector<std::string> hashes;            // record_hash of the JSON of each, in their order
  std::vector<std::pair<unsigned, std::string>> damaged;  // parts that could not, and why
};
// An error: something that may pass.
actor::task<base::result<page_rows>> read_page(message_store& store, const stored_message& message, const protocol::page_header& header,
                                               call_options options);

}  // namespace dbcord::database
