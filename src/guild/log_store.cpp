#include "guild/log_store.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "guild/log_store_frame.hpp"
#include "guild/record_files.hpp"

namespace dbcord::guild {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t record_limit = 64 * 1024 * 1024;
constexpr std::string_view unfinished_segment = ".tmp";

base::error bad_message(std::string text) {
  return {boost::system::errc::make_error_code(boost::system::errc::bad_message), std::move(text)};
}

base::error damaged(const fs::path& file, std::uint64_t offset, std::string_view what) {
  return bad_message(fmt::format("{} is damaged at offset {}: {}; restore the directory from a copy", file.string(), offset, what));
}

std::size_t without_trailing_zeros(std::string_view bytes) {
  auto last = bytes.find_last_not_of('\0');
  return last == std::string_view::npos ? 0 : last + 1;
}

base::result<segment_header> check_header(const fs::path& path, std::string_view bytes, std::uint32_t number) {
  auto header = decode_segment_header(bytes);
  if (!header) return damaged(path, 0, "its header is not readable");
  if (header->version != log_format_version) {
    return bad_message(fmt::format("{} has format version {}, this program reads {}; use the version of dbcord that wrote it",
                                   path.string(), header->version, log_format_version));
  }
  if (header->number != number) return damaged(path, 0, fmt::format("its header is that of segment {}", header->number));
  return *header;
}

}  // namespace

base::result<segment_header> read_segment_header(const fs::path& path, log_files& files) {
  auto bytes = files.read_at(path, 0, segment_header_size);
  if (!bytes) return bytes.error();
  return check_header(path, *bytes, segment_number(path.filename().string()));
}

log_store::log_store(fs::path directory, log_store_options options, log_files& files, directory_lock lock)
    : directory_(std::move(directory)), options_(options), files_(files), lock_(std::move(lock)) {}

// Without the seal nothing is lost; who wants to know calls close().
log_store::~log_store() { static_cast<void>(close()); }

base::result<std::unique_ptr<log_store>> log_store::lock(const fs::path& directory, log_store_options options, log_files& files) {
  auto lock = directory_lock::acquire(directory);
  if (!lock) return lock.error();
  std::unique_ptr<log_store> made(new log_store(directory, options, files, std::move(*lock)));
  made->failure_.emplace(base::errc::invalid_argument, "the log was not loaded");
  return made;
}

base::result<opened_log> log_store::open(const fs::path& directory, log_store_options options, log_files& files) {
  auto locked = lock(directory, options, files);
  if (!locked) return locked.error();
  opened_log out;
  out.store = std::move(*locked);
  auto loaded = out.store->load(0, [&out](std::string_view record, record_place) -> base::result<void> {
    out.records.emplace_back(record);
    return {};
  });
  if (!loaded) return loaded.error();
  out.warning = std::move(*loaded);
  return out;
}

// Reading -------------------------------------------------------------------------------------------------------------

base::result<std::optional<std::string>> log_store::load(std::uint64_t after, const record_sink& sink) {
  auto loaded = load_segments(after, sink);
  if (loaded) {
    failure_.reset();
  } else {
    failure_ = loaded.error();
  }
  return loaded;
}

base::result<std::optional<std::string>> log_store::load_segments(std::uint64_t after, const record_sink& sink) {
  auto segments = find_segments();
  if (!segments) return segments.error();
  auto first = first_needed(*segments, after);
  if (!first) return first.error();
  std::optional<std::string> warning;
  for (auto i = *first; i < segments->size(); ++i) {
    auto loaded = load_segment((*segments)[i], i + 1 == segments->size(), after, sink);
    if (!loaded) return loaded.error();
    warning = std::move(*loaded);
  }
  if (!segments->empty()) {
    if (next_sequence_ > after) return warning;
    return bad_message(fmt::format("{} ends with record {}, but a snapshot holds record {}; restore the directory from a copy",
                                   segment_path(segment_).string(), next_sequence_ - 1, after));
  }
  if (after != 0) {
    return bad_message(fmt::format("{} holds a snapshot but no log; restore the directory from a copy", directory_.string()));
  }
  auto begun = begin_segment();
  if (!begun) return begun.error();
  return warning;
}

// Their numbers; none is missing between them.
base::result<std::vector<std::uint32_t>> log_store::find_segments() {
  auto names = files_.list(directory_);
  if (!names) return names.error();
  std::vector<std::uint32_t> found;
  for (const auto& name : *names) {
    if (name.starts_with("log-") && name.ends_with(unfinished_segment)) {  // a segment that was never named
      auto removed = files_.remove(directory_ / name);
      if (!removed) return removed.error();
    }
    auto number = segment_number(name);
    if (number == 0) continue;
    if (!found.empty() && number != found.back() + 1) {
      return bad_message(fmt::format("{} is missing while {} is there; restore the directory from a copy",
                                     segment_path(found.back() + 1).string(), name));
    }
    found.push_back(number);
  }
  return found;
}

// The index of the segment that holds the record behind `after`, by the headers alone; older ones need not be read.
base::result<std::size_t> log_store::first_needed(const std::vector<std::uint32_t>& segments, std::uint64_t after) {
  for (auto i = segments.size(); i-- > 0;) {
    auto path = segment_path(segments[i]);
    auto header = read_segment_header(path, files_);
    if (!header) return header.error();
    next_sequence_ = header->first_sequence;
    if (next_sequence_ <= after + 1) return i;
    if (i == 0) {
      auto missing = segments[0] == 1 ? std::string("a record") : segment_path(segments[0] - 1).string();
      return bad_message(fmt::format("{} is missing: {} begins with record {} where {} is next; restore the directory from a copy",
                                     missing, path.string(), next_sequence_, after + 1));
    }
  }
  return segments.size();
}

