// The part of engine_impl that makes databases: every step finds what an earlier, interrupted one has left.

#include <fmt/format.h>

#include <algorithm>

#include "database/database_removal.hpp"
#include "database/engine_impl.hpp"
#include "database/store_refusal.hpp"
#include "protocol/names.hpp"

namespace dbcord::database {
namespace {

using namespace std::chrono_literals;
constexpr base::duration creation_retry_pause = 500ms;
constexpr std::size_t id_length = 16;

std::vector<channel_info> catalogs_of(const std::vector<channel_info>& present, const std::string& database) {
  std::vector<channel_info> its;
  for (const auto& channel : present) {
    auto topic = protocol::decode_topic(channel.topic);
    if (topic && topic->role == protocol::channel_role::catalog && topic->database_name == database) its.push_back(channel);
  }
  return its;
}

}  // namespace

actor::task<base::result<database_summary>> engine_impl::create_database(std::string name, write_context context) {
  co_return co_await make_database(std::move(name), std::move(context), false);
}

actor::task<base::result<database_summary>> engine_impl::make_database(std::string name, write_context context, bool to_restore) {
  if (!protocol::is_usable_name(name)) {
    co_return base::error(errc::invalid_name, fmt::format("database: \"{}\" is not usable as a name; use up to {} of a-z 0-9, with single - or "
                                                          "_ between them",
                                                          name, protocol::max_name_length));
  }
  auto turn = co_await creating_.lock();
  {
    std::lock_guard lock(mutex_);
    if (closing_) co_return base::error(base::errc::stopping);
    if (unfinished_.contains(name) && unfinished_[name].interrupted) {
      co_return base::error(errc::already_exists, fmt::format("database {} exists already, but {}", name, interrupted_sentence(name)));
    }
    if (open_.contains(name)) co_return base::error(errc::already_exists, fmt::format("database {} exists already", name));
    if (filling_.contains(name) && !to_restore) {
      co_return base::error(errc::already_exists, fmt::format("a restore of database {} is still ending; try again in a moment", name));
    }
    if (dropping_.contains(name)) {
      co_return base::error(errc::already_exists, fmt::format("database {} was dropped a moment ago, and its name is not free yet; try again in a moment", name));
    }
    if (failed_.contains(name)) {
      co_return base::error(errc::already_exists, fmt::format("database {} exists but could not be opened: {}", name, failed_[name]));
    }
  }
  auto present = co_await directory_.list(context.deadline);
  if (!present) co_return present.error();
  auto found = co_await discover(catalogs_of(present->value, name), context.deadline);
  if (!found) co_return found.error();
  const auto& known = found->databases;
  auto same = std::find_if(known.begin(), known.end(), [&](const auto& d) { return d.name == name; });
  std::optional<creation_record> record = same == known.end() ? std::nullopt : same->record;
  if (record && to_restore && !record->restoring) co_return base::error(errc::already_exists, fmt::format("database {} exists already", name));
  // Somebody else's, or our own whose answer was lost: an older one may still be hidden.
  bool young = !record || base::created_at(record->since) + until_shown() > present->date;
  if (!record) {
    auto id = same == known.end() ? env_.random.token(id_length) : same->id;
    auto created = co_await create_channels(name, id, context.deadline);
    if (!created) co_return created.error();
    record = std::move(*created);
    record->restoring = to_restore;
    auto written = co_await write_creation(*record, context.deadline);
    if (!written) co_return written.error();
  }
  if (young) {
    auto agreed = co_await agree_on_creation(std::move(*record), *present, context.deadline);
    if (!agreed) co_return agreed.error();
    record = std::move(*agreed);
  }
  auto restorer = to_restore ? std::optional(context.who) : std::nullopt;
  auto opened = co_await open_one(*record, std::move(restorer), context.deadline, std::move(*present));
  if (!opened) co_return opened.error();
  read_context reading{context.deadline};
  co_return co_await inspect(std::move(name), reading);
}

actor::task<base::result<creation_record>> engine_impl::create_channels(std::string name, std::string id,
                                                                        base::steady_time deadline) {
  using protocol::channel_role;
  struct wanted {
    channel_role role;
    std::string channel_name;
    std::string object;
  };
  std::vector<wanted> all{{channel_role::catalog, "dbc-catalog", ""}, {channel_role::control, "dbc-control", ""},
                          {channel_role::log, "dbc-wal-1", "1"}};
  std::vector<base::channel_id> ids;
  for (const auto& w : all) {
    protocol::channel_topic topic{w.role, id, name, w.object};
    auto channel = co_await directory_.ensure(topic, w.channel_name, {}, deadline);
    if (!channel) co_return channel.error();
    ids.push_back(channel->channel.id);
  }
  co_return creation_record{id, name, ids[0], ids[1], ids[2]};
}

// Another process may have made one of that name at the same moment: with other channels, or under another id. When nothing that was written before ours is hidden
// any more, all see the same records, and go on with the oldest.
actor::task<base::result<creation_record>> engine_impl::agree_on_creation(creation_record ours, dated<std::vector<channel_info>>& present,
                                                                          base::steady_time deadline) {
  if (options_.exclusive_by_lock) co_return ours;
  co_await actor::sleep_for(env_, until_shown());
  auto now = co_await directory_.list(deadline);
  if (!now) co_return now.error();
  present = std::move(*now);
  auto found = co_await discover(catalogs_of(present.value, ours.name), deadline);
  if (!found) co_return found.error();
  for (const auto& d : found->databases) {
    if (!d.record || (d.id == ours.id && d.record->restoring == ours.restoring)) continue;
    if (d.id != ours.id) co_await give_up_creation(ours, present.value, deadline);
    co_return base::error(errc::already_exists, fmt::format("database {} exists already: another process made it at the same moment", ours.name));
  }
  if (found->databases.empty() || !found->databases.front().record) {
    co_return base::error(errc::unavailable, fmt::format("database {} was dropped by another process while it was made; give the command again", ours.name));
  }
  co_return std::move(*found->databases.front().record);
}

// Nobody has used it: the older one has its name.
actor::task<void> engine_impl::give_up_creation(creation_record ours, const std::vector<channel_info>& present, base::steady_time deadline) {
  dropped_record dropped{ours.id, ours.name, channels_of_database(present, ours.id, {ours.catalog, ours.control, ours.log})};
  auto written = co_await write_dropped(env_, store_, ours.catalog, dropped, deadline);
  if (written) {
    finish_drop(std::move(dropped), ours.catalog);
    co_return;
  }
  env_.log.warning("a second database of the same name is not marked as dropped", {{"database", ours.name}, {"error", written.error().message}});
}

// The record's text depends only on what it names, so that writing it twice after a lost answer is harmless.
actor::task<base::result<void>> engine_impl::write_creation(creation_record record, base::steady_time deadline) {
  for (;;) {
    new_message message;
    message.content = encode_creation(record);
    message.nonce = env_.random.token(20);
    call_options options{priority::interactive, deadline};
    auto sent = co_await store_.post(record.catalog, std::move(message), options);
    if (sent) co_return base::result<void>();
    if (!may_pass(sent.error())) co_return sent.error();
    if (env_.now() + creation_retry_pause >= deadline) {
      co_return base::error(errc::unavailable, "the database could not be created: no answer from Discord; give the command again");
    }
    co_await actor::sleep_for(env_, creation_retry_pause);
  }
}

}  // namespace dbcord::database
