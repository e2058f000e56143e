#include "guild/fault_plan.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "guild/json_read.hpp"
#include "guild/route_table.hpp"

namespace dbcord::guild {
namespace {

namespace json = boost::json;

struct probability {
  std::string_view name;
  double fault_plan::*value;
};
constexpr probability probabilities[] = {
    {"reset_before", &fault_plan::reset_before},       {"reply_lost", &fault_plan::reply_lost},
    {"reply_never", &fault_plan::reply_never},         {"applied_late", &fault_plan::applied_late},
    {"error_before", &fault_plan::error_before},       {"error_after", &fault_plan::error_after},
    {"limited_shared", &fault_plan::limited_shared},   {"limited_hidden", &fault_plan::limited_hidden},
    {"body_slow", &fault_plan::body_slow},             {"body_cut", &fault_plan::body_cut},
    {"content_refused", &fault_plan::content_refused}, {"upload_cut", &fault_plan::upload_cut},
    {"nonce_forgotten", &fault_plan::nonce_forgotten},
    {"history_empty", &fault_plan::history_empty},     {"history_stale", &fault_plan::history_stale},
    {"visible_late", &fault_plan::visible_late},       {"search_missed", &fault_plan::search_missed},
    {"search_lost", &fault_plan::search_lost},         {"event_dropped", &fault_plan::event_dropped},
    {"event_doubled", &fault_plan::event_doubled},     {"event_late", &fault_plan::event_late},
    {"interaction_doubled", &fault_plan::interaction_doubled}, {"id_behind", &fault_plan::id_behind}};

struct period {
  std::string_view name;
  base::duration fault_plan::*value;
};
constexpr period periods[] = {
    {"latency_min_ms", &fault_plan::latency_min},
    {"latency_mean_ms", &fault_plan::latency_mean},
    {"latency_max_ms", &fault_plan::latency_max},
    {"reconnect_every_ms", &fault_plan::reconnect_every},
    {"invalidate_every_ms", &fault_plan::invalidate_every},
    {"drop_every_ms", &fault_plan::drop_every},
    {"late_min_ms", &fault_plan::late_min},
    {"late_max_ms", &fault_plan::late_max},
    {"retry_after_max_ms", &fault_plan::retry_after_max},
    {"stale_max_ms", &fault_plan::stale_max},
    {"search_lag_ms", &fault_plan::search_lag},
    {"visible_late_max_ms", &fault_plan::visible_late_max},
    {"id_behind_max_ms", &fault_plan::id_behind_max},
    {"event_late_max_ms", &fault_plan::event_late_max}};
constexpr std::string_view download_route = "GET /attachments";  // as fault_front names it
constexpr std::int64_t longest_ms = 24 * 60 * 60 * 1000;

struct count {
  std::string_view name;
  std::uint64_t fault_plan::*value;
};
constexpr count counts[] = {{"seed", &fault_plan::seed},
                            {"at_most", &fault_plan::at_most},
                            {"body_bytes_a_second", &fault_plan::body_bytes_a_second}};

struct texts {
  std::string_view name;
  std::vector<std::string> fault_plan::*value;
};
constexpr texts lists[] = {{"blocked_words", &fault_plan::blocked_words}, {"only", &fault_plan::only}};

base::error wrong_fault(std::string_view name, std::string_view what) {
  return {base::errc::invalid_argument, fmt::format("Fault plan: {} {}.", name, what)};
}

template <class Entry, std::size_t N>
const Entry* find(const Entry (&table)[N], std::string_view name) {
  for (auto& entry : table) {
    if (entry.name == name) return &entry;
  }
  return nullptr;
}

base::result<void> read(fault_plan& plan, const probability& p, const json::value& value) {
  auto number = as_number(value);
  if (!number || *number < 0 || *number > 1) return wrong_fault(p.name, "must be a probability from 0 to 1");
  plan.*p.value = *number;
  return {};
}

base::result<void> read(fault_plan& plan, const period& p, const json::value& value) {
  auto ms = as_integer(value);
  if (!ms || *ms < 0 || *ms > longest_ms) return wrong_fault(p.name, "must be milliseconds, a day at most");
  plan.*p.value = std::chrono::milliseconds(*ms);
  return {};
}

base::result<void> read(fault_plan& plan, const count& c, const json::value& value) {
  auto number = as_snowflake(value);
  if (!number) return wrong_fault(c.name, "must be a whole number");
  plan.*c.value = *number;
  return {};
}

base::result<void> read(fault_plan& plan, const texts& t, const json::value& value) {
  auto* list = value.if_array();
  if (!list) return wrong_fault(t.name, "must be a list of texts");
  for (auto& item : *list) {
    auto text = as_text(item);
    if (!text || text->empty()) return wrong_fault(t.name, "must be a list of texts");
    (plan.*t.value).emplace_back(*text);
  }
  return {};
}

base::result<void> read(fault_plan& plan, std::string_view name, const json::value& value) {
  if (auto* p = find(probabilities, name)) return read(plan, *p, value);
  if (auto* p = find(periods, name)) return read(plan, *p, value);
  if (auto* c = find(counts, name)) return read(plan, *c, value);
  if (auto* t = find(lists, name)) return read(plan, *t, value);
  return wrong_fault(name, "is not known");
}

// A route that is not there would never be met, and nobody would know why.
base::result<void> check_routes(const fault_plan& plan) {
  for (auto& name : plan.only) {
    if (name == download_route || find_route(name)) continue;
    return wrong_fault("only", fmt::format("names '{}', which is no route of this guild; write it like POST /channels/{{}}/messages", name));
  }
  return {};
}

base::result<void> check(const fault_plan& plan) {
  double sum = plan.reset_before + plan.reply_lost + plan.reply_never + plan.applied_late + plan.error_before +
               plan.error_after + plan.limited_shared + plan.limited_hidden;
  if (sum > 1) return wrong_fault("reset_before to limited_hidden", "add up to more than 1");
  if (plan.event_dropped + plan.event_doubled + plan.event_late > 1)
    return wrong_fault("event_dropped to event_late", "add up to more than 1");
  if (plan.late_min > plan.late_max) return wrong_fault("late_min_ms", "is more than late_max_ms");
  if (plan.body_bytes_a_second == 0) return wrong_fault("body_bytes_a_second", "must be above 0");
  return check_routes(plan);
}

}  // namespace

base::result<fault_plan> read_fault_plan(const json::object& object) {
  fault_plan plan;
  for (auto& [name, value] : object) {
    auto ok = read(plan, name, value);
    if (!ok) return ok.error();
  }
  auto ok = check(plan);
  if (!ok) return ok.error();
  return plan;
}

base::result<fault_plan> parse_fault_plan(std::string_view text) {
  auto value = parse_json(text);
  auto* object = value ? value->if_object() : nullptr;
  if (!object) return base::error(base::errc::invalid_argument, "Fault plan: this is no JSON object.");
  return read_fault_plan(*object);
}

json::object to_json(const fault_plan& plan) {
  json::object object;
  for (auto& p : probabilities) object[p.name] = plan.*p.value;
  for (auto& p : periods) {
    object[p.name] = std::chrono::duration_cast<std::chrono::milliseconds>(plan.*p.value).count();
  }
  for (auto& c : counts) object[c.name] = plan.*c.value;
  for (auto& t : lists) object[t.name] = json::value_from(plan.*t.value);
  return object;
}

}  // namespace dbcord::guild
