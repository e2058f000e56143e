#pragma once
// An argument as a person types it, for sentences that say how to go on. Pure, any thread.

#include <optional>
#include <string>
#include <string_view>

namespace dbcord::commands {

// `after:u_1`, as inline code that shows the value as it is; in quotes where a command line would read it as something else, or Discord would not show it.
std::string typed_argument(std::string_view name, std::string_view value);
// Whether it has to stand in quotes, since a command line would read it as something else, or Discord not show it; and how it stands in them.
bool needs_quotes(std::string_view value);
std::string in_quotes(std::string_view value);
// The value, in quotes if it has to be.
std::string typed_value(std::string_view value);
// Marks that nobody sees, or that Discord does not show as they are: whether there are some (none in what is not UTF-8), and the text with \u{202e} in place of each.
bool has_hidden(std::string_view text);
std::string with_hidden_shown(std::string_view text);
// Whoever reads the value as it is would take it for another one, or for a value in quotes.
bool looks_otherwise(std::string_view value);
// What stands between the quotes of a value in quotes, in which \" and \\ are a quote and a backslash, and \u{202e} is that code point.
std::string unquoted(std::string_view value);
// The value, of a sentence that ends with such an argument and a full stop; empty if it does not.
std::optional<std::string> typed_at_end(std::string_view sentence, std::string_view name);

}  // namespace dbcord::commands
