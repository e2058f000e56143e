#include "database/row_threads.hpp"

#include <fmt/format.h>

#include "database/history_page.hpp"

namespace dbcord::database {
namespace {

// Discord says only that one is missing.
base::error lacking(base::error e, std::string_view permission) {
  if (e.code == store_errc::forbidden) e.message += fmt::format(" For threads of rows it needs {}.", permission);
  return e;
}

}  // namespace

actor::task<actor::async_mutex::guard> row_threads::turn(const std::string& tag) { return turns_[std::hash<std::string>()(tag) % turns_.size()].lock(); }

// ---- what is remembered ----

std::optional<row_threads::known_thread> row_threads::known(base::channel_id parent, const std::string& tag) const {
  std::lock_guard lock(mutex_);
  auto channel = channels_.find(parent);
  if (channel == channels_.end()) return std::nullopt;
  auto thread = channel->second.find(tag);
  if (thread == channel->second.end()) return std::nullopt;
  return thread->second;
}

void row_threads::remember(base::channel_id parent, const std::string& tag, known_thread thread) {
  std::lock_guard lock(mutex_);
  auto channel = channels_.find(parent);
  if (channel != channels_.end()) channel->second[tag] = thread;
}

void row_threads::forget(base::channel_id parent, const std::string& tag) {
  std::lock_guard lock(mutex_);
  auto channel = channels_.find(parent);
  if (channel != channels_.end()) channel->second.erase(tag);
}

bool row_threads::is_listed(base::channel_id parent) const {
  std::lock_guard lock(mutex_);
  return channels_.contains(parent);
}

void row_threads::unlist(base::channel_id parent) {
  std::lock_guard lock(mutex_);
  channels_.erase(parent);
}

// ---- finding ----

// A name that people have changed says nothing; then the thread's messages tell.
actor::task<base::result<std::optional<std::string>>> row_threads::tag_of(thread_info thread, call_options options) {
  if (auto tag = protocol::tag_of_thread_name(thread.name)) co_return tag;
  base::message_id beginning;
  auto first = co_await store_.history_after(thread.id, beginning, history_page_max, options);
  if (!first && first.error().code == store_errc::not_found) co_return std::optional<std::string>();
  if (!first) co_return first.error();
  for (const auto& m : first->value) {
    auto entry = m.author == store_.self() ? protocol::decode_thread_entry(m.content) : std::nullopt;
    if (entry) co_return std::optional<std::string>(std::move(entry->tag));
  }
  co_return std::optional<std::string>();
}

// A thread may be archived or reopened meanwhile: the active ones are asked for before the archived ones and once more behind them.
actor::task<base::result<row_threads::found_threads>> row_threads::list(base::channel_id parent, call_options options) {
  std::map<base::channel_id, thread_info> ours;
  auto take = [&](std::vector<thread_info> some) {
    for (auto& t : some) {
      if (t.parent == parent && t.owner == store_.self()) ours.emplace(t.id, std::move(t));
    }
  };
  auto active = co_await threads_->active_threads(options);
  if (!active) co_return active.error();
  take(std::move(*active));
  std::string from;
  do {
    auto archived = co_await threads_->archived_threads(parent, from, options);
    if (!archived) co_return archived.error();
    take(std::move(archived->threads));
    from = std::move(archived->next);
  } while (!from.empty());
  active = co_await threads_->active_threads(options);
  if (!active) co_return active.error();
  take(std::move(*active));
  found_threads found;
  for (auto& [id, thread] : ours) {
    auto tag = co_await tag_of(std::move(thread), options);
    if (!tag) co_return tag.error();
    if (*tag) found.emplace(std::move(**tag), id);
  }
  co_return std::move(found);
}

actor::task<base::result<std::optional<row_threads::known_thread>>> row_threads::find(base::channel_id parent, const std::string& tag, call_options options) {
  if (is_listed(parent)) co_return known(parent, tag);
  auto found = co_await list(parent, options);
  if (!found) co_return found.error();
  {
    std::lock_guard lock(mutex_);
    auto& listed = channels_[parent];  // others may have listed it meanwhile, and know more of some
    for (const auto& [its_tag, id] : *found) listed.try_emplace(its_tag, known_thread{id, std::nullopt});  // of two the older one
  }
  co_return known(parent, tag);
}

// ---- writing ----

actor::task<base::result<row_threads::known_thread>> row_threads::make(base::channel_id parent, std::string key, std::string tag, call_options options) {
  auto name = protocol::row_thread_name(key, tag);
  auto made = co_await threads_->create_thread(parent, std::move(name), options);
  if (made) {
    known_thread thread{made->id, shown_order()};
    remember(parent, tag, thread);
    co_return thread;
  }
  if (made.error().code != store_errc::unknown) co_return lacking(made.error(), "Create Public Threads");
  unlist(parent);  // it may be there, or come yet: whoever asks next looks for it first
  auto found = co_await find(parent, tag, options);
  if (found && *found) co_return **found;
  co_return made.error();
}

actor::task<base::result<row_threads::place>> row_threads::open(base::channel_id parent, std::string key, std::string tag, bool look,
                                                                call_options options) {
  auto found = co_await find(parent, tag, options);
  if (!found) co_return found.error();
  if (*found) {
    auto thread = **found;
    if (thread.shown && !look) co_return place{thread.id, *thread.shown, false};
    auto shown = co_await newest_shown(thread.id, tag, options);
    if (shown) {
      remember(parent, tag, {thread.id, *shown});
      co_return place{thread.id, *shown, false};
    }
    if (shown.error().code != store_errc::not_found) co_return shown.error();
    forget(parent, tag);  // somebody has deleted it
  }
  auto made = co_await make(parent, std::move(key), std::move(tag), options);
  if (!made) co_return made.error();
  co_return place{made->id, made->shown.value_or(shown_order()), true};
}

actor::task<base::result<shown_order>> row_threads::newest_shown(base::channel_id thread, std::string tag, call_options options) {
  base::message_id before;
  for (;;) {
    auto page = co_await store_.history_before(thread, before, history_page_max, options);
    if (!page) co_return page.error();
    for (auto m = page->value.rbegin(); m != page->value.rend(); ++m) {
      auto entry = m->author == store_.self() ? protocol::decode_thread_entry(m->content) : std::nullopt;
      if (entry && entry->tag == tag) co_return shown_order{entry->lsn, entry->version};
    }
    if (page->value.size() < static_cast<std::size_t>(history_page_max)) co_return shown_order();
    before = page->value.front().id;
  }
}

// What Discord refuses for its content is shown without it.
actor::task<base::result<void>> row_threads::append(base::channel_id parent, place& at, protocol::shown_version version, std::string nonce,
                                                    call_options options) {
  new_message message{protocol::encode_thread_entry(version), {}, nonce};
  auto sent = co_await store_.post(at.thread, std::move(message), options);
  if (!sent && sent.error().code == store_errc::content_refused) {
    version.instead = fmt::format("Discord does not take the value here; `/dbc_get` with `as_of:{}` shows it.", version.of.lsn);
    new_message without{protocol::encode_thread_entry(version), {}, nonce + "-"};
    sent = co_await store_.post(at.thread, std::move(without), options);
  }
  if (sent) {
    at.shown = {version.of.lsn, version.of.version};
    remember(parent, version.of.tag, {at.thread, at.shown});
    co_return base::result<void>();
  }
  if (sent.error().code == store_errc::not_found) {
    forget(parent, version.of.tag);
  } else {
    remember(parent, version.of.tag, {at.thread, std::nullopt});  // it may be there all the same: whoever comes next looks
  }
  co_return lacking(sent.error(), "Send Messages in Threads");
}

actor::task<base::result<std::uint64_t>> row_threads::erase(base::channel_id parent, std::string tag, call_options options) {
  if (!usable()) co_return std::uint64_t{0};
  auto found = co_await list(parent, options);
  if (!found) co_return found.error();
  std::uint64_t erased = 0;
  auto [first, last] = found->equal_range(tag);
  for (auto it = first; it != last; ++it) {
    auto gone = co_await store_.delete_channel(it->second, options);
    if (!gone) co_return lacking(gone.error(), "Manage Threads");
    ++erased;
  }
  forget(parent, tag);
  co_return erased;
}

}  // namespace dbcord::database
