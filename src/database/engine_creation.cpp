// The part of engine_impl that makes databases: every step finds what an earlier, interrupted one has left.

#include <fmt/format.h>

#include <algorithm>

#include "database/engine_impl.hpp"
#include "database/store_refusal.hpp"
#include "protocol/names.hpp"

namespace dbcord::database {
namespace {

using namespace std::chrono_literals;
constexpr base::duration creation_retry_pause = 500ms;
constexpr std::size_t id_length = 16;

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
  auto found = co_await discover(present->value, context.deadline);
  if (!found) co_return found.error();
  const auto& known = found->databases;
  auto same = std::find_if(known.begin(), known.end(), [&](const auto& d) { return d.name == name; });
  std::optional<creation_record> record = same == known.end() ? std::nullopt : same->record;
  if (record && to_restore && !record->restoring) co_return base::error(errc::already_exists, fmt::format("database {} exists already", name));
  if (!record) {
    auto id = same == known.end() ? env_.random.token(id_length) : same->id;
    auto created = co_await create_channels(name, id, context.deadline);
    if (!created) co_return created.error();
    record = std::move(*created);
    record->restoring = to_restore;
    auto written = co_await write_creation(*record, context.deadline);
    if (!written) co_return written.error();
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
