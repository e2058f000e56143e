#pragma once
// A snapshot of a whole database as Discord messages: parts with an attachment each, zstd frames of whole lines of a dump (database_dump), every
// part naming the one before it; put one behind the other they are a backup's file. The last part names the snapshot.
// Pure, any thread; decoding never throws on input bytes.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "dbcord/base/ids.hpp"

namespace dbcord::protocol {

struct dump_part {
  std::string snapshot;       // random, the same in all its parts
  std::uint64_t number = 1;   // from 1
  bool last = false;
  std::uint64_t offset = 0;   // bytes of the attachments of all parts before
  std::uint64_t size = 0;     // bytes of its own
  std::uint64_t lsn = 0;
  std::uint64_t rows = 0;     // in the parts so far; in the last one: all
  std::uint64_t tables = 0;   // of the database
  base::message_id previous;  // of the part before; zero in the first
  std::string hash;           // record_hash of the attachment
};

std::string encode_dump_part(const dump_part& part, std::string_view database_name);
std::optional<dump_part> decode_dump_part(std::string_view content);

}  // namespace dbcord::protocol
