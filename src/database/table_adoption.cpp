#include "database/table_adoption.hpp"

#include <algorithm>

#include "actor/event.hpp"
#include "base/deliberate_bug.hpp"
#include "database/history_page.hpp"
#include "database/page_reader.hpp"
#include "database/row_file.hpp"
#include "protocol/row_message.hpp"

namespace dbcord::database {
namespace {

using namespace std::chrono_literals;
constexpr base::duration adoption_request_time = 60s;  // low priority: it may wait long for its turn
constexpr base::duration adoption_pause = 2s;
constexpr int adoption_attempts = 5;  // of a message
constexpr base::duration first_unread_pause = 5min, longest_unread_pause = 15min;
constexpr std::size_t messages_a_round = 16;

}  // namespace

table_adoption::table_adoption(adoption_context context, const std::set<base::message_id>& dropped, table_ptr table)
    : context_(std::move(context)), dropped_(dropped), table_(std::move(table)), retry_pause_(first_unread_pause), retry_at_(context_.env.now()) {}

actor::task<void> table_adoption::run() {
  auto from = co_await table_->unadopted();
  for (const auto& some : from) co_await adopt_channel(some);
  if (context_.given_up() || (from.empty() && !table_->adopting())) co_return;
  retry_at_ = context_.env.after(retry_pause_);
  co_await end();
}

actor::task<void> table_adoption::end() {
  std::vector<protocol::image_adoption> left;
  for (const auto& m : unread_) {
    auto its = std::find_if(left.begin(), left.end(), [&](const auto& some) { return some.channel == m.channel; });
    base::message_id after{m.id.value - 1};
    if (its == left.end()) left.push_back({m.channel, after});
    else its->after = std::min(its->after, after);
  }
  co_await table_->end_adoption(std::move(left));
}

std::optional<base::steady_time> table_adoption::due() const { return unread_.empty() ? std::nullopt : std::optional(retry_at_); }

bool table_adoption::is_due() const { return !unread_.empty() && retry_at_ <= context_.env.now(); }

// As long as nothing at all can be fetched, it is not these messages that are to blame: the others wait for the next round.
actor::task<void> table_adoption::retry() {
  auto waiting = std::exchange(unread_, {});
  auto before = waiting.size();
  auto end_of_round = waiting.begin() + static_cast<std::ptrdiff_t>(std::min(before, messages_a_round));
  std::vector<unread_message> tried(waiting.begin(), end_of_round);
  unread_.assign(end_of_round, waiting.end());
  bool reachable = true;
  for (const auto& m : tried) {
    if (context_.given_up() || !reachable) {
      unread_.push_back(m);
      continue;
    }
    call_options options{priority::maintenance, context_.env.after(adoption_request_time)};
    auto message = co_await context_.store.fetch(m.channel, m.id, options);
    bool gone = !message && message.error().code == store_errc::not_found;
    reachable = message || gone;
    bool adopted = false;
    if (message) {
      auto done = co_await adopt(m.channel, message->value);
      adopted = static_cast<bool>(done);
    }
    if (!gone && !adopted) unread_.push_back(m);
  }
  retry_pause_ = std::min(2 * retry_pause_, longest_unread_pause);
  retry_at_ = context_.env.after(retry_pause_);
  if (unread_.size() < before) co_await end();
}

// Oldest first. A message that is not the location of a live version is garbage, and the table counts it so.
actor::task<void> table_adoption::adopt_channel(protocol::image_adoption from) {
  auto after = from.after;
  while (!context_.given_up()) {
    call_options options{priority::maintenance, context_.env.after(adoption_request_time)};
    auto page = co_await context_.store.history_after(from.channel, after, history_page_max, options);
    if (!page && page.error().code == store_errc::not_found) {
      co_await table_->channel_deleted(from.channel);
      co_return;
    }
    if (!page) {
      warn("rows could not be adopted yet", page.error());
      co_await pause(adoption_pause);
      continue;
    }
    for (auto& message : page->value) {
      after = std::max(after, message.id);
      co_await adopt_patiently(from.channel, std::move(message));
    }
    if (page->value.size() < static_cast<std::size_t>(history_page_max)) co_return;
  }
}

// The addresses of files hold for a day only, so the message is fetched again. As long as that fails, too, it is not the message that is to blame.
actor::task<void> table_adoption::adopt_patiently(base::channel_id channel, stored_message message) {
  for (int attempt = 1; !context_.given_up();) {
    auto adopted = co_await adopt(channel, message);
    if (adopted) co_return;
    warn("a message could not be adopted", adopted.error());
    if (attempt == adoption_attempts) {
      unread_.push_back({channel, message.id});
      co_return;
    }
    co_await pause(adoption_pause);
    call_options options{priority::maintenance, context_.env.after(adoption_request_time)};
    auto anew = co_await context_.store.fetch(channel, message.id, options);
    if (!anew && anew.error().code == store_errc::not_found) co_return;
    if (!anew) continue;
    message = std::move(anew->value);
    ++attempt;
  }
}

actor::task<base::result<void>> table_adoption::adopt(base::channel_id channel, const stored_message& message) {
  bool trusting = base::has_bug(base::deliberate_bug::move_trusts_any_id);
  if (message.author != context_.store.self() || (!trusting && !table_->channels().counts(channel, message.id))) co_return base::result<void>();
  auto header = protocol::decode_row(message.content);
  auto page = protocol::decode_page(message.content);
  auto owner = header ? header->table : page ? page->table : 0;
  if (owner != table_->definition().table) co_return base::result<void>();
  if (dropped_.contains(message.id)) {
    std::optional<page_place> row;
    if (header) row = page_place{header->key, header->version, header->lsn, 0};
    co_await table_->add_garbage(channel, message.id, std::move(row));  // its deletion was interrupted
    co_return base::result<void>();
  }
  if (page) co_return co_await adopt_page(channel, message, *page);
  co_return co_await adopt_row(channel, message, *header);
}

actor::task<base::result<void>> table_adoption::adopt_row(base::channel_id channel, const stored_message& message, const protocol::row_header& header) {
  std::vector<row_copy> copy{{header.key, header.version, header.lsn, message.id}};
  co_await make_way(std::move(copy));
  call_options options{priority::maintenance, context_.env.after(adoption_request_time)};
  co_return co_await count_row(context_.store, table_, channel, header, message, options);
}

// A page that the table knows as a whole need not be read again.
actor::task<base::result<void>> table_adoption::adopt_page(base::channel_id channel, const stored_message& message, const protocol::page_header& header) {
  table_->note_page(message);
  bool known = co_await table_->knows_page(message.id);
  if (known) co_return base::result<void>();
  call_options options{priority::maintenance, context_.env.after(adoption_request_time)};
  auto page = co_await read_page(context_.store, message, header, options);
  if (!page) co_return page.error();
  for (const auto& [part, why] : page->damaged) {
    context_.env.log.warning("a part of a page is lost", {{"database", context_.database}, {"table", table_->definition().name}, {"error", why}});
  }
  std::vector<row_copy> copies;
  for (const auto& row : page->rows) copies.push_back({row.key, row.version, row.lsn, message.id});
  co_await make_way(std::move(copies));
  co_await table_->materialised(channel, message.id, std::move(page->rows));
  co_return base::result<void>();
}

actor::task<void> table_adoption::make_way(std::vector<row_copy> copies) {
  return leave_lost_places(context_, table_, std::move(copies));
}

void table_adoption::warn(std::string_view what, const base::error& why) const {
  context_.env.log.warning(what, {{"database", context_.database}, {"table", table_->definition().name}, {"error", why.message}});
}

// Short steps, so that whoever gives up need not wait for a long pause.
actor::task<void> table_adoption::pause(base::duration d) {
  auto until = context_.env.after(d);
  while (!context_.given_up() && context_.env.now() < until) co_await actor::sleep_until(context_.env, std::min(until, context_.env.after(500ms)));
}

}  // namespace dbcord::database
