#include "database/expected_places.hpp"

#include <algorithm>
#include <tuple>

namespace dbcord::database {
namespace {

struct by_message {
  bool operator()(const row_place& a, base::message_id b) const { return a.row_message < b; }
  bool operator()(base::message_id a, const row_place& b) const { return a < b.row_message; }
};

}  // namespace

expected_places::expected_places(std::vector<row_place> all) : all_(std::move(all)), seen_(all_.size()) {
  std::sort(all_.begin(), all_.end(), [](const row_place& a, const row_place& b) {
    return std::tie(a.row_message, a.part, a.key, a.lsn) < std::tie(b.row_message, b.part, b.key, b.lsn);
  });
}

std::span<const row_place> expected_places::in(base::message_id message) const {
  auto [first, last] = std::equal_range(all_.begin(), all_.end(), message, by_message());
  return {first, last};
}

void expected_places::note_seen(base::message_id message) {
  auto [first, last] = std::equal_range(all_.begin(), all_.end(), message, by_message());
  std::fill(seen_.begin() + (first - all_.begin()), seen_.begin() + (last - all_.begin()), true);
}

std::vector<row_place> expected_places::unseen() const {
  std::vector<row_place> some;
  for (std::size_t i = in_log().size(); i < all_.size(); ++i) {
    if (!seen_[i]) some.push_back(all_[i]);
  }
  return some;
}

}  // namespace dbcord::database
