#include "dbcord/base/time_text.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <cstring>

namespace dbcord::base {
namespace {

using namespace std::chrono;
constexpr std::array<const char*, 7> day_names{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<const char*, 12> month_names{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

}  // namespace

std::string to_iso8601(system_time when) {
  auto day = floor<days>(when);
  year_month_day date(day);
  hh_mm_ss time(floor<microseconds>(when - day));
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}+00:00", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), time.hours().count(),
                     time.minutes().count(), time.seconds().count(), time.subseconds().count());
}

std::string to_utc_text(system_time when) { return to_iso8601(when).substr(0, std::string_view("2026-08-06T11:31:01").size()) + "Z"; }

std::string to_http_date(system_time when) {
  auto day = floor<days>(when);
  year_month_day date(day);
  hh_mm_ss time(floor<seconds>(when - day));
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", day_names[weekday(day).c_encoding()],
                     static_cast<unsigned>(date.day()), month_names[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()), time.hours().count(), time.minutes().count(),
                     time.seconds().count());
}

std::optional<system_time> parse_http_date(std::string_view text) {
  char name[4] = {};
  unsigned day = 0, h = 0, m = 0, s = 0;
  int y = 0;
  int end = 0;  // set only if the zone matched too
  std::string copy(text);
  if (std::sscanf(copy.c_str(), "%*3s, %2u %3s %4d %2u:%2u:%2u GMT%n", &day, name, &y, &h, &m, &s, &end) != 6) return {};
  if (end != static_cast<int>(copy.size())) return {};
  for (unsigned i = 0; i < month_names.size(); ++i) {
    if (std::strcmp(name, month_names[i]) != 0) continue;
    year_month_day date(year(y), month(i + 1), std::chrono::day(day));
    if (!date.ok() || h > 23 || m > 59 || s > 60) return {};
    return system_time(sys_days(date)) + hours(h) + minutes(m) + seconds(s);
  }
  return {};
}

}  // namespace dbcord::base
