#include "database/checkpointer.hpp"

#include <algorithm>

#include "actor/event.hpp"
#include "base/deliberate_bug.hpp"
#include "database/history_page.hpp"
#include "database/message_removal.hpp"

namespace dbcord::database {
namespace {

using namespace std::chrono_literals;
constexpr base::duration failed_pause = 1min;
constexpr std::size_t slice_bytes = 256 * 1024;
constexpr std::size_t commands_per_entry = 4096;
constexpr std::size_t checkpoints_kept = 2;

// In entries of a bounded size.
std::vector<std::string> history_entries(const table_actor::captured_head& captured) {
  constexpr std::size_t chains_per_entry = 2048;
  std::vector<std::string> entries;
  auto head = captured.history;
  std::vector<protocol::image_chain> chains = std::exchange(head.chains, {});
  for (std::size_t i = 0; i < chains.size() || entries.empty();) {
    auto end = std::min(chains.size(), i + chains_per_entry);
    head.chains.assign(std::make_move_iterator(chains.begin() + static_cast<std::ptrdiff_t>(i)),
                       std::make_move_iterator(chains.begin() + static_cast<std::ptrdiff_t>(end)));
    append_entry(entries.emplace_back(), captured.head.definition.table, head);
    i = end;
  }
  return entries;
}

}  // namespace

checkpointer::checkpointer(const actor::environment& env, message_store& store, std::string database, const checkpoint_options& options,
                           log_actor& log, checkpoint_source& source)
    : env_(env), store_(store), database_(std::move(database)), options_(options), log_(log), source_(source),
      deltas_(env, store, options, log, [this] { return stopping_ || log_.closed_reason().has_value(); }), loops_(env, "checkpointer") {}

void checkpointer::begin(opened_from base) {
  if (base.bytes > 0) status_.base_bytes = base.bytes;
  if (!base.messages.empty()) keep({std::move(base.messages), std::move(base.anchor), base.record, {}, base.channel});
  deltas_.begin(std::move(base.deltas));
  taken_at_ = env_.now();
  {
    std::lock_guard lock(renewals_mutex_);
    ended_ = false;
  }
  loops_.spawn(env_.make_strand(), run());
}

actor::task<void> checkpointer::stop(base::steady_time deadline) {
  stop_deadline_ = deadline;
  stopping_ = true;
  wake_.notify();
  co_await loops_.join(deadline);
}

bool checkpointer::given_up() const { return stopping_ && env_.now() >= stop_deadline_.load(); }

log_tail checkpointer::tail() const {
  auto all = log_.tail();
  return {all.messages - counted_.messages, all.files - counted_.files, all.bytes - counted_.bytes};
}

actor::task<void> checkpointer::run() {
  auto not_before = env_.now(), no_delta_before = env_.now();
  while (!stopping_) {
    co_await answer_renewals();
    bool may = env_.now() >= not_before;
    if (may && some_are_lost()) {
      env_.log.warning("checkpoints were deleted by hand; others are written", {{"database", database_}});
      auto renewed = co_await renew_now(false);
      if (!renewed) env_.log.warning("checkpoints not written", {{"database", database_}, {"error", renewed.error().message}});
      std::lock_guard lock(kept_mutex_);
      lost_ = lost_ || !renewed;
      not_before = renewed ? env_.now() : env_.after(failed_pause);
      continue;
    }
    if (may && log_lacks_records()) {
      auto renewed = co_await leave_lost_records_behind();
      not_before = renewed ? env_.now() : env_.after(failed_pause);
      continue;
    }
    bool due = checkpoint_due(options_, tail(), status_.base_bytes, env_.now() - taken_at_);
    if (may && due) {
      auto taken = co_await take();
      if (!taken) env_.log.warning("checkpoint not written", {{"database", database_}, {"error", taken.error().message}});
      not_before = taken ? env_.now() : env_.after(failed_pause);
      continue;
    }
    if (!due && env_.now() >= no_delta_before && delta_is_due()) {
      no_delta_before = co_await write_delta();
      continue;
    }
    auto next = taken_at_ + options_.interval;
    if (next <= env_.now()) next = env_.now() + options_.interval;  // there was nothing to write, or too little: the log wakes us
    for (auto pause_end : {not_before, no_delta_before}) {
      if (pause_end > env_.now()) next = std::min(next, pause_end);
    }
    co_await wake_.wait_until(env_, next);
  }
  refuse_renewals();
  auto tables = source_.all_tables();
  bool must = log_lacks_records() || std::any_of(tables.begin(), tables.end(), [](const auto& t) { return t->search_was_reset(); });
  if (!must && !checkpoint_due_at_close(options_, tail(), status_.base_bytes)) co_return;
  auto taken = co_await take();
  if (!taken) env_.log.warning("no checkpoint at the end", {{"database", database_}, {"error", taken.error().message}});
}

actor::task<base::result<void>> checkpointer::take() {
  auto done = co_await take_now();
  std::lock_guard lock(kept_mutex_);
  problem_ = done ? std::string() : done.error().message;
  co_return done;
}

actor::task<base::result<void>> checkpointer::take_now() {
  auto channel = co_await source_.checkpoint_channel(std::min(stop_deadline_.load(), env_.after(channel_time)));
  if (!channel) co_return channel.error();
  auto captured = co_await begin_capture();
  if (!captured) co_return captured.error();
  auto tables = captured->tables;
  auto written = co_await write(*channel, std::move(*captured));
  for (const auto& table : tables) co_await table->end_capture();
  if (!written && written.error().code == store_errc::not_found) (void)source_.forget_checkpoint_channel(*channel);
  if (!written) co_return written.error();
  newest_ = std::move(*written);
  auto removed = co_await remove_old(*channel);
  if (!removed) env_.log.warning("old checkpoints not removed yet", {{"database", database_}, {"error", removed.error().message}});
  auto tended = co_await tend_log();
  if (!tended && !stopping_) env_.log.warning("the log is not shortened yet", {{"database", database_}, {"error", tended.error().message}});
  co_return base::result<void>();
}

void checkpointer::keep(kept_checkpoint newest) {
  std::lock_guard lock(kept_mutex_);
  kept_.push_back(std::move(newest));
  if (kept_.size() > checkpoints_kept) kept_.pop_front();
  if (kept_.size() < checkpoints_kept) return;
  log_.needed().forget_to(kept_.front().anchor.lsn);
}

void checkpointer::messages_deleted(const std::vector<base::message_id>& messages) {
  auto gone = [&](base::message_id m) { return std::find(messages.begin(), messages.end(), m) != messages.end(); };
  {
    std::lock_guard lock(kept_mutex_);
    bool some = std::any_of(kept_.begin(), kept_.end(), [&](const auto& c) { return std::any_of(c.messages.begin(), c.messages.end(), gone); });
    if (!some) return;
    lost_ = true;
  }
  wake_.notify();
}

void checkpointer::channel_deleted(base::channel_id channel) {
  {
    std::lock_guard lock(kept_mutex_);
    deleted_channels_.push_back(channel);
  }
  wake_.notify();
}

// Asked once for each loss.
bool checkpointer::some_are_lost() {
  std::lock_guard lock(kept_mutex_);
  bool lost = std::exchange(lost_, false);
  for (auto channel : std::exchange(deleted_channels_, {})) lost = source_.forget_checkpoint_channel(channel) || lost;
  return lost;
}

std::optional<log_start> checkpointer::oldest_kept() const {
  std::lock_guard lock(kept_mutex_);
  if (kept_.empty()) return std::nullopt;
  return start_behind(kept_.front().anchor, kept_.front().record);
}

std::vector<checkpointer::kept_place> checkpointer::kept() const {
  std::lock_guard lock(kept_mutex_);
  std::vector<kept_place> all;
  for (const auto& c : kept_) all.push_back({c.channel, c.messages, c.anchor.lsn});
  return all;
}

bool checkpointer::keeps(const kept_place& place) const {
  std::lock_guard lock(kept_mutex_);
  return std::any_of(kept_.begin(), kept_.end(), [&](const auto& c) { return c.messages == place.messages; });
}

// Between two commit groups: nothing is being applied, so all tables stand at the LSN of the log's tip.
actor::task<base::result<checkpointer::capture>> checkpointer::begin_capture() {
  capture captured;
  auto gather = [](checkpointer* self, capture* c, log_point at) -> actor::task<void> {
    auto begun = self->env_.now();
    c->at = at;
    c->tables = self->source_.all_tables();
    c->head = self->source_.database_head();
    for (const auto& table : c->tables) c->heads.push_back(co_await table->begin_capture());
    if (!base::has_bug(base::deliberate_bug::checkpoint_without_commands)) c->commands = self->source_.executed_commands();
    self->status_.stood_still_us = (self->env_.now() - begun) / 1us;
  };
  auto work = [self = this, c = &captured, gather](log_point at) { return gather(self, c, at); };
  auto rested = log_.at_rest(work, std::min(stop_deadline_.load(), env_.after(record_time)));
  auto done = co_await std::move(rested);
  if (!done) co_return done.error();
  co_return captured;
}

actor::task<base::result<protocol::checkpoint_reference>> checkpointer::write(base::channel_id channel, capture captured) {
  checkpoint_writer writer(env_, store_, channel, options_, [this] { return given_up(); });
  protocol::checkpoint_manifest manifest;
  manifest.anchor = captured.at.anchor;
  manifest.record = captured.at.message;
  for (const auto& c : captured.heads) manifest.rows += c.head.rows;
  auto entries = co_await write_entries(writer, captured);
  if (!entries) co_return entries.error();
  if (base::has_bug(base::deliberate_bug::checkpoint_too_late)) {
    co_await actor::sleep_for(env_, std::chrono::seconds(1));  // in a table of many parts that is how long writing them takes
    auto look = [](protocol::checkpoint_manifest* m, log_point at) -> actor::task<void> {
      m->anchor = at.anchor;
      m->record = at.message;
      co_return;
    };
    auto work = [m = &manifest, look](log_point at) { return look(m, at); };
    auto rested = log_.at_rest(work, std::min(stop_deadline_.load(), env_.after(record_time)));
    (void)co_await std::move(rested);
  }
  auto reference = co_await writer.finish(std::move(manifest));
  if (!reference) co_return reference.error();
  auto recorded = co_await log_.append(protocol::record_kind::checkpoint, protocol::encode_checkpoint_reference(*reference),
                                       std::min(stop_deadline_.load(), env_.after(record_time)));
  if (!recorded) co_return recorded.error();
  kept_checkpoint kept{writer.messages(), captured.at.anchor, captured.at.message, {}, channel};
  for (const auto& c : captured.heads) {
    if (c.head.move && c.head.move->drained) kept.drained.insert(c.head.move->retiring);
  }
  keep(std::move(kept));
  deltas_.begin_anew(captured.at.anchor.lsn);
  counted_ = captured.at.tail;
  taken_at_ = env_.now();
  ++status_.written;
  status_.lsn = captured.at.anchor.lsn;
  status_.base_bytes = writer.bytes();
  status_.bytes_written += writer.bytes();
  env_.log.info("checkpoint written", {{"database", database_},
                                       {"lsn", captured.at.anchor.lsn},
                                       {"bytes", writer.bytes()},
                                       {"messages", writer.messages().size()},
                                       {"stood_still_us", status_.stood_still_us.load()}});
  co_return *reference;
}

// Deltas of what the newest has, whatever their ids: ids need not be in the order of writing, and one may have been applied late.
bool checkpointer::is_old(const stored_message& message, base::message_id oldest_kept) const {
  if (message.author != store_.self()) return false;
  auto delta = protocol::decode_delta_header(message.content);
  return message.id < oldest_kept || (delta && delta->last_lsn <= kept_.back().anchor.lsn);
}

// What stands before the oldest that is kept: older checkpoints, and parts that were never finished; and deltas. A failure is made up for next time.
actor::task<base::result<void>> checkpointer::remove_old(base::channel_id channel) {
  if (kept_.size() < checkpoints_kept) co_return base::result<void>();
  auto oldest = kept_.front().messages.front();
  for (const auto& c : kept_) oldest = std::min(oldest, *std::min_element(c.messages.begin(), c.messages.end()));
  std::vector<base::message_id> old;
  base::message_id read_to;
  for (bool more = true; more && !given_up();) {
    call_options options{priority::maintenance, std::min(stop_deadline_.load(), env_.after(channel_time))};
    auto page = co_await store_.history_before(channel, read_to, history_page_max, options);
    if (!page) co_return page.error();
    more = page->value.size() == static_cast<std::size_t>(history_page_max);
    if (!page->value.empty()) read_to = page->value.front().id;
    for (const auto& m : page->value) {
      if (is_old(m, oldest)) old.push_back(m.id);
    }
    if (old.empty() && read_to < oldest) more = false;
  }
  if (old.empty()) co_return base::result<void>();
  removal_context removal{env_, store_, log_, std::min(stop_deadline_.load(), env_.after(record_time))};
  auto removing = remove_messages(removal, channel, std::move(old));
  co_return co_await std::move(removing);
}

actor::task<base::result<void>> checkpointer::write_entries(checkpoint_writer& writer, const capture& captured) {
  std::string heads;
  append_entry(heads, captured.head);
  protocol::image_log log;
  for (const auto& s : captured.at.segments) log.segments.push_back({s.number, s.channel, s.first_lsn});
  append_entry(heads, log);
  for (const auto& c : captured.heads) {
    append_entry(heads, c.head);
    protocol::append_garbage(heads, c.head.definition.table, c.garbage);
    for (const auto& some : c.garbage_kinds) protocol::append_garbage_kind(heads, c.head.definition.table, some);
    if (!c.pages.empty()) protocol::append_pages(heads, c.head.definition.table, c.pages);
    if (!c.seen_in_search.empty()) protocol::append_seen_in_search(heads, c.head.definition.table, c.seen_in_search);
  }
  auto added = co_await writer.add(std::move(heads));
  if (!added) co_return added.error();
  for (const auto& c : captured.heads) {
    for (auto& entry : history_entries(c)) {
      added = co_await writer.add(std::move(entry));
      if (!added) co_return added.error();
    }
  }
  std::span<const protocol::image_command> commands(captured.commands);
  while (!commands.empty()) {
    auto some = commands.first(std::min(commands.size(), commands_per_entry));
    commands = commands.subspan(some.size());
    std::string entry;
    append_entry(entry, some);
    added = co_await writer.add(std::move(entry));
    if (!added) co_return added.error();
  }
  for (const auto& table : captured.tables) {
    for (;;) {
      if (given_up()) co_return base::error(base::errc::stopping);
      auto rows = co_await table->capture(slice_bytes);
      if (rows.empty()) break;
      std::string entry;
      append_entry(entry, table->definition().table, rows);
      added = co_await writer.add(std::move(entry));
      if (!added) co_return added.error();
    }
  }
  co_return base::result<void>();
}

}  // namespace dbcord::database
