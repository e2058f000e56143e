// Tables of a database: made, and described in #dbc-catalog.

#include "database/database.hpp"

#include <fmt/format.h>

#include "database/make_pending.hpp"
#include "protocol/names.hpp"

namespace dbcord::database {
namespace {

using namespace std::chrono_literals;
constexpr std::size_t primary_key_max = 64;
constexpr base::duration describe_retry_pause = 5s;

base::result<void> check_table_arguments(const std::string& table, const std::string& primary_key) {
  if (!protocol::is_usable_name(table)) {
    return base::error(errc::invalid_name, fmt::format("table: \"{}\" is not usable as a name; use up to {} of a-z 0-9, with single - or _ "
                                                       "between them",
                                                       table, protocol::max_name_length));
  }
  auto usable = check_key(primary_key);
  if (!usable || primary_key.size() > primary_key_max || primary_key.starts_with('$')) {
    return base::error(errc::invalid_name, fmt::format("pk: give the name of the field that holds each row's key, up to {} bytes and not "
                                                       "beginning with $",
                                                       primary_key_max));
  }
  return {};
}

}  // namespace

dbcord::actor::task<base::result<table_summary>> database::create_table(std::string table, std::string primary_key,
                                                                        write_context context) {
  auto create = [this](std::string t, std::string pk, write_context c) {
    return create_table_on_strand(std::move(t), std::move(pk), std::move(c));
  };
  return run(create, std::move(table), std::move(primary_key), std::move(context));
}

dbcord::actor::task<base::result<table_summary>> database::create_table_on_strand(std::string table, std::string primary_key,
                                                                                  write_context context) {
  auto usable = check_table_arguments(table, primary_key);
  if (!usable) co_return usable.error();
  auto earlier = co_await admit(context.idempotency_key, context.deadline);
  if (!earlier) co_return earlier.error();
  if (*earlier) {
    auto known = find_table(table);
    if (!known) co_return co_await confirm_refusal(known.error(), context.deadline);
    co_return co_await (*known)->summary(context.deadline);
  }
  auto turn = co_await creating_.lock();
  auto refuse = [&](base::error why) {
    if (!context.idempotency_key.empty()) executed_.abandon(context.idempotency_key);
    return why;
  };
  if (auto closed = log_.closed_reason()) co_return refuse(*closed);
  if (find_table(table)) {
    base::error exists(errc::already_exists, fmt::format("database {} has a table \"{}\" already", record_.name, table));
    exists = co_await confirm_refusal(std::move(exists), context.deadline);
    co_return refuse(std::move(exists));
  }
  protocol::channel_topic topic{protocol::channel_role::table, record_.id, record_.name, table};
  auto channel = co_await directory_.ensure(topic, "table-" + table, bound_channels(), context.deadline);
  if (!channel) co_return refuse(channel.error());
  protocol::create_table definition{last_table_id_ + 1, table, std::move(primary_key), channel->channel.id};
  auto deadline = context.deadline;
  auto committed = co_await commit_table(std::move(definition), std::move(context));
  if (!committed) co_return co_await with_reason(committed.error());
  auto created = find_table(table);
  if (!created) co_return created.error();
  co_return co_await (*created)->summary(deadline);
}

// In doubt it waits on, holding the turn: the next table's id depends on the outcome.
dbcord::actor::task<base::result<commit_info>> database::commit_table(protocol::create_table definition, write_context context) {
  auto t = make_pending(++last_ticket_, context, env().now());
  t->bytes = 256 + definition.primary_key.size();
  t->body.operations.push_back(std::move(definition));
  auto pushed = log_.queue().push(t);
  if (!pushed) {
    if (!context.idempotency_key.empty()) executed_.abandon(context.idempotency_key);
    co_return pushed.error();
  }
  co_return co_await t->outcome.get();
}

void database::note_described(table_descriptor descriptor, base::message_id message) {
  std::lock_guard lock(tables_mutex_);
  described_[descriptor] = message;
}

std::optional<base::message_id> database::description_of(table_descriptor descriptor) const {
  std::lock_guard lock(tables_mutex_);
  auto found = described_.find(descriptor);
  return found == described_.end() ? std::nullopt : std::optional(found->second);
}

// Keeps a readable descriptor of every table in #dbc-catalog.
dbcord::actor::task<void> database::describe_tables() {
  bool known = false;
  while (!stopping_) {
    call_options options{priority::maintenance, env().after(60s)};
    if (!known) {
      auto messages = co_await read_all(store_, record_.catalog, {}, options);
      if (messages) {
        known = true;
        for (const auto& m : messages->value) {
          auto descriptor = m.author == store_.self() ? decode_table_descriptor(m.content) : std::nullopt;
          if (descriptor) note_described(*descriptor, m.id);
        }
      }
    }
    bool complete = known;
    for (const auto& table : all_tables()) {
      auto definition = table->definition();
      definition.channel = table->channels().current;
      table_descriptor descriptor{definition.table, definition.channel};
      if (!known || stopping_ || description_of(descriptor)) continue;
      new_message message;
      message.content = encode_table_descriptor(definition);
      message.nonce = env().random.token(20);
      auto sent = co_await store_.post(record_.catalog, std::move(message), options);
      if (sent) {
        note_described(descriptor, sent->value.id);
      } else {
        complete = false;
      }
    }
    if (complete) {
      co_await describe_wake_.wait();
    } else {
      co_await describe_wake_.wait_until(env(), env().after(describe_retry_pause));
    }
  }
}

}  // namespace dbcord::database
