#include "guild/log_store_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <limits>

namespace dbcord::guild {
namespace {

namespace fs = std::filesystem;

base::error system_failure(std::string_view what, const fs::path& path) {
  boost::system::error_code ec(errno, boost::system::system_category());
  return {ec, fmt::format("cannot {} {}: {}", what, path.string(), ec.message())};
}

class descriptor {
 public:
  explicit descriptor(int fd) : fd_(fd) {}
  descriptor(descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  descriptor& operator=(descriptor&&) = delete;
  ~descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

class posix_file final : public log_file {
 public:
  posix_file(descriptor fd, fs::path path) : fd_(std::move(fd)), path_(std::move(path)) {}

  base::result<void> write_at(std::uint64_t offset, std::string_view bytes) override {
    while (!bytes.empty()) {
      auto n = ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return system_failure("write", path_);
      offset += static_cast<std::uint64_t>(n);
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return {};
  }

  base::result<void> sync() override {
    if (::fdatasync(fd_.get()) != 0) return system_failure("sync", path_);
    return {};
  }

  base::result<void> truncate(std::uint64_t size) override {
    if (::ftruncate(fd_.get(), static_cast<off_t>(size)) != 0) return system_failure("truncate", path_);
    return {};
  }

 private:
  descriptor fd_;
  fs::path path_;
};

class unsynced_file final : public log_file {
 public:
  explicit unsynced_file(std::unique_ptr<log_file> file) : file_(std::move(file)) {}
  base::result<void> write_at(std::uint64_t offset, std::string_view bytes) override { return file_->write_at(offset, bytes); }
  base::result<void> sync() override { return {}; }
  base::result<void> truncate(std::uint64_t size) override { return file_->truncate(size); }

 private:
  std::unique_ptr<log_file> file_;
};

class posix_files : public log_files {
 public:
  base::result<std::unique_ptr<log_file>> open(const fs::path& path) override {
    descriptor fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (fd.get() < 0) return system_failure("open", path);
    return std::unique_ptr<log_file>(std::make_unique<posix_file>(std::move(fd), path));
  }

  base::result<std::string> read(const fs::path& path) override {
    return read_at(path, 0, std::numeric_limits<std::size_t>::max());
  }

  base::result<std::uint64_t> size(const fs::path& path) override {
    struct ::stat about {};
    if (::stat(path.c_str(), &about) != 0) return system_failure("read", path);
    return static_cast<std::uint64_t>(about.st_size);
  }

  base::result<std::string> read_at(const fs::path& path, std::uint64_t offset, std::size_t count) override {
    descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct ::stat about {};
    if (fd.get() < 0 || ::fstat(fd.get(), &about) != 0) return system_failure("read", path);
    auto whole = static_cast<std::uint64_t>(about.st_size);
    std::string out(std::min<std::uint64_t>(whole - std::min(whole, offset), count), '\0');
    std::size_t filled = 0;
    while (filled < out.size()) {
      auto n = ::pread(fd.get(), out.data() + filled, out.size() - filled, static_cast<off_t>(offset + filled));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return system_failure("read", path);
      if (n == 0) break;
      filled += static_cast<std::size_t>(n);
    }
    out.resize(filled);
    return out;
  }

  base::result<std::vector<std::string>> list(const fs::path& directory) override {
    std::error_code ec;
    std::vector<std::string> names;
    for (fs::directory_iterator it(directory, ec), end; !ec && it != end; it.increment(ec)) {
      names.push_back(it->path().filename().string());
    }
    if (ec) return base::error(ec, fmt::format("cannot list {}: {}", directory.string(), ec.message()));
    std::sort(names.begin(), names.end());
    return names;
  }

  base::result<void> rename(const fs::path& from, const fs::path& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) return system_failure("rename to", to);
    return {};
  }

  base::result<void> remove(const fs::path& path) override {
    if (::unlink(path.c_str()) != 0) return system_failure("remove", path);
    return {};
  }

  base::result<void> sync_directory(const fs::path& directory) override {
    descriptor fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd.get() < 0 || ::fsync(fd.get()) != 0) return system_failure("sync directory", directory);
    return {};
  }
};

class unsynced_files final : public posix_files {
 public:
  base::result<std::unique_ptr<log_file>> open(const fs::path& path) override {
    auto file = posix_files::open(path);
    if (!file) return file.error();
    return std::unique_ptr<log_file>(std::make_unique<unsynced_file>(std::move(*file)));
  }
  base::result<void> sync_directory(const fs::path&) override { return {}; }
};

}  // namespace

log_files& posix_log_files() {
  static posix_files instance;
  return instance;
}

log_files& unsynced_log_files() {
  static unsynced_files instance;
  return instance;
}

}  // namespace dbcord::guild
