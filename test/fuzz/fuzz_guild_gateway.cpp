// The local guild's gateway: any query string, any frames. The first line is the query, each further one a frame; "!N" closes with
// code N, "~" lets 10 s pass.

#include <charconv>

#include "fuzz/small_guild.hpp"

using namespace dbcord;

DBCORD_FUZZ_TARGET(fuzz_guild_gateway, data, size) {
  fuzz::small_guild guild;
  auto input = guild.fill(fuzz::text_of(data, size));
  std::string_view rest = input;
  guild::connection_id connection = 1;
  guild.keep(guild.core().connect(connection, fuzz::take_line(rest), guild.now()));
  while (!rest.empty()) {
    auto line = fuzz::take_line(rest);
    if (line == "~") {
      guild.pass(std::chrono::seconds(10));
      if (auto next = guild.core().next_tick(); next && *next <= guild.now()) guild.keep(guild.core().tick(guild.now()));
    } else if (line.starts_with('!')) {
      int code = 0;
      std::from_chars(line.data() + 1, line.data() + line.size(), code);
      guild.keep(guild.core().disconnect(connection, code, guild.now()));
      guild.keep(guild.core().connect(++connection, "v=10&encoding=json", guild.now()));
    } else {
      guild.keep(guild.core().receive(connection, line, guild.now()));
    }
  }
  return 0;
}
