#pragma once
// prepared_commands: what the buttons and forms that we show will do. A short one stands in its custom_id and works for ever; a long one
// is kept under a token until `most` newer ones, or their bytes, displace it, or the process ends. Not thread-safe on its own: it locks,
// so any thread may call. Who presses is checked when the command is carried out, not here.

#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "commands/controls.hpp"
#include "dbcord/base/random.hpp"

namespace dbcord::bot {

class prepared_commands {
 public:
  static constexpr std::size_t most = 5'000;
  static constexpr std::size_t most_bytes = 8 * 1024 * 1024;
  static constexpr std::size_t custom_id_max = 100;  // characters (Discord docs, Component Reference)

  explicit prepared_commands(base::random_source& random) : random_(random) {}

  std::string custom_id(const commands::prepared_command& command);
  // Empty: not ours, or no longer kept.
  std::optional<commands::prepared_command> find(std::string_view custom_id) const;

 private:
  base::random_source& random_;
  mutable std::mutex mutex_;
  std::map<std::string, std::string, std::less<>> kept_;  // token → what it stands for
  std::deque<std::string> order_;
  std::size_t bytes_ = 0;
};

}  // namespace dbcord::bot
