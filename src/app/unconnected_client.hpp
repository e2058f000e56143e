#pragma once
// unconnected_client: until a client has reached its guild, Ctrl-C (or SIGTERM) ends the process at once, with one sentence and the exit status that shells give for
// the signal: it may be reading a file or waiting for an answer, and nothing was sent. Owned by a client command, whose thread makes and destroys it; one at a time has
// an effect. What waits for signals later (stop_signals) takes its place, and is left alone when it goes; what its parent ignores stays ignored.

namespace dbcord::app {

class unconnected_client {
 public:
  unconnected_client();
  unconnected_client(const unconnected_client&) = delete;
  unconnected_client& operator=(const unconnected_client&) = delete;
  // Signals have their default effect again.
  ~unconnected_client();
};

}  // namespace dbcord::app
