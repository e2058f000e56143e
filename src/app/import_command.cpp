#include "app/import_command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "app/client_connection.hpp"
#include "app/import_run.hpp"
#include "app/reply_printer.hpp"
#include "app/text_file.hpp"

namespace dbcord::app {
namespace {

constexpr std::size_t refused_shown = 20;

base::result<commands::import_content> read_rows(const import_options& options) {
  auto bytes = read_text_file(options.file);
  if (!bytes) return bytes.error();
  return commands::cut_import_file(*bytes, options.at);
}

// Rows refused for `why`, the reason that ended the import, are not listed one by one.
void show_refused(const import_tally& tally, const std::string& why) {
  auto refused = tally.refused();
  std::erase_if(refused, [&why](const commands::refused_line& r) { return r.reason == why; });
  for (std::size_t i = 0; i < std::min(refused.size(), refused_shown); ++i) {
    auto key = refused[i].key.empty() ? std::string() : fmt::format(", key {}", refused[i].key);
    fmt::print("  line {}{}: {}\n", refused[i].line, key, refused[i].reason);
  }
  if (refused.size() > refused_shown)
    fmt::print("  … and {} more; --outcomes FILE lists them all\n", with_separators(refused.size() - refused_shown));
}

void show_result(const import_options& options, const import_tally& tally, const std::string& why, base::duration elapsed) {
  auto accepted = tally.count(row_outcome::accepted);
  auto seconds = std::max(std::chrono::duration<double>(elapsed).count(), 1e-3);
  fmt::print("Imported {} of {} rows into {}.{} in {:.2f} s ({} rows/s); refused {}.\n", with_separators(accepted),
             with_separators(tally.rows()), options.database, options.table, seconds,
             with_separators(static_cast<std::uint64_t>(static_cast<double>(accepted) / seconds)),
             with_separators(tally.count(row_outcome::refused)));
  if (auto n = tally.count(row_outcome::unknown)) fmt::print("Not known whether done: {} rows.\n", with_separators(n));
  if (auto n = tally.count(row_outcome::not_sent)) fmt::print("Not sent: {} rows.\n", with_separators(n));
  show_refused(tally, why);
}

bool write_outcomes(const import_options& options, const import_tally& tally) {
  if (options.outcomes.empty()) return true;
  std::ofstream out(options.outcomes, std::ios::binary | std::ios::trunc);
  out << tally.as_json_lines();
  out.close();
  if (out) return true;
  print_error(base::error(base::errc::invalid_argument, fmt::format("cannot write {}", options.outcomes.string())));
  return false;
}

actor::task<int> import_rows(const actor::environment& env, user_session& session, const import_options& options,
                             commands::import_content content) {
  import_tally tally(std::move(content.refused), content.lines);
  import_target target{options.database, options.table, options.key};
  import_chunks chunks(std::move(content.rows), std::move(content.lines), options.chunk_bytes, options.chunk_rows);
  auto begun = env.now();
  std::string why;
  {
    import_run run(env, session, std::move(target), std::move(chunks), tally);
    why = co_await run.run();
  }
  show_result(options, tally, why, env.now() - begun);
  std::fflush(stdout);
  if (!why.empty()) print_error(base::error(base::errc::invalid_argument, why));
  bool written = write_outcomes(options, tally);
  co_return written && why.empty() && tally.count(row_outcome::accepted) == tally.rows() ? 0 : 1;
}

}  // namespace

actor::task<int> import_command(const actor::environment& env, import_options options) {
  auto content = read_rows(options);
  if (!content) {
    print_error(base::error(content.error().code, fmt::format("{}: {}", options.file.string(), content.error().message)));
    co_return 1;
  }
  auto who = identify(options.client);
  if (!who) {
    print_error(who.error());
    co_return 1;
  }
  client_connection connection(env, std::move(*who));
  auto& session = connection.session();
  auto connected = co_await session.connect(env.after(connect_limit));
  int status = 1;
  if (connected) {
    auto rows = std::move(*content);
    status = co_await import_rows(env, session, options, std::move(rows));
  } else {
    print_error(connected.error());
  }
  co_await session.close();
  co_return status;
}

}  // namespace dbcord::app
