#pragma once
// One line that tells how far long work is; on a terminal only. Used by one thread.

#include <cstdio>
#include <string>
#include <string_view>

#include "dbcord/base/clock.hpp"

namespace dbcord::app {

// "[#####-----]  50 %  5,000 of 10,000 rows, 8,123 rows/s"; `elapsed` may be zero. Where there are fewer `columns` the bar is shorter, then what is behind it.
std::string progress_line(std::size_t done, std::size_t all, base::duration elapsed, std::string_view unit = " rows", std::size_t columns = 80);

class progress_bar {
 public:
  progress_bar(std::FILE* to, std::size_t all, std::string unit = " rows");
  ~progress_bar();  // removes the line
  void show(std::size_t done, base::duration elapsed);

 private:
  std::FILE* to_;
  std::size_t all_;
  std::string unit_;
  bool terminal_;
};

}  // namespace dbcord::app
