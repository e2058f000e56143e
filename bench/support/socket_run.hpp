#pragma once
// A workload over real sockets, with a scheduler and a transport of its own; returns when every operation has ended.

#include <memory>

#include "support/request_workload.hpp"

namespace dbcord::bench {

workload_outcome run_over_sockets(const std::string& api_url, const std::string& authorization,
                                  const std::vector<operation>& operations);

// Makes what a workload needs before it is measured. One thread.
class socket_preparation {
 public:
  socket_preparation(std::string api_url, std::string authorization);
  ~socket_preparation();
  // POST; the id of what was made. std::runtime_error when refused.
  std::string create(const std::string& path, const std::string& body);
  void wait(base::duration d);

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace dbcord::bench
