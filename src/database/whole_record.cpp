#include "database/whole_record.hpp"

#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/deliberate_bug.hpp"

namespace dbcord::database {
namespace {

// False also if the attachment is not there at all.
bool has_whole_file(const protocol::log_header& header, const stored_message& message) {
  return !header.attached || (!message.attachments.empty() && message.attachments.front().size == header.body_size);
}

}  // namespace

bool is_whole(const found_record& found) {
  const auto& header = found.record.header;
  return has_whole_file(header, found.message) || found.message.attachments.empty();
}

std::vector<found_record> one_of_each(std::vector<found_record> found) {
  std::vector<found_record> all;
  all.reserve(found.size());
  std::unordered_map<std::string_view, std::size_t> known;  // by hash, which stands in `found`
  for (auto& f : found) {
    auto [at, first] = known.emplace(f.record.header.hash, all.size());
    if (first) {
      all.push_back({f.record, std::move(f.message)});
      continue;
    }
    if (base::has_bug(base::deliberate_bug::first_copy_counts)) continue;
    auto& kept = all[at->second];
    const auto& header = kept.record.header;
    bool better = !has_whole_file(header, kept.message) && has_whole_file(header, f.message);
    if (better) std::swap(kept.message, f.message);
    kept.copies.push_back(std::move(f.message));
  }
  return all;
}

}  // namespace dbcord::database
