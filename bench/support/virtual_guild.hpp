#pragma once
// virtual_guild: the guild's core and a network with one fixed round trip, in virtual time, and a process in which the program
// under test lives. Everything is exact and repeats from nothing but its options. One thread.

#include "discord/request_scheduler.hpp"
#include "simulation/network.hpp"
#include "simulation/simulated_transport.hpp"

namespace dbcord::bench {

class virtual_guild {
 public:
  virtual_guild(guild::core_options options, base::duration round_trip);
  ~virtual_guild();

  simulation::world world{1};
  simulation::trace::sink on_line;  // called with every line of the trace; may be empty
  simulation::trace trace{world.now_reference(), [this](std::string_view line) {
                            if (on_line) on_line(line);
                          }};
  simulation::simulated_guild guild;
  simulation::network net;
  simulation::process* process;

  const actor::environment& env() const { return process->env(); }
  discord::scheduler_options scheduler_options() const;
  // As the bot, waiting out the limits; std::runtime_error when refused. For what is there before the measurement.
  std::string request(const std::string& method, const std::string& path, const std::string& body);
  std::string make_channel(const std::string& name);
  std::string make_message(const std::string& channel);
  template <class T>
  T run(actor::task<T> work) {
    return world.run(*process, std::move(work), std::chrono::hours(24));
  }
};

}  // namespace dbcord::bench
