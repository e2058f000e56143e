#pragma once
// embedded_client: a program that has dbcord built in (the C++ API, without Discord between), inside a simulated process. It counts by
// fetch_and_update, each increment with an idempotency key and asked for until it is acknowledged, by later processes if need be: the
// counter must show each exactly once. It reads marks (bank) in one table and then in another while groups are being applied, and it
// presses: more rows at once than the log's queue takes. What it knows outlives its processes in a client_ledger.
// Lives in the process, behind the engine. One thread (the world's).

#include "actor/event.hpp"
#include "actor/task_group.hpp"
#include "database/engine.hpp"
#include "simulation/caps.hpp"

namespace dbcord::simulation {

inline constexpr const char* client_table = "own";

struct client_ledger {
  std::string name;                // of the counter, and of the client in violations
  std::uint64_t asked = 0;         // increments begun
  std::uint64_t acknowledged = 0;  // at most one less
  std::uint64_t touched = 0;       // the last value that was acknowledged for the field `touched` of a mark
  std::uint64_t repeats = 0;       // times that an increment was asked for again
  std::uint64_t pressed = 0;       // rows written in haste
  std::uint64_t refused = 0;       // of those, by backpressure or for want of memory
  bool resting = false;            // nothing new is begun
  int short_of_memory = 0;         // times on end that the present increment was refused for want of memory
  std::vector<std::string> violations;
};

struct client_options {
  base::duration pause = std::chrono::milliseconds(700);  // between increments
  bool looks = false;                                     // reads marks whenever something comes from Discord
  bool presses = false;
  caps promised{};
  const client_ledger* other = nullptr;  // whose counter is read too: by a process that may have lost the database
};

class embedded_client {
 public:
  embedded_client(const actor::environment& env, database::engine& engine, client_ledger& ledger, client_options options)
      : env_(env), engine_(engine), ledger_(ledger), options_(options), hurry_(env, "pressure") {}

  actor::task<void> run();
  // Looks at marks until they have been quiet; while something comes from Discord.
  actor::task<void> watch();
  // Something has come from Discord.
  void stir() { stirred_.notify(); }

 private:
  actor::task<void> increment();
  actor::task<void> read_other();
  actor::task<void> touch();
  void overtake();
  actor::task<void> stamp(std::vector<std::string> tables, std::uint64_t hops);
  actor::task<void> press();
  actor::task<void> write_in_haste(std::string key);
  actor::task<std::optional<std::int64_t>> mark_of(int table);
  void violate(std::string what);

  const actor::environment& env_;
  database::engine& engine_;
  client_ledger& ledger_;
  client_options options_;
  actor::event stirred_;
  bool touching_ = false;
  actor::task_group hurry_;
};

}  // namespace dbcord::simulation
