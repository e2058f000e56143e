#include "guild/fault_front.hpp"

#include <boost/json.hpp>

#include "guild/call.hpp"

namespace dbcord::guild {
namespace {

namespace json = boost::json;

constexpr std::string_view admin_path = "/dbcord/faults";

std::string_view path_of(const http_request& request) {
  std::string_view target = request.target;
  return target.substr(0, target.find('?'));
}

// As the plan's `only` writes routes.
std::string route_of(const http_request& request) {
  auto path = path_of(request);
  if (auto below = below_api(path)) {
    auto match = match_route(request.method, *below);
    if (match.found) return request.method + " " + std::string(match.found->pattern);
  }
  return request.method + " " + std::string(path.substr(0, path.find('/', 1)));
}

http_response broken() {
  http_response response;
  response.status = 0;
  response.delivery.broken = true;
  return response;
}

// What a proxy before Discord says: no JSON.
http_response bad_gateway(int status) {
  http_response response;
  response.status = status;
  response.headers.emplace_back("Content-Type", "text/html");
  response.body = "<html><body>upstream connect error or disconnect/reset before headers</body></html>";
  return response;
}

http_response json_answer(int status, const json::value& body) {
  http_response response;
  response.status = status;
  response.headers.emplace_back("Content-Type", "application/json");
  response.body = json::serialize(body);
  return response;
}

std::optional<session_fault> session_fault_named(std::string_view name) {
  if (name == "/reconnect") return session_fault::reconnect;
  if (name == "/invalidate") return session_fault::invalidate;
  if (name == "/drop") return session_fault::drop;
  return std::nullopt;
}

}  // namespace

http_response fault_front::serve(const http_request& request) {
  auto path = path_of(request);
  if (path.starts_with(admin_path)) return serve_admin(request, path.substr(admin_path.size()));
  if (find_header(request, "authorization") == world_.state.first().owner_token) return rest_.serve(request);
  auto fate = world_.faults.draw_request(world_.faults.plan().only.empty() ? std::string() : route_of(request));
  auto response = meet(fate, request);
  if (!response.delivery.broken) choose_delivery(response);
  return response;
}

http_response fault_front::meet(request_fate fate, const http_request& request) {
  switch (fate) {
    case request_fate::served:
      return rest_.serve(request);
    case request_fate::reset_before:
      return broken();
    case request_fate::reply_lost:
      (void)rest_.serve(request);
      return broken();
    case request_fate::reply_never: {
      auto response = rest_.serve(request);
      response.delivery.silent = true;
      return response;
    }
    case request_fate::applied_late:
      keep_for_later(request);
      return broken();
    case request_fate::error_before:
      return bad_gateway(world_.faults.draw_error_status());
    case request_fate::error_after:
      (void)rest_.serve(request);
      return bad_gateway(world_.faults.draw_error_status());
    case request_fate::limited_shared:
    case request_fate::limited_hidden:
      return rest_.serve_limited(request, fate == request_fate::limited_shared);
  }
  return rest_.serve(request);
}

void fault_front::keep_for_later(const http_request& request) {
  if (late_.size() >= late_requests_max || late_bytes_ + request.body.size() > late_bytes_max) {
    (void)rest_.serve(request);
    return;
  }
  late_bytes_ += request.body.size();
  late_.emplace(world_.now + world_.faults.draw_late(), request);
}

void fault_front::apply_late() {
  while (!late_.empty() && late_.begin()->first <= world_.now) {
    auto due = late_.extract(late_.begin());
    late_bytes_ -= due.mapped().body.size();
    (void)rest_.serve(due.mapped());
  }
}

std::optional<base::system_time> fault_front::next_late() const {
  if (late_.empty()) return std::nullopt;
  return late_.begin()->first;
}

void fault_front::choose_delivery(http_response& response) {
  auto& f = world_.faults;
  response.delivery.delay = f.draw_latency();
  response.delivery.cut_after = f.draw_body_cut(response.body.size());
  if (f.draw_slow_body()) response.delivery.bytes_a_second = f.plan().body_bytes_a_second;
}

http_response fault_front::serve_admin(const http_request& request, std::string_view rest_of_path) {
  if (find_header(request, "authorization") != world_.state.first().owner_token)
    return json_answer(401, {{"message", "401: Unauthorized; faults are the owner's business"}, {"code", 0}});
  if (request.method == "POST") {
    if (auto kind = session_fault_named(rest_of_path)) return json_answer(200, {{"sessions", gateway_.inflict_on_all(*kind)}});
  }
  if (!rest_of_path.empty()) return json_answer(404, {{"message", "404: Not Found"}, {"code", 0}});
  if (request.method == "GET") return show_plan();
  if (request.method == "POST" || request.method == "PUT") return change_plan(request);
  if (request.method != "DELETE") return json_answer(405, {{"message", "405: Method Not Allowed"}, {"code", 0}});
  world_.faults.set_plan({}, world_.now);
  return show_plan();
}

http_response fault_front::change_plan(const http_request& request) {
  auto plan = parse_fault_plan(request.body);
  if (!plan) return json_answer(400, {{"message", plan.error().message}, {"code", 50035}});
  world_.faults.set_plan(std::move(*plan), world_.now);
  return show_plan();
}

http_response fault_front::show_plan() const {
  json::object counters;
  for (auto& [name, times] : world_.faults.counters()) counters[name] = times;
  return json_answer(200, {{"plan", to_json(world_.faults.plan())}, {"counters", std::move(counters)}});
}

}  // namespace dbcord::guild
