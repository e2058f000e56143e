#include "guild/log_store_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guild/log_store_files.hpp"

namespace dbcord::guild {
namespace {

namespace fs = std::filesystem;

base::error unusable(const fs::path& directory, const boost::system::error_code& ec) {
  return {ec, fmt::format("the data directory {} cannot be used: {}", directory.string(), ec.message())};
}

boost::system::error_code last_error() { return {errno, boost::system::system_category()}; }

base::result<void> make_directory(const fs::path& directory) {
  auto absolute = fs::absolute(directory).lexically_normal();
  if (absolute.filename().empty()) absolute = absolute.parent_path();
  std::error_code ec;
  fs::create_directories(absolute.parent_path(), ec);
  if (ec) return unusable(directory, ec);
  if (::mkdir(absolute.c_str(), 0700) == 0) return posix_log_files().sync_directory(absolute.parent_path());
  if (errno != EEXIST) return unusable(directory, last_error());
  return {};
}

base::error in_use(const fs::path& directory, int fd) {
  char pid[21] = {};
  auto n = ::pread(fd, pid, sizeof(pid) - 1, 0);
  std::string holder(pid, static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
  while (!holder.empty() && holder.back() == '\n') holder.pop_back();
  return {boost::system::errc::make_error_code(boost::system::errc::device_or_resource_busy),
          fmt::format("the data directory {} is in use by {}; stop it or choose another directory", directory.string(),
                      holder.empty() ? std::string("another process") : "process " + holder)};
}

}  // namespace

base::result<directory_lock> directory_lock::acquire(const fs::path& directory) {
  auto made = make_directory(directory);
  if (!made) return made.error();
  int fd = ::open((directory / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return unusable(directory, last_error());
  directory_lock lock(fd);
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return in_use(directory, fd);
    return unusable(directory, last_error());
  }
  // For people only: the lock is the flock, so a stale or missing pid harms nobody.
  auto pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, pid.data(), pid.size(), 0) < 0) return unusable(directory, last_error());
  return lock;
}

directory_lock::~directory_lock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace dbcord::guild
