// The part of fencing_writer that keeps the log short: checkpoints, and the segments that go with them (section 7 of design.md).

#include <algorithm>

#include "simulation/fencing_writer.hpp"

namespace dbcord::simulation {
namespace {

using kind = protocol::record_kind;
constexpr std::size_t checkpoints_needed = 2;
constexpr int removals_max = 3;

}  // namespace

model_manifest fencing_writer::capture(const protocol::log_header& anchor) const {
  model_manifest m;
  m.anchor = {anchor.epoch, anchor.attempt, anchor.lsn, anchor.hash, model_channel(segment_)};
  m.hash = "checkpoint of " + anchor.hash;
  m.state = state_;
  m.segments = segments_;
  return m;
}

flow<bool> fencing_writer::checkpoint_step() {
  if (!captured_) {
    captured_ = capture(tip_);
    co_return true;
  }
  if (!posted_) {
    model_message m;
    m.manifest = captured_;
    auto sent = co_await discord_.post(*this, fencing_discord::checkpoints, m);
    m.id = sent.id;
    if (sent.ok()) posted_ = std::move(m);
    if (!sent.ok()) captured_.reset();
    if (!sent.ok() || !weak(fencing_weakness::dropped_before_its_checkpoint)) co_return true;
    co_return co_await truncate(captured_->segments.back());
  }
  model_record body;
  body.manifest = captured_->hash;
  auto outcome = co_await append(kind::checkpoint, std::move(body));
  if (outcome < 0) co_return false;
  auto checkpoint = std::make_shared<const model_message>(std::move(*posted_));
  posted_.reset();
  captured_.reset();
  if (outcome == 0) co_return true;
  co_return co_await keep_checkpoint(std::move(checkpoint));
}

flow<bool> fencing_writer::keep_checkpoint(model_message_ptr checkpoint) {
  kept_.push_back(std::move(checkpoint));
  if (kept_.size() > checkpoints_needed) {
    co_await discord_.remove_checkpoint(*this, kept_.front()->id);  // if it stays, it is one too many
    kept_.erase(kept_.begin());
  }
  if (kept_.size() < checkpoints_needed) co_return true;
  co_return co_await truncate(kept_.front()->manifest->segments.back());
}

flow<bool> fencing_writer::truncate(int first_needed) {
  if (std::find(segments_.begin(), segments_.end(), first_needed) == segments_.end()) co_return true;  // dropped too early, by a weakness
  while (!fenced_ && segments_.front() != first_needed) {
    model_record body;
    body.dropped = segments_.front();
    bool early = weak(fencing_weakness::deleted_before_its_drop);
    if (early) co_await remove(body.dropped);
    auto outcome = co_await append(kind::drop, body);
    if (outcome < 0) co_return false;
    if (outcome == 0) co_return true;  // with the next checkpoint
    if (!early) co_await remove(body.dropped);
  }
  co_return true;
}

// What fails is done again by the next process that opens.
flow<void> fencing_writer::remove(int segment) {
  for (int i = 0; i < removals_max; ++i) {
    auto gone = co_await discord_.remove_segment(*this, segment);
    if (gone.ok()) co_return;
  }
}

// With the weakness only: the record's answer is here, and it is not known whether somebody else has taken over.
flow<void> fencing_writer::checkpoint_of_what_is_not_acknowledged(model_record record) {
  auto manifest = capture(record.chain.header);
  if (record.group >= 0) manifest.state.push_back(record.group);
  model_record names_it;
  names_it.manifest = manifest.hash;
  model_message m;
  m.manifest = std::move(manifest);
  auto sent = co_await discord_.post(*this, fencing_discord::checkpoints, std::move(m));
  if (!sent.ok()) co_return;
  adopt(record);
  auto checkpoint = next(kind::checkpoint, std::move(names_it));
  auto named = co_await post_record(checkpoint);
  if (named.ok()) adopt(checkpoint);
}

}  // namespace dbcord::simulation
