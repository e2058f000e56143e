// What the log does between two groups: records that are no groups, and work that needs it to stand still.

#include <fmt/format.h>

#include "database/log_actor.hpp"
#include "database/store_refusal.hpp"
#include "dbcord/base/assert.hpp"

namespace dbcord::database {
namespace {

using namespace std::chrono_literals;
constexpr base::duration errand_retry_pause = 1s;

}  // namespace

dbcord::actor::task<base::result<commit_info>> log_actor::append(protocol::record_kind kind, std::string body, base::steady_time deadline) {
  errand e;
  e.kind = kind;
  e.body = std::move(body);
  e.deadline = deadline;
  return do_later(std::move(e));
}

dbcord::actor::task<base::result<void>> log_actor::at_rest(std::function<dbcord::actor::task<void>(log_point)> work,
                                                           base::steady_time deadline) {
  errand e;
  e.work = std::move(work);
  e.deadline = deadline;
  auto done = co_await do_later(std::move(e));
  if (!done) co_return done.error();
  co_return base::result<void>();
}

// The errand owns nothing of the caller but what the caller outlives: it waits for `done`, whatever becomes of it.
dbcord::actor::task<base::result<commit_info>> log_actor::do_later(errand e) {
  auto done = e.done;
  auto holder = std::make_shared<errand>(std::move(e));
  bool told = tell([this, holder] {
    if (writing_ended_) {
      holder->done.set(read_only_ ? *read_only_ : closed_reason().value_or(base::error(base::errc::stopping)));
      return;
    }
    errands_.push_back(std::move(*holder));
    queue_.changed().notify();
  });
  if (!told) co_return base::error(base::errc::overloaded);
  co_return co_await done.get();
}

// A record costs the log's bucket as much as a group does. In a busy log it is sent when a window begins, so that the sends left to the groups are
// known and spread evenly; one sent late in a window would often be its last, and every caller would wait for the next window.
bool log_actor::errand_is_due() const {
  if (errands_.empty()) return false;
  bool waits = errands_.front().kind && busy() && env().now() < window_end_;
  return !waits || stopping_ || lease_.fenced();
}

dbcord::actor::task<void> log_actor::run_next_errand() {
  auto next = std::move(errands_.front());
  errands_.pop_front();
  co_await run_errand(std::move(next));
}

dbcord::actor::task<void> log_actor::run_errand(errand e) {
  if (lease_.fenced() || env().now() >= e.deadline) {
    e.done.set(lease_.fenced() ? *lease_.fenced() : base::error(base::errc::timeout));
    co_return;
  }
  if (!e.kind) {
    log_point at{{tip_.epoch, tip_.attempt, tip_.lsn, tip_.hash, segments_.current().channel}, tip_message_, tail(), segments_.all()};
    co_await e.work(at);
    e.done.set(commit_info{tip_.lsn, tip_message_});
    co_return;
  }
  if (auto roll = e.kind == protocol::record_kind::roll ? protocol::decode_roll(e.body) : std::nullopt) lease_.expect_roll(roll->channel);
  auto written = co_await write_record(e);
  lease_.expect_roll({});
  if (written.state == sent_state::written) {
    follow_record(e, written.info);
    e.done.set(written.info);
    co_return;
  }
  if (written.state == sent_state::fenced) {
    close_for_good(written.why);
    e.done.set(base::error(errc::outcome_unknown, "whether the log has this record is not known: " + written.why.message));
    co_await fail({}, written.why, true);
    co_return;
  }
  e.done.set(written.why);
}

// What a record that now counts changes for the log itself.
void log_actor::follow_record(const errand& e, const commit_info& written) {
  status_.lsn = written.lsn;  // it changes no table: all that is before it is published
  if (e.kind == protocol::record_kind::roll) {
    auto roll = protocol::decode_roll(e.body);
    DBCORD_ASSERT(roll.has_value());
    auto before = segments_.current().channel;
    segments_.add({roll->number, roll->channel, written.lsn + 1});
    lease_.follow(roll->channel, before);
    read_to_ = {};
  } else if (e.kind == protocol::record_kind::drop) {
    auto drop = protocol::decode_drop(e.body);
    DBCORD_ASSERT(drop.has_value());
    if (drop->messages.empty()) segments_.remove(drop->channel);
  }
}

// Nothing is written, not even that we are here: what is left stays as it is until a person decides.
void log_actor::begin_read_only(const std::vector<std::string>& losses) {
  writing_ended_ = true;
  name_losses(losses);
}

void log_actor::name_losses(const std::vector<std::string>& losses) {
  std::string what;
  for (const auto& loss : losses) what += (what.empty() ? "" : "; ") + loss;
  read_only_ = base::error(errc::damaged, fmt::format("database {} is read-only, since part of its log is lost: {}. What is left can be read and "
                                                      "exported; `dbcord serve --accept-loss {}` goes on from it without the rest",
                                                      options_.database, what, options_.database));
  env().log.error("read-only", {{"database", options_.database}, {"why", read_only_->message}});
  (void)queue_.close(*read_only_);
}

dbcord::actor::task<log_actor::sent> log_actor::write_record(const errand& e) {
  auto where = protocol::placement::automatic;
  for (;;) {
    auto header = next_header(*e.kind);
    auto heading = fmt::format("**log {}** {}", header.lsn, protocol::to_string(*e.kind));
    auto record = protocol::encode_record(header, heading, e.body, where);
    bool inline_text = !record.attachment.has_value();
    auto result = co_await send_group(std::move(record));
    if (result.state == sent_state::void_for_certain) continue;  // a barrier took its place: the same record again
    if (result.state != sent_state::refused) co_return result;
    if (result.why.code == store_errc::content_refused && inline_text) {
      where = protocol::placement::attached;
      continue;
    }
    if (!surely_not_done(result.why) || env().now() >= e.deadline || (stopping_ && env().now() >= stop_deadline_)) co_return result;
    co_await dbcord::actor::sleep_for(env(), errand_retry_pause);
  }
}

void log_actor::refuse_errands(const base::error& why) {
  writing_ended_ = true;
  for (auto& e : errands_) e.done.set(why);
  errands_.clear();
}

log_tail log_actor::tail() const { return {tail_messages_, tail_files_, tail_bytes_}; }

void log_actor::count(const protocol::encoded_record& record, base::message_id message) {
  needed_.add(record.header.lsn, message);
  ++tail_messages_;
  tail_bytes_ += record.content.size() + (record.attachment ? record.attachment->size() : 0);
  if (!record.attachment) return;
  ++tail_files_;
  files_.add({record.header.lsn, segments_.current().channel, message, record.header.body_size, record.header.body_hash});
}

}  // namespace dbcord::database
