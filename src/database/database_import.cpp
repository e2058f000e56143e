// The part of database that imports: independent rows, in chunks that are transactions, each carried out at most once.
#include <fmt/format.h>

#include <deque>
#include <set>

#include "database/database.hpp"
#include "database/doubt_words.hpp"
#include "database/import_refusals.hpp"

namespace dbcord::database {
namespace {

constexpr std::size_t chunks_in_a_group = 8;              // of the largest: a transaction of an import takes an eighth of a commit group at most
constexpr std::size_t line_overhead = 64;                 // bytes of a row's line in the log besides its JSON
constexpr std::size_t import_chunk_rows = 10'000;         // what they take more while they are pending is less than the last tenth of the smallest memory cap
constexpr std::uint64_t import_part = 4;                  // of the log's queue and of the memory, one in so many is for imports: others write meanwhile, too

struct cut_chunk {
  table_actor::chunk chunk;
  std::size_t bytes = 0;
};

// The rows from `first` on, which are moved out.
cut_chunk next_chunk(std::vector<new_row>& rows, std::size_t first, const std::string& primary_key, const engine_options& options, row_source source) {
  cut_chunk next;
  next.chunk.first = first;
  for (auto i = first; i < rows.size() && next.chunk.rows.size() < import_chunk_rows; ++i) {
    auto size = rows[i].json.size() + line_overhead;
    if (next.bytes > 0 && next.bytes + size > options.group_cap / chunks_in_a_group) break;
    next.bytes += size;
    next.chunk.rows.push_back(check_row(std::move(rows[i]), primary_key, options.row_cap, source));
  }
  return next;
}

void add(import_report& report, import_report part) {
  report.accepted += part.accepted;
  if (report.replaced && part.replaced) {
    *report.replaced += *part.replaced;
  } else {
    report.replaced.reset();
  }
  report.refused.insert(report.refused.end(), std::make_move_iterator(part.refused.begin()), std::make_move_iterator(part.refused.end()));
  if (part.last_lsn < report.last_lsn) return;
  report.last_lsn = part.last_lsn;
  report.location = part.location;
}

// Of several the first is told; but what may have been done must not be taken for what was refused.
void note_failure(std::optional<base::error>& failure, std::optional<base::error> next) {
  if (next && (!failure || next->code == errc::outcome_unknown)) failure = std::move(next);
}

base::error import_failed(const base::error& why, std::size_t accepted, std::size_t rows, bool replaces) {
  auto again = replaces ? "are replaced" : "will be refused as duplicates";
  auto what = why.code == errc::outcome_unknown ? fmt::format("for certain, and whether others were is not known yet, since {}", reason_of_doubt(why))
                                                : fmt::format("before this error: {}", why.message);
  return {why.code, fmt::format("{} of {} rows were imported {}; import the file again, rows that are there already {}", accepted, rows, what, again)};
}

}  // namespace

std::uint64_t database::import_share_of(std::size_t bytes, std::size_t rows) const {
  auto of_queue = std::max<std::uint64_t>(1, std::min(options_.backlog_cap, options_.backlog_cap_of_all) / import_part);
  auto of_memory = std::max<std::uint64_t>(1, memory_.cap() / import_part);
  return std::max(fair_shares::whole * bytes / of_queue, fair_shares::whole * (bytes + rows * table_state::pending_overhead) / of_memory);
}

// Chunks go on together as far as their shares reach; after the first that fails no further one is begun.
dbcord::actor::task<base::result<import_report>> database::import(std::string table, std::vector<new_row> rows,
                                                                  write_context context, bool as_they_were) {
  auto target = find_table(table);
  if (!target) co_return co_await confirm_refusal(target.error(), context.deadline);
  auto source = as_they_were || restoring() ? row_source::copy : row_source::file;
  set_total(context.progress, rows.size());
  auto put = context.replace_rows ? std::make_shared<std::set<std::string, std::less<>>>() : nullptr;
  import_report report;
  std::optional<base::error> failure;
  std::deque<dbcord::actor::promise<imported_part>> under_way;
  for (std::size_t i = 0; i < rows.size() && !failure;) {
    auto next = next_chunk(rows, i, (*target)->definition().primary_key, options_, source);
    next.chunk.put = put;
    i += next.chunk.rows.size();
    auto share = import_share_of(next.bytes, next.chunk.rows.size());
    co_await importing_.take(share).get();
    while (!under_way.empty() && under_way.front().is_set()) {
      auto part = co_await under_way.front().get();
      under_way.pop_front();
      note_failure(failure, std::move(part.failure));
      add(report, std::move(part.report));
    }
    if (!failure && env().now() >= context.deadline) failure = base::error(errc::backpressure);
    if (failure) {
      importing_.give_back(share);
      break;
    }
    dbcord::actor::promise<imported_part> done;
    under_way.push_back(done);
    if (tasks_.spawn(executor(), import_chunk_task(*target, std::move(next.chunk), share, context, done))) continue;
    importing_.give_back(share);
    done.set({{}, base::error(base::errc::stopping)});
  }
  for (auto& p : under_way) {
    auto part = co_await p.get();
    note_failure(failure, std::move(part.failure));
    add(report, std::move(part.report));
  }
  if (failure) co_return import_failed(*failure, report.accepted, rows.size(), context.replace_rows);
  co_return report;
}

dbcord::actor::task<void> database::import_chunk_task(table_ptr table, table_actor::chunk chunk, std::uint64_t share, write_context context,
                                                      dbcord::actor::promise<imported_part> done) {
  imported_part part;
  auto progress = context.progress;
  auto rows = chunk.rows.size();
  if (is_cancelled(progress)) {
    part.failure = base::error(base::errc::stopping, "the import was cancelled");
  } else {
    auto result = co_await import_chunk(std::move(table), std::move(chunk), std::move(context), part.report);
    if (!result) part.failure = result.error();
    add_done(progress, rows);
  }
  importing_.give_back(share);
  done.set(std::move(part));
}

// One transaction, or several if the rows have become too many bytes for one (with the defaults of the schema); each has its own key. What a key was used for has decided
// as many rows as it accepted and refused, so a repetition goes on behind them.
dbcord::actor::task<base::result<void>> database::import_chunk(table_ptr table, table_actor::chunk chunk, write_context context,
                                                               import_report& report) {
  while (!chunk.rows.empty()) {
    if (!context.idempotency_key.empty()) chunk.idempotency_key = fmt::format("{}:{}", context.idempotency_key, chunk.first);
    auto key = chunk.idempotency_key;
    auto earlier = co_await admit(key, context.deadline);
    if (!earlier) co_return earlier.error();
    import_report piece;
    if (*earlier) {
      piece.accepted = (*earlier)->operations;
      piece.replaced.reset();
      piece.refused = decode_refusals((*earlier)->refused);
      piece.last_lsn = (*earlier)->lsn;
      piece.location = {store_.guild(), log_.segments().channel_of((*earlier)->lsn), (*earlier)->log_message};
      auto decided = std::min<std::size_t>(piece.accepted + piece.refused.size(), chunk.rows.size());
      if (decided == 0) co_return base::error(errc::damaged, "what a repeated import has written before cannot be told");
      chunk.first += decided;
      chunk.rows.erase(chunk.rows.begin(), chunk.rows.begin() + static_cast<std::ptrdiff_t>(decided));
    } else {
      auto written = co_await table->import(std::move(chunk), context);
      if (!written.submitted) {
        if (!key.empty()) executed_.abandon(key);
        // Refusals say what stands in the table: a read.
        auto current = co_await log_.confirm_readable(context.deadline);
        if (!current) co_return current.error();
      }
      if (!written.value) co_return co_await with_reason(written.value.error());
      piece.accepted = written.value->imported.accepted;
      piece.replaced = written.value->imported.replaced;
      piece.refused = std::move(written.value->refused);
      piece.last_lsn = written.value->imported.commit.lsn;
      piece.location = {store_.guild(), log_.segments().channel_of(written.value->imported.commit.lsn), written.value->imported.commit.message};
      chunk = std::move(written.value->rest);
    }
    add(report, std::move(piece));
  }
  co_return base::result<void>();
}

}  // namespace dbcord::database
