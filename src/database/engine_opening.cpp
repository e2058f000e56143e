// The part of engine_impl that opens the databases of the guild when the process starts: side by side, since each waits for the lease of its last writer.

#include <algorithm>
#include <deque>
#include <mutex>

#include "database/engine_impl.hpp"

namespace dbcord::database {
namespace {

constexpr std::size_t opened_at_once = 8;  // each may hold parts of a checkpoint, which no cap counts, while it reads them

}  // namespace

struct engine_impl::opening_round {
  base::steady_time deadline;
  dated<std::vector<channel_info>> present;
  std::mutex mutex;  // guards what follows
  std::deque<creation_record> waiting;
  std::size_t at_work = 0;
  std::optional<base::error> fenced, not_our_turn;
  std::vector<creation_record> later;
  actor::promise<bool> over;

  std::optional<creation_record> take() {
    std::lock_guard lock(mutex);
    if (fenced || waiting.empty()) return std::nullopt;
    auto next = std::move(waiting.front());
    waiting.pop_front();
    return next;
  }
  void leave() {
    std::lock_guard lock(mutex);
    if (--at_work == 0) over.set(true);
  }
};

actor::task<base::result<void>> engine_impl::open(base::steady_time deadline) {
  auto present = co_await directory_.list(deadline);
  if (!present) co_return present.error();
  auto found = co_await discover(present->value, deadline);
  if (!found) co_return found.error();
  auto renewed = co_await renew_catalogs(*found, present->value, deadline);
  if (!renewed) co_return renewed.error();
  auto round = std::make_shared<opening_round>();
  round->deadline = deadline;
  round->present = std::move(*present);
  for (auto& d : found->databases) {
    if (d.record) round->waiting.push_back(std::move(*d.record));  // else half created: /dbc_init of the same name finishes it
  }
  co_await open_all(round);
  if (round->fenced) co_return *round->fenced;  // two processes share the bot's commands: this one ends
  for (auto& d : found->dropped) finish_drop(std::move(d.record), d.catalog);
  co_await give_up_ignored(std::move(found->ignored), round->present.value, deadline);
  // Where nothing else keeps other processes out: who holds no database does not know whether another process does, and must not answer commands that the other one carries out.
  {
    std::lock_guard lock(mutex_);
    if (open_.empty() && round->not_our_turn && !options_.exclusive_by_lock) co_return *round->not_our_turn;
  }
  for (auto& record : round->later) try_again_later(std::move(record));
  co_return base::result<void>();
}

// Their makers have died before they could do it (agree_on_creation). While the older one is open here it is not dropped, so the name was never free for another one; and
// without a message in its log nobody has ever opened that. Else a person has to say what it is.
actor::task<void> engine_impl::give_up_ignored(std::vector<creation_record> ignored, const std::vector<channel_info>& present,
                                               base::steady_time deadline) {
  for (auto& record : ignored) {
    auto log = std::find_if(present.begin(), present.end(), [&](const channel_info& c) { return c.id == record.log; });
    if (log == present.end() || log->last_message || !is_open_beside(record)) continue;
    call_options options{priority::interactive, deadline};
    auto messages = co_await store_.history_after(record.log, {}, 1, options);
    if (!messages || !messages->value.empty()) continue;
    env_.log.warning("a second database of the same name, which nobody has used, is given up", {{"database", record.name}, {"catalog", record.catalog.value}});
    co_await give_up_creation(std::move(record), present, deadline);
  }
}

// Another one of its name.
bool engine_impl::is_open_beside(const creation_record& record) const {
  std::lock_guard lock(mutex_);
  auto older = open_.find(record.name);
  return older != open_.end() && older->second->record().id != record.id;
}

actor::task<void> engine_impl::open_all(std::shared_ptr<opening_round> round) {
  auto side_by_side = std::min(opened_at_once, round->waiting.size());
  if (side_by_side == 0) co_return;
  round->at_work = side_by_side;
  for (std::size_t i = 0; i < side_by_side; ++i) {
    if (!reopenings_.spawn(env_.make_strand(), open_waiting(round))) round->leave();  // the process ends
  }
  co_await round->over.get();
}

// One after the other, as long as there are any.
actor::task<void> engine_impl::open_waiting(std::shared_ptr<opening_round> round) {
  while (auto record = round->take()) {
    auto opened = co_await open_known(*record, round->deadline, round->present);
    if (!opened) note_not_opened(*round, std::move(*record), opened.error());
  }
  round->leave();
}

void engine_impl::note_not_opened(opening_round& round, creation_record record, const base::error& why) {
  if (why.code == errc::fenced) {
    {
      std::lock_guard lock(round.mutex);
      round.fenced = why;
    }
    std::lock_guard lock(mutex_);
    for (const auto& db : opening_) db->give_up_opening();  // those at work beside it
    return;
  }
  note_failed(record.name, why);
  std::lock_guard lock(round.mutex);
  if (why.code != errc::damaged) round.not_our_turn = why;
  if (may_open_later(why)) round.later.push_back(std::move(record));
}

void engine_impl::note_failed(const std::string& name, const base::error& why) {
  env_.log.error("database not opened", {{"database", name}, {"error", why.message}});
  std::lock_guard lock(mutex_);
  failed_[name] = why.message;
}

}  // namespace dbcord::database
