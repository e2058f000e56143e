#pragma once
// virtual_database: the whole stack under a bot (engine, log, scheduler, transport) on the guild's core, 50 ms away, with Discord's
// limits, in virtual time. One thread. Everything but the processor's time is exact and repeats.

#include <functional>

#include "database/engine.hpp"
#include "discord/rest_message_store.hpp"
#include "support/virtual_guild.hpp"

namespace dbcord::bench {

inline constexpr base::duration usual_round_trip = std::chrono::milliseconds(50);

class virtual_database {
 public:
  explicit virtual_database(database::engine_options options = default_options(), const guild::core_options& guild = guild::core_options());

  static database::engine_options default_options();

  // A process with an engine, opened; the one before is killed. Errors end the program: std::runtime_error.
  void start();
  void kill();
  void stop();  // a clean end
  // Of the processes that are started from now on.
  database::engine_options& options() { return options_; }
  // Database "bench" with that many tables t0, t1 … of primary key "id", each with indexes on its first fields f0, f1 …
  void create(int tables, int indexes);
  database::engine& engine() { return *engine_; }
  database::database_summary inspect();
  // Until every row has a message of its own, at most so long; how long it took.
  base::duration drain(base::duration most);

  database::write_context writing(base::duration patience = std::chrono::minutes(5));
  database::read_context reading() const { return {world().now() + std::chrono::minutes(5)}; }

  simulation::world& world() const { return guild_->world; }
  virtual_guild& guild() const { return *guild_; }
  std::uint64_t requests() const { return guild_->net.stats().requests; }
  std::uint64_t hash() const { return guild_->trace.hash(); }
  const actor::environment& env() const { return process_->env(); }
  template <class T>
  T run(actor::task<T> work) {
    return world().run(*process_, std::move(work), std::chrono::hours(24));
  }

 private:
  std::unique_ptr<virtual_guild> guild_;
  database::engine_options options_;
  simulation::process* process_ = nullptr;
  database::engine* engine_ = nullptr;
  std::uint64_t last_key_ = 0;
};

// So many at once, each with a number from 0 on. Ends with the last of them.
actor::task<void> run_writers(virtual_database& db, int writers, std::function<actor::task<void>(int writer)> write);

// JSON of about that many bytes with fields id, f0, f1 and text.
std::string row_json(std::uint64_t id, std::size_t bytes);

}  // namespace dbcord::bench
