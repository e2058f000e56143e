#pragma once
// server_metrics: what GET /metrics tells, in Prometheus's text format.
//
// Owner: local_guild; outlives the server and the store. count_request() and text() on the server's strand, the rest on any thread.
// Limits: 256 combinations of route, method and status; what comes then is counted under the route "other".

#include <memory>
#include <string>
#include <string_view>

#include "dbcord/base/clock.hpp"

namespace dbcord::guild {

class server_metrics {
 public:
  server_metrics();
  ~server_metrics();

  void count_request(std::string_view method, std::string_view target, int status);
  void count_commit(std::size_t records, std::uint64_t bytes);
  void observe_sync(base::duration took);
  void set_connections(std::size_t http, std::size_t gateway);
  void set_messages(std::size_t count);
  std::string text() const;

 private:
  struct implementation;
  std::unique_ptr<implementation> impl_;
};

// "/api/v10/channels/123/messages?limit=5" -> "/channels/{}/messages": ids and tokens become {}. Pure.
std::string route_label(std::string_view target);

}  // namespace dbcord::guild
