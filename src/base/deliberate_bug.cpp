#include "base/deliberate_bug.hpp"

#include <array>

namespace dbcord::base {

namespace {

struct text {
  std::string_view name, what;
};

constexpr std::array texts{
    text{"none", "nothing"},
#define X(name, what) text{#name, what},
    DBCORD_DELIBERATE_BUGS(X)
#undef X
};
static_assert(texts.size() == static_cast<std::size_t>(deliberate_bug::count));

}  // namespace

constinit thread_local deliberate_bug detail::bug_of_this_thread = deliberate_bug::none;

std::string_view name(deliberate_bug b) { return texts[static_cast<std::size_t>(b)].name; }
std::string_view describe(deliberate_bug b) { return texts[static_cast<std::size_t>(b)].what; }

std::optional<deliberate_bug> find_bug(std::string_view name) {
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (texts[i].name == name) return static_cast<deliberate_bug>(i);
  }
  return std::nullopt;
}

}  // namespace dbcord::base
