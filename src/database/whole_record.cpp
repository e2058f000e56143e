#include "database/whole_record.hpp"

namespace dbcord::database {

bool is_whole(const found_record& found) {
  const auto& header = found.record.header;
  const auto& files = found.message.attachments;
  return !header.attached || files.empty() || files.front().size == header.body_size;
}

}  // namespace dbcord::database
