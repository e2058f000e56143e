#pragma once
// attachment_files: the bytes of attachments, one file DIR/attachments/<id> each.
//
// Owner: local_guild. read() on the server's strand, the rest on the committer's thread; both at once are fine, since files
// appear whole (by rename) and never change. An attachment that is not durable yet is not there yet.
// Failures: a failed write is an error that ends the guild (see durable_store); a file that cannot be read is "not there".

#include "guild/core.hpp"
#include "guild/log_store_files.hpp"

namespace dbcord::guild {

class attachment_files final : public attachment_store {
 public:
  // Creates the directory, removes what an interrupted write left. `files` outlives it.
  static base::result<std::unique_ptr<attachment_files>> open(const std::filesystem::path& directory,
                                                              log_files& files = posix_log_files());

  std::optional<std::string> read(base::attachment_id id) override;
  // They are durable when this succeeds.
  base::result<void> write(const std::vector<attachment_write>& attachments);
  // What does not exist is fine. Not durable: what comes back after a crash is found again by all().
  base::result<void> remove(const std::vector<base::attachment_id>& ids);
  base::result<std::vector<base::attachment_id>> all() const;

 private:
  attachment_files(std::filesystem::path directory, log_files& files) : directory_(std::move(directory)), files_(files) {}
  base::result<void> write_one(const attachment_write& attachment);

  std::filesystem::path directory_;
  log_files& files_;
};

}  // namespace dbcord::guild
