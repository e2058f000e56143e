#pragma once
// One accepted command of the dispatcher; for its own files.

#include "actor/promise.hpp"
#include "bot/dispatcher.hpp"
#include "commands/command_table.hpp"

namespace dbcord::bot {

inline constexpr int ephemeral_flag = 64;  // Discord docs, Message Flags

commands::invocation invocation_of(const interaction& event, discord::client& client);

struct dispatcher::running {
  running(dispatcher& d, interaction e) : owner(d), event(std::move(e)) {
    for (const auto& [argument, file] : event.files) bytes += file.size;
    owner.attachment_bytes_ += bytes;
  }
  ~running() { owner.attachment_bytes_ -= bytes; }
  running(const running&) = delete;
  running& operator=(const running&) = delete;

  dispatcher& owner;
  interaction event;
  std::uint64_t bytes = 0;
  base::steady_time received{};
  bool from_before = false;
  bool perhaps_elsewhere = false;  // the callback that was accepted may be another process's
  bool in_place = false;  // the reply takes the place of the message that was pressed
  bool opening = false;   // a form, which is read before the first answer
  std::optional<commands::job> job;  // of long work
  actor::promise<bool> finished;     // the command is done
  actor::promise<bool> told;         // nobody tells its progress any more
};

}  // namespace dbcord::bot
