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
  // A fault: the request is refused with a 429 that no header announced, if it would have been admitted otherwise.
  http_response serve_limited(const http_request& request, bool shared);

 private:
  struct admission {
    const rate_rule* rule = nullptr;
    rate_verdict verdict;
    bool global = false;  // refused by the limit over all routes
  };

  http_response serve_api(const http_request& request, std::string_view path, std::string_view query);
  http_response refuse_unannounced(const admission* a, bool shared);
  const user* authenticate(const http_request& request) const;
  bool may_use(const route& r, const user* caller) const;
  std::optional<admission> admit(const route& r, const call& c);
  std::uint64_t limited_resource(rate_key key, const call& c);
  void add_limit_headers(const admission& a, http_response& response) const;
  http_response refuse(const admission& a) const;
  http_response fail(const api_error& error) const;

  world& world_;
  std::optional<bool> unannounced_;  // while serve_limited runs: of scope shared, or hidden
};

// "/api/v10/users/@me" -> "/users/@me"; nothing for what is not below /api.
std::optional<std::string_view> below_api(std::string_view path);

}  // namespace dbcord::guild
