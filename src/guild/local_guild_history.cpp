#include "guild/local_guild_history.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "guild/record_files.hpp"

namespace dbcord::guild {
namespace {

base::result<void> feed(loaded_snapshot& snapshot, history_sink& to) {
  for (auto& record : snapshot.records) {
    auto taken = to.take_record(record, {});
    if (!taken) return taken;
  }
  for (auto& channel : snapshot.messages) {
    auto taken = to.take_messages(std::move(channel));
    if (!taken) return taken;
  }
  return {};
}

}  // namespace

base::result<void> local_guild_history::replay(history_sink& to) {
  auto snapshot = newest_sound();
  if (!snapshot) return snapshot.error();
  std::uint64_t after = 0;
  if (*snapshot) {
    after = snapshot_.sequence;
    auto fed = feed(**snapshot, to);
    if (!fed) return fed;
    snapshot->reset();  // as much memory as the guild itself
  }
  auto loaded = log_.load(after, [&to](std::string_view record, record_place place) { return to.take_record(record, place); });
  if (!loaded) return loaded.error();
  if (*loaded) warnings_.push_back(std::move(**loaded));
  return {};
}

base::result<std::optional<loaded_snapshot>> local_guild_history::newest_sound() {
  auto names = files_.list(directory_);
  if (!names) return names.error();
  std::vector<std::uint32_t> numbers;
  for (auto& name : *names) {
    if (auto number = snapshot_number(name)) numbers.push_back(number);
    if (!name.starts_with("snapshot-") || !name.ends_with(".tmp")) continue;
    auto removed = files_.remove(directory_ / name);  // it was never finished
    if (!removed) return removed.error();
  }
  std::optional<loaded_snapshot> none;
  if (numbers.empty()) return none;
  std::sort(numbers.begin(), numbers.end());
  last_number_ = numbers.back();
  for (auto i = numbers.size(); i-- > 0;) {
    auto loaded = load_snapshot(directory_, numbers[i], files_);
    if (loaded) {
      snapshot_ = {numbers[i], loaded->sequence, loaded->size};
      return std::optional<loaded_snapshot>(std::move(*loaded));
    }
    warnings_.push_back(fmt::format("{}; the guild is read from what was kept before it", loaded.error().message));
  }
  return none;  // then the log must be whole, which it says itself
}

}  // namespace dbcord::guild
