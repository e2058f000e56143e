#pragma once
// The logging port: one event a line, keys and values. Tokens and row contents never go into it.
// Implementations are safe to call from any thread; app/ implements it with spdlog.

#include <fmt/format.h>

#include <initializer_list>
#include <string>
#include <string_view>

namespace dbcord::base {

enum class severity { debug, info, warning, error };

struct log_field {
  std::string_view key;
  std::string value;

  template <class T>
  log_field(std::string_view k, const T& v) : key(k), value(fmt::format("{}", v)) {}
};

class logger {
 public:
  using fields = std::initializer_list<log_field>;

  virtual ~logger() = default;
  // `event` is a fixed phrase ("gateway ready"), what varies stands in the fields.
  virtual void write(severity level, std::string_view event, fields values) = 0;

  void debug(std::string_view event, fields values = {}) { write(severity::debug, event, values); }
  void info(std::string_view event, fields values = {}) { write(severity::info, event, values); }
  void warning(std::string_view event, fields values = {}) { write(severity::warning, event, values); }
  void error(std::string_view event, fields values = {}) { write(severity::error, event, values); }
};

// For tests and tools that show nothing.
class null_logger final : public logger {
 public:
  void write(severity, std::string_view, fields) override {}
};

}  // namespace dbcord::base
