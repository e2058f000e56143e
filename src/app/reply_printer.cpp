#include "app/reply_printer.hpp"

#include <fmt/format.h>

#include "app/line_excerpt.hpp"
#include "app/print_line.hpp"
#include "app/reply_message.hpp"
#include "commands/import_summary.hpp"

namespace dbcord::app {
namespace {

constexpr base::duration download_limit = std::chrono::minutes(2);
constexpr std::size_t refusals_shown = 20;  // of an import; they may be as many as its rows

bool is_text(std::string_view bytes) {
  for (unsigned char c : bytes)
    if (c < ' ' && c != '\n' && c != '\t' && c != '\r') return false;
  return true;
}

}  // namespace

bool says_done(const boost::json::object& message) {
  if (is_failure(message)) return false;
  if (!asks_first(message)) return true;
  print_error(base::error(base::errc::invalid_argument,
                          "nothing was done yet, this was only the question; to do it, give the command again with the argument confirm: as the question says"));
  return false;
}

actor::task<bool> print_reply(user_session& session, const actor::environment& env, boost::json::object message) {
  print_line(stdout, text_of(message));
  bool good = says_done(message);
  for (auto& attachment : attachments_of(message)) {
    auto deadline = env.after(download_limit);
    auto bytes = co_await session.download(attachment.url, deadline);
    if (!bytes) {
      print_error(base::error(bytes.error().code,
                              fmt::format("{} could not be fetched: {}", attachment.filename, bytes.error().message)));
      good = false;
      continue;
    }
    print_line(stdout, fmt::format("--- {} ({} bytes)", attachment.filename, bytes->size()));
    if (!is_text(*bytes)) continue;
    if (attachment.filename != commands::refused_file) {
      print_line(stdout, *bytes);
      continue;
    }
    auto shown = first_lines(*bytes, refusals_shown);
    print_line(stdout, shown);
    if (shown != *bytes) print_line(stdout, fmt::format("All of them: {}", attachment.url));
  }
  co_return good;
}

void print_error(const base::error& e) { print_line(stderr, "dbcord: " + e.message); }

}  // namespace dbcord::app
