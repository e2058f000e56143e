#include "database/delta_writer.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "actor/each_at_once.hpp"
#include "database/history_page.hpp"
#include "database/store_refusal.hpp"
#include "protocol/log_record.hpp"

namespace dbcord::database {
namespace {

using namespace std::chrono_literals;
constexpr std::size_t copied_at_once = 8;        // while a delta is written the log goes on, and a start reads what it lacks one by one
constexpr std::size_t records_max = 10'000;      // of a delta; protocol/checkpoint_delta allows more
constexpr std::size_t least_records = 2;         // one is a download either way
constexpr std::uint64_t grows_by = 3;            // see what_to_merge()
constexpr base::duration shown_within = 1min;    // a listing that lacks a younger message may be behind

}  // namespace

void delta_writer::begin(found_deltas found) {
  known_ = std::move(found.whole);
  useless_ = std::move(found.useless);
}

void delta_writer::begin_anew(std::uint64_t lsn) {
  known_.clear();
  log_.files().forget(0, lsn);
}

bool delta_writer::due() {
  if (!useless_.empty()) return true;
  return known_.size() < deltas_max && log_.files().size() >= options_.tail_files && !next_run().empty();
}

// Files that no delta lies between, as many as fit. One that stands alone and always will is nobody's concern any more.
std::vector<log_file> delta_writer::next_run() {
  auto files = log_.files().all();
  auto delta_between = [&](std::uint64_t from, std::uint64_t to) {
    return std::any_of(known_.begin(), known_.end(), [&](const known_delta& d) { return d.header.first_lsn > from && d.header.last_lsn < to; });
  };
  for (std::size_t i = 0; i < files.size();) {
    std::vector<log_file> run{files[i]};
    auto bytes = files[i].size;
    for (++i; i < files.size() && run.size() < records_max && bytes + files[i].size <= options_.part_bytes; ++i) {
      if (delta_between(run.back().lsn, files[i].lsn)) break;
      bytes += files[i].size;
      run.push_back(files[i]);
    }
    if (run.size() >= least_records) return run;
    if (i < files.size()) log_.files().forget(run.front().lsn, run.front().lsn);
  }
  return {};
}

actor::task<base::result<bool>> delta_writer::write(base::channel_id channel) {
  auto shown = co_await list(channel);
  if (!shown) co_return shown.error();
  auto removed = co_await remove_useless(channel);
  if (!removed) co_return removed.error();
  if (log_.files().size() < options_.tail_files || known_.size() >= deltas_max) co_return false;
  auto run = next_run();
  auto copied = co_await copy(run);
  if (!copied) co_return copied.error();
  if (copied->failure) co_return *copied->failure;
  if (copied->bodies.size() < least_records) co_return false;
  std::uint64_t bytes = 0;
  for (const auto& [lsn, body] : copied->bodies) bytes += body.size();
  auto replaced = co_await merge(*shown, copied->bodies.begin()->first, bytes);
  if (given_up_()) co_return base::error(base::errc::stopping);
  protocol::delta_packer packer;
  for (const auto& r : replaced.records) packer.add(r.lsn, r.message, r.body);
  replaced.records.clear();
  for (const auto& f : run) {
    auto body = copied->bodies.find(f.lsn);
    if (body != copied->bodies.end()) packer.add(f.lsn, f.message, body->second);
  }
  copied->bodies.clear();
  auto posted = co_await post(channel, packer.finish(), replaced);
  if (!posted) co_return posted.error();
  removed = co_await remove_useless(channel);  // else next time
  if (!removed) env_.log.debug("a delta that another has replaced is still there", {{"error", removed.error().message}});
  co_return true;
}

// Also those of ours that nobody knows of: their answers were lost, or a process died before it could delete them.
actor::task<base::result<delta_writer::listing>> delta_writer::list(base::channel_id channel) {
  auto page = co_await store_.history_before(channel, {}, history_page_max, request());
  if (!page) co_return page.error();
  for (const auto& m : page->value) {
    if (m.author != store_.self() || !protocol::decode_delta_header(m.content)) continue;
    bool known = std::any_of(known_.begin(), known_.end(), [&](const known_delta& d) { return d.message == m.id; });
    if (!known && std::find(useless_.begin(), useless_.end(), m.id) == useless_.end()) useless_.push_back(m.id);
  }
  co_return std::move(page->value);
}

// Where the files of a run are to be had now: of each message that a listing shows.
actor::task<base::result<std::map<base::message_id, attachment_info>>> delta_writer::find_files(std::vector<log_file> run) {
  std::map<base::message_id, base::channel_id> wanted;
  for (const auto& f : run) wanted[f.message] = f.channel;
  std::map<base::message_id, attachment_info> found;
  while (!wanted.empty()) {
    if (given_up_()) co_return base::error(base::errc::stopping);
    auto [first, channel] = *wanted.begin();
    auto page = co_await store_.history_after(channel, base::message_id{first.value - 1}, history_page_max, request());
    if (!page && !is_not_there(page.error())) co_return page.error();
    wanted.erase(first);
    if (!page) continue;
    for (const auto& m : page->value) {
      if (m.id != first && wanted.erase(m.id) == 0) continue;
      if (m.author == store_.self() && !m.attachments.empty()) found.emplace(m.id, m.attachments.front());
    }
  }
  co_return found;
}

// Up to one that may still turn up. What should have by now is gone: it is no longer waited for.
std::vector<log_file> delta_writer::those_shown(std::vector<log_file> run, const std::map<base::message_id, attachment_info>& shown) {
  std::vector<log_file> there;
  for (auto& f : run) {
    if (shown.contains(f.message)) {
      there.push_back(std::move(f));
      continue;
    }
    if (base::created_at(f.message) + shown_within > env_.clock.wall_now()) break;
    log_.files().forget(f.lsn, f.lsn);
  }
  return there;
}

actor::task<base::result<delta_writer::copied_files>> delta_writer::copy(std::vector<log_file> run) {
  auto found = co_await find_files(run);
  if (!found) co_return found.error();
  auto there = those_shown(std::move(run), *found);
  copied_files copied;
  if (there.size() < least_records) co_return copied;
  co_await actor::each_at_once(there.size(), copied_at_once, [&](std::size_t i) { return copy_one(there[i], found->at(there[i].message), copied); });
  co_return copied;
}

actor::task<void> delta_writer::copy_one(log_file file, attachment_info info, copied_files& out) {
  if (out.failure) co_return;
  if (given_up_()) {
    out.failure = base::error(base::errc::stopping);
    co_return;
  }
  auto bytes = co_await store_.download(std::move(info), request());
  if (!bytes && !is_not_there(bytes.error())) {
    out.failure = bytes.error();
  } else if (!bytes || bytes->size() != file.size || protocol::record_hash(*bytes) != file.hash) {
    log_.files().forget(file.lsn, file.lsn);  // a start must find out for itself
  } else {
    out.bodies.emplace(file.lsn, std::move(*bytes));
  }
}

// The deltas right before a new one are written again with it, as long as they are not three times as large as what there is behind them. So each stays at least
// three times as large as the next, there are few, and a byte is written again a few times only.
delta_writer::merged delta_writer::what_to_merge(std::uint64_t before, std::uint64_t bytes) const {
  merged chosen;
  while (chosen.end < known_.size() && known_[chosen.end].header.last_lsn < before) ++chosen.end;
  std::uint64_t records = 0;
  while (chosen.deltas < chosen.end) {
    const auto& next = known_[chosen.end - chosen.deltas - 1].header;
    bool small = next.bytes < grows_by * bytes && bytes + next.bytes <= options_.part_bytes;
    if (!small || records + next.records > records_max) break;
    bytes += next.bytes;
    records += next.records;
    ++chosen.deltas;
  }
  return chosen;
}

// What cannot be read stays as it is, and so does all before it; what is damaged is forgotten.
actor::task<delta_writer::merged> delta_writer::merge(const listing& shown, std::uint64_t before, std::uint64_t bytes) {
  auto chosen = what_to_merge(before, bytes);
  std::vector<base::result<std::vector<protocol::delta_record>>> contents(chosen.deltas);
  co_await actor::each_at_once(chosen.deltas, copied_at_once, [&](std::size_t i) { return read(shown, known_[chosen.end - i - 1], contents[i]); });
  auto wanted = std::exchange(chosen.deltas, 0);
  for (; chosen.deltas < wanted && contents[chosen.deltas]; ++chosen.deltas) {
    auto& records = *contents[chosen.deltas];
    chosen.records.insert(chosen.records.begin(), std::make_move_iterator(records.begin()), std::make_move_iterator(records.end()));
  }
  if (chosen.deltas < wanted && contents[chosen.deltas].error().code == errc::damaged) {
    auto bad = known_.begin() + static_cast<std::ptrdiff_t>(chosen.end - chosen.deltas - 1);
    useless_.push_back(bad->message);
    known_.erase(bad);
    --chosen.end;
  }
  co_return chosen;
}

actor::task<void> delta_writer::read(const listing& shown, known_delta delta, base::result<std::vector<protocol::delta_record>>& out) {
  auto message = std::find_if(shown.begin(), shown.end(), [&](const auto& m) { return m.id == delta.message; });
  if (message == shown.end()) {
    out = base::error(store_errc::not_done, "a delta is not shown");
    co_return;
  }
  if (given_up_() || message->attachments.empty()) {
    out = given_up_() ? base::error(base::errc::stopping) : base::error(errc::damaged, "a delta lacks its attachment");
    co_return;
  }
  auto info = message->attachments.front();
  auto bytes = co_await store_.download(std::move(info), request());
  if (!bytes) {
    out = is_not_there(bytes.error()) ? base::error(errc::damaged, "a delta's attachment is gone") : bytes.error();
    co_return;
  }
  out = protocol::decode_delta(delta.header, *bytes);
  if (!out) out = base::error(errc::damaged, out.error().message);
}

// A lost answer may leave a message that list() will find.
actor::task<base::result<void>> delta_writer::post(base::channel_id channel, protocol::encoded_delta delta, const merged& replaced) {
  new_message message;
  message.content = std::move(delta.content);
  message.attachments.push_back({fmt::format("log-{}-{}.zst", delta.header.first_lsn, delta.header.last_lsn), std::move(delta.attachment)});
  message.nonce = env_.random.token(20);
  auto sent = co_await store_.post(channel, std::move(message), request());
  if (!sent) co_return sent.error();
  log_.files().forget(delta.header.first_lsn, delta.header.last_lsn);
  auto first = known_.begin() + static_cast<std::ptrdiff_t>(replaced.end - replaced.deltas), end = known_.begin() + static_cast<std::ptrdiff_t>(replaced.end);
  for (auto d = first; d != end; ++d) useless_.push_back(d->message);
  known_.insert(known_.erase(first, end), known_delta{std::move(delta.header), sent->value.id});
  co_return base::result<void>();
}

actor::task<base::result<void>> delta_writer::remove_useless(base::channel_id channel) {
  const auto all = useless_;
  base::result<void> done;
  co_await actor::each_at_once(all.size(), copied_at_once, [&](std::size_t i) { return remove(channel, all[i], done); });
  co_return done;
}

actor::task<void> delta_writer::remove(base::channel_id channel, base::message_id message, base::result<void>& done) {
  if (!done) co_return;
  if (given_up_()) {
    done = base::error(base::errc::stopping);
    co_return;
  }
  auto removed = co_await store_.remove(channel, message, request());
  if (removed) std::erase(useless_, message);
  else done = removed.error();
}

}  // namespace dbcord::database
