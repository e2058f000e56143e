#include "database/database_removal.hpp"

#include <algorithm>
#include <iterator>

#include "database/channel_directory.hpp"

namespace dbcord::database {
namespace {

bool is_among(const std::vector<base::channel_id>& channels, base::channel_id id) { return std::find(channels.begin(), channels.end(), id) != channels.end(); }

bool is_channel_of(const channel_info& channel, const std::string& database_id) {
  auto topic = protocol::decode_topic(channel.topic);
  return topic && topic->database_id == database_id;
}

call_options removal_call(base::steady_time deadline) { return {priority::maintenance, deadline}; }

actor::task<base::result<std::vector<channel_info>>> channels_now(message_store& store, base::steady_time deadline) {
  auto present = co_await store.channels(removal_call(deadline));
  if (!present) co_return present.error();
  co_return std::move(present->value);
}

}  // namespace

std::vector<base::channel_id> channels_of_database(const std::vector<channel_info>& present, const std::string& database_id,
                                                   const std::vector<base::channel_id>& bound) {
  std::vector<base::channel_id> its;
  for (const auto& c : present) {
    if (c.kind == channel_kind::text && (is_channel_of(c, database_id) || is_among(bound, c.id))) its.push_back(c.id);
  }
  std::sort(its.begin(), its.end());
  return its;
}

actor::task<base::result<void>> write_dropped(const actor::environment& env, message_store& store, base::channel_id catalog, dropped_record record,
                                              base::steady_time deadline) {
  for (auto& text : encode_dropped(record)) {
    new_message message;
    message.content = std::move(text);
    message.nonce = env.random.token(20);
    auto sent = co_await store.post(catalog, std::move(message), removal_call(deadline));
    if (!sent) co_return sent.error();
  }
  co_return base::result<void>();
}

actor::task<bool> delete_channel_for_good(const actor::environment& env, message_store& store, base::channel_id channel, base::steady_time deadline) {
  auto deleted = co_await store.delete_channel(channel, removal_call(deadline));
  if (deleted || deleted.error().code == store_errc::not_found) co_return true;
  env.log.warning("a channel of a dropped database could not be deleted yet", {{"channel", channel.value}, {"error", deleted.error().message}});
  co_return false;
}

actor::task<bool> delete_named_channels(const actor::environment& env, message_store& store, base::channel_id catalog, dropped_record& record,
                                        base::steady_time deadline) {
  auto present = co_await channels_now(store, deadline);
  if (!present) co_return false;
  auto its = channels_of_database(*present, record.id, record.channels);
  bool named = std::all_of(its.begin(), its.end(), [&](auto c) { return is_among(record.channels, c); });
  if (!named) {
    dropped_record more{record.id, record.name, {}};
    std::set_union(its.begin(), its.end(), record.channels.begin(), record.channels.end(), std::back_inserter(more.channels));
    auto written = co_await write_dropped(env, store, catalog, more, deadline);
    // Without a catalog nobody finds what is left by it, whoever deleted it.
    if (!written && written.error().code != store_errc::not_found) co_return false;
    record = std::move(more);
  }
  bool all = true;
  for (auto channel : its) {
    if (channel == catalog) continue;
    bool gone = co_await delete_channel_for_good(env, store, channel, deadline);
    all = all && gone;
  }
  co_return all;
}

actor::task<bool> delete_empty_categories(const actor::environment& env, message_store& store, base::channel_id catalog, const std::string& name,
                                          base::steady_time deadline) {
  auto present = co_await channels_now(store, deadline);
  if (!present) co_return false;
  bool all = true;
  for (const auto& category : *present) {
    if (category.kind != channel_kind::category || category.name != protocol::category_name(name)) continue;
    auto holds = [&](const channel_info& c) { return c.parent == category.id && c.id != catalog; };
    if (std::any_of(present->begin(), present->end(), holds)) continue;
    bool gone = co_await delete_channel_for_good(env, store, category.id, deadline);
    all = all && gone;
  }
  co_return all;
}

}  // namespace dbcord::database
