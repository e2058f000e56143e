#include "protocol/gateway_saved_session.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace dbcord::protocol {
namespace {

namespace json = boost::json;

std::int64_t seconds(base::system_time t) {
  return std::chrono::ceil<std::chrono::seconds>(t.time_since_epoch()).count();  // never earlier than it was
}

std::optional<std::string> text(const json::object& o, std::string_view key) {
  auto* v = o.if_contains(key);
  if (!v || !v->is_string()) return std::nullopt;
  return std::string(v->get_string());
}

std::optional<std::int64_t> number(const json::object& o, std::string_view key, std::int64_t most) {
  auto* v = o.if_contains(key);
  if (!v || !v->is_int64() || v->get_int64() < 0 || v->get_int64() > most) return std::nullopt;
  return v->get_int64();
}

constexpr std::int64_t latest = 9'000'000'000;  // Unix seconds that fit in nanoseconds

}  // namespace

std::string to_json(const gateway_saved_session& saved) {
  json::object o;
  o["session_id"] = saved.session_id;
  o["resume_url"] = saved.resume_url;
  o["sequence"] = saved.sequence;
  o["identifies"] = saved.identifies;
  o["budget_since_s"] = seconds(saved.budget_since);
  o["last_identify_s"] = seconds(saved.last_identify);
  return json::serialize(o);
}

std::optional<gateway_saved_session> parse_saved_session(std::string_view line) {
  boost::system::error_code ec;
  auto value = json::parse(line, ec);
  if (ec || !value.is_object()) return std::nullopt;
  const auto& o = value.get_object();
  auto id = text(o, "session_id");
  auto url = text(o, "resume_url");
  auto sequence = number(o, "sequence", INT64_MAX);
  auto identifies = number(o, "identifies", 1'000'000'000);
  auto since = number(o, "budget_since_s", latest);
  auto last = number(o, "last_identify_s", latest);
  if (!id || !url || !sequence || !identifies || !since || !last) return std::nullopt;
  gateway_saved_session saved;
  saved.session_id = std::move(*id);
  saved.resume_url = std::move(*url);
  saved.sequence = static_cast<std::uint64_t>(*sequence);
  saved.identifies = static_cast<int>(*identifies);
  saved.budget_since = base::system_time(std::chrono::seconds(*since));
  saved.last_identify = base::system_time(std::chrono::seconds(*last));
  return saved;
}

}  // namespace dbcord::protocol
