#include "simulation/trace.hpp"

#include <iterator>

#include "commands/json_scan.hpp"

namespace dbcord::simulation {
namespace {

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
  for (;;) {
    auto bad = commands::find_invalid_utf8(text);
    for (unsigned char c : text.substr(0, bad.value_or(text.size()))) {
      if (c < 0x20 || c == 0x7F) append_escaped(line, c);
      else line += static_cast<char>(c);
    }
    if (!bad) return line;
    append_escaped(line, static_cast<unsigned char>(text[*bad]));
    text.remove_prefix(*bad + 1);
  }
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
