#include "protocol/rate_limit_headers.hpp"

#include <algorithm>
#include <boost/algorithm/string/predicate.hpp>
#include <boost/json/parse.hpp>
#include <charconv>
#include <cmath>

#include "dbcord/base/time_text.hpp"

namespace dbcord::protocol {
namespace {

using headers_view = std::span<const std::pair<std::string, std::string>>;

// No limit that makes sense waits longer; anything above is taken as this much.
constexpr base::duration longest_window = std::chrono::hours(24);

std::string_view find(headers_view headers, std::string_view name) {
  for (const auto& [key, value] : headers) {
    if (boost::algorithm::iequals(key, name)) return value;
  }
  return {};
}

template <class Number>
std::optional<Number> whole(std::string_view text) {
  Number value{};
  auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// "12", "0.123", any number of decimals; exact to the nanosecond, unlike a double of Unix seconds.
std::optional<base::duration> decimal_seconds(std::string_view text) {
  auto dot = text.find('.');
  auto seconds = whole<std::uint64_t>(text.substr(0, dot));
  if (!seconds || *seconds > 9'000'000'000) return std::nullopt;
  base::duration value = std::chrono::seconds(*seconds);
  if (dot == std::string_view::npos) return value;
  std::string digits(text.substr(dot + 1, 9));
  digits.resize(9, '0');
  auto fraction = whole<std::uint64_t>(digits);
  if (!fraction) return std::nullopt;
  return value + std::chrono::nanoseconds(*fraction);
}

base::duration from_double(double seconds) {
  double bounded = std::clamp(seconds, 0.0, 86'400.0);
  return base::duration(static_cast<std::int64_t>(std::ceil(bounded * 1e9)));
}

// What Reset-After would say, by the server's own clock; Date has whole seconds, so this is rather too long than too short.
std::optional<base::duration> until_reset(headers_view headers, base::duration reset) {
  auto date = base::parse_http_date(find(headers, "Date"));
  if (!date) return std::nullopt;
  return std::max(base::duration::zero(), reset - date->time_since_epoch());
}

std::optional<rate_limit_headers::window> read_window(headers_view headers) {
  auto limit = whole<int>(find(headers, "X-RateLimit-Limit"));
  auto remaining = whole<int>(find(headers, "X-RateLimit-Remaining"));
  auto reset = decimal_seconds(find(headers, "X-RateLimit-Reset"));
  auto after = decimal_seconds(find(headers, "X-RateLimit-Reset-After"));
  if (!after && reset) after = until_reset(headers, *reset);
  if (!limit || !remaining || !after || *limit < 1 || *remaining < 0) return std::nullopt;
  rate_limit_headers::window w;
  w.limit = *limit;
  w.remaining = std::min(*remaining, *limit);
  w.reset_after = std::min(*after, longest_window);
  if (reset) w.reset = base::system_time(*reset);
  return w;
}

struct refusal {
  std::optional<base::duration> retry_after;
  bool global = false;
};

refusal read_body(std::string_view body) {
  boost::system::error_code ec;
  auto value = boost::json::parse(body, ec);
  if (ec || !value.is_object()) return {};
  const auto& object = value.get_object();
  refusal r;
  if (auto* field = object.if_contains("retry_after")) {
    double seconds = field->to_number<double>(ec);
    if (!ec && seconds >= 0) r.retry_after = from_double(seconds);
  }
  if (auto* field = object.if_contains("global")) r.global = field->is_bool() && field->get_bool();
  return r;
}

rate_scope read_scope(headers_view headers, bool global_body) {
  auto scope = find(headers, "X-RateLimit-Scope");
  if (scope == "shared") return rate_scope::shared;
  if (scope == "global" || global_body ||
      boost::algorithm::iequals(find(headers, "X-RateLimit-Global"), "true")) {
    return rate_scope::global;
  }
  return rate_scope::user;
}

// The body is exact, the header is rounded up to whole seconds. A header beyond that rounding is another,
// longer limit and wins (seen in the wild); for a shared limit the longer one always counts.
std::optional<base::duration> reconcile(std::optional<base::duration> header,
                                        std::optional<base::duration> body, rate_scope scope) {
  if (!header || !body) return body ? body : header;
  if (scope == rate_scope::shared) return std::max(*header, *body);
  return *header > std::chrono::ceil<std::chrono::seconds>(*body) ? header : body;
}

}  // namespace

rate_limit_headers read_rate_limit_headers(int status, headers_view headers, std::string_view body) {
  rate_limit_headers r;
  r.counted = read_window(headers);
  r.bucket = find(headers, "X-RateLimit-Bucket");
  r.any = std::any_of(headers.begin(), headers.end(),
                      [](const auto& h) { return boost::algorithm::istarts_with(h.first, "x-ratelimit-"); });
  if (status != 429) return r;
  auto refused = read_body(body);
  auto header = decimal_seconds(find(headers, "Retry-After"));
  if (header) header = std::min(*header, longest_window);
  r.scope = read_scope(headers, refused.global);
  r.retry_after = reconcile(header, refused.retry_after, r.scope);
  return r;
}

}  // namespace dbcord::protocol
