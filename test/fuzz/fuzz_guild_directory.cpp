// What the local guild reads from a whole directory: the log reader, the snapshot reader and `dbcord guild --check`. Damage is a
// sentence, never a crash, and what the check finds whole a start can open.
//
// Input, a line each, on top of a founded guild with one message: "L…" a record of the log; "S…" one of the snapshot, which holds
// all before; "M CHANNEL ID BODY" a message of the snapshot; "F l|s OFFSET BITS" flips bits of a file, "C l|s SIZE" cuts it short;
// "R l|s" and what follows is the file instead. See small_guild for "$…".

#include <unistd.h>

#include <charconv>
#include <fstream>
#include <iterator>
#include <map>

#include "fuzz/small_guild.hpp"
#include "guild/guild_check.hpp"
#include "guild/local_guild_history.hpp"
#include "guild/record_files.hpp"
#include "support/temporary_directory.hpp"

using namespace dbcord;
namespace fs = std::filesystem;

namespace {

std::string_view take_word(std::string_view& line) {
  auto word = line.substr(0, line.find(' '));
  line.remove_prefix(std::min(line.size(), word.size() + 1));
  return word;
}

std::uint64_t take_number(std::string_view& line) {
  auto word = take_word(line);
  std::uint64_t number = 0;
  std::from_chars(word.data(), word.data() + word.size(), number);
  return number;
}

// A log of a batch a record, beside it, if there is anything for it, a snapshot.
class directory_under_test {
 public:
  explicit directory_under_test(const std::vector<std::string>& founding) : log_(founding) {
    content_.records = founding;
    at_ = founding.size();
  }

  // False: what follows is the content of a file.
  void read(std::string_view text) {
    while (!text.empty()) {
      auto line = fuzz::take_line(text);
      if (line.empty()) continue;
      auto what = line.front();
      line.remove_prefix(1);
      if (what == 'L' && !line.empty()) log_.emplace_back(line);
      if (what == 'S' && !line.empty()) content_.records.emplace_back(line), has_snapshot_ = true;
      if (what == 'M') add_message(line);
      if (what == 'F' || what == 'C') damage_.emplace_back(what, line);
      if (what != 'R') continue;
      replaced_[file_named(line)] = text;
      return;
    }
  }

  void write() {
    auto& files = guild::unsynced_log_files();
    auto log = guild::log_store::open(path(), {}, files);
    fuzz::promise(log.has_value(), "a new log opens");
    for (auto& record : log_) fuzz::promise(log->store->append({record}).has_value(), "the log takes a record");
    log->store.reset();
    if (has_snapshot_) write_snapshot(files);
    for (auto [what, line] : damage_) damage(what, line);
    for (auto& [name, bytes] : replaced_) std::ofstream(path() / name, std::ios::binary) << bytes;
  }

  const fs::path& path() const { return directory_.path(); }

 private:
  void add_message(std::string_view line) {
    take_word(line);
    base::channel_id where{take_number(line)};
    base::message_id id{take_number(line)};
    if (line.empty()) return;
    has_snapshot_ = true;
    bodies_[where][id] = line;
  }

  void write_snapshot(guild::log_files& files) {
    for (auto& [where, messages] : bodies_) {
      auto& channel = content_.messages.emplace_back();
      channel.channel = where;
      for (auto& [id, body] : messages) {
        channel.entries.push_back({id, 0, static_cast<std::uint32_t>(body.size()), body.size() % 2 ? guild::message_entry::has_files : 0});
        content_.unplaced.push_back(body);
      }
    }
    guild::record_files none(path());
    std::atomic<bool> stop = false;
    guild::snapshot_target target{path(), 1, at_};
    auto written = guild::write_snapshot(target, content_, none, files, stop);
    fuzz::promise(written && guild::publish_snapshot(target, files), "a snapshot can be written");
  }

  static std::string file_named(std::string_view line) {
    take_word(line);
    return take_word(line) == "s" ? guild::snapshot_name(1) : guild::segment_name(1);
  }

  void damage(char what, std::string_view line) {
    auto file = path() / file_named(line);
    take_word(line), take_word(line);
    std::ifstream in(file, std::ios::binary);
    std::string bytes(std::istreambuf_iterator<char>(in), {});
    in.close();
    if (bytes.empty()) return;
    auto at = take_number(line) % bytes.size();
    if (what == 'C') bytes.resize(at);
    if (what == 'F') bytes[at] = static_cast<char>(bytes[at] ^ static_cast<char>(take_number(line)));
    std::ofstream(file, std::ios::binary) << bytes;
  }

  test::temporary_directory directory_;
  std::vector<std::string> log_;
  guild::core_snapshot content_;
  std::uint64_t at_ = 0;
  std::map<base::channel_id, std::map<base::message_id, std::string>> bodies_;
  std::vector<std::pair<char, std::string_view>> damage_;
  std::map<std::string, std::string> replaced_;
  bool has_snapshot_ = false;
};

bool opens(const fs::path& directory) {
  auto& files = guild::unsynced_log_files();
  auto log = guild::log_store::lock(directory, {}, files);
  if (!log) return false;
  guild::local_guild_history history(directory, **log, files);
  guild::record_files reader(directory);
  base::seeded_random random{7};
  fuzz::no_attachments attachments;
  base::system_time now{std::chrono::seconds(1'800'000'000)};
  auto core = guild::core::open({}, random, attachments, now, history, reader);
  if (core) (void)(*core)->message_count();
  return core.has_value();
}

}  // namespace

DBCORD_FUZZ_TARGET(fuzz_guild_directory, data, size) {
  fuzz::small_guild guild;
  auto input = guild.fill(fuzz::text_of(data, size));
  directory_under_test directory(guild.records());
  directory.read(input);
  directory.write();
  auto report = guild::check_directory(directory.path());
  bool whole = report && report->damage.empty();
  fuzz::promise(opens(directory.path()) || !whole, "what the check finds whole can be opened");
  return 0;
}
