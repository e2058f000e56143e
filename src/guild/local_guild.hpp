#pragma once
// local_guild: a Discord in a box: the core, its log and attachments in one directory, and the server, tied together.
//
// Owner: the application, one per directory. Works on the environment's io_context (a strand of it) and one thread of its
// own. open() blocks on the disk. stop() before destroying it, or destroy it when the io_context runs no more.
// Failures of open() are one sentence each: directory in use or damaged, port in use. Later a disk that fails ends the guild:
// nobody is answered any more, `failed` is called once, on a thread of the io_context.

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "actor/environment.hpp"
#include "guild/core.hpp"
#include "guild/local_guild_snapshots.hpp"
#include "guild/log_store.hpp"

namespace dbcord::guild {

struct local_guild_options {
  std::filesystem::path directory;
  std::string address = "127.0.0.1";
  std::uint16_t port = 8080;  // 0: any free one
  std::string public_url;     // what URLs in answers begin with; empty: http://ADDRESS:PORT
  core_options core;          // its public_url is not used
  sync_mode sync = sync_mode::always;
  snapshot_policy snapshots;
  std::uint64_t segment_size = log_store_options().segment_size;  // of the log, bytes
  std::function<void(base::error)> failed;
};

class local_guild {
 public:
  // Locks the directory, reads the log, binds the port, writes DIR/credentials.json (mode 0600): {api_url, gateway_url,
  // guild_id, channel_id, application_id, bot_token, owner_token}.
  static base::result<std::unique_ptr<local_guild>> open(const actor::environment& env, local_guild_options options);
  ~local_guild();

  const credentials& get_credentials() const;
  std::uint16_t port() const;
  std::string api_url() const;      // http://127.0.0.1:8080/api/v10
  std::string gateway_url() const;  // ws://127.0.0.1:8080
  // What the log had to cut off when it was opened; also logged.
  const std::optional<std::string>& warning() const;

  // Serves from now on. Once.
  void start();
  // Gateway connections are closed with 1001, requests in progress answered until the deadline, everything is made durable
  // and the directory released. Any executor; once.
  actor::task<void> stop(base::steady_time deadline);

 private:
  class implementation;
  explicit local_guild(std::unique_ptr<implementation> i);
  std::unique_ptr<implementation> impl_;
};

}  // namespace dbcord::guild
