#include "app/progress_bar.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "base/number_text.hpp"

namespace dbcord::app {
namespace {

constexpr std::size_t width = 30;
constexpr const char* erase_line = "\r\033[K";

}  // namespace

std::string progress_line(std::size_t done, std::size_t all, base::duration elapsed, std::string_view unit) {
  auto share = all == 0 ? 1.0 : static_cast<double>(std::min(done, all)) / static_cast<double>(all);
  auto filled = static_cast<std::size_t>(share * width);
  auto line = fmt::format("[{}{}] {:3.0f} %  {} of {}{}", std::string(filled, '#'), std::string(width - filled, '-'),
                          share * 100, base::with_separators(done), base::with_separators(all), unit);
  auto seconds = std::chrono::duration<double>(elapsed).count();
  if (seconds > 0) line += fmt::format(", {}{}/s", base::with_separators(static_cast<std::uint64_t>(done / seconds)), unit);
  return line;
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
  std::fputs((erase_line + progress_line(done, all_, elapsed, unit_)).c_str(), to_);
  std::fflush(to_);
}

}  // namespace dbcord::app
