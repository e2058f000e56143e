#pragma once
// local_guild_store: the durable_store of a real guild: attachments as files, then records into the log, then attachments that
// nobody shows any more are deleted. The committer's thread.

#include "guild/attachment_files.hpp"
#include "guild/log_store.hpp"
#include "guild/server.hpp"

namespace dbcord::guild {

class local_guild_store final : public durable_store {
 public:
  local_guild_store(log_store& log, attachment_files& attachments) : log_(log), attachments_(attachments) {}

  base::result<void> commit(const durable_batch& batch) override {
    auto done = attachments_.write(batch.attachments);
    if (done) done = log_.append(batch.records);
    if (done) done = attachments_.remove(batch.forgotten);
    return done;
  }
  std::vector<record_place> take_places() override { return log_.take_places(); }
  std::optional<base::duration> settle_within() const override {
    if (!log_.unsynced()) return std::nullopt;
    return sync_interval;
  }
  base::result<void> settle() override { return log_.sync(); }

 private:
  log_store& log_;
  attachment_files& attachments_;
};

}  // namespace dbcord::guild
