#include "simulation/trace.hpp"

#include <iterator>

#include "guild/text.hpp"

namespace dbcord::simulation {
namespace {

// Of the code point that begins there, if one does.
std::size_t bytes_of_code_point(unsigned char first) { return first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4; }

void append_escaped(std::string& line, unsigned char c) {
  switch (c) {
    case '\n': line += "\\n"; return;
    case '\r': line += "\\r"; return;
    case '\t': line += "\\t"; return;
    default: fmt::format_to(std::back_inserter(line), "\\x{:02x}", c);
  }
}

}  // namespace

std::string on_one_line(std::string_view text) {
  std::string line;
  line.reserve(text.size());
  while (!text.empty()) {
    auto first = static_cast<unsigned char>(text.front());
    auto one = text.substr(0, bytes_of_code_point(first));
    bool shown = first >= 0x20 && first != 0x7F && guild::is_valid_utf8(one);
    if (shown) {
      line += one;
    } else {
      one = text.substr(0, 1);
      append_escaped(line, first);
    }
    text.remove_prefix(one.size());
  }
  return line;
}

void trace::line(std::string_view what) {
  auto us = std::chrono::duration_cast<std::chrono::microseconds>(now_ - steady_origin).count();
  auto text = fmt::format("{:>4}.{:06} {}", us / 1'000'000, us % 1'000'000, what);
  for (unsigned char c : text) hash_ = (hash_ ^ c) * 1099511628211ull;
  ++lines_;
  if (show_) show_(on_one_line(text));
}

void trace_logger::write(base::severity level, std::string_view event, fields values) {
  static constexpr std::string_view names[] = {"debug", "info", "warning", "error"};
  auto text = fmt::format("{} {} {}", process_, names[static_cast<int>(level)], event);
  for (const auto& field : values) fmt::format_to(std::back_inserter(text), " {}={}", field.key, field.value);
  trace_.line(text);
}

}  // namespace dbcord::simulation
