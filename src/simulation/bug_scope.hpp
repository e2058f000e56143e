#pragma once
// bug_scope: while it lives, code that runs on this thread has one deliberate bug (base/deliberate_bug.hpp). For one whole run, which takes
// place on one thread. Not nested.

#include "base/deliberate_bug.hpp"

namespace dbcord::simulation {

class bug_scope {
 public:
  explicit bug_scope(base::deliberate_bug b) { base::detail::bug_of_this_thread = b; }
  ~bug_scope() { base::detail::bug_of_this_thread = base::deliberate_bug::none; }
  bug_scope(const bug_scope&) = delete;
  bug_scope& operator=(const bug_scope&) = delete;
};

}  // namespace dbcord::simulation
