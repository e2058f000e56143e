#pragma once
// server_process: `dbcord serve --local DIR` (or `dbcord guild`) as a child, as its user runs it: real sockets, real files, its
// own memory.
// Owned by a benchmark; one thread. The directory is made and removed by the owner.

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace dbcord::bench {

class server_process {
 public:
  // Starts it and waits for the line "ready …"; std::runtime_error with the log's end when it does not come.
  server_process(std::filesystem::path dbcord, std::filesystem::path directory, std::string limits);
  // Any command that says "ready …"; `log` is the file for its standard error.
  server_process(std::filesystem::path dbcord, std::vector<std::string> arguments, std::filesystem::path log);
  ~server_process();
  server_process(const server_process&) = delete;
  server_process& operator=(const server_process&) = delete;

  std::chrono::duration<double> start_time() const { return start_time_; }  // from exec to ready
  std::size_t resident_bytes() const;
  std::size_t most_resident_bytes() const;  // since it began
  void freeze(bool stopped);                // SIGSTOP, SIGCONT
  double cpu_seconds() const;  // of all its threads, user and system
  // Lines of its log that contain `text`.
  std::size_t log_lines(const std::string& text) const;
  void kill();  // SIGKILL
  void stop();  // SIGTERM, waits

 private:
  void end(int signal);
  std::size_t status_bytes(const std::string& field) const;

  pid_t pid_ = -1;
  std::filesystem::path log_;
  std::chrono::duration<double> start_time_{};
};

// A directory of its own under the build directory, empty; removed on destruction.
class scratch_directory {
 public:
  explicit scratch_directory(const std::string& name);
  ~scratch_directory();
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace dbcord::bench
