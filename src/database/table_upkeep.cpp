// The part of table_actor that is not about single rows: replacing with a condition, dropping, suggesting, mending.

#include "database/suggestions.hpp"
#include "database/table_actor.hpp"

namespace dbcord::database {

dbcord::actor::task<write_result<committed_write>> table_actor::replace(std::string key, protocol::json_node row, write_context context) {
  auto same = check_identity(context, "changed");
  if (!same) co_return write_result<committed_write>{false, same.error()};
  auto expected = context.expected_version;
  auto decide = [key = std::move(key), row = std::move(row), cap = services_.row_cap, expected](const table_state& s) {
    auto refused = expected ? s.refusal_by_version(key, *expected) : std::nullopt;
    return refused ? std::move(*refused) : s.decide_replace(key, row, cap);
  };
  co_return co_await write(std::move(decide), std::move(context));
}

dbcord::actor::task<write_result<committed_write>> table_actor::drop(write_context context) {
  auto decide = [](const table_state& s) { return s.decide_drop(); };
  return write(std::move(decide), std::move(context));
}

dbcord::actor::task<void> table_actor::forget_everything() {
  return on_strand([this] {
    replay(protocol::drop_table{definition_.table, definition_.name, definition_.channel}, 0, {});
    work_.notify();
  });
}

dbcord::actor::task<base::result<std::vector<std::string>>> table_actor::suggest(suggestion what, std::string typed, std::size_t limit,
                                                                                 base::steady_time deadline) {
  auto look = [this, what, typed = std::move(typed), limit] { return suggestions(state_, what, typed, limit); };
  return ask(std::move(look), deadline);
}

dbcord::actor::task<std::uint64_t> table_actor::rewrite(std::vector<lost_message> lost) {
  std::uint64_t marked = 0;
  auto mark = [this, &lost, &marked] {
    for (const auto& row : lost) marked += state_.rewrite(row.key, row.message) ? 1 : 0;
    work_.notify();
  };
  co_await on_strand(std::move(mark));
  co_return marked;
}

}  // namespace dbcord::database
