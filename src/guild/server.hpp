#pragma once
// server: the shell around guild::core. Serves HTTP/1.1 and WebSocket (on / and /gateway) and keeps the promise of
// core.hpp: nothing is said to anybody before what it rests on is durable.
//
// Owner: local_guild. Everything, the core included, runs on ONE strand of the environment; commits run on a thread of the
// server's own. stop() before destroying it, or destroy it when the io_context runs no more.
// Failures: garbage, slow and oversized peers are closed, one by one. A failed commit ends the server: all connections are
// dropped unanswered and `failed` is called, once, on the strand.
// Limits: see server_options.

#include <functional>
#include <memory>

#include "actor/environment.hpp"
#include "dbcord/base/unique_function.hpp"
#include "guild/core.hpp"

namespace dbcord::guild {

class server_metrics;

// What several inputs caused, in their order.
struct durable_batch {
  std::vector<attachment_write> attachments;
  std::vector<std::string> records;
  std::vector<base::attachment_id> forgotten;  // attachments whose bytes may go once `records` are durable
};

// Makes batches durable, the attachments before the records; called from one thread at a time. An error is final.
class durable_store {
 public:
  virtual ~durable_store() = default;
  virtual base::result<void> commit(const durable_batch& batch) = 0;
  // Where the records of the last commit() lie, for core::placed(); none if nobody reads them again.
  virtual std::vector<record_place> take_places() { return {}; }
  // For a store whose commit() need not wait for the disk: how long after a commit settle() is to be called at the latest.
  virtual std::optional<base::duration> settle_within() const { return std::nullopt; }
  virtual base::result<void> settle() { return {}; }
};

struct server_options {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;                                // 0: any free one
  std::size_t connections = 1024;                        // further ones are closed at once
  std::size_t body_limit = 110 * 1024 * 1024;            // bytes of a request's body; more is answered 413
  std::size_t body_budget = 512 * 1024 * 1024;           // bytes of all bodies on their way; more is answered 503
  base::duration idle_limit = std::chrono::seconds(75);  // between two requests
  base::duration request_limit = std::chrono::seconds(60);   // from the first byte of a request to its last, and for an answer
  std::size_t gateway_queue_bytes = 32 * 1024 * 1024;    // unsent frames of one connection; more closes it with 4008
  std::size_t gateway_queue_frames = 16 * 1024;
  std::function<void(base::error)> failed;
  server_metrics* metrics = nullptr;  // outlives the server; answers GET /metrics, to peers of this machine only
  // After each commit, on the strand: where its records lie. The core knows already.
  std::function<void(core&, std::span<const record_place>)> committed;
};

class server {
 public:
  // Binds and listens; the error is a sentence for the person who chose the address.
  static base::result<std::unique_ptr<server>> listen(const actor::environment& env, server_options options);
  ~server();

  std::uint16_t port() const;
  // Accepts connections from now on. Both outlive the server.
  void start(core& served, durable_store& store);
  // Runs on the strand, unless the server has stopped or failed by then. Any thread.
  void run(base::unique_function<void(core&)> work);
  // No new connections, gateway connections closed with 1001, requests in progress answered, commits finished; what is
  // not done by the deadline is dropped, except commits. Any executor; once.
  actor::task<void> stop(base::steady_time deadline);

 private:
  class implementation;
  explicit server(std::shared_ptr<implementation> i);
  std::shared_ptr<implementation> impl_;
};

}  // namespace dbcord::guild
