#pragma once
// A log that tests read: one line an event, "event key=value key=value".

#include <string>

#include "dbcord/base/logger.hpp"

namespace dbcord::test {

class kept_log final : public base::logger {
 public:
  std::string text;

  void write(base::severity, std::string_view event, fields values) override {
    text += event;
    for (const auto& f : values) text += " " + std::string(f.key) + "=" + f.value;
    text += "\n";
  }
  bool has(std::string_view part) const { return text.find(part) != std::string::npos; }
};

}  // namespace dbcord::test
