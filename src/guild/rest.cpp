#include "guild/rest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "guild/json_writer.hpp"

namespace dbcord::guild {
namespace {

constexpr std::string_view attachments_root = "/attachments/";

bool is_unsupported_version(std::string_view path) {
  return path.size() > 2 && path.starts_with("/v") && path[2] >= '0' && path[2] <= '9';
}

std::string in_seconds(base::duration d) {
  auto ms = std::chrono::ceil<std::chrono::milliseconds>(d).count();
  return fmt::format("{}.{:03}", ms / 1000, ms % 1000);
}

std::string whole_seconds(base::duration d) {
  return std::to_string(std::chrono::ceil<std::chrono::seconds>(d).count());
}

void add_refusal_headers(http_response& response, base::duration wait, const char* scope) {
  response.headers.emplace_back("Retry-After", whole_seconds(wait));
  response.headers.emplace_back("X-RateLimit-Scope", scope);
  if (scope == std::string_view("global")) response.headers.emplace_back("X-RateLimit-Global", "true");
  response.headers.emplace_back("Via", "1.1 google");
}

// Deleting has three limits, by the age of the message.
std::string_view delete_group(const world& w, const call& c) {
  auto where = base::parse_id<base::channel_id>(c.parameters[0]);
  auto id = base::parse_id<base::message_id>(c.parameters[1]);
  if (!where || !id || !w.state.has_message(*where, *id)) return "young message delete";
  auto age = w.now - base::created_at(*id);
  if (age < young_delete_age) return "young message delete";
  return age > old_delete_age ? "old message delete" : "message delete";
}

}  // namespace

std::optional<std::string_view> below_api(std::string_view path) {
  if (!path.starts_with("/api/")) return std::nullopt;
  path.remove_prefix(4);
  for (std::string_view version : {"/v10/", "/v9/"}) {
    if (path.starts_with(version)) return path.substr(version.size() - 1);
  }
  return path;
}

http_response rest::serve(const http_request& request) {
  std::string_view target = request.target;
  auto mark = target.find('?');
  auto path = target.substr(0, mark);
  auto query = mark == target.npos ? std::string_view() : target.substr(mark + 1);
  http_response response = path.starts_with(attachments_root) && request.method == "GET"
                               ? serve_attachment(world_, path, query)
                               : serve_api(request, path, query);
  response.headers.emplace_back("Date", world_.http_date());
  return response;
}

http_response rest::serve_api(const http_request& request, std::string_view path, std::string_view query) {
  auto below = below_api(path);
  if (!below) return fail(errors::not_found());
  if (is_unsupported_version(*below)) return fail(errors::invalid_api_version());
  auto match = match_route(request.method, *below);
  if (!match.found) return fail(match.path_known ? errors::method_not_allowed() : errors::not_found());
  call c{request, query_string(query), std::move(match.parameters), authenticate(request)};
  if (match.found->who != access::open) {
    if (!c.caller) return fail(errors::unauthorized());
    if (match.found->who == access::bot && !c.caller->bot) return fail(errors::bots_only());
    if (match.found->who == access::person && c.caller->bot) return fail(errors::users_only());
  }
  auto admitted = admit(*match.found, c);
  if (admitted && !admitted->verdict.admitted) return refuse(*admitted);
  if (unannounced_) return refuse_unannounced(admitted && admitted->rule ? &*admitted : nullptr, *unannounced_);
  auto result = match.found->handle(world_, c);
  http_response response;
  if (result) {
    response.status = result->status;
    response.body = std::move(result->body);
    if (!response.body.empty()) response.headers.emplace_back("Content-Type", result->content_type);
  } else {
    response = fail(result.error());
  }
  if (admitted && admitted->rule) add_limit_headers(*admitted, response);
  return response;
}

const user* rest::authenticate(const http_request& request) const {
  auto header = find_header(request, "authorization");
  auto& first = world_.state.first();
  constexpr std::string_view bot_prefix = "Bot ";
  if (header.starts_with(bot_prefix) && header.substr(bot_prefix.size()) == first.bot_token)
    return &world_.state.bot();
  return header == first.owner_token ? &world_.state.owner() : nullptr;
}

std::uint64_t rest::limited_resource(rate_key key, const call& c) {
  if (key == rate_key::guild) return world_.state.first().guild.value;
  if (key == rate_key::token) return std::hash<std::string_view>()(c.parameters[1]);  // also of one that is not known any more
  if (key == rate_key::none || c.parameters.empty()) return 0;
  auto id = base::parse_id<base::channel_id>(c.parameters[0]);
  return id ? id->value : 0;
}

std::optional<rest::admission> rest::admit(const route& r, const call& c) {
  bool person = r.who != access::open && !c.by_bot();
  if (!world_.options.rate_limits || person) return std::nullopt;
  if (c.by_bot() && r.counts_globally) {
    auto global = world_.limits.admit_global(world_.now);
    if (!global.admitted) return admission{nullptr, global, true};
  }
  auto group = r.handle == delete_message ? delete_group(world_, c) : r.limit;
  auto* rule = group.empty() ? nullptr : find_rate_rule(group);
  if (!rule) return std::nullopt;
  return admission{rule, world_.limits.admit(*rule, limited_resource(rule->key, c), world_.now), false};
}

void rest::add_limit_headers(const admission& a, http_response& response) const {
  auto& v = a.verdict;
  response.headers.emplace_back("X-RateLimit-Limit", std::to_string(v.limit));
  response.headers.emplace_back("X-RateLimit-Remaining", std::to_string(v.remaining));
  response.headers.emplace_back("X-RateLimit-Reset", in_seconds(v.reset.time_since_epoch()));
  response.headers.emplace_back("X-RateLimit-Reset-After", in_seconds(v.reset - world_.now));
  response.headers.emplace_back("X-RateLimit-Bucket", rate_limits::bucket_id(*a.rule));
}

http_response rest::refuse(const admission& a) const {
  auto wait = a.verdict.reset - world_.now;
  http_response response;
  response.status = 429;
  response.headers.emplace_back("Content-Type", "application/json");
  add_refusal_headers(response, wait, a.global ? "global" : "user");
  if (a.rule) add_limit_headers(a, response);
  json_writer j(response.body);
  j.begin_object();
  j.field("message", "You are being rate limited.");
  j.raw_field("retry_after", in_seconds(wait));
  j.field("global", a.global);
  j.end_object();
  return response;
}

http_response rest::serve_limited(const http_request& request, bool shared) {
  unannounced_ = shared;
  auto response = serve(request);
  unannounced_.reset();
  return response;
}

// Facts 2.4: a shared one has a longer Retry-After than its headers say; a hidden one has Remaining above 0.
http_response rest::refuse_unannounced(const admission* a, bool shared) {
  auto wait = world_.faults.draw_retry_after();
  http_response response;
  response.status = 429;
  response.headers.emplace_back("Content-Type", "application/json");
  response.headers.emplace_back("Retry-After", whole_seconds(wait));
  response.headers.emplace_back("X-RateLimit-Scope", shared ? "shared" : "user");
  response.headers.emplace_back("Via", "1.1 google");
  if (a) {
    auto shown = *a;
    shown.verdict.remaining = std::max(shown.verdict.remaining, 1);
    add_limit_headers(shown, response);
  }
  json_writer j(response.body);
  j.begin_object();
  j.field("message", shared ? "The resource is being rate limited." : "You are being rate limited.");
  j.raw_field("retry_after", in_seconds(wait));
  j.field("global", false);
  j.end_object();
  return response;
}

http_response rest::fail(const api_error& error) const {
  http_response response;
  response.status = error.status;
  response.body = error.body();
  response.headers.emplace_back("Content-Type", "application/json");
  if (error.retry_after) add_refusal_headers(response, *error.retry_after, error.shared ? "shared" : "user");
  return response;
}

}  // namespace dbcord::guild
