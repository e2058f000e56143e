#include "app/progress_bar.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

#include "base/number_text.hpp"

namespace dbcord::app {
namespace {

constexpr std::size_t widest = 30, narrowest = 5;  // of the bar itself
constexpr std::size_t around_bar = 3;              // "[] "
constexpr std::size_t usual_columns = 80;
constexpr const char* erase_line = "\r\033[K";

// In which a line stays one: the last one is left free, since some terminals go on in the next line behind it.
std::size_t columns_of(std::FILE* terminal) {
  winsize size{};
  bool known = ::ioctl(::fileno(terminal), TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return (known ? size.ws_col : usual_columns) - 1;
}

}  // namespace

std::string progress_line(std::size_t done, std::size_t all, base::duration elapsed, std::string_view unit, std::size_t columns) {
  auto share = all == 0 ? 1.0 : static_cast<double>(std::min(done, all)) / static_cast<double>(all);
  auto text = fmt::format("{:3.0f} %  {} of {}{}", share * 100, base::with_separators(done), base::with_separators(all), unit);
  auto seconds = std::chrono::duration<double>(elapsed).count();
  if (seconds > 0) text += fmt::format(", {}{}/s", base::with_separators(static_cast<std::uint64_t>(done / seconds)), unit);
  auto room = columns > text.size() + around_bar ? columns - text.size() - around_bar : 0;
  auto width = std::min(widest, room);
  if (width < narrowest) return text.substr(0, columns);
  auto filled = static_cast<std::size_t>(share * static_cast<double>(width));
  return fmt::format("[{}{}] {}", std::string(filled, '#'), std::string(width - filled, '-'), text);
}

progress_bar::progress_bar(std::FILE* to, std::size_t all, std::string unit)
    : to_(to), all_(all), unit_(std::move(unit)), terminal_(::isatty(::fileno(to)) == 1) {}

progress_bar::~progress_bar() {
  if (!terminal_) return;
  std::fputs(erase_line, to_);
  std::fflush(to_);
}

void progress_bar::show(std::size_t done, base::duration elapsed) {
  if (!terminal_) return;
  std::fputs((erase_line + progress_line(done, all_, elapsed, unit_, columns_of(to_))).c_str(), to_);
  std::fflush(to_);
}

}  // namespace dbcord::app
