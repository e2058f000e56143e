#pragma once
// The HTTP side: from a request to the handler and back to an answer with all its headers
// (facts 1.2, 1.8, 2.9). Owned by the core; one caller at a time; answers every request, whatever it holds.

#include <optional>

#include "guild/route_table.hpp"

namespace dbcord::guild {

class rest {
 public:
  explicit rest(world& w) : world_(w) {}

  http_response serve(const http_request& request);

 private:
  struct admission {
    const rate_rule* rule = nullptr;
    rate_verdict verdict;
    bool global = false;  // refused by the limit over all routes
  };

  http_response serve_api(const http_request& request, std::string_view path, std::string_view query);
  const user* authenticate(const http_request& request) const;
  bool may_use(const route& r, const user* caller) const;
  std::optional<admission> admit(const route& r, const call& c);
  std::uint64_t limited_resource(rate_key key, const call& c);
  void add_limit_headers(const admission& a, http_response& response) const;
  http_response refuse(const admission& a) const;
  http_response fail(const api_error& error) const;

  world& world_;
};

}  // namespace dbcord::guild
