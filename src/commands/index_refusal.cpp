#include "commands/index_refusal.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "commands/arguments.hpp"
#include "commands/nearest_name.hpp"
#include "commands/reply_text.hpp"

namespace dbcord::commands {

actor::task<reply> explain_index_refusal(services s, invocation call, base::error why) {
  if (why.code != database::errc::invalid_query) co_return explain(s, call, why);
  auto table = text_argument(call, "table"), field = text_argument(call, "field");
  auto indexes = co_await s.engine.suggest(text_argument(call, "database"), table, database::suggestion::indexes, "", 25, call.deadline);
  bool there = std::find(indexes.begin(), indexes.end(), field) != indexes.end();
  if (there) co_return explain(s, call, why);
  auto others = indexes.empty() ? std::string("it has none") : fmt::format("it has {} on {}", indexes.size() == 1 ? "one" : "others", list_names(indexes));
  co_return failure(fmt::format("field: {} has no index on {}; {}.", quote(table), quote_key(field), others));
}

}  // namespace dbcord::commands
