#pragma once
// A log store in a directory of its own, and a disk that fails when told to.

#include <cstring>
#include <fstream>
#include <iterator>
#include <map>

#include "guild/log_store.hpp"
#include "support/temporary_directory.hpp"

namespace dbcord::test {

namespace fs = std::filesystem;

inline std::string read_bytes(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
inline void write_bytes(const fs::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

// The real disk, which is not waited for unless `wait` (no test cuts the power), until `writable` bytes have been written or
// `syncs` files synced. Then one write ends short, or one sync fails: a retry would succeed, and lie.
class failing_files final : public guild::log_files {
 public:
  std::uint64_t writable = static_cast<std::uint64_t>(-1);
  int syncs = -1;  // successful ones to come; negative: no end
  int syncs_asked = 0;
  bool wait = false;
  std::vector<std::string> trace;  // what was asked of the disk, in order

  base::result<std::unique_ptr<guild::log_file>> open(const fs::path& p) override {
    auto file = real().open(p);
    if (!file) return file.error();
    return std::unique_ptr<guild::log_file>(std::make_unique<file_on>(*this, std::move(*file), p.filename().string()));
  }
  base::result<std::string> read(const fs::path& p) override { return real().read(p); }
  base::result<std::string> read_at(const fs::path& p, std::uint64_t offset, std::size_t count) override {
    return real().read_at(p, offset, count);
  }
  base::result<std::uint64_t> size(const fs::path& p) override { return real().size(p); }
  base::result<std::vector<std::string>> list(const fs::path& d) override { return real().list(d); }
  base::result<void> rename(const fs::path& a, const fs::path& b) override {
    trace.push_back("name " + b.filename().string());
    names_[a.filename().string()] = b.filename().string();
    return real().rename(a, b);
  }
  base::result<void> remove(const fs::path& p) override {
    trace.push_back("remove " + p.filename().string());
    return real().remove(p);
  }
  base::result<void> sync_directory(const fs::path& d) override {
    trace.push_back("sync names in " + d.filename().string());
    auto allowed = take_sync();
    return allowed && wait ? real().sync_directory(d) : allowed;
  }

 private:
  class file_on final : public guild::log_file {
   public:
    file_on(failing_files& owner, std::unique_ptr<guild::log_file> file, std::string name)
        : owner_(owner), file_(std::move(file)), name_(std::move(name)) {}
    base::result<void> write_at(std::uint64_t offset, std::string_view bytes) override {
      owner_.trace.push_back("write " + name());
      auto whole = bytes.size() <= owner_.writable;
      auto part = whole ? bytes : bytes.substr(0, owner_.writable);
      owner_.writable = whole ? owner_.writable - bytes.size() : static_cast<std::uint64_t>(-1);
      auto done = file_->write_at(offset, part);
      if (done && !whole) return failure("no space left");
      return done;
    }
    base::result<void> sync() override {
      owner_.trace.push_back("sync " + name());
      auto allowed = owner_.take_sync();
      return allowed && owner_.wait ? file_->sync() : allowed;
    }
    base::result<void> truncate(std::uint64_t size) override { return file_->truncate(size); }

   private:
    const std::string& name() const {
      auto renamed = owner_.names_.find(name_);
      return renamed == owner_.names_.end() ? name_ : renamed->second;
    }

    failing_files& owner_;
    std::unique_ptr<guild::log_file> file_;
    std::string name_;
  };

  static base::error failure(const char* text) {
    return {boost::system::errc::make_error_code(boost::system::errc::io_error), text};
  }
  base::result<void> take_sync() {
    ++syncs_asked;
    if (syncs < 0) return {};
    if (syncs-- == 0) return failure("sync failed");
    return {};
  }

  std::map<std::string, std::string> names_;  // what open files are called by now
  static guild::log_files& real() { return guild::posix_log_files(); }
};

struct store_fixture {
  using records = std::vector<std::string>;

  guild::opened_log open() {
    auto opened = guild::log_store::open(directory.path(), options, files);
    if (!opened) throw std::runtime_error(opened.error().message);
    return std::move(*opened);
  }
  std::string refusal() {
    auto opened = guild::log_store::open(directory.path(), options, files);
    return opened ? std::string() : opened.error().message;
  }
  fs::path segment(int n) const { return directory.path() / ("log-00000" + std::to_string(n) + ".dbl"); }

  temporary_directory directory;
  failing_files files;
  guild::log_store_options options{64 << 20, 4096};
};

}  // namespace dbcord::test
