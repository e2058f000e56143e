#pragma once
// Integers as the guild's files hold them: little-endian. Pure, any thread.

#include <boost/endian/conversion.hpp>
#include <cstring>
#include <string>
#include <string_view>

namespace dbcord::guild {

template <class Integer>
void put(std::string& out, Integer value) {
  boost::endian::native_to_little_inplace(value);
  out.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

// `bytes` holds a whole Integer at `at`.
template <class Integer>
Integer get(std::string_view bytes, std::size_t at) {
  Integer value;
  std::memcpy(&value, bytes.data() + at, sizeof(value));
  return boost::endian::little_to_native(value);
}

}  // namespace dbcord::guild
