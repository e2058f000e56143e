#pragma once
// faulty_store: the real message store of a test, with failures at chosen calls (style.md: fail at the Nth operation).
// Not a fake: what it lets through goes to the guild's core.

#include <functional>
#include <map>
#include <optional>
#include <set>

#include "actor/event.hpp"
#include "database/message_store.hpp"

namespace dbcord::test {

enum class fault {
  none,
  lost_before,  // not applied, nobody knows
  lost_after,   // applied, nobody knows
  twice,        // applied by both sendings, since Discord does not know the nonce any more; answered by the second
  deleted,      // applied, and deleted by somebody before it was sent again: what Discord answers then says nothing
  late,         // not applied now, nobody knows; apply_late() applies it
  held,         // not applied before `release` is notified
  unanswered,   // applied, and answered when `release` is notified
  refused,      // certain: a permission is missing
  content       // certain: the content is refused
};

class faulty_store final : public database::message_store {
 public:
  using decide_post = std::function<fault(base::channel_id, const database::new_message&)>;

  explicit faulty_store(database::message_store& inner) : inner_(inner) {}

  int changes = 0;                       // posts and channel creations so far
  int fail_at = -1;                      // the change (from 0) that fails with `kind`
  fault kind = fault::lost_after;
  decide_post on_post;                   // if set, decides for posts instead
  std::function<fault(const database::new_channel&)> on_create;  // the same for channels; `late`: applied right before the next one
  actor::event release;
  std::function<void()> on_fetch;        // if set, is told of each fetch of a message before it is asked for
  bool unreadable = false;               // every read fails for certain
  bool silent = false;                   // fetches are not answered before `release` is notified, for certain not done
  base::channel_id held_reads_in;        // the next listing of this channel waits until `release` is notified
  int held_reads = 0;
  bool undated = false;                  // answers to posts do not say what time it is
  bool never_dated = false;              // nor do those to anything else
  int dated_wrong = 0;                   // so many answers to posts say a time an hour ahead
  bool keeps_channels = false;           // every deletion of a channel fails for certain
  bool hidden = false;                   // READ_MESSAGE_HISTORY is lost: every channel looks empty
  base::channel_id faults_of_reads_in;    // of this channel alone; zero: of all
  bool unsearchable = false;             // every search fails for certain
  std::function<void(database::search_page&)> on_search;  // if set, changes what search has answered
  std::function<void(const database::attachment_info&, std::string&)> on_download;  // if set, changes what was downloaded
  std::function<bool(const database::attachment_info&)> on_fetch_of_file;  // if set and false, the download fails for certain
  std::set<base::attachment_id> expired;  // whose address counts for nothing any more: the next download says so, once
  int searches = 0;
  int fetches = 0;                       // of single messages
  int reads = 0;
  std::map<base::channel_id, int> reads_of;  // listings of each channel
  int removed = 0;                       // messages that were asked to be deleted

  actor::task<void> apply_late() {
    for (auto& [channel, message] : std::exchange(late_, {})) {
      auto copy = message;
      auto sent = co_await inner_.post(channel, std::move(copy), late_options_);
      if (!sent) throw std::runtime_error("late post refused: " + sent.error().message);
    }
  }

  base::user_id self() const override { return inner_.self(); }
  base::guild_id guild() const override { return inner_.guild(); }

  actor::task<base::result<database::dated<database::stored_message>>> post(base::channel_id channel, database::new_message message,
                                                                            database::call_options options) override {
    auto what = next_fault();
    if (on_post) what = on_post(channel, message);
    late_options_ = options;
    late_options_.deadline = base::steady_time::max();
    if (what == fault::refused) co_return base::error(database::store_errc::forbidden);
    if (what == fault::content) co_return base::error(database::store_errc::content_refused);
    if (what == fault::late) late_.emplace_back(channel, message);
    if (what == fault::late || what == fault::lost_before) co_return base::error(database::store_errc::unknown);
    if (what == fault::held) co_await release.wait();
    auto copy = message;
    auto sent = co_await inner_.post(channel, std::move(message), options);
    if (what == fault::twice) {
      copy.nonce += "2";
      sent = co_await inner_.post(channel, std::move(copy), options);
    }
    if (what == fault::deleted && sent) {
      auto gone = co_await inner_.remove(channel, sent->value.id, options);
      if (!gone) throw std::runtime_error("a message cannot be deleted: " + gone.error().message);
    }
    if (what == fault::unanswered) co_await release.wait();
    if (what == fault::lost_after || what == fault::deleted) co_return base::error(database::store_errc::unknown);
    if (sent && (undated || never_dated)) sent->date = {};
    if (sent && dated_wrong > 0 && dated_wrong-- > 0) sent->date += std::chrono::hours(1);
    co_return sent;
  }

