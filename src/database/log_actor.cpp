#include "database/log_actor.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/deliberate_bug.hpp"
#include "database/store_refusal.hpp"
#include "database/whole_record.hpp"

namespace dbcord::database {
namespace {

using namespace std::chrono_literals;
constexpr base::duration retry_pause_min = 250ms;
constexpr base::duration retry_pause_max = 5s;
constexpr std::size_t log_calls_limit = 4096;

base::error in_doubt_error() {
  return {errc::outcome_unknown, "whether this was done is not known yet; look at the row in a moment, or repeat the same command"};
}

std::string heading(const protocol::log_header& header, std::size_t transactions, std::size_t operations) {
  return fmt::format("**log {}** {} change{} in {} transaction{}", header.lsn, operations, operations == 1 ? "" : "s",
                     transactions, transactions == 1 ? "" : "s");
}

}  // namespace

log_actor::log_actor(const dbcord::actor::environment& env, message_store& store, log_options options, std::size_t queue_cap,
                     shared_backlog& backlog, commit_applier& applier)
    : actor(env, log_calls_limit),
      store_(store),
      options_(std::move(options)),
      applier_(applier),
      lease_(env, store, options_),
      queue_(queue_cap, &backlog),
      segments_(options_.log),
      loops_(env, "log") {}

dbcord::actor::task<base::result<recovered_log>> log_actor::open(base::steady_time deadline, base::system_time date,
                                                                 opening_channels channels) {
  co_return co_await run(
      [](log_actor* self, base::steady_time until, base::system_time seen,
         opening_channels present) -> dbcord::actor::task<base::result<recovered_log>> {
        self->lease_.note_date(seen);
        log_opening opening(self->env(), self->store_, self->options_, self->lease_, std::move(present), self->opening_given_up_);
        auto opened = co_await opening.run(until);
        if (!opened) co_return opened.error();
        self->tip_ = opened->start;
        self->tip_message_ = opened->start_message;
        self->attempt_ = opened->start.attempt;
        self->read_to_ = opened->last_message;
        self->status_.lsn = self->tip_.lsn;
        self->status_.epoch = self->tip_.epoch;
        self->tail_messages_ = opened->tail.messages;
        self->tail_files_ = opened->tail.files;
        self->tail_bytes_ = opened->tail.bytes;
        for (auto& file : opened->files) self->files_.add(std::move(file));
        for (auto [lsn, message] : opened->records) self->needed_.add(lsn, message);
        self->segments_.assign(opened->recovered.segments);
        if (!opened->writable) self->begin_read_only(opened->recovered.losses);
        co_return std::move(opened->recovered);
      },
      this, deadline, date, std::move(channels));
}

void log_actor::begin() {
  if (!read_only_) loops_.spawn(executor(), write_groups());
  loops_.spawn(executor(), keep_lease());
}

dbcord::actor::task<void> log_actor::stop(base::steady_time deadline) {
  tell([this, deadline] {
    stopping_ = true;
    stop_deadline_ = deadline;
    queue_.changed().notify();
    lease_wake_.notify();
  });
  co_await loops_.join(deadline);
}

dbcord::actor::task<void> log_actor::ended() { co_await loops_.join(base::steady_time::max()); }

std::optional<base::error> log_actor::closed_reason() const {
  std::lock_guard lock(reason_mutex_);
  return closed_reason_;
}

dbcord::actor::task<base::result<void>> log_actor::confirm_readable(base::steady_time deadline) {
  if (auto why = closed_reason()) co_return *why;
  if (options_.exclusive_by_lock) co_return base::result<void>();  // nobody else can write: memory is the truth
  if (base::has_bug(base::deliberate_bug::read_without_lease)) co_return base::result<void>();
  co_return co_await run(
      [](log_actor* self, base::steady_time until) -> dbcord::actor::task<base::result<void>> {
        auto confirmed = co_await self->lease_.confirm(self->lease_.latest_now(), until, false);
        if (!confirmed && self->lease_.fenced()) self->close_for_good(*self->lease_.fenced());
        co_return confirmed;
      },
      this, deadline);
}

dbcord::actor::task<base::result<log_actor::lease_state>> log_actor::lease(base::steady_time deadline) {
  return ask([this] { return lease_state{lease_.age(), lease_.problem(), unconfirmed_}; }, deadline);
}

dbcord::actor::task<void> log_actor::write_groups() {
  while (!lease_.fenced()) {
    if (queue_.empty() && errands_.empty()) {
      if (stopping_) break;
      co_await queue_.changed().wait();
      continue;
    }
    if (queue_.empty() && !errand_is_due()) {
      co_await queue_.changed().wait_until(env(), window_end_);
      continue;
    }
    co_await take_turn();
    if (stopping_ && env().now() >= stop_deadline_) break;
  }
  auto reason = closed_reason().value_or(lease_.fenced().value_or(base::error(base::errc::stopping)));
  refuse_errands(reason);
  auto rest = queue_.close(reason);
  if (!rest.empty()) co_await fail(std::move(rest), reason, false);
  if (!lease_.fenced()) co_await release();
}

// What sends nothing; or else one group, and a record before it if one is due.
dbcord::actor::task<void> log_actor::take_turn() {
  if (errand_is_due() && !errands_.front().kind) co_return co_await run_next_errand();
  if (!queue_.empty()) co_await pace();
  if (errand_is_due()) {
    co_await run_next_errand();
    if (!window_has_room_) co_return;
  }
  if (!queue_.empty()) co_await commit(queue_.take(options_.group_cap));
}

dbcord::actor::task<void> log_actor::keep_lease() {
  auto interval = options_.lease / 3;
  while (!stopping_ && !lease_.fenced()) {
    bool woken = co_await lease_wake_.wait_until(env(), env().after(interval));
    if (woken || stopping_) continue;
    auto checked = co_await lease_.check();
    if (!checked && !lease_.fenced()) {
      env().log.warning("lease check failed", {{"database", options_.database}, {"error", checked.error().message}});
    }
  }
  if (lease_.fenced()) close_for_good(*lease_.fenced());
}

// Writes one group and answers its callers, whatever becomes of it.
dbcord::actor::task<void> log_actor::commit(group g) {
  if (g.empty()) co_return;
  if (base::has_bug(base::deliberate_bug::acknowledge_before_log)) {
    for (const auto& t : g) t->outcome.set(commit_info{tip_.lsn + 1, tip_message_});
  }
  bool early = base::has_bug(base::deliberate_bug::apply_before_log);
  if (early) co_await applier_.apply(g, {tip_.lsn + 1, tip_message_});
  auto written = co_await write(g);
  switch (written.state) {
    case sent_state::written: {
      if (!early) co_await applier_.apply(g, written.info);
      status_.lsn = written.info.lsn;  // published: from now on readers may use it
      ++status_.groups;
      status_.transactions += g.size();
      histograms_.group_transactions.add(static_cast<double>(g.size()));
      for (const auto& t : g) histograms_.commit_seconds.add(std::chrono::duration<double>(env().now() - t->begun).count());
      for (const auto& t : g) t->outcome.set(written.info);
      co_return;
    }
    case sent_state::fenced:
      close_for_good(written.why);
      co_await fail(std::move(g), in_doubt_error(), true);
      co_return;
    case sent_state::refused:
    case sent_state::void_for_certain:
      co_await fail(std::move(g), written.why, false);
  }
}

// Sends until the group is written, or refused for good, or all its callers have stopped waiting.
dbcord::actor::task<log_actor::sent> log_actor::write(const group& g) {
  std::vector<protocol::transaction> bodies;
  std::size_t operations = 0;
  for (const auto& t : g) {
    bodies.push_back(t->body);
    operations += t->body.operations.size();
  }
  auto body = protocol::encode_transactions(bodies);
  auto pause = retry_pause_min;
  for (;;) {
    auto header = next_header(protocol::record_kind::group);
    auto record = protocol::encode_record(header, heading(header, g.size(), operations), body,
                                          attach_next_ ? protocol::placement::attached : protocol::placement::automatic);
    bool inline_text = !record.attachment.has_value();
    auto result = co_await send_group(std::move(record));
    if (result.state == sent_state::void_for_certain) continue;  // a barrier took its place: the same changes again
    if (result.state != sent_state::refused) {
      attach_next_ = false;
      co_return result;
    }
    if (result.why.code == store_errc::content_refused && inline_text) {
      attach_next_ = true;
      continue;
    }
    attach_next_ = false;
    bool hopeless = !surely_not_done(result.why) || stopping_ || env().now() >= latest_deadline(g);
    if (hopeless) {
      result.why = base::error(errc::unavailable, "nothing was changed: " + result.why.message, result.why.detail);
      co_return result;
    }
    co_await dbcord::actor::sleep_for(env(), pause);
    pause = std::min<base::duration>(2 * pause, retry_pause_max);
  }
}

dbcord::actor::task<log_actor::sent> log_actor::send_group(protocol::encoded_record record) {
  auto answer = co_await post(record, env().after(log_request_time));
  if (answer) {
    plan_pace(answer->value.rate);
    auto held = co_await acknowledge(record, answer->value.id, answer->date);
    co_return held;
  }
  if (answer.error().code == store_errc::unknown) co_return co_await resolve(std::move(record), answer.error());
  co_return sent{sent_state::refused, {}, answer.error()};
}

// Rule 4. Nothing is guessed: either the tail shows the record, or an answered barrier with a higher attempt voids it.
dbcord::actor::task<log_actor::sent> log_actor::resolve(protocol::encoded_record record, base::error why) {
  env().log.warning("log write in doubt", {{"database", options_.database}, {"lsn", record.header.lsn}, {"error", why.message}});
  auto found = co_await find_in_tail(record.header.hash);
  if (found) {
    auto held = co_await acknowledge(record, found->message, lease_.newest_date());
    co_return held;
  }
  if (base::has_bug(base::deliberate_bug::skip_barrier)) co_return sent{sent_state::refused, {}, why};
  auto pause = retry_pause_min;
  while (!lease_.fenced()) {
    auto header = next_header(protocol::record_kind::barrier);
    auto barrier = protocol::encode_record(header, fmt::format("**log {}** barrier after a lost answer", header.lsn), "");
    auto answer = co_await post(barrier, env().after(log_request_time));
    if (answer) {
      ++status_.barriers;
      auto held = co_await acknowledge(barrier, answer->value.id, answer->date);
      if (held.state == sent_state::written) {
        held.state = sent_state::void_for_certain;
        status_.lsn = barrier.header.lsn;  // what it made void is in no table
      }
      co_return held;
    }
    if (stopping_ && env().now() >= stop_deadline_) break;
    co_await dbcord::actor::sleep_for(env(), pause);
    pause = std::min<base::duration>(2 * pause, retry_pause_max);
  }
  // The chain's tip is not known any more: nothing can be written on top of it by this process.
  auto reason = lease_.fenced() ? *lease_.fenced() : base::error(base::errc::stopping);
  co_return sent{sent_state::fenced, {}, reason};
}

dbcord::actor::task<std::optional<commit_info>> log_actor::find_in_tail(std::string hash) {
  call_options options{priority::commit, env().after(log_request_time)};
  auto tail = co_await read_log(store_, segments_.current().channel, read_to_, options);
  if (!tail) co_return std::nullopt;
  lease_.note_date(tail->date);
  for (const auto& found : tail->value) {
    if (found.record.header.hash == hash && is_whole(found)) co_return commit_info{found.record.header.lsn, found.message.id};
  }
  co_return std::nullopt;
}

// The record is on Discord; it counts, and may be told, only while the lease covers the Date of the answer that shows it.
dbcord::actor::task<log_actor::sent> log_actor::acknowledge(const protocol::encoded_record& record, base::message_id message,
                                                            base::system_time date) {
  lease_.note_date(date);
  if (date == base::system_time{}) date = lease_.latest_now();
  base::result<void> confirmed;
  unconfirmed_ = true;
  do {
    confirmed = co_await lease_.confirm(date, env().after(log_request_time));
    // The chain's tip is not known any more then (resolve).
    bool given_up = lease_.fenced() || (stopping_ && env().now() >= stop_deadline_);
    if (!confirmed && given_up) co_return sent{sent_state::fenced, {}, lease_.fenced() ? confirmed.error() : base::error(base::errc::stopping)};
  } while (!confirmed);
  unconfirmed_ = false;
  tip_ = record.header;
  tip_message_ = message;
  lease_.note_written(message);
  count(record, message);
  read_to_ = std::max(read_to_, message);
  co_return sent{sent_state::written, {record.header.lsn, message}, {}};
}

// Fails the group and all that was validated on top of it. New transactions are refused until every table has forgotten them.
dbcord::actor::task<void> log_actor::fail(group g, base::error why, bool in_doubt) {
  env().log.error("transactions failed", {{"database", options_.database}, {"count", g.size()}, {"error", why.message}});
  auto queue_reason = in_doubt && closed_reason() ? *closed_reason() : why;
  auto rest = queue_.close(queue_reason);
  group all = g;
  all.insert(all.end(), rest.begin(), rest.end());
  co_await applier_.abort(std::move(all));
  for (const auto& t : g) t->outcome.set(why);
  for (const auto& t : rest) t->outcome.set(queue_reason);
  if (!closed_reason() && !stopping_) queue_.reopen();
}

// When the next send is due if the sends that are left in the window are spread over it evenly. Who waits cannot be seen yet: the callers of this
// group, who may write again, have not been answered.
void log_actor::plan_pace(const std::optional<pacing>& rate) {
  next_send_ = window_end_ = {};
  window_has_room_ = false;
  if (!rate || rate->limit == 0) return;
  next_send_ = env().after(rate->reset_after / (rate->remaining + 1));
  window_end_ = env().after(rate->reset_after);
  window_has_room_ = rate->remaining > 0;
}

// A busy log sends evenly, so that latency stays even; one that was idle until now commits at once, and the next group too.
dbcord::actor::task<void> log_actor::pace() {
  if (env().now() >= next_send_) {
    sends_ahead_ = 0;
    co_return;
  }
  if (!busy()) {
    ++sends_ahead_;
    co_return;
  }
  co_await dbcord::actor::sleep_until(env(), next_send_);
}

dbcord::actor::task<void> log_actor::release() {
  // Before it is sent: whoever sees it need not wait for the lease, so nothing may be read here any more.
  close_for_good(base::error(base::errc::stopping));
  auto header = next_header(protocol::record_kind::release);
  auto record = protocol::encode_record(header, fmt::format("**log {}** the process has stopped writing", header.lsn), "");
  auto answer = co_await post(std::move(record), std::min(stop_deadline_, env().after(log_request_time)));
  // Without it the next process waits for the lease to run out; nothing is lost.
  if (!answer) env().log.warning("log not released", {{"database", options_.database}, {"error", answer.error().message}});
}

dbcord::actor::task<base::result<dated<stored_message>>> log_actor::post(protocol::encoded_record record,
                                                                         base::steady_time deadline) {
  new_message message;
  message.content = std::move(record.content);
  message.nonce = env().random.token(20);
  if (record.attachment) {
    new_attachment file;
    file.filename = fmt::format("log-{}.jsonl", record.header.lsn);
    file.bytes = std::move(*record.attachment);
    message.attachments.push_back(std::move(file));
  }
  call_options options{priority::commit, deadline};
  auto channel = segments_.current().channel;
  auto sent = co_await store_.post(channel, std::move(message), options);
  if (sent) writing_.note_written();
  else writing_.note(sent.error(), channel, env().now());
  co_return std::move(sent);
}

protocol::log_header log_actor::next_header(protocol::record_kind kind) {
  protocol::log_header header;
  header.kind = kind;
  header.epoch = tip_.epoch;
  header.attempt = base::has_bug(base::deliberate_bug::reuse_attempts) ? tip_.attempt + 1 : ++attempt_;
  header.lsn = tip_.lsn + 1;
  header.previous = tip_.hash;
  return header;
}

void log_actor::close_for_good(base::error why) {
  bool first = false;
  {
    std::lock_guard lock(reason_mutex_);
    first = !closed_reason_;
    if (first) closed_reason_ = why;
  }
  if (first && why.code == errc::fenced && options_.on_fenced) options_.on_fenced(why);
  // What waits is failed by write_groups(), which wakes because of this.
  queue_.changed().notify();
}

base::steady_time log_actor::latest_deadline(const group& g) const {
  base::steady_time latest{};
  for (const auto& t : g) latest = std::max(latest, t->deadline);
  return latest;
}

}  // namespace dbcord::database
