#include "simulation/trace.hpp"

#include <iterator>

namespace dbcord::simulation {

void trace::line(std::string_view what) {
  auto us = std::chrono::duration_cast<std::chrono::microseconds>(now_ - steady_origin).count();
  auto text = fmt::format("{:>4}.{:06} {}", us / 1'000'000, us % 1'000'000, what);
  for (unsigned char c : text) hash_ = (hash_ ^ c) * 1099511628211ull;
  ++lines_;
  if (show_) show_(text);
}

void trace_logger::write(base::severity level, std::string_view event, fields values) {
  static constexpr std::string_view names[] = {"debug", "info", "warning", "error"};
  auto text = fmt::format("{} {} {}", process_, names[static_cast<int>(level)], event);
  for (const auto& field : values) fmt::format_to(std::back_inserter(text), " {}={}", field.key, field.value);
  trace_.line(text);
}

}  // namespace dbcord::simulation
