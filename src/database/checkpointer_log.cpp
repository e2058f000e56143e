// The part of the checkpointer that keeps the log short: where it goes on in another channel, and when a whole channel of it goes.
//
// A segment may go when nothing can need it any more: both kept checkpoints stand behind it, and no row, and no version of the history, has its
// only place in it: the messages of what it wrote have been seen to be there. What became so since this was found out stands in newer records, so there is no
// race but with people who delete messages just then.

#include <algorithm>

#include "actor/event.hpp"
#include "base/deliberate_bug.hpp"
#include "database/checkpointer.hpp"
#include "database/missed_deletions.hpp"
#include "protocol/drop_record.hpp"

namespace dbcord::database {
namespace {

using namespace std::chrono_literals;
constexpr std::size_t checkpoints_needed = 2;
constexpr base::duration idle_pause = 10s;         // what a delta could be written of is not shown yet
constexpr base::duration failed_delta_pause = 1min;

}  // namespace

// A failure is made up for after the next checkpoint.
actor::task<base::result<void>> checkpointer::tend_log() {
  if (log_.status().lsn >= log_.segments().current().first_lsn + options_.segment_messages) {
    auto rolled = co_await roll();
    if (!rolled) co_return rolled.error();
  }
  auto dropped = co_await drop_retired();
  if (!dropped) co_return dropped.error();
  auto truncated = co_await truncate();
  source_.log_tended();
  co_return truncated;
}

// A channel that a table has left: both kept checkpoints know where its rows are by now, so no start looks for them there.
actor::task<base::result<void>> checkpointer::drop_retired() {
  if (kept_.size() < checkpoints_needed || stopping_) co_return base::result<void>();
  for (const auto& table : source_.all_tables()) {
    auto channel = table->channels().retiring;
    bool known = std::all_of(kept_.begin(), kept_.end(), [&](const auto& c) { return c.drained.contains(channel); });
    known = known || base::has_bug(base::deliberate_bug::drop_retiring_channel_early);
    if (!channel || !known) continue;
    auto dropped = co_await drop_channel(channel);
    if (!dropped) co_return dropped.error();
    co_await table->forget_retired(channel);
    env_.log.info("a channel that a table has left was dropped", {{"database", database_}, {"table", table->definition().name}, {"channel", channel.value}});
  }
  co_return base::result<void>();
}

// Named in the log before it is deleted.
actor::task<base::result<void>> checkpointer::drop_channel(base::channel_id channel) {
  protocol::drop_record drop{channel, {}};
  auto body = protocol::encode_drop(drop);
  auto named = co_await log_.append(protocol::record_kind::drop, std::move(body), std::min(stop_deadline_.load(), env_.after(record_time)));
  if (!named) co_return named.error();
  source_.forget_segment(channel);
  co_return base::result<void>();
}

actor::task<base::result<void>> checkpointer::roll() {
  if (stopping_) co_return base::result<void>();
  auto number = log_.segments().current().number + 1;
  auto channel = co_await source_.segment_channel(number, std::min(stop_deadline_.load(), env_.after(channel_time)));
  if (!channel) co_return channel.error();
  protocol::roll_record record{number, *channel, newest_};
  auto body = protocol::encode_roll(record);
  auto rolled = co_await log_.append(protocol::record_kind::roll, std::move(body), std::min(stop_deadline_.load(), env_.after(record_time)));
  if (!rolled) co_return rolled.error();
  env_.log.info("the log goes on in another channel", {{"database", database_}, {"segment", number}, {"lsn", rolled->lsn}});
  co_return base::result<void>();
}

actor::task<base::result<void>> checkpointer::renew(bool of_log, base::steady_time deadline) {
  actor::promise<base::result<void>> done;
  {
    std::lock_guard lock(renewals_mutex_);
    if (ended_) co_return base::error(errc::unavailable, "no checkpoints are written here, so the log keeps what it has");
    renewals_.push_back({done, of_log});
  }
  wake_.notify();
  auto answer = co_await done.get_until(env_, deadline);
  if (!answer) co_return base::error(base::errc::timeout, "the checkpoints were not written in time");
  co_return *answer;
}

// One renewal answers all who asked before it began.
actor::task<void> checkpointer::answer_renewals() {
  std::vector<renewal> asked;
  {
    std::lock_guard lock(renewals_mutex_);
    asked.swap(renewals_);
  }
  if (asked.empty()) co_return;
  bool of_log = std::any_of(asked.begin(), asked.end(), [](const auto& a) { return a.of_log; });
  auto done = co_await renew_now(of_log);
  for (auto& a : asked) a.done.set(done);
}

actor::task<base::result<void>> checkpointer::renew_now(bool of_log) {
  base::result<void> done;
  if (of_log) done = co_await roll();
  for (std::size_t i = 0; done && i < checkpoints_needed; ++i) done = co_await take();
  if (!done) co_return done;
  auto channel = co_await source_.checkpoint_channel(env_.after(channel_time));
  if (!channel) co_return channel.error();
  done = co_await remove_old(*channel);  // again, if it failed then
  if (done) done = co_await drop_retired();
  if (done) done = co_await truncate();
  co_return done;
}

bool checkpointer::log_lacks_records() const {
  return !log_.closed_reason() && !log_.read_only_reason() && log_.needed().lost().can_be_left_behind;
}

std::string checkpointer::problem() const {
  std::lock_guard lock(kept_mutex_);
  return problem_;
}

// What they held is in memory, so it is in every checkpoint that is taken from now on. Both that are kept must stand behind them, as a start may have to go back
// to the older one.
actor::task<base::result<void>> checkpointer::leave_lost_records_behind() {
  env_.log.warning("messages of the log that a start needs were deleted by hand; checkpoints behind them are written", {{"database", database_}});
  base::result<void> done;
  for (std::size_t i = 0; done && i < checkpoints_needed && log_lacks_records(); ++i) done = co_await take();
  if (done) env_.log.info("no start needs the messages of the log that were deleted by hand any more", {{"database", database_}});
  else env_.log.warning("checkpoints not written", {{"database", database_}, {"error", done.error().message}});
  co_return done;
}

void checkpointer::refuse_renewals() {
  std::lock_guard lock(renewals_mutex_);
  ended_ = true;
  for (auto& a : renewals_) a.done.set(base::error(base::errc::stopping));
  renewals_.clear();
}

actor::task<base::result<void>> checkpointer::truncate() {
  if (kept_.size() < checkpoints_needed || stopping_) co_return base::result<void>();
  auto unneeded = co_await unneeded_segments();
  if (unneeded.empty()) co_return base::result<void>();
  auto looked = co_await look_for_messages(unneeded.front().first_lsn, unneeded.back().first_lsn);
  if (!looked) co_return looked.error();
  auto looked_before = unneeded.back().first_lsn;
  // Asked again for each: naming one in the log can take long, and what people delete meanwhile may need the next.
  for (;;) {
    unneeded = co_await unneeded_segments();
    if (unneeded.empty() || unneeded[1].first_lsn > looked_before) co_return base::result<void>();
    auto dropped = co_await drop_channel(unneeded.front().channel);
    if (!dropped) co_return dropped.error();
    env_.log.info("a segment of the log was dropped",
                  {{"database", database_}, {"segment", unneeded.front().number}, {"before", unneeded[1].first_lsn}});
  }
}

// Segments that may go, and behind them the first that stays; empty: all stay.
actor::task<std::vector<protocol::log_segment>> checkpointer::unneeded_segments() {
  auto needed = kept_.front().anchor.lsn + 1;
  bool too_far = base::has_bug(base::deliberate_bug::truncate_too_far);
  for (const auto& table : source_.all_tables()) {
    if (too_far) break;
    if (auto oldest = co_await table->oldest_log_only()) needed = std::min(needed, *oldest);
  }
  auto segments = log_.segments().all();
  auto stay = std::find_if(segments.begin() + 1, segments.end(), [&](const auto& s) { return s.first_lsn > needed; });
  segments.erase(stay, segments.end());
  if (segments.size() == 1) segments.clear();
  co_return segments;
}

// What those records wrote has its only place in messages once they are gone, unless it is in memory. A message that somebody deleted while nobody listened
// is noticed here at last, and what lay there is written again from the log.
actor::task<base::result<void>> checkpointer::look_for_messages(std::uint64_t from, std::uint64_t before) {
  auto given_up = [this] { return stopping_.load(); };
  for (const auto& table : source_.all_tables()) {
    auto expected = co_await table->messages_of_records(from, before);
    for (auto& [channel, messages] : expected) {
      call_options options{priority::maintenance, std::min(stop_deadline_.load(), env_.after(record_time))};
      auto missing = co_await find_missing(store_, channel, std::move(messages), options, given_up);
      if (!missing && table->has_left(channel, missing.error())) continue;
      if (!missing) co_return missing.error();
      if (!missing->empty()) table->messages_deleted(std::move(*missing));
    }
  }
  co_return base::result<void>();
}

bool checkpointer::delta_is_due() { return !kept_.empty() && !log_.closed_reason() && deltas_.due(); }

// Until when the next one waits. A failure costs nothing: the log has all of it.
actor::task<base::steady_time> checkpointer::write_delta() {
  auto channel = kept_.back().channel;
  auto written = co_await deltas_.write(channel);
  if (written && *written) {
    ++status_.deltas;
    co_return env_.now();
  }
  if (written) co_return env_.after(idle_pause);
  if (written.error().code == store_errc::not_found) channel_deleted(channel);
  if (!stopping_) env_.log.debug("delta not written", {{"database", database_}, {"error", written.error().message}});
  co_return env_.after(failed_delta_pause);
}

}  // namespace dbcord::database
