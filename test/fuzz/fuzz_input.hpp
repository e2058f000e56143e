#pragma once
// What a fuzz target is: one function over bytes, which libFuzzer calls (preset `fuzz`, a program for each), or replay.cpp (any other build, one program for all).
// A target aborts when a promise is broken; returning 0 is success.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

namespace dbcord::fuzz {

using target_function = int (*)(const std::uint8_t* data, std::size_t size);
// Those of this program, by name.
std::map<std::string_view, target_function>& targets();

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// Takes the text up to the first '\n' (or all of it) from `text`: inputs of several parts have one a line.
inline std::string_view take_line(std::string_view& text) {
  auto end = text.find('\n');
  auto line = text.substr(0, end);
  text.remove_prefix(end == text.npos ? text.size() : end + 1);
  return line;
}

inline void promise(bool kept, const char* what) {
  if (kept) return;
  std::fprintf(stderr, "broken promise: %s\n", what);
  std::abort();
}

}  // namespace dbcord::fuzz

#ifdef DBCORD_FUZZ_REPLAY
#define DBCORD_FUZZ_TARGET(name, data, size)                                                 \
  static int name(const std::uint8_t* data, std::size_t size);                               \
  static const bool name##_is_listed = dbcord::fuzz::targets().emplace(#name, &name).second; \
  static int name(const std::uint8_t* data, std::size_t size)
#else
#define DBCORD_FUZZ_TARGET(name, data, size) extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
#endif
