// Prints the records of a local guild's log, one line of JSON each: file, offset, sequence number, position in its batch, record.
//
// Usage: guild_log_dump DIR|FILE…      (FILE: a segment log-NNNNNN.dbl)
// Reads only; what a running guild is writing may show as damage at the end. Exit status 1 if something is not readable.
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>

#include "guild/json_writer.hpp"
#include "guild/log_store.hpp"
#include "guild/record_files.hpp"

using namespace dbcord;
namespace fs = std::filesystem;

namespace {

std::vector<fs::path> segments_of(const fs::path& place) {
  if (!fs::is_directory(place)) return {place};
  std::vector<fs::path> found;
  auto names = guild::posix_log_files().list(place);
  if (!names) return {place};
  for (auto& name : *names) {
    if (guild::segment_number(name) != 0) found.push_back(place / name);
  }
  return found;
}

void print(const fs::path& file, std::size_t offset, const guild::log_frame& frame) {
  std::string line;
  guild::json_writer w(line);
  w.begin_object();
  w.field("file", std::string_view(file.filename().native()));
  w.field("offset", static_cast<std::uint64_t>(offset));
  w.field("sequence", frame.sequence);
  w.field("in_batch", frame.position);
  w.raw_field("record", frame.payload.empty() ? std::string_view("\"seal\"") : frame.payload);
  w.end_object();
  fmt::print("{}\n", line);
}

bool dump(const fs::path& file) {
  auto header = guild::read_segment_header(file, guild::posix_log_files());
  auto content = header ? guild::posix_log_files().read(file) : base::result<std::string>(header.error());
  if (!content) {
    fmt::print(stderr, "guild_log_dump: {}\n", content.error().message);
    return false;
  }
  std::string_view bytes = *content;
  std::size_t at = guild::segment_header_size;
  while (auto frame = guild::decode_frame(bytes.substr(at))) {
    print(file, at, *frame);
    at += frame->size();
  }
  if (bytes.find_first_not_of('\0', at) == bytes.npos) return true;
  fmt::print(stderr, "guild_log_dump: {} is not readable at offset {}\n", file.string(), at);
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("usage: guild_log_dump DIR|FILE...\n", stderr);
    return 2;
  }
  bool good = true;
  for (int i = 1; i < argc; ++i) {
    for (auto& file : segments_of(argv[i])) good = dump(file) && good;
  }
  return good ? 0 : 1;
}
