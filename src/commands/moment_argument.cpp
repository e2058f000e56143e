#include "commands/moment_argument.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "commands/arguments.hpp"
#include "commands/reply_text.hpp"
#include "database/clocks_differ.hpp"

namespace dbcord::commands {
namespace {

using namespace std::chrono;

// Reads from the front of a text; false once something did not fit.
class reader {
 public:
  explicit reader(std::string_view text) : rest_(text) {}

  bool done() const { return rest_.empty(); }
  bool skip(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  // Exactly `digits` of them.
  std::optional<int> number(std::size_t digits) {
    int value = 0;
    const auto* end = rest_.data() + digits;
    if (rest_.size() < digits || std::from_chars(rest_.data(), end, value).ptr != end || value < 0) return std::nullopt;
    rest_.remove_prefix(digits);
    return value;
  }
  // The digits behind a point, as a part of a second; later than microseconds they do not count.
  std::optional<microseconds> fraction() {
    std::int64_t value = 0;
    std::size_t digits = 0;
    for (; !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; rest_.remove_prefix(1), ++digits) {
      if (digits < 6) value = value * 10 + (rest_.front() - '0');
    }
    for (auto i = digits; i < 6; ++i) value *= 10;
    return digits == 0 ? std::nullopt : std::optional(microseconds(value));
  }

 private:
  std::string_view rest_;
};

std::optional<sys_days> read_date(reader& in) {
  auto y = in.number(4);
  if (!y || !in.skip('-')) return std::nullopt;
  auto m = in.number(2);
  if (!m || !in.skip('-')) return std::nullopt;
  auto d = in.number(2);
  if (!d) return std::nullopt;
  year_month_day date{year(*y), month(static_cast<unsigned>(*m)), day(static_cast<unsigned>(*d))};
  return date.ok() ? std::optional(sys_days(date)) : std::nullopt;
}

std::optional<minutes> read_hours_and_minutes(reader& in) {
  auto h = in.number(2);
  if (!h || *h > 23 || !in.skip(':')) return std::nullopt;
  auto m = in.number(2);
  if (!m || *m > 59) return std::nullopt;
  return hours(*h) + minutes(*m);
}

// A part of a day, as long as what was written is exact.
struct stretch {
  microseconds from{0};
  microseconds length = days(1);
};

std::optional<stretch> read_clock(reader& in) {
  auto time = read_hours_and_minutes(in);
  if (!time) return std::nullopt;
  if (!in.skip(':')) return stretch{*time, minutes(1)};
  auto s = in.number(2);
  if (!s || *s > 59) return std::nullopt;
  if (!in.skip('.')) return stretch{*time + seconds(*s), seconds(1)};
  auto part = in.fraction();
  if (!part) return std::nullopt;
  return stretch{*time + seconds(*s) + *part, microseconds(1)};
}

std::optional<minutes> read_zone(reader& in) {
  if (in.done() || in.skip('Z')) return minutes(0);
  bool east = in.skip('+');
  if (!east && !in.skip('-')) return std::nullopt;
  auto offset = read_hours_and_minutes(in);
  if (!offset) return std::nullopt;
  return east ? *offset : -*offset;
}

// Years may be written that no clock here shows.
base::system_time within_clocks(sys_time<microseconds> time) {
  constexpr auto first = ceil<microseconds>(base::system_time::min()), last = floor<microseconds>(base::system_time::max());
  return std::clamp<sys_time<microseconds>>(time, first, last);
}

}  // namespace

std::optional<database::moment> parse_moment(std::string_view text, base::system_time now) {
  std::uint64_t lsn = 0;
  auto parsed = std::from_chars(text.data(), text.data() + text.size(), lsn);
  if (parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size()) {
    return lsn == 0 ? std::nullopt : std::optional(database::moment{lsn, {}});
  }
  reader in(text);
  auto date = read_date(in);
  if (!date) return std::nullopt;
  stretch meant;
  if (in.skip('T') || in.skip(' ')) {
    auto read = read_clock(in);
    if (!read) return std::nullopt;
    meant = *read;
  }
  auto zone = read_zone(in);
  if (!zone || !in.done()) return std::nullopt;
  auto first = *date + meant.from - *zone;
  auto last = within_clocks(first + meant.length - microseconds(1));
  auto present = now + database::clocks_differ / 2;  // what was written just now may be stamped by another clock
  bool goes_on = within_clocks(first) <= present && last > present;
  return database::moment{0, goes_on ? present : last};
}

base::result<std::optional<database::moment>> as_of_argument(const invocation& call, base::system_time now) {
  auto text = text_argument(call, "as_of");
  if (text.empty()) return std::optional<database::moment>();
  auto when = parse_moment(text, now);
  if (when) return when;
  return base::error(base::errc::invalid_argument, fmt::format("as_of: {} is neither an LSN nor a time like 2026-11-23T12:00:00Z.", quote(text)));
}

}  // namespace dbcord::commands
