#include "support/command_line.hpp"

#include <CLI/CLI.hpp>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <vector>

namespace dbcord::bench {

command_line::command_line(const std::string& description) : app_(std::make_unique<CLI::App>(description)) {}

command_line::~command_line() = default;

template <class T>
void command_line::option(const std::string& name, T& into, const std::string& help, const check& valid) {
  auto* added = app_->add_option(name, into, help);
  if (valid) added->check(valid);
}

void command_line::flag(const std::string& name, bool& into, const std::string& help) {
  app_->add_flag(name, into, help);
}

command_line::check command_line::between(int least, int most) {
  return [range = CLI::Range(least, most)](const std::string& typed) { return range(typed); };
}

void command_line::parse(int argc, char** argv) {
  try {
    app_->parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    std::exit(app_->exit(e) == 0 ? 0 : 2);
  }
}

template void command_line::option(const std::string&, int&, const std::string&, const check&);
template void command_line::option(const std::string&, unsigned&, const std::string&, const check&);
template void command_line::option(const std::string&, std::uint64_t&, const std::string&, const check&);
template void command_line::option(const std::string&, double&, const std::string&, const check&);
template void command_line::option(const std::string&, std::string&, const std::string&, const check&);
template void command_line::option(const std::string&, std::filesystem::path&, const std::string&, const check&);
template void command_line::option(const std::string&, std::optional<bool>&, const std::string&, const check&);
template void command_line::option(const std::string&, std::optional<int>&, const std::string&, const check&);
template void command_line::option(const std::string&, std::optional<std::uint64_t>&, const std::string&, const check&);
template void command_line::option(const std::string&, std::optional<double>&, const std::string&, const check&);
template void command_line::option(const std::string&, std::vector<std::uint64_t>&, const std::string&, const check&);

}  // namespace dbcord::bench
