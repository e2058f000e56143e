#include "database/checkpoint_writer.hpp"

#include <fmt/format.h>

#include "actor/event.hpp"
#include "database/store_refusal.hpp"
#include "protocol/machine_line.hpp"

namespace dbcord::database {
namespace {

using namespace std::chrono_literals;
constexpr base::duration part_request_time = 2min;  // 24 MiB at low priority
constexpr base::duration part_retry_pause = 2s;
constexpr int attempts_max = 10;
constexpr std::size_t attachments_max = 10;    // Discord docs, Create Message
constexpr std::size_t unpacked_part = 64 * 1024 * 1024;  // bytes of a part before compression, at most: what a reader must hold
constexpr std::size_t held_back = 256 * 1024;  // bytes that the compressor may still put out

}  // namespace

checkpoint_writer::checkpoint_writer(const actor::environment& env, message_store& store, base::channel_id channel,
                                     const checkpoint_options& options, std::function<bool()> given_up)
    : env_(env), store_(store), channel_(channel), options_(options), given_up_(std::move(given_up)) {}

actor::task<base::result<void>> checkpoint_writer::add(std::string entry) {
  bool full = packer_.size() + entry.size() + held_back > options_.part_bytes && packer_.size() + held_back > options_.part_bytes / 2;
  bool long_enough = packer_.taken() + entry.size() > unpacked_part;
  if (packer_.taken() > 0 && (full || long_enough)) end_part();
  packer_.append(entry);
  if (waiting_.size() == attachments_max || waiting_bytes_ + options_.part_bytes > options_.message_bytes) co_return co_await flush();
  co_return base::result<void>();
}

void checkpoint_writer::end_part() {
  auto bytes = packer_.finish();
  protocol::checkpoint_part part;
  part.position = waiting_.size();
  part.size = bytes.size();
  part.hash = protocol::record_hash(bytes);
  bytes_ += bytes.size();
  waiting_bytes_ += bytes.size();
  waiting_.push_back({fmt::format("checkpoint-{}.zst", parts_.size() + 1), std::move(bytes)});
  parts_.push_back(std::move(part));
}

actor::task<base::result<void>> checkpoint_writer::flush() {
  if (waiting_.empty()) co_return base::result<void>();
  auto first = parts_.size() - waiting_.size();
  protocol::machine_line line{"checkpoint-part", {}};
  line.set("n", first + 1);
  line.set("to", parts_.size());
  new_message message;
  message.content = fmt::format("**Checkpoint** parts {} to {}\n{}", first + 1, parts_.size(), to_text(line));
  message.attachments = std::exchange(waiting_, {});
  waiting_bytes_ = 0;
  auto posted = co_await post(std::move(message));
  if (!posted) co_return posted.error();
  for (auto i = first; i < parts_.size(); ++i) parts_[i].message = *posted;
  co_return base::result<void>();
}

actor::task<base::result<protocol::checkpoint_reference>> checkpoint_writer::finish(protocol::checkpoint_manifest manifest) {
  if (packer_.taken() > 0) end_part();
  manifest.parts = parts_;
  auto encoded = protocol::encode_manifest(manifest);
  if (encoded.attachment) {
    // Its body takes the place of an attachment: the parts go into messages of their own, which changes the body.
    auto flushed = co_await flush();
    if (!flushed) co_return flushed.error();
    manifest.parts = parts_;
    encoded = protocol::encode_manifest(manifest);
  }
  new_message message;
  message.content = encoded.content;
  message.attachments = std::exchange(waiting_, {});
  if (encoded.attachment) message.attachments.push_back({"manifest.json", std::move(*encoded.attachment)});
  auto posted = co_await post(std::move(message));
  if (!posted) co_return posted.error();
  co_return protocol::checkpoint_reference{*posted, encoded.hash};
}

// A lost answer may leave a second message: garbage, harmless.
actor::task<base::result<base::message_id>> checkpoint_writer::post(new_message message) {
  for (int attempt = 1;; ++attempt) {
    if (given_up_()) co_return base::error(base::errc::stopping);
    auto copy = message;
    copy.nonce = env_.random.token(20);
    call_options call{priority::maintenance, env_.after(part_request_time)};
    auto sent = co_await store_.post(channel_, std::move(copy), call);
    if (sent) {
      messages_.push_back(sent->value.id);
      co_return sent->value.id;
    }
    if (!may_pass(sent.error()) || attempt == attempts_max || given_up_()) co_return sent.error();
    co_await actor::sleep_for(env_, part_retry_pause);
  }
}

}  // namespace dbcord::database
