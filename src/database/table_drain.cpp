#include "database/table_drain.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "actor/event.hpp"
#include "database/patient_post.hpp"
#include "database/row_posts.hpp"
#include "protocol/row_page.hpp"

namespace dbcord::database {
namespace {

using namespace std::chrono_literals;
constexpr base::duration drain_poll = 500ms;
constexpr base::duration read_time = 1min;
constexpr std::size_t versions_a_slice = 5'000;
constexpr std::size_t read_at_once = 100;  // one listing
constexpr int fruitless_rounds = 3;
constexpr std::size_t drained_page_bytes = protocol::page_parts_max * protocol::page_part_bytes;

bool older_record(const std::pair<std::string, past_version>& a, const std::pair<std::string, past_version>& b) { return a.second.lsn < b.second.lsn; }

}  // namespace

// Rows that are superseded meanwhile become versions, so these come second; whoever comes in between is seen by another round.
actor::task<base::result<void>> table_drain::run() {
  if (!from_.pages.empty()) co_await table_->give_up(from_.pages);
  auto left = co_await table_->count_leaving(from_);
  set_total(context_.progress, left.rows + left.versions);
  int fruitless = 0;
  while (left.rows > 0 || left.versions > 0) {
    auto before = left.rows + left.versions;
    if (from_.log_before == 0) {
      auto rows = co_await drain_rows();
      if (!rows) co_return rows.error();
    }
    auto versions = co_await drain_versions();
    if (!versions) co_return versions.error();
    left = co_await table_->count_leaving(from_);
    if (left.rows + left.versions > 0 && left.rows <= refused_rows_ && left.versions <= refused_.size()) {
      if (left.rows == 0) only_lost_left_ = co_await only_lost_are_left();
      co_return base::error(errc::unavailable, fmt::format("Discord does not store {} rows and {} older versions elsewhere, or they cannot be read", left.rows,
                                                           left.versions));
    }
    fruitless = left.rows + left.versions < before ? 0 : fruitless + 1;
    if (fruitless > 0) co_await actor::sleep_for(context_.env, drain_poll);  // nothing counts while a move is being decided
    if (fruitless == fruitless_rounds) co_return base::error(errc::unavailable, "what was written elsewhere does not come to count there");
    if (auto why = ended()) co_return *why;
  }
  co_return base::result<void>();
}

actor::task<bool> table_drain::only_lost_are_left() {
  table_actor::draining_versions some;
  while (!some.found.ended) {
    some = co_await table_->versions_to_drain(from_, std::move(some.found.last), 1, lost_);
    if (!some.found.versions.empty()) co_return false;
  }
  co_return true;
}

std::optional<base::error> table_drain::ended() const {
  if (is_cancelled(context_.progress)) return base::error(base::errc::stopping, "it was cancelled");
  if (context_.given_up() || table_->dropped()) return base::error(base::errc::stopping, "the table is being closed, or a purge comes first");
  if (context_.env.now() + drain_poll >= context_.deadline) return base::error(base::errc::timeout, "it takes longer than this command may");
  return std::nullopt;
}

actor::task<base::result<void>> table_drain::drain_rows() {
  refused_rows_ = 0;
  table_state::drain_slice slice;
  while (!slice.ended) {
    if (auto why = ended()) co_return *why;
    slice = co_await table_->drain_rows(from_, std::move(slice.last));
    auto written = co_await await_slice(slice);
    if (!written) co_return written.error();
  }
  co_return base::result<void>();
}

actor::task<base::result<void>> table_drain::await_slice(const table_state::drain_slice& slice) {
  std::uint64_t counted = 0;
  for (;;) {
    auto left = co_await table_->left_behind_of(from_, slice.keys);
    auto moved = slice.keys.size() - left.waiting - left.refused;
    if (moved > counted) {
      add_done(context_.progress, moved - counted);
      rows_ += moved - counted;
      counted = moved;
    }
    if (left.waiting == 0) {
      refused_rows_ += left.refused;
      co_return base::result<void>();
    }
    if (auto why = ended()) co_return *why;
    co_await actor::sleep_for(context_.env, drain_poll);
  }
}

actor::task<base::result<void>> table_drain::drain_versions() {
  table_actor::draining_versions some;
  while (!some.found.ended) {
    if (auto why = ended()) co_return *why;
    some = co_await table_->versions_to_drain(from_, std::move(some.found.last), versions_a_slice, refused_);
    if (from_.log_before > 0) std::sort(some.found.versions.begin(), some.found.versions.end(), older_record);  // neighbours are read together
    auto written = co_await write_versions(some);
    if (!written) co_return written.error();
  }
  co_return base::result<void>();
}

actor::task<base::result<void>> table_drain::write_versions(const table_actor::draining_versions& some) {
  for (std::size_t next = 0; next < some.found.versions.size();) {
    if (auto why = ended()) co_return *why;
    auto read = co_await read_versions(some, next);
    if (!read) co_return read.error();
    std::vector<protocol::row_version> together;
    for (auto& v : *read) {
      if (some.as_pages && v.json.size() <= protocol::page_row_bytes_max) {
        together.push_back(std::move(v));
        continue;
      }
      auto written = co_await write_one(some.channels.current, std::move(v));
      if (!written) co_return written.error();
    }
    if (together.empty()) continue;
    auto written = co_await write_page(some.channels.current, std::move(together));
    if (!written) co_return written.error();
  }
  co_return base::result<void>();
}

actor::task<base::result<std::vector<protocol::row_version>>> table_drain::read_versions(const table_actor::draining_versions& some, std::size_t& first) {
  std::vector<protocol::row_version> read;
  const auto& definition = table_->definition();
  const auto& versions = some.found.versions;
  for (std::size_t bytes = 0; first < versions.size() && bytes < drained_page_bytes;) {
    auto end = std::min(first + read_at_once, versions.size());
    std::vector<value_place> places;
    for (auto i = first; i < end; ++i) {
      const auto& [key, v] = versions[i];
      places.push_back({key, v.version, v.lsn, v.log_message, v.row_message, some.channels.of(v.row_message), v.part});
    }
    call_options options{priority::maintenance, std::min(context_.deadline, context_.env.after(read_time))};
    auto values = co_await context_.values.read(definition.table, places, options);
    std::set<table_state::version_id> lost_in_log;  // which nothing else has
    for (std::size_t i = 0; i < places.size(); ++i) {
      auto& place = places[i];
      if (!values[i] && values[i].error().code != errc::damaged) co_return values[i].error();
      if (!values[i]) {
        refused_.emplace(place.key, place.version, place.lsn);  // what cannot be read is not forgotten for that
        if (place.row_message) lost_places_.insert(place.row_message);
        else lost_in_log.emplace(place.key, place.version, place.lsn);
        lost_.emplace(std::move(place.key), place.version, place.lsn);
        continue;
      }
      bytes += values[i]->size() + place.key.size();
      read.push_back({definition.table, definition.name, std::move(place.key), place.version, place.lsn, std::move(*values[i]), {}});
    }
    if (!lost_in_log.empty()) co_await table_->lose_versions(std::move(lost_in_log));
    first = end;
  }
  std::sort(read.begin(), read.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
  co_return read;
}

// A channel that is gone is told to the table, so that the next command has another one made.
actor::task<base::error> table_drain::not_written(base::channel_id channel, base::error why) {
  if (why.code == store_errc::not_found) co_await table_->channel_deleted(channel);
  co_return why;
}

// What there was no room for is met by the next round.
actor::task<base::result<void>> table_drain::write_page(base::channel_id channel, std::vector<protocol::row_version> versions) {
  auto page = make_page_post(versions);
  auto sent = co_await post_patiently(context_.env, context_.store, channel, std::move(page.message), context_.deadline, context_.given_up);
  if (sent) {
    versions_ += page.rows.size();
    add_done(context_.progress, page.rows.size());
    co_await table_->materialised(channel, *sent, std::move(page.rows));
    co_return base::result<void>();
  }
  if (sent.error().code != store_errc::content_refused) co_return co_await not_written(channel, sent.error());
  for (auto& v : versions) {
    auto written = co_await write_one(channel, std::move(v));
    if (!written) co_return written.error();
  }
  co_return base::result<void>();
}

actor::task<base::result<void>> table_drain::write_one(base::channel_id channel, protocol::row_version version) {
  for (bool as_file : {false, true}) {
    auto message = row_post(version, as_file);
    auto sent = co_await post_patiently(context_.env, context_.store, channel, std::move(message), context_.deadline, context_.given_up);
    if (sent) {
      ++versions_;
      add_done(context_.progress, 1);
      co_await table_->materialised(channel, std::move(version.key), version.version, version.lsn, *sent);
      co_return base::result<void>();
    }
    if (sent.error().code != store_errc::content_refused) co_return co_await not_written(channel, sent.error());
  }
  refused_.emplace(std::move(version.key), version.version, version.lsn);
  co_return base::result<void>();
}

}  // namespace dbcord::database
