#include "app/command_call.hpp"

namespace dbcord::app {
namespace {

struct kind_of_value {
  commands::argument_kind operator()(const std::string&) const { return commands::argument_kind::text; }
  commands::argument_kind operator()(bool) const { return commands::argument_kind::boolean; }
  commands::argument_kind operator()(std::int64_t) const { return commands::argument_kind::integer; }
};

}  // namespace

command_call make_call(std::string command, std::vector<std::pair<std::string, commands::argument_value>> arguments) {
  command_call call;
  call.line.command = std::move(command);
  for (auto& [name, value] : arguments) {
    auto kind = std::visit(kind_of_value{}, value);
    call.line.arguments.push_back({std::move(name), kind, std::move(value)});
  }
  return call;
}

command_call with_file(command_call call, const discord::file_part& file) {
  call.line.arguments.push_back({"file", commands::argument_kind::attachment, file.filename});
  call.files = [&file](const std::string&) -> base::result<discord::file_part> { return file; };
  return call;
}

}  // namespace dbcord::app