base::result<std::optional<std::string>> log_store::load_segment(std::uint32_t number, bool last, std::uint64_t after,
                                                                 const record_sink& sink) {
  auto path = segment_path(number);
  auto content = files_.read(path);
  if (!content) return content.error();
  std::string_view bytes = *content;
  auto header = check_header(path, bytes, number);
  if (!header) return header.error();
  if (header->first_sequence != next_sequence_) {
    return damaged(path, 0, fmt::format("it begins with record {} where {} is next", header->first_sequence, next_sequence_));
  }

  std::size_t at = segment_header_size;
  while (auto frame = decode_frame(bytes.substr(at))) {
    if (frame->sequence != next_sequence_) break;
    sealed_ = frame->payload.empty();
    if (!sealed_ && next_sequence_ > after) {
      file_place place{file_place::kind::segment, number, at};
      loaded_bytes_ += frame->size();
      auto taken = sink(frame->payload, {place.packed(), static_cast<std::uint32_t>(frame->payload.size())});
      if (!taken) return taken.error();
    }
    at += frame->size();
    ++next_sequence_;
  }
  auto torn = without_trailing_zeros(bytes.substr(at));
  if (torn != 0 && (!last || holds_later_batch(bytes.substr(at), next_sequence_))) {
    return damaged(path, at, fmt::format("record {} is not readable, and there are records behind it", next_sequence_));
  }
  std::optional<std::string> warning;
  if (!last) return warning;
  auto file = files_.open(path);
  if (!file) return file.error();
  file_ = std::move(*file);
  segment_ = number;
  end_ = at;
  allocated_ = bytes.size();
  if (torn == 0) return warning;
  warning = fmt::format("{}: dropped {} bytes of an unfinished write at offset {}", path.string(), torn, at);
  allocated_ = at;
  auto cut = file_->truncate(at);
  if (cut) cut = file_->sync();
  if (!cut) return cut.error();
  return warning;
}

// Writing -------------------------------------------------------------------------------------------------------------

base::result<void> log_store::append(const std::vector<std::string>& records) {
  if (records.empty()) return {};
  if (failure_) return *failure_;
  auto written = write(records);
  if (!written) failure_ = written.error();
  return written;
}

base::result<void> log_store::write(const std::vector<std::string>& records) {
  std::string out;
  std::vector<record_place> places;  // in `out`, until it is known where that goes
  std::uint32_t position = 0;
  for (const auto& record : records) {
    if (record.empty() || record.size() > record_limit) {
      return base::error(base::errc::invalid_argument, fmt::format("a record of {} bytes cannot be kept", record.size()));
    }
    places.push_back({out.size(), static_cast<std::uint32_t>(record.size())});
    append_frame(out, {position, next_sequence_ + position, record});
    ++position;
  }
  if (end_ >= options_.segment_size) {
    auto turned = end_segment();
    if (turned) turned = begin_segment();
    if (!turned) return turned;
  }
  auto done = file_->write_at(end_, out);
  if (!done) return done;
  for (auto& place : places) place.where = file_place{file_place::kind::segment, segment_, end_ + place.where}.packed();
  places_ = std::move(places);
  end_ += out.size();
  next_sequence_ += position;
  sealed_ = false;
  done = preallocate();
  unsynced_ = options_.sync == sync_mode::interval;
  return done && options_.sync == sync_mode::always ? wait_for_disk() : done;
}

base::result<void> log_store::sync() {
  if (failure_) return *failure_;
  if (!std::exchange(unsynced_, false)) return {};
  auto done = wait_for_disk();
  if (!done) failure_ = done.error();
  return done;
}

base::result<void> log_store::wait_for_disk() {
  if (!options_.synced) return file_->sync();
  auto begun = options_.clock->now();
  auto done = file_->sync();
  options_.synced(options_.clock->now() - begun);
  return done;
}

base::result<void> log_store::preallocate() {
  if (end_ <= allocated_ || options_.preallocation == 0) return {};
  allocated_ = end_ + options_.preallocation;
  return file_->write_at(end_, std::string(options_.preallocation, '\0'));
}

base::result<void> log_store::end_segment() {
  auto cut = file_->truncate(end_);
  return cut ? file_->sync() : cut;
}

// A segment has its name only when its header is durable.
base::result<void> log_store::begin_segment() {
  auto path = segment_path(segment_ + 1);
  auto draft = path;
  draft += unfinished_segment;
  auto file = files_.open(draft);
  if (!file) return file.error();
  auto header = encode_segment_header({log_format_version, segment_ + 1, next_sequence_});
  auto done = (*file)->write_at(0, header);
  if (done) done = (*file)->sync();
  if (done) done = files_.rename(draft, path);
  if (done) done = files_.sync_directory(directory_);
  if (!done) return done;
  file_ = std::move(*file);
  ++segment_;
  end_ = allocated_ = header.size();
  return {};
}

base::result<void> log_store::close() {
  if (failure_) return *failure_;
  failure_.emplace(base::errc::stopping, "the log is closed");
  if (sealed_) return {};
  std::string seal;
  append_frame(seal, {0, next_sequence_, {}});
  auto done = file_->write_at(end_, seal);
  if (done) done = file_->truncate(end_ + seal.size());
  return done ? file_->sync() : done;
}

fs::path log_store::segment_path(std::uint32_t number) const { return directory_ / segment_name(number); }

}  // namespace dbcord::guild
