#pragma once
// Messages that hold nothing any more, by kind, as a phrase. Pure, any thread.

#include <string>

#include "database/garbage_kind.hpp"

namespace dbcord::commands {

// "3 superseded messages, 1 duplicate and 2 orphans"; what there is none of is left out.
std::string garbage_text(const database::garbage_counts& counts);

}  // namespace dbcord::commands
