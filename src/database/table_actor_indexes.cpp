// The part of table_actor that is about indexes: made, built while the table is written and read, dropped, built anew.

#include "database/table_actor.hpp"

namespace dbcord::database {

dbcord::actor::task<write_result<committed_write>> table_actor::create_index(std::string field, bool unique, bool channel, write_context context) {
  auto decide = [field = std::move(field), unique, channel, at_once = services_.index_at_once](const table_state& s) {
    return s.decide_create_index(field, unique, at_once, channel);
  };
  return write(std::move(decide), std::move(context));
}

dbcord::actor::task<write_result<committed_write>> table_actor::drop_index(std::string field, write_context context) {
  return write([field = std::move(field)](const table_state& s) { return s.decide_drop_index(field); }, std::move(context));
}

dbcord::actor::task<write_result<committed_write>> table_actor::set_index_channel(std::string field, bool on, write_context context) {
  return write([field = std::move(field), on](const table_state& s) { return s.decide_index_channel(field, on); }, std::move(context));
}

dbcord::actor::task<write_result<committed_write>> table_actor::settle_index(protocol::index_id index, bool complete, std::string why,
                                                                             write_context context) {
  auto decide = [index, complete, why = std::move(why)](const table_state& s) {
    return why.empty() ? s.decide_index_outcome(index, complete) : s.decide_index_failure(index, why);
  };
  return write(std::move(decide), std::move(context));
}

dbcord::actor::task<std::optional<table_actor::index_work>> table_actor::next_building() {
  std::optional<index_work> work;
  co_await on_strand([this, &work] {
    auto index = state_.indexes().first_building();
    if (index) work = index_work{index->index, index->field, state_.rows().size()};
  });
  co_return work;
}

dbcord::actor::task<table_state::backfill_slice> table_actor::backfill(protocol::index_id index, std::string after) {
  table_state::backfill_slice slice;
  auto fill = [this, &slice, &after, index] {
    slice = state_.backfill(index, after, [this](std::uint64_t bytes) { return services_.memory.admits({bytes, true}); });
    account();
  };
  co_await on_strand(std::move(fill));
  memory_demand wanted{slice.wants, true};
  if (slice.wants == 0 || services_.memory.admits(wanted)) co_return slice;
  constexpr int most = 8;  // rounds, each of which gives up half of the older versions that are left
  for (int round = 0; round < most && !services_.memory.admits(wanted) && services_.memory.has_room_for(wanted); ++round) {
    auto made = services_.memory.make_room(wanted);
    co_await made.get();
  }
  if (!services_.memory.admits(wanted)) slice.no_room = memory_full(wanted, no_index).message;
  co_return slice;
}

// A row that was read keeps what indexes look at, even if it is evicted again at once: it is not read a second time.
dbcord::actor::task<base::result<std::vector<std::string>>> table_actor::read_lacking(std::vector<std::string> keys, base::steady_time deadline) {
  auto work = [](table_actor* self, std::vector<std::string> k, base::steady_time until) -> dbcord::actor::task<base::result<std::vector<std::string>>> {
    auto read = co_await self->make_resident_on_strand(k, until);
    if (!read) co_return read.error();
    co_return self->state_.still_lacking(std::move(k));
  };
  return run(work, this, std::move(keys), deadline);
}

dbcord::actor::task<std::optional<index_status>> table_actor::index_on(std::string field) {
  std::optional<index_status> status;
  co_await on_strand([this, &status, &field] { status = state_.indexes().status(field); });
  co_return status;
}

dbcord::actor::task<std::vector<std::string>> table_actor::damaged_indexes() {
  std::vector<std::string> fields;
  co_await on_strand([this, &fields] { fields = state_.damaged_indexes(); });
  co_return fields;
}

dbcord::actor::task<std::vector<std::string>> table_actor::rebuild_indexes() {
  std::vector<std::string> fields;
  auto rebuild = [this, &fields] {
    fields = state_.rebuild_indexes();
    account();
  };
  co_await on_strand(std::move(rebuild));
  co_return fields;
}

}  // namespace dbcord::database
