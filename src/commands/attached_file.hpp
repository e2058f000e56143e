#pragma once
// The files of a command's arguments: their bytes, and the text of an argument that may come as a file since Discord takes 6,000 characters of typed text
// (argument::or_file). Called by handlers, on their executor; keep nothing.

#include <string>
#include <string_view>

#include "commands/command.hpp"

namespace dbcord::commands {

inline constexpr std::uint64_t longest_text_of_file = 8 * 1024 * 1024;  // bytes: no longer than a row may be

// The bytes of a file of at most `largest` bytes; `too_large` says, behind its size, what to do. An error is the sentence for the person.
actor::task<base::result<std::string>> fetch_file(services s, const invocation& call, std::string_view argument, std::uint64_t largest, std::string too_large);

struct given_text {
  std::string_view name;  // of the argument that it came in, for sentences
  std::string text;
};
// What was typed, or stands in the file instead (without a byte order mark); of a JSON argument it is a JSON object. execute() has checked that it is one of them.
actor::task<base::result<given_text>> text_or_file(services s, const invocation& call, const argument& a);
actor::task<base::result<given_text>> text_or_file(services s, const invocation& call, std::string_view name);  // of the call's command

// explain() of an error of the engine, which names the argument as if it had been typed.
reply explain_given(const services& s, const invocation& call, const base::error& e, std::string_view argument, std::string_view given_as);

}  // namespace dbcord::commands
