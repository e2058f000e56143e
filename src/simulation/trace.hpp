#pragma once
// trace: what happened in a run, line by line with its virtual time. Every line goes into a hash, so that two runs of a
// seed can be compared; with a sink it is also shown, one line of text each. Owned by the run. One thread.

#include <fmt/format.h>

#include <functional>
#include <string>
#include <string_view>

#include "dbcord/base/logger.hpp"
#include "simulation/virtual_clock.hpp"

namespace dbcord::simulation {

// As one line of valid UTF-8: control bytes, and what is not UTF-8, as \n, \r, \t and \xHH. For people and grep, not for reading back: a backslash stays as it is.
std::string on_one_line(std::string_view text);

class trace {
 public:
  using sink = std::function<void(std::string_view line)>;

  explicit trace(const base::steady_time& now, sink show = {}) : now_(now), show_(std::move(show)) {}

  void line(std::string_view what);
  template <class... Args>
  void say(fmt::format_string<Args...> format, Args&&... args) {
    line(fmt::format(format, std::forward<Args>(args)...));
  }

  std::uint64_t hash() const { return hash_; }
  std::uint64_t lines() const { return lines_; }

 private:
  const base::steady_time& now_;
  sink show_;
  std::uint64_t hash_ = 14695981039346656037ull;  // FNV-1a, 64 bits
  std::uint64_t lines_ = 0;
};

// The log of a simulated process, written into the trace.
class trace_logger final : public base::logger {
 public:
  trace_logger(trace& into, std::string process) : trace_(into), process_(std::move(process)) {}
  void write(base::severity level, std::string_view event, fields values) override;

 private:
  trace& trace_;
  std::string process_;
};

}  // namespace dbcord::simulation
