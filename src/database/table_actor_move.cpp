// The part of table_actor that is about a table that moves into a fresh channel.

#include <fmt/format.h>

#include "database/table_actor.hpp"

namespace dbcord::database {

table_channels table_actor::channels() const {
  std::lock_guard lock(channels_mutex_);
  return channels_;
}

bool table_actor::has_left(base::channel_id channel, const base::error& why) const {
  return why.code == store_errc::not_found && !channels().contains(channel);
}

void table_actor::publish_channels() {
  std::lock_guard lock(channels_mutex_);
  channels_ = state_.channels();
}

dbcord::actor::task<write_result<committed_write>> table_actor::move(base::channel_id fresh, write_context context) {
  auto decide = [this, fresh](const table_state& s) {
    if (knows_all_messages()) return s.decide_move(fresh, lost_its_channel());
    return decision{std::nullopt, still_adopting(), std::nullopt};
  };
  return write(std::move(decide), std::move(context));
}

dbcord::actor::task<void> table_actor::channel_deleted(base::channel_id channel) {
  co_await on_strand([this, channel] {
    if (!state_.channels().contains(channel)) return;  // we have left it
    auto homeless = state_.rewrite_all_in(channel);
    if (deleted_channel_ == channel && homeless == 0) return;  // known
    if (channel == state_.channels().current) deleted_channel_ = channel;
    env().log.error("the channel of a table is gone; /dbc_vacuum with full:true writes its rows into another one",
                    {{"database", services_.database}, {"table", definition_.name}, {"channel", channel.value}, {"rows", homeless}});
    account();
    work_.notify();
  });
}

dbcord::actor::task<bool> table_actor::is_homeless() {
  bool homeless = false;
  co_await on_strand([this, &homeless] { homeless = lost_its_channel(); });
  co_return homeless;
}

base::error table_actor::still_adopting() const {
  return {errc::unavailable, fmt::format("table {}: what lies in its channel is still being found out; try again in a while", definition_.name)};
}

dbcord::actor::task<std::vector<protocol::image_adoption>> table_actor::unadopted() {
  std::vector<protocol::image_adoption> some;
  co_await on_strand([this, &some] { some = state_.unadopted(); });
  co_return some;
}

dbcord::actor::task<void> table_actor::end_adoption(std::vector<protocol::image_adoption> unread) {
  co_await on_strand([this, &unread] {
    adopting_ = false;
    some_unread_ = !unread.empty();
    state_.set_unadopted(std::move(unread));
    mark_lost_versions();
    account();
  });
  if (!channels().retiring) co_return;
  leaving_places retiring;
  co_await count_leaving(retiring);
}

dbcord::actor::task<table_state::drain_slice> table_actor::drain_rows(const leaving_places& from, std::string after) {
  table_state::drain_slice slice;
  co_await on_strand([this, &slice, &from, &after] {
    slice = state_.drain_rows(from, after, services_.page_from);
    work_.notify();
  });
  co_return slice;
}

dbcord::actor::task<table_state::left_behind> table_actor::left_behind_of(const leaving_places& from, const std::vector<std::string>& keys) {
  table_state::left_behind left;
  co_await on_strand([this, &left, &from, &keys] { left = state_.left_behind_of(from, keys); });
  co_return left;
}

dbcord::actor::task<table_actor::draining_versions> table_actor::versions_to_drain(const leaving_places& from, std::string after, std::size_t most,
                                                                                   const std::set<table_state::version_id>& refused) {
  draining_versions some;
  co_await on_strand([this, &some, &from, &after, most, &refused] {
    some.found = state_.versions_to_drain(from, after, most, refused);
    some.as_pages = state_.wants_page(some.found.versions.size(), services_.page_from);
    some.channels = state_.channels();
  });
  co_return some;
}

dbcord::actor::task<table_state::leaving_count> table_actor::count_leaving(const leaving_places& from) {
  table_state::leaving_count count;
  co_await on_strand([this, &from, &count] {
    count = state_.count_leaving(from);
    if (!from.is_channel() || count.rows > 0 || count.versions > 0 || !knows_all_messages()) return;
    state_.note_drained();
    publish_channels();
  });
  co_return count;
}

dbcord::actor::task<void> table_actor::forget_retired(base::channel_id channel) {
  return on_strand([this, channel] { forget_retired_now(channel); });
}

void table_actor::forget_retired_now(base::channel_id channel) {
  if (!state_.forget_retired(channel)) return;
  publish_channels();
  account();
  work_.notify();
}

}  // namespace dbcord::database
