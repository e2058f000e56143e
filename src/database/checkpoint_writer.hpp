#pragma once
// checkpoint_writer: turns entries into parts and parts into messages of #dbc-checkpoints, the manifest last. Used once for one checkpoint, by
// one coroutine at a time, on the checkpointer's strand. What was written before a failure is garbage that nothing names.

#include <functional>

#include "database/checkpoint_options.hpp"
#include "database/message_store.hpp"
#include "protocol/checkpoint_manifest.hpp"
#include "protocol/zstd_frame.hpp"

namespace dbcord::database {

class checkpoint_writer {
 public:
  // `given_up`: asked between attempts and messages.
  checkpoint_writer(const actor::environment& env, message_store& store, base::channel_id channel, const checkpoint_options& options,
                    std::function<bool()> given_up);

  actor::task<base::result<void>> add(std::string entry);
  // `manifest` without its parts. After it the checkpoint is complete, but counts for nothing until the log names it.
  actor::task<base::result<protocol::checkpoint_reference>> finish(protocol::checkpoint_manifest manifest);

  std::size_t bytes() const { return bytes_; }        // of all parts, as stored
  const std::vector<base::message_id>& messages() const { return messages_; }

 private:
  void end_part();
  actor::task<base::result<void>> flush();
  actor::task<base::result<base::message_id>> post(new_message message);

  const actor::environment& env_;
  message_store& store_;
  base::channel_id channel_;
  const checkpoint_options& options_;
  std::function<bool()> given_up_;
  protocol::zstd_writer packer_;
  std::vector<new_attachment> waiting_;  // parts that no message holds yet: the last ones of parts_
  std::size_t waiting_bytes_ = 0;
  std::vector<protocol::checkpoint_part> parts_;
  std::size_t bytes_ = 0;
  std::vector<base::message_id> messages_;
};

}  // namespace dbcord::database
