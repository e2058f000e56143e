#include "database/index_channels.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "database/channel_pages.hpp"
#include "database/log_actor.hpp"
#include "database/message_removal.hpp"
#include "protocol/drop_record.hpp"

namespace dbcord::database {
namespace {

using namespace std::chrono_literals;
constexpr base::duration retire_time = 60s;
constexpr base::duration retire_pause = 60s;
constexpr base::duration index_flush_time = 3s;  // of all channels together, when the database is closed

}  // namespace

index_channels::index_channels(index_channel_context context, tables_function tables, forget_function forget)
    : context_(excluding(std::move(context), *this)), tables_(std::move(tables)), forget_(std::move(forget)) {}

// An index that gets a channel again, while the one before is not deleted yet, gets another one.
index_channel_context index_channels::excluding(index_channel_context context, index_channels& self) {
  context.bound = [bound = std::move(context.bound), &self] {
    auto all = bound(), retired = self.retired();
    all.insert(all.end(), retired.begin(), retired.end());
    return all;
  };
  return context;
}

std::vector<base::channel_id> index_channels::retired() const {
  std::lock_guard lock(mutex_);
  return retired_;
}

std::vector<index_channel_ptr> index_channels::all() const {
  std::lock_guard lock(mutex_);
  std::vector<index_channel_ptr> all;
  for (const auto& [key, channel] : channels_) all.push_back(channel);
  return all;
}

std::vector<index_channel_ptr> index_channels::of(protocol::table_id table) const {
  auto its = all();
  std::erase_if(its, [table](const index_channel_ptr& c) { return c->table() != table; });
  return its;
}

std::vector<index_channel_status> index_channels::status() const {
  std::vector<index_channel_status> statuses;
  for (const auto& channel : all()) statuses.push_back(channel->status());
  return statuses;
}

void index_channels::messages_deleted(base::channel_id channel, const std::vector<base::message_id>& messages) {
  bool some = false;
  for (const auto& c : all()) some = c->note_deleted(channel, messages) || some;
  if (some) notify();
}

void index_channels::channel_deleted(base::channel_id channel) {
  bool some = false;
  for (const auto& c : all()) some = c->note_channel_deleted(channel) || some;
  if (some) notify();
}

// ---- in the background ----

// Which indexes there are now.
actor::task<void> index_channels::refresh() {
  std::set<index_key> wanted;
  for (const auto& table : tables_()) {
    if (!table->shows_indexes()) continue;
    for (auto& index : co_await table->shown_indexes()) {
      index_key key(table->definition().table, index.definition.index);
      wanted.insert(key);
      std::lock_guard lock(mutex_);
      auto& channel = channels_[key];
      if (!channel) channel = std::make_shared<index_channel>(context_, table, std::move(index.definition));
    }
  }
  std::lock_guard lock(mutex_);
  std::erase_if(channels_, [&](const auto& entry) {
    if (wanted.contains(entry.first)) return false;
    auto channel = entry.second->status().channel;
    if (channel) retired_.push_back(channel);
    if (!channel) orphans_ = true;
    return true;
  });
}

// Left by a process that died between the drop of an index and the deletion of its channel, or twins that a lost answer has left.
void index_channels::retire_orphans(const std::vector<channel_info>& present) {
  std::map<std::string, base::channel_id> shown;  // by object; of twins the lowest id counts
  std::vector<std::pair<std::string, base::channel_id>> found;
  auto bound = context_.bound();
  for (const auto& c : present) {
    auto topic = protocol::decode_topic(c.topic);
    bool ours = topic && topic->role == protocol::channel_role::index && topic->database_id == context_.database_id;
    if (!ours || std::find(bound.begin(), bound.end(), c.id) != bound.end()) continue;
    auto [it, is_first] = shown.try_emplace(topic->object, c.id);
    it->second = std::min(it->second, c.id);
    found.emplace_back(std::move(topic->object), c.id);
  }
  std::set<std::string> wanted;
  std::lock_guard lock(mutex_);
  for (const auto& [key, channel] : channels_) {
    auto object = index_channel_object(key.first, key.second);
    auto in_use = channel->status().channel;
    if (in_use) shown[object] = in_use;
    wanted.insert(std::move(object));
  }
  for (const auto& [object, id] : found) {
    if (!wanted.contains(object) || shown[object] != id) retired_.push_back(id);
  }
}

// False: that could not be found out, yet.
actor::task<bool> index_channels::look_for_orphans() {
  auto present = co_await context_.directory.list(context_.env.after(retire_time));
  if (!present) co_return false;
  co_await refresh();
  orphans_ = false;
  retire_orphans(present->value);
  co_return true;
}

// Found by its topic, which anybody can copy: a channel that holds messages of people is left, without ours.
actor::task<base::result<void>> index_channels::retire(base::channel_id channel) {
  call_options options{priority::maintenance, context_.env.after(retire_time)};
  channel_pages pages(context_.store, channel);
  pages.allow_emptied();
  std::vector<base::message_id> ours;
  bool of_others = false;
  for (;;) {
    auto some = co_await pages.next(options);
    if (!some && some.error().code == store_errc::not_found) co_return base::result<void>();
    if (!some) co_return some.error();
    if (some->empty()) break;
    for (const auto& m : *some) {
      bool is_page = m.author == context_.store.self() && protocol::decode_index_page(m.content);
      if (is_page) ours.push_back(m.id);
      of_others = of_others || !is_page;
    }
  }
  if (of_others) {
    context_.env.log.warning("the channel of a dropped index holds messages of others, and is left", {{"database", context_.database}, {"channel", channel.value}});
    removal_context removal{context_.env, context_.store, context_.log, options.deadline};
    auto removing = remove_messages(removal, channel, std::move(ours));
    co_return co_await std::move(removing);
  }
  protocol::drop_record drop{channel, {}};
  auto body = protocol::encode_drop(drop);
  auto named = co_await context_.log.append(protocol::record_kind::drop, std::move(body), options.deadline);
  if (!named) co_return named.error();
  forget_(channel);
  co_return base::result<void>();
}

// False: some could not be, yet.
actor::task<bool> index_channels::delete_retired() {
  bool all_gone = true;
  for (auto channel : retired()) {
    if (stopping_) co_return true;
    auto done = co_await retire(channel);
    if (!done) {
      context_.env.log.warning("the channel of a dropped index could not be deleted yet",
                               {{"database", context_.database}, {"channel", channel.value}, {"error", done.error().message}});
      all_gone = false;
      continue;
    }
    std::lock_guard lock(mutex_);
    std::erase(retired_, channel);
  }
  co_return all_gone;
}

void index_channels::tell_waiting() {
  std::vector<actor::promise<bool>> waiting;
  {
    std::lock_guard lock(mutex_);
    waiting.swap(waiting_);
  }
  for (const auto& w : waiting) w.set(true);
}

actor::task<std::optional<index_channel_status>> index_channels::first_look(protocol::table_id table, protocol::index_id index, base::steady_time deadline) {
  for (;;) {
    actor::promise<bool> stepped;
    index_channel_ptr channel;
    {
      std::lock_guard lock(mutex_);
      waiting_.push_back(stepped);
      auto it = channels_.find({table, index});
      if (it != channels_.end()) channel = it->second;
    }
    std::optional<index_channel_status> known;
    if (channel) known = channel->status();
    bool looked = known && (known->channel || !known->problem.empty());
    if (looked || stopping_ || context_.env.now() >= deadline) co_return known;
    co_await stepped.get_until(context_.env, deadline);
  }
}

actor::task<void> index_channels::run(std::vector<channel_info> present) {
  running_ = true;
  co_await refresh();
  retire_orphans(present);
  present.clear();
  while (!stopping_) {
    co_await refresh();
    std::optional<base::steady_time> next;
    bool known = true;
    if (orphans_) known = co_await look_for_orphans();
    bool deleted = co_await delete_retired();
    if (!known || !deleted) next = context_.env.after(retire_pause);
    for (const auto& channel : all()) {
      if (stopping_) break;
      auto due = co_await channel->step();
      tell_waiting();
      if (due && (!next || *due < *next)) next = due;
    }
    if (stopping_) break;
    if (next) {
      co_await wake_.wait_until(context_.env, *next);
    } else {
      co_await wake_.wait();
    }
  }
  tell_waiting();
  co_await flush();
  stopped_.set(true);
}

void index_channels::request_stop() {
  stopping_ = true;
  wake_.notify();
}

actor::task<void> index_channels::flush() {
  auto deadline = context_.env.after(index_flush_time);
  for (const auto& channel : all()) {
    if (context_.env.now() >= deadline) co_return;
    co_await channel->flush(deadline);
  }
}

actor::task<void> index_channels::stopped(base::steady_time deadline) {
  if (running_ && !all().empty()) co_await stopped_.get_until(context_.env, deadline);
}

// ---- asked for ----

actor::task<index_channels::rewriting> index_channels::rewrite(table_ptr table, base::steady_time deadline) {
  co_await refresh();
  rewriting all;
  for (const auto& channel : of(table->definition().table)) {
    auto done = co_await channel->rewrite(deadline);
    if (done.removed) ++all.emptied;
    else if (all.removed) all.removed = done.removed;
    if (done.written && done.removed) ++all.written;
    if (done.written) continue;
    const auto& why = done.written.error().message;
    all.not_written.push_back(fmt::format("the channel of the index on {} of table {}: {}", channel->status().field, table->definition().name, why));
  }
  notify();
  co_return all;
}

actor::task<base::result<void>> index_channels::verify(table_ptr table, verify_findings& findings, base::steady_time deadline) {
  co_await refresh();
  for (const auto& channel : of(table->definition().table)) {
    auto done = co_await channel->verify(findings, deadline);
    if (!done) co_return done;
  }
  notify();  // copies that it has seen are to be removed
  co_return base::result<void>();
}

}  // namespace dbcord::database
