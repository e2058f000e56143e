#pragma once
// Pieces of replies. Pure except explain(), which asks the engine for the names that exist (from memory). Any thread.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "commands/command.hpp"

namespace dbcord::commands {

reply failure(std::string sentence);

// Inline code that shows `code`, one line, as it is: its fence is longer than any within.
std::string fenced(std::string_view code);

// Text of a person inside a sentence: inline code, one line, cut to `at_most` code points, never breaking the markdown around it. Marks that nobody sees are seen (`"\u{202e}x"`).
std::string quote(std::string_view text, std::size_t at_most = 80);

// A row's key, or a field's name, that somebody may type again: whole, and in quotes if nobody sees what it is. Command lines read it; one with a blank and a colon stands as
// Discord takes it, without the quotes that a command line wants.
inline constexpr std::size_t whole_key = 256;
std::string quote_key(std::string_view key, std::size_t at_most = whole_key);

// Of a name in an object, as a phrase.
std::string named_twice(std::string_view name);

// 1 row, 2 rows, 20,040 rows
std::string count(std::uint64_t n, std::string_view singular);
// The same without separators, in the sentences that programs read (README.md).
std::string count_for_programs(std::uint64_t n, std::string_view singular);
// The value of 1 row is, The values of 2 rows are; what lies before the number: "at least "
std::string values_are(std::uint64_t rows, std::string_view before = {});

// A sentence that is to go on, or to stand in brackets: without its full stop.
std::string without_end(std::string sentence);
// Before a question that is asked again, since nobody has said yes to those.
std::string rows_came_since(std::uint64_t rows);

// Behind a sentence of somebody else, who may have ended it: one full stop.
std::string with_full_stop(std::string sentence);

// What is said where no database is open; and each that could not be opened, on a line of its own, with the reason.
std::string no_databases_text(const services& s);
std::string not_open_text(const services& s);

// The reply for an error of the engine: its sentence, and what exists where a name was not found.
reply explain(const services& s, const invocation& call, const base::error& e);

}  // namespace dbcord::commands
