#include "guild/log_store.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "guild/log_store_frame.hpp"

namespace dbcord::guild {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t record_limit = 64 * 1024 * 1024;
constexpr std::string_view unfinished = ".tmp";

base::error bad_message(std::string text) {
  return {boost::system::errc::make_error_code(boost::system::errc::bad_message), std::move(text)};
}

base::error damaged(const fs::path& file, std::uint64_t offset, std::string_view what) {
  return bad_message(fmt::format("{} is damaged at offset {}: {}; restore the directory from a copy", file.string(), offset, what));
}

std::string segment_name(std::uint32_t number) { return fmt::format("log-{:06}.dbl", number); }

std::size_t without_trailing_zeros(std::string_view bytes) {
  auto last = bytes.find_last_not_of('\0');
  return last == std::string_view::npos ? 0 : last + 1;
}

base::result<void> check_header(const fs::path& path, std::string_view bytes, std::uint32_t number, std::uint64_t sequence) {
  auto header = decode_segment_header(bytes);
  if (!header) return damaged(path, 0, "its header is not readable");
  if (header->version != log_format_version) {
    return bad_message(fmt::format("{} has format version {}, this program reads {}; use the version of dbcord that wrote it",
                                   path.string(), header->version, log_format_version));
  }
  if (header->number != number) return damaged(path, 0, fmt::format("its header is that of segment {}", header->number));
  if (header->first_sequence != sequence) {
    return damaged(path, 0, fmt::format("it begins with record {} where {} is next", header->first_sequence, sequence));
  }
  return {};
}

}  // namespace

log_store::log_store(fs::path directory, log_store_options options, log_files& files, directory_lock lock)
    : directory_(std::move(directory)), options_(options), files_(files), lock_(std::move(lock)) {}

// Without the seal nothing is lost; who wants to know calls close().
log_store::~log_store() { static_cast<void>(close()); }

base::result<opened_log> log_store::open(const fs::path& directory, log_store_options options, log_files& files) {
  auto lock = directory_lock::acquire(directory);
  if (!lock) return lock.error();
  opened_log out;
  out.store.reset(new log_store(directory, options, files, std::move(*lock)));
  auto loaded = out.store->load(out.records, out.warning);
  if (!loaded) {
    out.store->failure_ = loaded.error();
    return loaded.error();
  }
  return out;
}

// Reading -------------------------------------------------------------------------------------------------------------

base::result<void> log_store::load(std::vector<std::string>& records, std::optional<std::string>& warning) {
  auto names = files_.list(directory_);
  if (!names) return names.error();
  std::uint32_t found = 0;
  for (const auto& name : *names) {
    if (!name.starts_with("log-")) continue;
    if (name.ends_with(unfinished)) {  // a segment that was never named
      auto removed = files_.remove(directory_ / name);
      if (!removed) return removed.error();
    } else if (name.ends_with(".dbl") && name != segment_name(++found)) {
      return bad_message(fmt::format("{} is missing while {} is there; restore the directory from a copy",
                                     (directory_ / segment_name(found)).string(), name));
    }
  }
  for (std::uint32_t number = 1; number <= found; ++number) {
    auto loaded = load_segment(number, number == found, records, warning);
    if (!loaded) return loaded.error();
  }
  return found == 0 ? begin_segment() : base::result<void>();
}

base::result<void> log_store::load_segment(std::uint32_t number, bool last, std::vector<std::string>& records,
                                           std::optional<std::string>& warning) {
  auto path = segment_path(number);
  auto content = files_.read(path);
  if (!content) return content.error();
  std::string_view bytes = *content;
  auto sound = check_header(path, bytes, number, next_sequence_);
  if (!sound) return sound.error();

  std::size_t at = segment_header_size;
  while (auto frame = decode_frame(bytes.substr(at))) {
    if (frame->sequence != next_sequence_) break;
    sealed_ = frame->payload.empty();
    if (!sealed_) records.emplace_back(frame->payload);
    at += frame->size();
    ++next_sequence_;
  }
  auto torn = without_trailing_zeros(bytes.substr(at));
  if (torn != 0 && (!last || holds_later_batch(bytes.substr(at), next_sequence_))) {
    return damaged(path, at, fmt::format("record {} is not readable, and there are records behind it", next_sequence_));
  }
  if (!last) return {};
  auto file = files_.open(path);
  if (!file) return file.error();
  file_ = std::move(*file);
  segment_ = number;
  end_ = at;
  allocated_ = bytes.size();
  if (torn == 0) return {};
  warning = fmt::format("{}: dropped {} bytes of an unfinished write at offset {}", path.string(), torn, at);
  allocated_ = at;
  auto cut = file_->truncate(at);
  return cut ? file_->sync() : cut;
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
  std::uint32_t position = 0;
  for (const auto& record : records) {
    if (record.empty() || record.size() > record_limit) {
      return base::error(base::errc::invalid_argument, fmt::format("a record of {} bytes cannot be kept", record.size()));
    }
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
  end_ += out.size();
  next_sequence_ += position;
  sealed_ = false;
  done = preallocate();
  return done ? file_->sync() : done;
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
  draft += unfinished;
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
