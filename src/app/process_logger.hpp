#pragma once
// The process's log: spdlog on standard error, one event a line. Owned by main, outlives everything. Any thread.
// Secrets that were announced with hide() never get out, whatever is logged.

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "dbcord/base/logger.hpp"
#include "dbcord/base/result.hpp"

namespace spdlog {
class logger;
namespace sinks {
class sink;
}
}  // namespace spdlog

namespace dbcord::app {

// "debug", "info", "warning", "error"; also "off".
class process_logger final : public base::logger {
 public:
  static bool is_level(std::string_view name);

  // `level` is one of the names above.
  explicit process_logger(std::string_view level);
  process_logger(std::string_view level, std::shared_ptr<spdlog::sinks::sink> sink);  // for tests
  ~process_logger() override;

  // Shorter texts than 8 characters are no secrets and are ignored.
  void hide(std::string secret);
  void write(base::severity level, std::string_view event, fields values) override;

 private:
  std::shared_ptr<spdlog::logger> log_;
  std::mutex mutex_;
  std::vector<std::string> secrets_;
};

}  // namespace dbcord::app
