#include "app/import_command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <tuple>

#include "app/client_connection.hpp"
#include "app/import_run.hpp"
#include "app/interruption.hpp"
#include "app/print_line.hpp"
#include "app/reply_printer.hpp"
#include "app/text_file.hpp"
#include "app/unconnected_client.hpp"
#include "base/number_text.hpp"
#include "commands/csv_file.hpp"

namespace dbcord::app {
namespace {

constexpr std::size_t refused_shown = 20;

struct import_file {
  commands::import_content content;
  std::optional<std::string> csv_header;
};

base::result<import_file> read_rows(const import_options& options) {
  auto format = commands::import_format(options.format, options.file.filename().string(), options.at);
  if (!format) return format.error();
  auto bytes = read_text_file(options.file);
  if (!bytes) return bytes.error();
  if (*format == commands::file_format::csv) {
    auto csv = commands::cut_csv_records(*bytes, options.key);
    if (!csv) return csv.error();
    refuse_too_large(csv->records, true);
    return import_file{std::move(csv->records), std::move(csv->header)};
  }
  auto content = commands::cut_import_file(*bytes, options.at, *format);
  if (!content) return content.error();
  refuse_too_large(*content, false);
  return import_file{std::move(*content), std::nullopt};
}

// Rows refused for `why`, the reason that ended the import, are not listed one by one.
void show_refused(const import_tally& tally, const std::string& why) {
  auto refused = tally.refused();
  std::erase_if(refused, [&why](const commands::refused_line& r) { return r.reason == why; });
  std::stable_sort(refused.begin(), refused.end(), [](const auto& a, const auto& b) { return std::tie(a.line, a.item) < std::tie(b.line, b.item); });
  for (std::size_t i = 0; i < std::min(refused.size(), refused_shown); ++i) {
    auto item = refused[i].item == 0 ? std::string() : fmt::format(" (item {})", refused[i].item);
    auto key = refused[i].key.empty() ? std::string() : fmt::format(", key {}", refused[i].key);
    print_line(stdout, fmt::format("  line {}{}{}: {}", refused[i].line, item, key, refused[i].reason));
  }
  if (refused.size() > refused_shown)
    print_line(stdout, fmt::format("  … and {} more; --outcomes FILE lists them all", base::with_separators(refused.size() - refused_shown)));
}

std::string rows_text(std::uint64_t n) { return fmt::format("{} {}", base::with_separators(n), n == 1 ? "row" : "rows"); }

void show_result(const import_options& options, const import_tally& tally, const std::string& why, base::duration elapsed) {
  auto accepted = tally.count(row_outcome::accepted);
  auto seconds = std::max(std::chrono::duration<double>(elapsed).count(), 1e-3);
  print_line(stdout, fmt::format("Imported {} of {} into {}.{} in {:.2f} s ({} rows/s); refused {}.", base::with_separators(accepted),
             rows_text(tally.rows()), options.database, options.table, seconds,
             base::with_separators(static_cast<std::uint64_t>(static_cast<double>(accepted) / seconds)),
             base::with_separators(tally.count(row_outcome::refused))));
  if (auto n = tally.count(row_outcome::unknown)) print_line(stdout, fmt::format("Not known whether done: {}.", rows_text(n)));
  if (auto n = tally.count(row_outcome::not_sent)) print_line(stdout, fmt::format("Not sent: {}.", rows_text(n)));
  show_refused(tally, why);
}

base::error cannot_write(const import_options& options) {
  return {base::errc::invalid_argument, fmt::format("cannot write {}: {}", options.outcomes.string(), std::strerror(errno))};
}

// Before anything is imported: an account that cannot be kept would be lost.
base::result<void> try_outcomes(const import_options& options) {
  if (options.outcomes.empty()) return {};
  errno = 0;
  std::ofstream out(options.outcomes, std::ios::binary | std::ios::app);
  return out ? base::result<void>() : cannot_write(options);
}

bool write_outcomes(const import_options& options, const import_tally& tally) {
  if (options.outcomes.empty()) return true;
  errno = 0;
  std::ofstream out(options.outcomes, std::ios::binary | std::ios::trunc);
  out << tally.as_json_lines();
  out.close();
  if (out) return true;
  print_error(cannot_write(options));
  return false;
}

actor::task<int> import_rows(const actor::environment& env, user_session& session, const import_options& options,
                             import_file file) {
  import_tally tally(std::move(file.content.refused), file.content.lines);
  import_target target{options.database, options.table, options.key, options.mode == "upsert"};
  import_chunks chunks(std::move(file.content), std::move(file.csv_header), options.chunk_bytes, options.chunk_rows);
  auto begun = env.now();
  std::string why;
  int status = 1;  // unless all is well
  {
    import_run run(env, session, std::move(target), std::move(chunks), tally);
    interruption stop(env, session, [&run] { run.stop("the import was interrupted; of the rest nothing was sent"); });
    why = co_await run.run();
    if (stop.happened()) status = stop.status();
  }
  bool all = tally.count(row_outcome::accepted) == tally.rows();
  if (all) why.clear();  // interrupted when all was done
  bool nothing_came = tally.count(row_outcome::accepted) + tally.count(row_outcome::unknown) == 0;
  if (why.empty() || !nothing_came) show_result(options, tally, why, env.now() - begun);  // else `why` says it all
  if (!why.empty()) print_error(base::error(base::errc::invalid_argument, why));
  bool written = write_outcomes(options, tally);
  if (!written) co_return 1;
  co_return all ? 0 : status;
}

}  // namespace

actor::task<int> import_command(const actor::environment& env, import_options options) {
  unconnected_client unconnected;  // until import_rows() has an interruption
  auto file = read_rows(options);
  if (!file) {
    print_error(base::error(file.error().code, fmt::format("{}: {}", options.file.string(), file.error().message)));
    co_return 1;
  }
  auto who = identify(options.client);
  if (!who) {
    print_error(who.error());
    co_return 1;
  }
  auto account = try_outcomes(options);
  if (!account) {
    print_error(account.error());
    co_return 1;
  }
  client_connection connection(env, std::move(*who));
  auto& session = connection.session();
  auto connected = co_await session.connect(env.after(connect_limit));
  int status = 1;
  if (connected) {
    auto rows = std::move(*file);
    status = co_await import_rows(env, session, options, std::move(rows));
  } else {
    print_error(connected.error());
  }
  co_await session.close();
  co_return status;
}

}  // namespace dbcord::app
