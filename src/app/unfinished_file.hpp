#pragma once
// unfinished_file: a file that gets its name when it is whole; until then it lies beside as NAME.unfinished, and goes with whoever owns it. Any one thread.

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "dbcord/base/result.hpp"

namespace dbcord::app {

class unfinished_file {
 public:
  explicit unfinished_file(const std::filesystem::path& wanted);
  unfinished_file(const unfinished_file&) = delete;
  ~unfinished_file();

  // Refused if there is a file of the wanted name. Each error is a sentence that names the file.
  base::result<void> open();
  base::result<void> write(std::string_view bytes, std::uint64_t at);
  base::result<void> append(std::string_view bytes);
  // Under its own name, on the disk.
  base::result<void> finish();
  const std::filesystem::path& path() const { return path_; }
  std::uint64_t appended() const { return end_; }  // bytes

 private:
  base::result<void> failed(const char* what) const;

  std::filesystem::path wanted_;
  std::filesystem::path path_;
  int fd_ = -1;
  std::uint64_t end_ = 0;
  bool finished_ = false;
};

}  // namespace dbcord::app
