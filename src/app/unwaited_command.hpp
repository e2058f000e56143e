#pragma once
// What is said of a command whose reply nobody waits for any more. Pure.

#include <cstdint>
#include <string>

namespace dbcord::app {

// `job`: that carries it out; 0: not known.
std::string goes_on_text(std::int64_t job);

}  // namespace dbcord::app
