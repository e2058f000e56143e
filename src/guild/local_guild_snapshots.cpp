#include "guild/local_guild_snapshots.hpp"

#include "guild/log_store.hpp"
#include "guild/record_files.hpp"

namespace dbcord::guild {

// Shared by strand and thread, never used by both at once.
struct local_guild_snapshots::job {
  core_snapshot content;
  snapshot_target target;
  written_snapshot written;
  kept_snapshot before;  // the newest one until now, which stays
};

namespace {

// What is older than both snapshots that are kept: other snapshots, damaged ones too, and the log up to `sequence`.
base::result<void> remove_superseded(const std::filesystem::path& directory, std::uint32_t newest, std::uint32_t older,
                                     std::uint64_t sequence, log_files& files) {
  auto names = files.list(directory);
  if (!names) return names.error();
  std::vector<std::string> segments, gone;
  for (auto& name : *names) {
    auto number = snapshot_number(name);
    if (number != 0 && number != newest && number != older) gone.push_back(name);
    if (segment_number(name) != 0) segments.push_back(name);
  }
  // A segment may go when the next one begins where the snapshot ends or before.
  for (std::size_t i = 0; older != 0 && i + 1 < segments.size(); ++i) {
    auto next = read_segment_header(directory / segments[i + 1], files);
    if (!next) return next.error();
    if (next->first_sequence > sequence + 1) break;
    gone.push_back(segments[i]);
  }
  for (auto& name : gone) {
    auto removed = files.remove(directory / name);
    if (!removed) return removed;
  }
  return files.sync_directory(directory);
}

// The snapshot must not be ahead of the log after a power failure, whatever --fsync says.
base::result<void> sync_log(const std::filesystem::path& directory, log_files& files) {
  auto names = files.list(directory);
  if (!names) return names.error();
  for (auto& name : *names) {
    if (segment_number(name) == 0) continue;
    auto file = files.open(directory / name);
    auto done = file ? (*file)->sync() : base::result<void>(file.error());
    if (!done) return done;
  }
  return {};
}

}  // namespace

local_guild_snapshots::local_guild_snapshots(const actor::environment& env, std::filesystem::path directory,
                                             snapshot_policy policy, log_files& files)
    : env_(env), directory_(std::move(directory)), policy_(policy), files_(files) {}

void local_guild_snapshots::begin(kept_snapshot newest, std::uint32_t last_number, std::uint64_t sequence, std::uint64_t log_bytes,
                                  strand_runner on_strand) {
  newest_ = newest;
  last_number_ = last_number;
  sequence_before_ = sequence;
  bytes_ = log_bytes;
  on_strand_ = std::move(on_strand);
}

void local_guild_snapshots::committed(core& served, std::uint64_t records, std::uint64_t bytes) {
  records_ += records;
  bytes_ += bytes;
  if (state_ == state::waiting && records_ >= waiting_->content.emitted) {
    state_ = state::writing;
    run([this, work = std::exchange(waiting_, nullptr)] { write(work); });
  }
  if (state_ != state::idle || stopping_ || bytes_ < std::max(policy_.log_bytes_min, newest_.size / 2)) return;
  bytes_ = 0;
  waiting_ = std::make_shared<job>();
  waiting_->content = served.take_snapshot(env_.clock.wall_now());
  waiting_->target = {directory_, ++last_number_, sequence_before_ + waiting_->content.emitted};
  waiting_->before = newest_;
  state_ = state::waiting;
}

void local_guild_snapshots::write(std::shared_ptr<job> work) {
  record_files bodies(directory_);
  auto written = write_snapshot(work->target, work->content, bodies, files_, stopping_);
  auto done = written ? sync_log(directory_, files_) : base::result<void>(written.error());
  if (done) done = publish_snapshot(work->target, files_);
  if (!done) {
    if (stopping_) return;
    env_.log.error("no snapshot of the guild could be written; the log goes on", {{"error", done.error().message}});
    return on_strand_([this](core&) { state_ = state::idle; });
  }
  work->written = std::move(*written);
  on_strand_([this, work](core& served) { moved(served, work); });
}

void local_guild_snapshots::moved(core& served, std::shared_ptr<job> work) {
  served.moved(work->content, work->written.places);
  newest_ = {work->target.number, work->target.sequence, work->written.size};
  ++written_;
  run([this, work] { clean(work); });
}

void local_guild_snapshots::clean(std::shared_ptr<job> work) {
  auto removed = remove_superseded(directory_, work->target.number, work->before.number, work->before.sequence, files_);
  if (!removed) env_.log.warning("superseded files of the guild stay", {{"error", removed.error().message}});
  env_.log.info("guild snapshot", {{"number", work->target.number}, {"messages", work->written.places.size()},
                                   {"bytes", work->written.size}});
  on_strand_([this](core&) {
    state_ = state::idle;
    if (cleaned) cleaned();
  });
}

// One piece of work after another: the one before has nothing left to do but to end.
void local_guild_snapshots::run(base::unique_function<void()> work) {
  if (thread_.joinable()) thread_.join();
  if (!stopping_) thread_ = std::thread([work = std::move(work)]() mutable { work(); });
}

void local_guild_snapshots::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

}  // namespace dbcord::guild
