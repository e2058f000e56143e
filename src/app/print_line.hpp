#pragma once
// print_line: one line for whoever has called dbcord. It never fails: that standard output cannot be written is found by run() at the end, and where standard
// error cannot, nobody can be told.

#include <cstdio>
#include <string_view>

namespace dbcord::app {

// With a newline, unless there is one; flushed.
void print_line(std::FILE* to, std::string_view text);

}  // namespace dbcord::app
