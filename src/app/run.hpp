#pragma once
// The whole program but for main(). Called once.

namespace dbcord::app {

int run(int argc, const char* const* argv);

}  // namespace dbcord::app
