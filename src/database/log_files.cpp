#include "database/log_files.hpp"

namespace dbcord::database {

void log_files::add(log_file file) {
  std::lock_guard lock(mutex_);
  if (files_.size() == files_max) files_.erase(files_.begin(), files_.begin() + files_max / 4);
  files_.push_back(std::move(file));
}

void log_files::forget(std::uint64_t first_lsn, std::uint64_t last_lsn) {
  std::lock_guard lock(mutex_);
  std::erase_if(files_, [&](const auto& f) { return f.lsn >= first_lsn && f.lsn <= last_lsn; });
}

std::size_t log_files::size() const {
  std::lock_guard lock(mutex_);
  return files_.size();
}

std::vector<log_file> log_files::all() const {
  std::lock_guard lock(mutex_);
  return files_;
}

}  // namespace dbcord::database
