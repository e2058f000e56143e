#include "app/unfinished_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace dbcord::app {
namespace {

namespace fs = std::filesystem;

base::error refused_file(std::string why) { return {base::errc::invalid_argument, std::move(why)}; }

}  // namespace

unfinished_file::unfinished_file(const fs::path& wanted) : wanted_(wanted), path_(wanted.string() + ".unfinished") {}

unfinished_file::~unfinished_file() {
  if (fd_ >= 0) ::close(fd_);
  if (fd_ >= 0 && !finished_) ::unlink(path_.c_str());
}

base::result<void> unfinished_file::open() {
  std::error_code ec;
  if (fs::exists(wanted_, ec)) return refused_file(fmt::format("{} exists already; give another name", wanted_.string()));
  fd_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  return fd_ >= 0 ? base::result<void>() : failed("made");
}

base::result<void> unfinished_file::write(std::string_view bytes, std::uint64_t at) {
  while (!bytes.empty()) {
    auto done = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return failed("written");
    bytes.remove_prefix(static_cast<std::size_t>(done));
    at += static_cast<std::uint64_t>(done);
  }
  return {};
}

base::result<void> unfinished_file::append(std::string_view bytes) {
  auto written = write(bytes, end_);
  if (written) end_ += bytes.size();
  return written;
}

base::result<void> unfinished_file::finish() {
  if (::fsync(fd_) != 0) return failed("written");
  if (::rename(path_.c_str(), wanted_.c_str()) != 0) return failed("given its name");
  finished_ = true;
  auto folder = wanted_.has_parent_path() ? wanted_.parent_path() : fs::path(".");
  int opened = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  bool kept = opened >= 0 && ::fsync(opened) == 0;
  if (opened >= 0) ::close(opened);
  return kept ? base::result<void>() : failed("written");
}

base::result<void> unfinished_file::failed(const char* what) const {
  return refused_file(fmt::format("{} cannot be {}: {}", (what == std::string_view("made") ? path_ : wanted_).string(), what, std::strerror(errno)));
}

}  // namespace dbcord::app
