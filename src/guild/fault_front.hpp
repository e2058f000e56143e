#pragma once
// fault_front: stands before rest and lets requests meet the fate that the fault plan draws for them; serves the admin route
// /dbcord/faults. Owned by the core; one caller at a time; answers every request. Limits: `late_requests_max` requests and
// `late_bytes_max` bytes of bodies wait to be applied late; past that they are applied at once.

#include <map>

#include "guild/gateway.hpp"
#include "guild/rest.hpp"

namespace dbcord::guild {

class fault_front {
 public:
  static constexpr std::size_t late_requests_max = 256;
  static constexpr std::size_t late_bytes_max = 64 * 1024 * 1024;

  fault_front(world& w, rest& behind, gateway& gate) : world_(w), rest_(behind), gateway_(gate) {}

  http_response serve(const http_request& request);
  // Applies what is due by now; nobody hears of the answers.
  void apply_late();
  std::optional<base::system_time> next_late() const;

 private:
  http_response meet(request_fate fate, const http_request& request);
  void keep_for_later(const http_request& request);
  void choose_delivery(http_response& response);

  http_response serve_admin(const http_request& request, std::string_view path);
  http_response change_plan(const http_request& request);
  http_response show_plan() const;

  world& world_;
  rest& rest_;
  gateway& gateway_;
  std::multimap<base::system_time, http_request> late_;
  std::size_t late_bytes_ = 0;
};

}  // namespace dbcord::guild
