#pragma once
// result<T>: a value or a base::error; an outcome that the caller acts on. Bugs are assertions (assert.hpp),
// failures of the machine are boost::system::system_error.

#include <boost/system/result.hpp>
#include <boost/system/system_error.hpp>

#include "dbcord/base/error.hpp"

namespace dbcord::base {

template <class T>
using result = boost::system::result<T, error>;

// Called by result<T>::value() when it holds an error (found by argument-dependent lookup).
[[noreturn]] inline void throw_exception_from_error(const error& e, const boost::source_location&) {
  throw boost::system::system_error(e.code, e.message);
}

}  // namespace dbcord::base
