#include "guild/record_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>

#include "guild/log_store_frame.hpp"

namespace dbcord::guild {
namespace {

constexpr std::size_t digits_min = 6;

std::uint32_t number_in(std::string_view name, std::string_view prefix, std::string_view suffix) {
  if (!name.starts_with(prefix) || !name.ends_with(suffix)) return 0;
  name.remove_prefix(prefix.size());
  name.remove_suffix(suffix.size());
  std::uint32_t number = 0;
  auto [end, ec] = std::from_chars(name.data(), name.data() + name.size(), number);
  return name.size() >= digits_min && ec == std::errc{} && end == name.data() + name.size() ? number : 0;
}

std::string name_of(std::uint64_t where) {
  auto place = file_place::unpacked(where);
  return place.in == file_place::kind::segment ? segment_name(place.number) : snapshot_name(place.number);
}

}  // namespace

std::string segment_name(std::uint32_t number) { return fmt::format("log-{:06}.dbl", number); }
std::string snapshot_name(std::uint32_t number) { return fmt::format("snapshot-{:06}.dbs", number); }
std::uint32_t segment_number(std::string_view name) { return number_in(name, "log-", ".dbl"); }
std::uint32_t snapshot_number(std::string_view name) { return number_in(name, "snapshot-", ".dbs"); }

std::string record_files::read(record_place place) {
  auto bytes = read_frame(place);
  auto frame = decode_frame(bytes);
  if (!frame || frame->payload.size() != place.size) {
    throw unreadable_record(fmt::format("{} is damaged at offset {}: the record there is not the one that was written",
                                        (directory_ / name_of(place.where)).string(), file_place::unpacked(place.where).offset));
  }
  bytes.erase(0, frame_header_size);
  return bytes;
}

std::string record_files::read_frame(record_place place) {
  std::string bytes(frame_header_size + place.size, '\0');
  auto offset = file_place::unpacked(place.where).offset;
  int fd = descriptor_of(place.where);
  for (std::size_t filled = 0; filled < bytes.size();) {
    auto n = ::pread(fd, bytes.data() + filled, bytes.size() - filled, static_cast<off_t>(offset + filled));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      throw unreadable_record(fmt::format("cannot read {} at offset {}: {}", (directory_ / name_of(place.where)).string(), offset,
                                          n == 0 ? "it ends there" : std::strerror(errno)));
    }
    filled += static_cast<std::size_t>(n);
  }
  return bytes;
}

void record_files::forget_all() {
  for (auto& [file, fd] : descriptors_) ::close(fd);
  descriptors_.clear();
}

int record_files::descriptor_of(std::uint64_t where) {
  auto known = descriptors_.find(where >> 40);
  if (known != descriptors_.end()) return known->second;
  auto path = directory_ / name_of(where);
  int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) throw unreadable_record(fmt::format("cannot open {}: {}", path.string(), std::strerror(errno)));
  descriptors_.emplace(where >> 40, fd);
  return fd;
}

}  // namespace dbcord::guild
