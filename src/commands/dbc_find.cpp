#include <fmt/format.h>

#include <algorithm>

#include "commands/arguments.hpp"
#include "commands/find_hints.hpp"
#include "commands/handlers.hpp"
#include "commands/moment_argument.hpp"
#include "commands/reply_text.hpp"
#include "commands/typed_argument.hpp"
#include "commands/where_hints.hpp"

namespace dbcord::commands {
namespace {

constexpr std::int64_t default_limit = 25;

bool goes_by_keys(const database::find_request& request) { return request.sort.empty(); }

bool has_more(const database::find_answer& answer, const database::find_request& request) {
  return !answer.rows.empty() && (request.skip + answer.rows.size() < answer.matched || answer.not_all_seen);
}

std::string way_on(const database::find_answer& answer, const database::find_request& request) {
  if (goes_by_keys(request)) return typed_argument("after", answer.rows.back().key);
  return fmt::format("`skip:{}`", request.skip + answer.rows.size());
}

std::string summary(const database::find_answer& answer, const database::find_request& request, const std::string& where) {
  if (request.explain_only) return fmt::format("Plan of this find in {}: {}.", where, answer.plan);
  if (answer.matched == 0) return fmt::format("No row of {} matches ({}).", where, answer.plan);
  auto text = fmt::format("{}{} of {} {} ({}).", answer.not_all_seen ? "At least " : "", count_for_programs(answer.matched, "row"), where,
                          answer.matched == 1 ? "matches" : "match", answer.plan);
  if (request.count_only) return text;
  if (answer.rows.empty()) return text + fmt::format(" None is left behind skip:{}.", request.skip);
  if (answer.rows.size() == answer.matched && !answer.not_all_seen) return text;
  if (request.before)
    return text + fmt::format(" Shown: the last {} of them. Those before are found with {}.", answer.rows.size(), typed_argument("before", answer.rows.front().key));
  text += fmt::format(" Shown: {} to {}.", request.skip + 1, request.skip + answer.rows.size());
  if (has_more(answer, request)) text += fmt::format(" Go on with {}.", way_on(answer, request));
  return text;
}

// In the order of keys behind the last row shown, so that rows which come and go meanwhile shift nothing.
prepared_command next_page(const invocation& call, const database::find_answer& answer, const database::find_request& request) {
  prepared_command other{"dbc_find", call.arguments};
  if (goes_by_keys(request)) {
    other.arguments.erase("skip");
    other.arguments.erase("before");
    other.arguments["after"] = answer.rows.back().key;
  } else {
    other.arguments["skip"] = static_cast<std::int64_t>(request.skip + answer.rows.size());
  }
  return other;
}

button first_page(const invocation& call) {
  prepared_command other{"dbc_find", call.arguments};
  other.arguments.erase("after");
  other.arguments.erase("before");
  return {"◀◀ First page", std::move(other)};
}

// Those before the first row shown, likewise.
button page_before_key(const invocation& call, const std::string& first) {
  prepared_command other{"dbc_find", call.arguments};
  other.arguments.erase("after");
  other.arguments["before"] = first;
  return {"◀ Previous", std::move(other)};
}

button page_by_count(const invocation& call, const database::find_answer& answer, const database::find_request& request) {
  prepared_command other{"dbc_find", call.arguments};
  auto skip = answer.rows.empty() ? (answer.matched - 1) / request.limit * request.limit : request.skip - std::min(request.skip, request.limit);
  other.arguments["skip"] = static_cast<std::int64_t>(skip);
  return {"◀ Previous", std::move(other)};
}

void add_paging(reply& r, const invocation& call, const database::find_answer& answer, const database::find_request& request) {
  bool is_later = request.skip > 0 && answer.matched > 0, by_key = request.skip == 0 && (request.after || request.before);
  if (is_later) r.buttons.push_back(page_by_count(call, answer, request));
  if (by_key) r.buttons.push_back(first_page(call));
  bool some_before = request.after || has_more(answer, request);
  if (by_key && some_before && !answer.rows.empty()) r.buttons.push_back(page_before_key(call, answer.rows.front().key));
  if (request.before && !answer.rows.empty()) r.buttons.push_back({"Next ▶", next_page(call, answer, request)});
  if (request.before || !has_more(answer, request)) return;
  auto next = request.skip + answer.rows.size();
  auto following = answer.not_all_seen ? request.limit : std::min<std::uint64_t>(request.limit, answer.matched - next);
  r.buttons.push_back({fmt::format("Next {} ▶", following), next_page(call, answer, request)});
}

}  // namespace

actor::task<reply> dbc_find(services s, invocation call) {
  auto database = text_argument(call, "database");
  auto table = text_argument(call, "table");
  database::find_request request;
  request.where_json = text_argument(call, "where_json");
  request.limit = static_cast<std::size_t>(integer_argument(call, "limit", default_limit));
  request.skip = static_cast<std::size_t>(integer_argument(call, "skip", 0));
  if (has_argument(call, "after")) request.after = text_argument(call, "after");
  if (has_argument(call, "before")) request.before = text_argument(call, "before");
  request.sort = text_argument(call, "sort");
  request.fields = text_argument(call, "fields");
  request.count_only = boolean_argument(call, "count");
  request.explain_only = boolean_argument(call, "explain");
  request.via = text_argument(call, "via");
  auto when = as_of_argument(call, s.env.clock.wall_now());
  if (!when) co_return failure(when.error().message);
  request.as_of = *when;
  auto context = read_context_of(call);
  auto answer = co_await s.engine.find(database, table, request, context);
  if (!answer) co_return explain(s, call, answer.error());
  reply r;
  r.held = std::move(answer->held);
  auto where = fmt::format("`{}.{}`", database, table);
  if (request.as_of) where += " as of " + quote(text_argument(call, "as_of"));
  if (request.after) where += " behind " + quote_key(*request.after);
  if (request.before) where += " before " + quote_key(*request.before);
  r.text = summary(*answer, request, where);
  r.rows_name = table;
  if (!request.count_only && !request.explain_only) add_paging(r, call, *answer, request);
  if (request.sort.empty()) {
    auto hint = co_await hint_of_text_order(s, call, answer->rows);
    r.text += hint;
  }
  for (auto& row : answer->rows) r.rows.push_back(std::move(row.json));
  if (answer->matched == 0 && !request.explain_only && !request.as_of && !request.after && !request.before) {
    auto hint = co_await hint_of_nothing_found(s, std::move(call), request.where_json);
    r.text += hint;
    co_return r;
  }
  auto unseen = unseen_fields(request, r.rows);
  if (!unseen.empty()) {
    auto hint = co_await hint_of_unseen_fields(s, call, std::move(unseen));
    r.text += " " + hint;
  }
  auto hidden = hidden_sort_fields(request, r.rows);
  if (!hidden.empty()) {
    auto hint = co_await hint_of_hidden_sort(s, std::move(call), std::move(hidden));
    if (!hint.empty()) r.text += " " + hint;
  }
  co_return r;
}

}  // namespace dbcord::commands
