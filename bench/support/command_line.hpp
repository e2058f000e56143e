#pragma once
// command_line: the options of a small program, as CLI11 reads them. That is compiled once, behind this: it takes a file that includes it longer
// than most else does.

#include <functional>
#include <memory>
#include <string>

namespace CLI {
class App;
}

namespace dbcord::bench {

class command_line {
 public:
  // What is wrong with a value as it was typed; empty: nothing.
  using check = std::function<std::string(const std::string&)>;

  explicit command_line(const std::string& description);
  ~command_line();
  command_line(const command_line&) = delete;
  command_line& operator=(const command_line&) = delete;

  // T: one of those at the end of command_line.cpp. What is not given stays as it is.
  template <class T>
  void option(const std::string& name, T& into, const std::string& help, const check& valid = {});
  void flag(const std::string& name, bool& into, const std::string& help);

  static check between(int least, int most);

  // Exits with 0 behind --help, with 2 behind CLI11's message on wrong arguments.
  void parse(int argc, char** argv);

 private:
  std::unique_ptr<CLI::App> app_;
};

}  // namespace dbcord::bench
