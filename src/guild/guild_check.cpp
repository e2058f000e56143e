#include "guild/guild_check.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>

#include "guild/log_store.hpp"
#include "guild/record_codec.hpp"
#include "guild/record_files.hpp"
#include "guild/snapshot_file.hpp"

namespace dbcord::guild {
namespace {

namespace fs = std::filesystem;

base::result<void> refuse_if_in_use(const fs::path& directory) {
  int fd = ::open((directory / "lock").c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return {};  // never used by this version's programs, or no guild at all: the rest tells
  bool in_use = ::flock(fd, LOCK_SH | LOCK_NB) != 0;
  ::close(fd);
  if (!in_use) return {};
  return base::error(boost::system::errc::make_error_code(boost::system::errc::device_or_resource_busy),
                     fmt::format("the data directory {} is in use; stop the guild first", directory.string()));
}

class directory_check {
 public:
  explicit directory_check(fs::path directory) : directory_(std::move(directory)), reader_(directory_) {}

  base::result<directory_report> run() {
    auto names = posix_log_files().list(directory_);
    if (!names) return names.error();
    for (auto& name : *names) {
      if (auto number = segment_number(name)) segments_.push_back(number);
      if (auto number = snapshot_number(name)) snapshots_.push_back(number);
      if (name.ends_with(".tmp")) out_.warnings.push_back(name + " was never finished; the next start removes it");
    }
    if (segments_.empty() && snapshots_.empty()) {
      return base::error(boost::system::errc::make_error_code(boost::system::errc::no_such_file_or_directory),
                         fmt::format("there is no guild in {}", directory_.string()));
    }
    state_.set_reader(reader_);
    std::sort(snapshots_.begin(), snapshots_.end());
    for (auto i = snapshots_.size(); i-- > 0;) check_snapshot(snapshots_[i]);
    for (std::size_t i = 0; i < segments_.size(); ++i) check_segment(i);
    check_end();
    if (state_.founded()) tell_contents();
    return std::move(out_);
  }

 private:
  void damage(std::string text) { out_.damage.push_back(std::move(text)); }
  void damage(const fs::path& file, std::uint64_t offset, std::string_view what) {
    damage(fmt::format("{} is damaged at offset {}: {}", file.string(), offset, what));
  }

  // The newest sound one is what the guild is built from.
  void check_snapshot(std::uint32_t number) {
    auto loaded = load_snapshot(directory_, number, posix_log_files());
    if (!loaded) return damage(loaded.error().message);
    std::size_t count = 0;
    for (auto& channel : loaded->messages) {
      for (auto& entry : channel.entries) {
        ++count;
        guarded([&] { reader_.read(entry.place()); });
      }
    }
    out_.contents.push_back(fmt::format("{}: {} bytes, {} messages, up to record {}", snapshot_name(number), loaded->size, count,
                                        loaded->sequence));
    if (state_.founded()) return;
    from_ = loaded->sequence + 1;
    for (auto& record : loaded->records) apply(snapshot_name(number), 0, record, {});
    for (auto& channel : loaded->messages) {
      guarded([&] {
        if (!state_.put_messages(std::move(channel))) damage(snapshot_name(number) + " has messages of an unknown channel");
      });
    }
  }

  void check_segment(std::size_t index) {
    auto path = directory_ / segment_name(segments_[index]);
    bool last = index + 1 == segments_.size();
    if (index > 0 && segments_[index] != segments_[index - 1] + 1) {
      damage(fmt::format("{} is missing", (directory_ / segment_name(segments_[index - 1] + 1)).string()));
    }
    auto header = read_segment_header(path, posix_log_files());
    if (!header) return damage(header.error().message);
    if (index == 0 ? header->first_sequence > from_ : header->first_sequence != sequence_) {
      damage(path, 0, fmt::format("it begins with record {} where {} is next", header->first_sequence, index == 0 ? from_ : sequence_));
    }
    sequence_ = header->first_sequence;
    auto content = posix_log_files().read(path);
    if (!content) return damage(content.error().message);
    check_frames(path, *content, last);
  }

  // A snapshot is written behind its records, so the log goes as far, or has lost its end.
  void check_end() {
    if (sequence_ >= from_ || !out_.damage.empty()) return;  // of a damaged segment the end is not known
    if (segments_.empty()) return damage(fmt::format("there is a snapshot up to record {}, but no log", from_ - 1));
    damage(fmt::format("{} ends with record {}, but a snapshot holds record {}", (directory_ / segment_name(segments_.back())).string(), sequence_ - 1, from_ - 1));
  }

  void check_frames(const fs::path& path, std::string_view bytes, bool last) {
    auto first = sequence_;
    std::size_t at = segment_header_size;
    for (auto frame = decode_frame(bytes.substr(at)); frame && frame->sequence == sequence_; frame = decode_frame(bytes.substr(at))) {
      if (sequence_ >= from_ && !frame->payload.empty()) {
        file_place place{file_place::kind::segment, segment_number(path.filename().string()), at};
        apply(path, at, frame->payload, {place.packed(), static_cast<std::uint32_t>(frame->payload.size())});
      }
      ++sequence_;
      at += frame->size();
    }
    out_.contents.push_back(fmt::format("{}: {} bytes, {} records from {}", path.filename().string(), bytes.size(), sequence_ - first, first));
    auto rest = bytes.substr(at);
    if (rest.find_first_not_of('\0') == rest.npos) return;
    if (last && !holds_later_batch(rest, sequence_)) {
      out_.warnings.push_back(fmt::format("{} ends with an unfinished write at offset {}; the next start cuts it off", path.string(), at));
    } else {
      damage(path, at, fmt::format("record {} is not readable, and there are records behind it", sequence_));
    }
  }

  void apply(const fs::path& path, std::uint64_t at, std::string_view record, record_place place) {
    guarded([&] {
      auto applied = replay_record(record, state_, place);
      if (!applied) damage(path, at, fmt::format("the record makes no sense: {}", applied.error().message));
    });
  }

  template <class Work>
  void guarded(Work work) {
    try {
      work();
    } catch (const unreadable_record& e) {
      damage(e.what());
    }
    state_.trim_bodies();
  }

  void tell_contents() {
    std::uint64_t messages = 0, files = 0, bytes = 0;
    for (auto& [id, c] : state_.channels()) {
      messages += c.messages.size();
      c.messages.for_each([&](const message_entry& entry) {
        if (!(entry.marks & message_entry::has_files)) return;
        guarded([&] {
          for (auto& file : state_.find_message(id, entry.id)->extras->attachments) ++files, bytes += file.size, check_file(file);
        });
      });
    }
    out_.contents.push_back(fmt::format("guild {}: {} channels, {} messages, {} attachments of {} bytes", state_.first().guild.str(),
                                        state_.channels().size(), messages, files, bytes));
  }

  void check_file(const attachment& file) {
    auto path = directory_ / "attachments" / file.id.str();
    auto size = posix_log_files().size(path);
    if (!size) return damage(size.error().message);
    if (*size != file.size) damage(path, std::min(*size, file.size), fmt::format("it has {} bytes where {} were kept", *size, file.size));
  }

  fs::path directory_;
  record_files reader_;
  guild_state state_;
  directory_report out_;
  std::vector<std::uint32_t> segments_, snapshots_;
  std::uint64_t from_ = 1;      // records before are in the snapshot
  std::uint64_t sequence_ = 1;  // that comes next in the log
};

}  // namespace

base::result<directory_report> check_directory(const fs::path& directory) {
  auto free = refuse_if_in_use(directory);
  if (!free) return free.error();
  return directory_check(directory).run();
}

}  // namespace dbcord::guild
