// What the local guild reads from its own files: frames and headers of segments, and records, one a line, replayed on top of a founded
// guild. Damage is refused, never a crash.

#include "fuzz/small_guild.hpp"
#include "guild/log_store_frame.hpp"

using namespace dbcord;

DBCORD_FUZZ_TARGET(fuzz_guild_records, data, size) {
  auto text = fuzz::text_of(data, size);
  (void)guild::decode_segment_header(text);
  if (auto frame = guild::decode_frame(text)) {
    std::string written;
    guild::append_frame(written, *frame);
    fuzz::promise(text.starts_with(written), "a frame survives writing");
  }
  (void)guild::holds_later_batch(text, 0);
  fuzz::small_guild guild;
  auto input = guild.fill(text);
  std::string_view rest = input;
  auto records = guild.records();
  while (!rest.empty()) records.emplace_back(fuzz::take_line(rest));
  if (auto opened = guild.open(records)) (void)(*opened)->get_credentials();
  return 0;
}
