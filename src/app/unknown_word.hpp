#pragma once
// unknown_word: what is said of a subcommand or an option that there is not: the one that was probably meant. Pure.

#include <string>

namespace CLI {
class App;
}

namespace dbcord::app {

// One sentence about the first such word of a command line that was refused; empty: it was refused for something else.
std::string unknown_word(const CLI::App& refused);

}  // namespace dbcord::app
