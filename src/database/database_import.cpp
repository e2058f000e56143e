// The part of database that imports: independent rows, in chunks that are transactions, each carried out at most once.
#include <fmt/format.h>

#include "database/database.hpp"
#include "database/import_refusals.hpp"

namespace dbcord::database {
namespace {

constexpr std::size_t import_chunk_bytes = 1024 * 1024;  // of one transaction; several go into one group
constexpr std::size_t line_overhead = 64;                 // bytes of a row's line in the log besides its JSON
constexpr std::size_t import_chunk_rows = 10'000;         // what they take more while they are pending is less than the last tenth of the smallest memory cap

}  // namespace

dbcord::actor::task<base::result<import_report>> database::import(std::string table, std::vector<new_row> rows,
                                                                  write_context context, bool as_they_were) {
  auto target = find_table(table);
  if (!target) co_return target.error();
  auto source = as_they_were || restoring() ? row_source::copy : row_source::file;
  import_report report;
  std::vector<dbcord::actor::promise<base::result<import_report>>> parts;
  table_actor::chunk chunk;
  std::size_t bytes = 0;
  auto flush = [&](std::size_t next) {
    if (chunk.rows.empty()) return;
    if (!context.idempotency_key.empty()) chunk.idempotency_key = fmt::format("{}:{}", context.idempotency_key, chunk.first);
    dbcord::actor::promise<base::result<import_report>> done;
    parts.push_back(done);
    if (!tasks_.spawn(executor(), import_chunk_task(*target, std::exchange(chunk, {}), context, done))) {
      done.set(base::error(base::errc::stopping));
    }
    chunk.first = next;
    bytes = 0;
  };
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto size = rows[i].json.size() + line_overhead;
    if (bytes > 0 && (bytes + size > import_chunk_bytes || chunk.rows.size() == import_chunk_rows)) flush(i);
    bytes += size;
    chunk.rows.push_back(check_row(std::move(rows[i]), (*target)->definition().primary_key, options_.row_cap, source));
  }
  set_total(context.progress, rows.size());
  flush(rows.size());
  std::optional<base::error> failure;
  for (auto& part : parts) {
    auto done = co_await part.get();
    if (!done) {
      failure = done.error();
      continue;
    }
    report.accepted += done->accepted;
    if (report.replaced && done->replaced) {
      *report.replaced += *done->replaced;
    } else {
      report.replaced.reset();
    }
    report.refused.insert(report.refused.end(), done->refused.begin(), done->refused.end());
    if (done->last_lsn >= report.last_lsn) {
      report.last_lsn = done->last_lsn;
      report.location = done->location;
    }
  }
  if (failure) {
    co_return base::error(failure->code, fmt::format("{} of {} rows were imported before this error: {}; import the file again, rows that are there already {}", report.accepted,
                                                     rows.size(), failure->message, context.replace_rows ? "are replaced" : "will be refused as duplicates"));
  }
  co_return report;
}

dbcord::actor::task<void> database::import_chunk_task(table_ptr table, table_actor::chunk chunk, write_context context,
                                                      dbcord::actor::promise<base::result<import_report>> done) {
  import_report report;
  auto progress = context.progress;
  auto rows = chunk.rows.size();
  if (is_cancelled(progress)) {
    done.set(base::error(base::errc::stopping, "the import was cancelled"));
    co_return;
  }
  auto result = co_await import_chunk(std::move(table), std::move(chunk), std::move(context), report);
  add_done(progress, rows);
  if (result) {
    done.set(std::move(report));
  } else {
    done.set(result.error());
  }
}

dbcord::actor::task<base::result<void>> database::import_chunk(table_ptr table, table_actor::chunk chunk, write_context context,
                                                               import_report& report) {
  auto key = chunk.idempotency_key;
  auto earlier = co_await admit(key, context.deadline);
  if (!earlier) co_return earlier.error();
  if (*earlier) {
    report.accepted = (*earlier)->operations;
    report.replaced.reset();
    report.refused = decode_refusals((*earlier)->refused);
    report.last_lsn = (*earlier)->lsn;
    report.location = {store_.guild(), log_.segments().channel_of((*earlier)->lsn), (*earlier)->log_message};
    co_return base::result<void>();
  }
  auto written = co_await table->import(std::move(chunk), std::move(context));
  if (!written.submitted && !key.empty()) executed_.abandon(key);
  if (!written.value) co_return written.value.error();
  report.accepted = written.value->imported.accepted;
  report.replaced = written.value->imported.replaced;
  report.refused = std::move(written.value->refused);
  report.last_lsn = written.value->imported.commit.lsn;
  report.location = {store_.guild(), log_.segments().channel_of(written.value->imported.commit.lsn), written.value->imported.commit.message};
  co_return base::result<void>();
}

}  // namespace dbcord::database