  actor::task<base::result<database::dated<database::channel_info>>> create_channel(database::new_channel channel,
                                                                                    database::call_options options) override {
    auto what = next_fault();
    if (on_create) what = on_create(channel);
    if (what == fault::late) late_channel_ = channel;
    if (what == fault::refused) co_return base::error(database::store_errc::forbidden);
    if (what == fault::lost_before || what == fault::late) co_return base::error(database::store_errc::unknown);
    if (auto earlier = std::exchange(late_channel_, std::nullopt)) (void)co_await inner_.create_channel(std::move(*earlier), options);
    auto created = co_await inner_.create_channel(std::move(channel), options);
    if (what == fault::lost_after) co_return base::error(database::store_errc::unknown);
    co_return created;
  }

  actor::task<base::result<database::dated<std::vector<database::stored_message>>>> history_after(
      base::channel_id channel, base::message_id after, int limit, database::call_options options) override {
    ++reads;
    ++reads_of[channel];
    bool faulty = !faults_of_reads_in || channel == faults_of_reads_in;
    if (unreadable && faulty) co_return base::error(database::store_errc::not_done);
    if (held_reads_in && channel == held_reads_in) {
      held_reads_in = {};
      ++held_reads;
      co_await release.wait();
    }
    auto shown = co_await inner_.history_after(channel, after, limit, options);
    if (hidden && faulty && shown) shown->value.clear();
    if (never_dated && shown) shown->date = {};
    co_return shown;
  }
  actor::task<base::result<database::dated<std::vector<database::stored_message>>>> history_before(
      base::channel_id channel, base::message_id before, int limit, database::call_options options) override {
    ++reads;
    ++reads_of[channel];
    bool faulty = !faults_of_reads_in || channel == faults_of_reads_in;
    if (unreadable && faulty) co_return base::error(database::store_errc::not_done);
    auto shown = co_await inner_.history_before(channel, before, limit, options);
    if (hidden && faulty && shown) shown->value.clear();
    if (never_dated && shown) shown->date = {};
    co_return shown;
  }
  actor::task<base::result<database::dated<database::stored_message>>> fetch(base::channel_id channel, base::message_id message,
                                                                             database::call_options options) override {
    ++fetches;
    if (on_fetch) on_fetch();
    if (silent) {
      co_await release.wait();
      co_return base::error(database::store_errc::not_done);
    }
    co_return co_await inner_.fetch(channel, message, options);
  }
  actor::task<base::result<database::search_page>> search(database::search_request request, database::call_options options) override {
    ++searches;
    if (unsearchable) co_return base::error(database::store_errc::not_done, "Searching failed.");
    auto found = co_await inner_.search(std::move(request), options);
    if (found && on_search) on_search(*found);
    co_return found;
  }
  actor::task<base::result<std::string>> download(database::attachment_info attachment, database::call_options options) override {
    if (on_fetch_of_file && !on_fetch_of_file(attachment)) co_return base::error(database::store_errc::not_done);
    if (expired.erase(attachment.id) > 0) co_return base::error(database::store_errc::not_found);
    auto its = attachment;
    auto bytes = co_await inner_.download(std::move(attachment), options);
    if (bytes && on_download) on_download(its, *bytes);
    co_return bytes;
  }
  actor::task<base::result<void>> remove(base::channel_id channel, base::message_id message,
                                         database::call_options options) override {
    ++removed;
    return inner_.remove(channel, message, options);
  }
  actor::task<base::result<void>> remove_many(base::channel_id channel, std::vector<base::message_id> messages,
                                              database::call_options options) override {
    removed += static_cast<int>(messages.size());
    return inner_.remove_many(channel, std::move(messages), options);
  }
  actor::task<base::result<database::dated<std::vector<database::channel_info>>>> channels(database::call_options options) override {
    auto listed = co_await inner_.channels(options);
    if (never_dated && listed) listed->date = {};
    co_return listed;
  }
  actor::task<base::result<void>> delete_channel(base::channel_id channel, database::call_options options) override {
    if (keeps_channels) co_return base::error(database::store_errc::not_done);
    co_return co_await inner_.delete_channel(channel, options);
  }

 private:
  fault next_fault() { return changes++ == fail_at ? kind : fault::none; }

  database::message_store& inner_;
  std::vector<std::pair<base::channel_id, database::new_message>> late_;
  std::optional<database::new_channel> late_channel_;
  database::call_options late_options_;
};

}  // namespace dbcord::test
