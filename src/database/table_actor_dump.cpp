// The part of table_actor that a dump of the whole database is made of.

#include "database/table_actor.hpp"
#include "dbcord/base/assert.hpp"

namespace dbcord::database {

dbcord::actor::task<table_actor::begun_dump> table_actor::begin_dump() {
  begun_dump begun;
  co_await on_strand([this, &begun] {
    begun.head.head = dump_head();
    const auto& limits = state_.history().limits();
    auto age_s = std::chrono::duration_cast<std::chrono::seconds>(limits.age).count();
    begun.head.settings = {state_.layout(), limits.versions, static_cast<std::uint64_t>(age_s)};
    begun.head.rows = state_.rows().size();
    begun.scan = state_.begin_scan({});
    if (const auto* change = state_.alteration()) begun.scan->altering = *change;
  });
  co_return begun;
}

dbcord::actor::task<base::result<std::vector<protocol::image_row>>> table_actor::next_of_dump(table_state::scan_ptr scan, base::steady_time deadline) {
  auto work = [this](table_state::scan_ptr s, base::steady_time until) { return next_of_dump_on_strand(std::move(s), until); };
  return run(std::move(work), std::move(scan), deadline);
}

// What is dumped is the table as its head describes it, and nobody goes on altering a copy.
dbcord::actor::task<base::result<std::vector<protocol::image_row>>> table_actor::next_of_dump_on_strand(table_state::scan_ptr scan, base::steady_time deadline) {
  auto rows = co_await next_of_scan(scan, deadline);
  if (!rows || !scan->altering) co_return rows;
  for (auto& row : *rows) {
    auto altered = protocol::parse_json(row.json);
    DBCORD_ASSERT(altered.has_value());  // it was written by us, and its hash was checked
    if (scan->altering->apply(*altered)) row.json = protocol::to_json(*altered);
  }
  co_return rows;
}

protocol::snapshot_head table_actor::dump_head() const {
  protocol::snapshot_head head{definition_.name, definition_.primary_key, state_.schema().json(), {}};
  for (const auto& index : state_.indexes().all()) {
    if (index.state == index_state::ready) head.indexes.push_back({index.definition.field, index.definition.unique, index.definition.channel});
  }
  return head;
}

}  // namespace dbcord::database
