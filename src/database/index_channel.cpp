#include "database/index_channel.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "database/log_actor.hpp"
#include "database/message_removal.hpp"

namespace dbcord::database {
namespace {

using namespace std::chrono_literals;
constexpr base::duration index_step_time = 30s;   // for one message
constexpr base::duration change_pause = 5s;       // between two pages of changes
constexpr base::duration first_retry_pause = 30s;
constexpr base::duration last_retry_pause = 10min;
constexpr std::size_t index_slice_bytes = 256 * 1024;  // read on the table's strand at a time
constexpr std::uint64_t changes_kept = 1'000;          // so many, or half of the base, before there is a new one
constexpr std::size_t channel_name_max = 100;          // Discord docs, Channel Object
constexpr int base_attempts = 3;
constexpr std::size_t index_nonce_size = 20;

// For people; the topic says what it is.
std::string index_channel_name(const std::string& table, const std::string& field) {
  auto name = "idx-" + table + "-";
  for (char c : field) {
    bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    bool upper = c >= 'A' && c <= 'Z';
    name += plain ? c : upper ? static_cast<char>(c - 'A' + 'a') : '-';
  }
  return name.substr(0, channel_name_max);
}

}  // namespace

std::string index_channel_object(protocol::table_id table, protocol::index_id index) { return fmt::format("{}.{}", table, index); }

std::optional<protocol::index_id> index_of_channel(std::string_view object, protocol::table_id table) {
  auto prefix = fmt::format("{}.", table);
  if (!object.starts_with(prefix)) return std::nullopt;
  object.remove_prefix(prefix.size());
  protocol::index_id index = 0;
  auto [end, failed] = std::from_chars(object.data(), object.data() + object.size(), index);
  if (failed != std::errc() || end != object.data() + object.size()) return std::nullopt;
  return index;
}

index_channel::index_channel(index_channel_context context, table_ptr table, protocol::create_index index)
    : context_(std::move(context)), table_(std::move(table)), index_(std::move(index)), retry_pause_(first_retry_pause) {
  status_.table = table_->definition().name;
  status_.field = index_.field;
}

// ---- any thread ----

index_channel_status index_channel::status() const {
  std::lock_guard lock(mutex_);
  return status_;
}

bool index_channel::note_deleted(base::channel_id channel, const std::vector<base::message_id>& messages) {
  std::lock_guard lock(mutex_);
  if (!status_.channel || status_.channel != channel) return false;
  deleted_.insert(deleted_.end(), messages.begin(), messages.end());
  return true;
}

bool index_channel::note_channel_deleted(base::channel_id channel) {
  std::lock_guard lock(mutex_);
  if (status_.channel != channel) return false;
  deleted_channel_ = channel;
  return true;
}

bool index_channel::take_channel_deleted() {
  std::lock_guard lock(mutex_);
  return std::exchange(deleted_channel_, base::channel_id()) == channel_ && channel_;
}

// Whether a page of this generation is among them.
bool index_channel::take_deleted() {
  std::lock_guard lock(mutex_);
  auto is_page = [this](base::message_id m) { return std::find(pages_.begin(), pages_.end(), m) != pages_.end(); };
  bool some = std::any_of(deleted_.begin(), deleted_.end(), is_page);
  deleted_.clear();
  return some;
}

void index_channel::publish(std::optional<table_actor::shown_index> now) {
  std::lock_guard lock(mutex_);
  status_.channel = channel_;
  status_.complete = phase_ == phase::following && now && now->state == index_recorder::state::following;
  status_.pages = pages_.size();
  status_.waiting = now ? now->waiting : 0;
  status_.problem = problem_;
  if (now) status_.field = now->definition.field;
}

// ---- turns ----

bool index_channel::is_outdated(const table_actor::shown_index& now) const {
  bool many = changes_ > changes_kept && changes_ > base_entries_ / 2;
  return now.state == index_recorder::state::lost || now.definition.field != index_.field || many || pages_.size() >= pages_max;
}

bool index_channel::is_due(const table_actor::shown_index& now) const {
  return phase_ != phase::following || is_outdated(now) || now.waiting > 0 || !older_.empty();
}

actor::task<std::optional<base::steady_time>> index_channel::step() {
  auto turn = co_await turn_.lock();
  if (take_channel_deleted()) forget_channel();
  if (take_deleted() && phase_ == phase::following) phase_ = phase::outdated;
  auto now = co_await table_->shown_index_of(index_.index);
  publish(now);
  if (!now || !is_due(*now)) co_return std::nullopt;
  // Who was left behind by many changes waits until there may be fewer.
  bool fell_behind = (phase_ == phase::following || phase_ == phase::base) && now->state == index_recorder::state::lost;
  if (fell_behind) {
    phase_ = phase::outdated;
    base::error why(errc::unavailable, "more entries have changed than can wait for it, or the index was built anew: all of it is written again in a while");
    fail(why);
  }
  if (context_.env.now() < not_before_) {
    publish(now);
    co_return not_before_;
  }
  call_options options{priority::maintenance, context_.env.after(index_step_time)};
  auto done = co_await context_.log.confirm_readable(options.deadline);
  if (done) done = co_await advance(std::move(*now), options);
  if (!done) fail(done.error());
  now = co_await table_->shown_index_of(index_.index);
  publish(now);
  if (!now || !is_due(*now)) co_return std::nullopt;
  co_return std::max(not_before_, context_.env.now());
}

void index_channel::fail(const base::error& why) {
  if (problem_ != why.message) {
    context_.env.log.warning("the channel of an index could not be written",
                             {{"database", context_.database}, {"table", table_->definition().name}, {"field", index_.field}, {"error", why.message}});
  }
  problem_ = why.message;
  bool is_new = retry_pause_ == first_retry_pause;
  bool gone = why.code == store_errc::not_found;
  if (gone) forget_channel();
  not_before_ = gone && is_new ? context_.env.now() : context_.env.after(retry_pause_);
  retry_pause_ = std::min<base::duration>(retry_pause_ * 2, last_retry_pause);
}

// People have deleted it: it is looked for, and made anew.
void index_channel::forget_channel() {
  phase_ = phase::unknown;
  channel_ = {};
  pages_.clear();
  older_.clear();
}

actor::task<base::result<void>> index_channel::advance(table_actor::shown_index now, call_options options) {
  if (phase_ == phase::unknown) {
    auto found = co_await find(true, options);
    if (!found) co_return found.error();
    auto pages = co_await survey(options);
    if (!pages) co_return pages.error();
    if (!pages->empty()) {
      auto whole = co_await is_whole(pages->back(), options);
      if (!whole) co_return whole.error();
      if (!*whole) pages->back().header.shown.reset();  // what it shows is not what it says
    }
    co_await resume(*pages);
    co_return base::result<void>();
  }
  if (phase_ == phase::following && is_outdated(now)) phase_ = phase::outdated;
  if (phase_ == phase::outdated) {
    index_.field = now.definition.field;
    co_await begin_base();
  }
  bool cleaned = older_.empty() || (removal_failed_ && now.waiting > 0);
  if (phase_ == phase::base || cleaned) co_return co_await write_page(options);
  co_return co_await remove_older(options.deadline);
}

actor::task<void> index_channel::flush(base::steady_time deadline) {
  auto turn = co_await turn_.lock();
  auto now = co_await table_->shown_index_of(index_.index);
  if (!now || phase_ != phase::following || is_outdated(*now) || now->waiting == 0) co_return;
  call_options options{priority::maintenance, deadline};
  auto done = co_await context_.log.confirm_readable(options.deadline);
  if (done) done = co_await write_page(options);  // if not, the next process writes a new base
}

// ---- finding ----

// False: there is none.
actor::task<base::result<bool>> index_channel::find(bool make, call_options options) {
  protocol::channel_topic topic{protocol::channel_role::index, context_.database_id, context_.database, index_channel_object(table(), index_.index)};
  if (make) {
    auto made = co_await context_.directory.ensure(topic, index_channel_name(table_->definition().name, index_.field), context_.bound(), options.deadline);
    if (!made) co_return made.error();
    channel_ = made->channel.id;
    co_return true;
  }
  auto present = co_await context_.directory.list(options.deadline);
  if (!present) co_return present.error();
  auto bound = context_.bound();
  for (const auto& channel : with_topic(present->value, topic)) {
    if (std::find(bound.begin(), bound.end(), channel.id) != bound.end()) continue;
    channel_ = channel.id;
    co_return true;
  }
  co_return false;
}

// Of the newest page: its writer may have died before it was told that Discord has cut a file while it was uploaded. Those before it were seen to be whole.
actor::task<base::result<bool>> index_channel::is_whole(const seen_page& page, call_options options) {
  if (!page.header.attached) co_return true;
  stored_message message;
  message.id = page.message;
  message.attachments = page.attachments;
  auto change = co_await read(message, page.header, options);
  bool damaged = !change && (change.error().code == errc::damaged || change.error().code == base::errc::invalid_argument);
  if (!change && !damaged) co_return change.error();
  co_return !damaged;
}

// Goes on behind the newest generation if that is whole and shows what the index holds.
actor::task<void> index_channel::resume(const std::vector<seen_page>& pages) {
  for (const auto& page : pages) generation_ = std::max(generation_, page.header.generation);
  pages_.clear();
  older_.clear();
  sequence_ = base_entries_ = changes_ = 0;
  bool whole = true, base_ended = false;
  std::optional<protocol::index_digest> shown;
  for (const auto& [message, header, attachments] : pages) {
    if (header.generation != generation_) {
      older_.push_back(message);
      continue;
    }
    bool is_base = header.kind == protocol::index_page_kind::base;
    whole = whole && header.sequence == sequence_++ && is_base != base_ended;
    base_ended = base_ended || header.last;
    (is_base ? base_entries_ : changes_) += header.lines();
    shown = header.shown;
    pages_.push_back(message);
  }
  bool resumed = false;
  if (whole && base_ended && shown) resumed = co_await table_->resume_showing(index_.index, *shown);
  phase_ = resumed ? phase::following : phase::outdated;
  if (resumed) problem_.clear();
}

// ---- writing ----

actor::task<void> index_channel::begin_base() {
  older_.insert(older_.end(), pages_.begin(), pages_.end());
  pages_.clear();
  ++generation_;
  sequence_ = base_entries_ = changes_ = 0;
  phase_ = phase::base;
  co_await table_->begin_showing(index_.index);
}

// The next lines of the base, or changes. False: what they follow is lost.
actor::task<bool> index_channel::gather(protocol::index_page& page, bool& ended) {
  std::size_t bytes = 0;
  while (bytes + index_slice_bytes <= protocol::index_page_bytes) {
    auto next = co_await table_->next_to_show(index_.index, index_slice_bytes);
    if (!next) co_return false;
    ended = next->lines.empty();
    page.of.shown = next->now.shown;
    if (ended) break;
    for (const auto& line : next->lines) bytes += line.size() + 1;
    std::move(next->lines.begin(), next->lines.end(), std::back_inserter(page.lines));
  }
  co_return true;
}

// A content that Discord refuses (people have rules for what stands in messages) is tried as a file.
actor::task<base::result<stored_message>> index_channel::post(const protocol::index_page& page, call_options options) {
  for (bool attach : {false, true}) {
    auto encoded = protocol::encode_index_page(page, attach);
    new_message message;
    message.content = std::move(encoded.content);
    message.nonce = context_.env.random.token(index_nonce_size);
    for (std::size_t i = 0; i < encoded.parts.size(); ++i) message.attachments.push_back({fmt::format("index-{}.jsonl", i + 1), std::move(encoded.parts[i])});
    bool attached = !message.attachments.empty();
    auto sent = co_await context_.store.post(channel_, std::move(message), options);
    if (sent) co_return std::move(sent->value);
    if (attached || sent.error().code != store_errc::content_refused) co_return sent.error();
  }
  co_return base::error(store_errc::content_refused);
}

actor::task<base::result<void>> index_channel::write_page(call_options options) {
  protocol::index_page page;
  page.of.table = table();
  page.of.index = index_.index;
  page.of.kind = phase_ == phase::base ? protocol::index_page_kind::base : protocol::index_page_kind::changes;
  page.of.generation = generation_;
  page.of.sequence = sequence_;
  page.of.lsn = context_.log.status().lsn.load();  // before anything is read: all of that is in it
  page.table_name = table_->definition().name;
  page.field = index_.field;
  page.unique = index_.unique;
  page.before = base_entries_;
  bool ended = false;
  bool gathered = co_await gather(page, ended);
  if (!gathered) co_return base::result<void>();  // the next turn sees that
  page.of.last = phase_ == phase::base && ended;
  if (phase_ == phase::base && !ended) page.of.shown.reset();
  if (phase_ == phase::following && page.lines.empty()) co_return base::result<void>();
  auto sent = co_await post(page, options);
  if (!sent) {
    co_await table_->lose_shown(index_.index);
    // If nobody knows whether it is there, or it is there and not as it was sent, what is there tells.
    bool may_be_there = sent.error().code == store_errc::unknown || sent.error().detail == "altered";
    phase_ = may_be_there ? phase::unknown : phase::outdated;
    co_return sent.error();
  }
  note_written(page, sent->id, ended);
  co_return base::result<void>();
}

void index_channel::note_written(const protocol::index_page& page, base::message_id message, bool ended) {
  pages_.push_back(message);
  ++sequence_;
  if (phase_ == phase::base) {
    base_entries_ += page.lines.size();
    if (!ended) return;
    phase_ = phase::following;
  } else {
    changes_ += page.lines.size();
    retry_pause_ = first_retry_pause;  // it keeps up
  }
  problem_.clear();
  not_before_ = context_.env.after(older_.empty() ? change_pause : base::duration::zero());
}

// Once more from the beginning if more changes than can be recorded.
actor::task<base::result<void>> index_channel::write_base(base::steady_time deadline) {
  for (int attempt = 0; attempt < base_attempts; ++attempt) {
    co_await begin_base();
    while (phase_ == phase::base) {
      call_options options{priority::maintenance, deadline};
      auto written = co_await write_page(options);
      if (!written) co_return written;
      auto now = co_await table_->shown_index_of(index_.index);
      if (!now) co_return base::error(base::errc::stopping, "the index was dropped");
      if (now->state == index_recorder::state::lost) phase_ = phase::outdated;
    }
    if (phase_ == phase::following) co_return base::result<void>();
  }
  co_return base::error(errc::unavailable, "more entries change than its channel can show");
}

// ---- removing ----

actor::task<base::result<void>> index_channel::remove_older(base::steady_time deadline) {
  auto forget = [](index_channel* self, std::vector<base::message_id> gone) -> actor::task<void> {
    std::erase_if(self->older_, [&](base::message_id m) { return std::find(gone.begin(), gone.end(), m) != gone.end(); });
    co_return;
  };
  auto removed = [self = this, forget](std::vector<base::message_id> gone) { return forget(self, std::move(gone)); };
  removal_context removal{context_.env, context_.store, context_.log, deadline};
  auto older = older_;
  auto removing = remove_messages(removal, channel_, std::move(older), removed);
  auto done = co_await std::move(removing);
  removal_failed_ = !done;
  if (done) not_before_ = context_.env.after(change_pause);
  co_return done;
}

// What a request has left that was applied late is among them.
actor::task<base::result<void>> index_channel::remove_others(base::steady_time deadline) {
  call_options options{priority::maintenance, deadline};
  auto pages = co_await survey(options);
  if (!pages) co_return pages.error();
  older_.clear();
  for (const auto& page : *pages) {
    if (std::find(pages_.begin(), pages_.end(), page.message) == pages_.end()) older_.push_back(page.message);
  }
  co_return co_await remove_older(deadline);
}

actor::task<base::result<void>> index_channel::write_anew(call_options options) {
  if (phase_ == phase::unknown) {
    auto found = co_await find(true, options);
    if (!found) co_return found.error();
    auto pages = co_await survey(options);
    if (!pages) co_return pages.error();
    for (const auto& page : *pages) generation_ = std::max(generation_, page.header.generation);
  }
  co_return co_await write_base(options.deadline);
}

actor::task<index_channel::rewriting> index_channel::rewrite(base::steady_time deadline) {
  auto turn = co_await turn_.lock();
  call_options options{priority::maintenance, deadline};
  rewriting done;
  if (take_channel_deleted()) forget_channel();
  if (phase_ == phase::unknown) {  // what lies there is removed even if nothing can be written
    auto there = co_await find(false, options);
    if (!there) done.removed = there.error();
  }
  bool had_channel = bool(channel_);
  done.written = co_await write_anew(options);
  if (!done.written) fail(done.written.error());
  if (!done.written && had_channel && !channel_) {
    done.written = co_await write_anew(options);
    if (!done.written) fail(done.written.error());
  }
  if (channel_) done.removed = co_await remove_others(deadline);
  if (!done.removed && done.removed.error().code == store_errc::not_found) done.removed = base::result<void>();  // the whole channel is gone
  auto now = co_await table_->shown_index_of(index_.index);
  publish(now);
  co_return done;
}

}  // namespace dbcord::database
