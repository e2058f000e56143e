#include "database/channel_directory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "actor/event.hpp"
#include "database/store_refusal.hpp"

namespace dbcord::database {
namespace {

using namespace std::chrono_literals;
constexpr base::duration listing_pause = 500ms;

std::size_t children(const std::vector<channel_info>& present, base::channel_id category) {
  return static_cast<std::size_t>(
      std::count_if(present.begin(), present.end(), [&](const channel_info& c) { return c.parent == category; }));
}

// The lowest of the channels that look like `wanted` and are not `taken`; used after an answer was lost.
std::optional<channel_info> find_like(const std::vector<channel_info>& present, const new_channel& wanted, const std::vector<base::channel_id>& taken = {}) {
  std::optional<channel_info> best;
  for (const auto& c : present) {
    if (std::find(taken.begin(), taken.end(), c.id) != taken.end()) continue;
    bool same = c.kind == wanted.kind && c.name == wanted.name && c.topic == wanted.topic && c.parent == wanted.parent;
    bool usable = wanted.kind != channel_kind::category || children(present, c.id) < category_channel_max;
    if (same && usable && (!best || c.id < best->id)) best = c;
  }
  return best;
}

}  // namespace

std::vector<channel_info> with_topic(const std::vector<channel_info>& present, const protocol::channel_topic& topic) {
  auto text = protocol::encode_topic(topic);
  std::vector<channel_info> found;
  std::copy_if(present.begin(), present.end(), std::back_inserter(found), [&](const channel_info& c) { return c.topic == text; });
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  return found;
}

std::uint64_t segment_number(const protocol::channel_topic& topic) {
  std::uint64_t number = 1;
  std::from_chars(topic.object.data(), topic.object.data() + topic.object.size(), number);
  return number;
}

actor::task<base::result<dated<std::vector<channel_info>>>> channel_directory::list(base::steady_time deadline) {
  for (;;) {
    call_options options{priority::interactive, deadline};
    auto present = co_await store_.channels(options);
    if (present || !may_pass(present.error()) || env_.now() + listing_pause >= deadline) {
      co_return present;
    }
    co_await actor::sleep_for(env_, listing_pause);
  }
}

actor::task<base::result<channel_directory::found_channel>> channel_directory::ensure(protocol::channel_topic topic,
                                                                                      std::string name,
                                                                                      std::vector<base::channel_id> taken,
                                                                                      base::steady_time deadline) {
  auto present = co_await list(deadline);
  if (!present) co_return present.error();
  for (auto& channel : with_topic(present->value, topic)) {
    if (std::find(taken.begin(), taken.end(), channel.id) == taken.end()) co_return found_channel{std::move(channel), false};
  }
  auto category = co_await ensure_category(topic.database_name, present->value, deadline);
  if (!category) co_return category.error();
  new_channel wanted;
  wanted.name = std::move(name);
  wanted.topic = protocol::encode_topic(topic);
  wanted.parent = *category;
  wanted.private_to_bot = true;
  auto created = co_await create(std::move(wanted), std::move(taken), deadline);
  if (!created) co_return created.error();
  co_return found_channel{std::move(*created), true};
}

// The first category of the database that has room; a further one past 50 channels.
actor::task<base::result<base::channel_id>> channel_directory::ensure_category(std::string database,
                                                                               std::vector<channel_info> present,
                                                                               base::steady_time deadline) {
  if (present.size() + 2 > guild_channel_max) {
    co_return base::error(errc::limit_reached, fmt::format("the guild has {} of at most {} channels: there is no room for another one; "
                                                           "delete channels that are not needed",
                                                           present.size(), guild_channel_max));
  }
  new_channel wanted;
  wanted.kind = channel_kind::category;
  wanted.name = protocol::category_name(database);
  wanted.private_to_bot = true;
  if (auto category = find_like(present, wanted)) co_return category->id;
  std::vector<base::channel_id> none;
  auto created = co_await create(std::move(wanted), std::move(none), deadline);
  if (!created) co_return created.error();
  co_return created->id;
}

actor::task<base::result<channel_info>> channel_directory::create(new_channel wanted, std::vector<base::channel_id> taken, base::steady_time deadline) {
  for (;;) {
    call_options options{priority::interactive, deadline};
    auto created = co_await store_.create_channel(wanted, options);
    if (created) co_return std::move(created->value);
    auto why = created.error();
    if (why.code == store_errc::channel_limit) {
      co_return base::error(errc::limit_reached, "Discord creates no more channels in this guild; delete some that are not needed", why.detail);
    }
    if (why.code == store_errc::unknown) {
      auto present = co_await list(deadline);
      if (!present) co_return present.error();
      if (auto twin = find_like(present->value, wanted, taken)) co_return std::move(*twin);
    } else if (!surely_not_done(why)) {
      co_return why;
    }
    if (env_.now() + listing_pause >= deadline) co_return base::error(errc::unavailable, "the channel could not be created: " + why.message);
    co_await actor::sleep_for(env_, listing_pause);
  }
}

}  // namespace dbcord::database
