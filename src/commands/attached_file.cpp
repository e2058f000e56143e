#include "commands/attached_file.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/number_text.hpp"
#include "commands/arguments.hpp"
#include "commands/command_table.hpp"
#include "commands/file_format.hpp"
#include "commands/json_scan.hpp"
#include "commands/reply_text.hpp"
#include "dbcord/base/assert.hpp"

namespace dbcord::commands {
namespace {

constexpr base::duration fetch_limit = std::chrono::minutes(2);

base::error unusable(std::string sentence) { return {base::errc::invalid_argument, std::move(sentence)}; }

base::error beyond(std::string_view argument, const attachment& source, std::uint64_t size, std::string_view too_large) {
  return unusable(fmt::format("{}: {} has {} bytes, {}.", argument, quote(source.name), base::with_separators(size), too_large));
}

const argument& argument_of(const invocation& call, std::string_view name) {
  const auto* definition = find_command(call.name);
  DBCORD_ASSERT(definition != nullptr);
  auto found = std::find_if(definition->arguments.begin(), definition->arguments.end(), [&](const argument& a) { return a.name == name; });
  DBCORD_ASSERT(found != definition->arguments.end());
  return *found;
}

}  // namespace

actor::task<base::result<std::string>> fetch_file(services s, const invocation& call, std::string_view argument, std::uint64_t largest, std::string too_large) {
  const auto& source = call.attachments.find(argument)->second;
  if (source.size > largest) co_return beyond(argument, source, source.size, too_large);
  auto bytes = co_await source.load(std::min(call.deadline, s.env.after(fetch_limit)));
  if (!bytes)
    co_return base::error(bytes.error().code, fmt::format("{}: {} could not be fetched ({}); send the command again.", argument, quote(source.name), bytes.error().message));
  if (bytes->size() > largest) co_return beyond(argument, source, bytes->size(), too_large);  // more than was announced
  co_return std::move(*bytes);
}

actor::task<base::result<given_text>> text_or_file(services s, const invocation& call, const argument& a) {
  if (has_argument(call, a.name) || !call.attachments.contains(a.or_file)) co_return given_text{a.name, text_argument(call, a.name)};
  auto too_large = fmt::format("and at most {} are allowed", base::with_separators(longest_text_of_file));
  auto bytes = co_await fetch_file(s, call, a.or_file, longest_text_of_file, std::move(too_large));
  if (!bytes) co_return bytes.error();
  auto text = text_of_file(*bytes, a.or_file);
  if (!text) co_return text.error();
  if (trimmed(*text).empty()) co_return unusable(fmt::format("{}: it is empty; it must hold what {} would.", a.or_file, a.name));
  if (a.kind == argument_kind::json) {
    if (auto bad = check_json_object(a.or_file, *text)) co_return unusable(std::move(*bad));
  }
  co_return given_text{a.or_file, std::string(*text)};
}

actor::task<base::result<given_text>> text_or_file(services s, const invocation& call, std::string_view name) { return text_or_file(s, call, argument_of(call, name)); }

reply explain_given(const services& s, const invocation& call, const base::error& e, std::string_view argument, std::string_view given_as) {
  auto r = explain(s, call, e);
  if (argument != given_as && r.text.starts_with(argument)) r.text.replace(0, argument.size(), given_as);
  return r;
}

}  // namespace dbcord::commands
