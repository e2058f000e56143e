// A table that moves, as table_state knows it: which message of which channel counts, what is left to be written anew, and that places and pages stay right.

#include <boost/test/unit_test.hpp>

#include <fmt/format.h>

#include "database/table_state.hpp"

namespace dbcord::database {

namespace {

constexpr base::channel_id old_channel{5}, fresh_channel{6}, other{7};

struct table_state_move_fixture {
  table_state state{{1, "users", "id", old_channel}, "prod"};
  std::uint64_t lsn = 0;

  void put(const std::string& key) {
    auto version = state.find(key) ? state.find(key)->version + 1 : 1;
    ++lsn;
    state.replay(protocol::put_row{1, key, version, fmt::format(R"({{"id":"{}"}})", key)}, lsn, base::message_id{lsn * 10});
  }
  void place(const std::string& key, std::uint64_t message) { state.materialised(key, state.find(key)->version, state.find(key)->lsn, base::message_id{message}); }
  base::message_id place_of(const std::string& key) { return state.find(key)->row_message; }
  // Decided, pending and committed.
  protocol::move_table move(base::channel_id fresh = fresh_channel, bool current_is_gone = false) {
    auto d = state.decide_move(fresh, current_is_gone);
    BOOST_REQUIRE(d.operation.has_value());
    state.add_pending(1, *d.operation, d.index_bytes);
    ++lsn;
    state.commit(1, {*d.operation}, lsn, base::message_id{lsn * 10});
    return std::get<protocol::move_table>(*d.operation);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(table_state_move, table_state_move_fixture)

BOOST_AUTO_TEST_CASE(the_id_alone_tells_the_channel_even_if_ids_come_out_of_order) {
  put("a");
  place("a", 1'000);
  auto moved = move();
  BOOST_TEST((moved.last == base::message_id{1'000}));
  BOOST_TEST((state.channels().current == fresh_channel && state.definition().channel == fresh_channel));
  BOOST_TEST((state.channels().of(base::message_id{1'000}) == old_channel));
  BOOST_TEST((state.channels().of(base::message_id{1'001}) == fresh_channel));
  BOOST_TEST(state.counts(old_channel, base::message_id{999}));    // found late
  BOOST_TEST(!state.counts(old_channel, base::message_id{1'001}));  // written late: it goes with the channel
  BOOST_TEST(!state.counts(fresh_channel, base::message_id{999}));    // of a clock that is behind: written once more
  BOOST_TEST(state.counts(fresh_channel, base::message_id{1'001}));
  BOOST_TEST(!state.counts(other, base::message_id{1'001}));
  state.note_drained();
  BOOST_TEST(!state.counts(old_channel, base::message_id{999}));
}

BOOST_AUTO_TEST_CASE(nothing_is_written_while_it_is_pending_and_what_comes_in_counts_only_up_to_the_known_end) {
  put("a");
  place("a", 1'000);
  put("b");
  auto d = state.decide_move(fresh_channel, false);
  BOOST_TEST(!state.next_dirty(100).rows.empty());
  state.add_pending(7, *d.operation, d.index_bytes);
  BOOST_TEST(state.next_dirty(100).rows.empty());
  BOOST_TEST(state.counts(old_channel, base::message_id{990}));
  BOOST_TEST(!state.counts(old_channel, base::message_id{1'010}));
  auto again = state.decide_move(other, false);
  BOOST_TEST((again.refusal.has_value() && again.rests_on == std::optional<ticket>(7)));
  state.abort(7, std::vector{*d.operation});
  BOOST_TEST(state.counts(old_channel, base::message_id{1'010}));
  BOOST_TEST((state.next_dirty(100).channel == old_channel));
  auto moved = move();
  (void)moved;
  BOOST_TEST((state.next_dirty(100).channel == fresh_channel));
  auto third = state.decide_move(other, false);
  BOOST_TEST((third.refusal.has_value() && !third.rests_on));
}

BOOST_AUTO_TEST_CASE(a_fresh_channel_that_was_deleted_gives_way_to_another_one_and_the_retiring_one_stays_what_it_is) {
  put("a");
  place("a", 1'000);
  put("b");
  place("b", 1'001);
  auto first = move();
  place("b", 2'000);
  state.add_garbage(base::message_id{2'001}, std::nullopt);
  auto second = move(other, true);
  BOOST_TEST((second.before == old_channel && second.last == first.last && second.channel == other));
  BOOST_TEST((state.channels().current == other && state.channels().retiring == old_channel));
  BOOST_TEST((place_of("a") == base::message_id{1'000}));
  BOOST_TEST((!place_of("b")));
  BOOST_TEST(state.not_materialised() == 1u);  // b, which is written to the third channel
  BOOST_TEST(!state.garbage().contains(base::message_id{2'001}));
  place("b", 3'000);
  BOOST_TEST(state.count_leaving({}).rows == 1u);
}

// Its record may be all that a later process has of the two moves, or be behind a hole in the log.
BOOST_AUTO_TEST_CASE(what_a_record_of_a_move_says_holds_whatever_was_known_before) {
  put("a");
  place("a", 1'000);
  ++lsn;
  state.replay(protocol::move_table{1, other, fresh_channel, base::message_id{2'000}}, lsn, base::message_id{lsn * 10});
  BOOST_TEST((state.channels().current == other && state.channels().retiring == fresh_channel && state.channels().last == base::message_id{2'000}));
  BOOST_TEST((!place_of("a")));  // that was in a channel before the one before
  BOOST_TEST(state.counts(fresh_channel, base::message_id{1'500}));
  place("a", 1'500);
  BOOST_TEST(state.count_leaving({}).rows == 1u);
}

BOOST_AUTO_TEST_CASE(garbage_that_is_newer_than_every_place_is_before_the_end_as_well) {
  put("a");
  place("a", 1'000);
  state.add_garbage(base::message_id{2'000}, std::nullopt);
  BOOST_TEST((move().last == base::message_id{2'000}));
}

BOOST_AUTO_TEST_CASE(rows_stay_where_they_are_until_they_are_elsewhere) {
  put("a");
  place("a", 1'000);
  put("b");
  place("b", 1'001);
  move();
  BOOST_TEST(state.next_dirty(100).rows.empty());
  BOOST_TEST(state.count_leaving({}).rows == 2u);
  auto slice = state.drain_rows({}, "", 100);
  BOOST_TEST(slice.keys.size() == 2u);
  BOOST_TEST(slice.ended);
  BOOST_TEST((place_of("a") == base::message_id{1'000}));
  BOOST_TEST(state.left_behind_of({}, slice.keys).waiting == 2u);
  place("a", 2'000);
  BOOST_TEST((place_of("a") == base::message_id{2'000}));
  BOOST_TEST(state.left_behind_of({}, slice.keys).waiting == 1u);
  state.set_aside("b", state.find("b")->lsn);
  auto left = state.left_behind_of({}, slice.keys);
  BOOST_TEST((left.waiting == 0u && left.refused == 1u));
  BOOST_TEST(state.not_materialised() == 0u);  // it has its place
}

BOOST_AUTO_TEST_CASE(a_copy_that_an_earlier_process_has_written_to_the_fresh_channel_is_adopted) {
  put("a");
  place("a", 1'000);
  put("a");
  place("a", 1'001);
  move();
  auto past = state.history().of("a")->front();
  place("a", 2'000);  // it is not dirty: nobody asked for it in this process
  BOOST_TEST((place_of("a") == base::message_id{2'000}));
  BOOST_TEST(state.not_materialised() == 0u);
  BOOST_TEST(state.set_aside() == 0u);
  BOOST_TEST(state.materialised("a", past.version, past.lsn, base::message_id{2'001}));
  BOOST_TEST((state.history().of("a")->front().row_message == base::message_id{2'001}));
  BOOST_TEST(state.count_leaving({}).rows + state.count_leaving({}).versions == 0u);
  BOOST_TEST(!state.materialised("a", past.version, past.lsn, base::message_id{2'002}));  // another copy
  BOOST_TEST(state.garbage().contains(base::message_id{2'002}));
}

BOOST_AUTO_TEST_CASE(older_versions_come_one_of_each_key_at_a_time) {
  for (int i = 0; i < 3; ++i) {
    for (const char* key : {"a", "b"}) {
      put(key);
      place(key, 1'000 + lsn);
    }
  }
  move();
  auto first = state.versions_to_drain({}, "", 100, {});
  BOOST_TEST(first.versions.size() == 2u);
  BOOST_TEST(first.ended);
  auto some = state.versions_to_drain({}, "", 1, {});
  BOOST_TEST((some.versions.size() == 1u && !some.ended && some.last == "a"));
  BOOST_TEST(state.versions_to_drain({}, some.last, 1, {}).versions.front().first == "b");
  for (const auto& [key, v] : first.versions) state.materialised(key, v.version, v.lsn, base::message_id{3'000 + v.lsn});
  auto second = state.versions_to_drain({}, "", 100, {});
  BOOST_TEST(second.versions.size() == 2u);
  BOOST_TEST(second.versions.front().second.lsn > first.versions.front().second.lsn);
  std::set<table_state::version_id> refused;
  for (const auto& [key, v] : second.versions) refused.emplace(key, v.version, v.lsn);
  BOOST_TEST(state.versions_to_drain({}, "", 100, refused).versions.empty());
  BOOST_TEST(state.count_leaving({}).versions == 2u);
}

BOOST_AUTO_TEST_CASE(pages_of_the_retiring_channel_are_counted_until_they_are_empty) {
  put("a");
  put("b");
  state.materialised(base::message_id{1'000}, {{"a", 1, 1, 1}, {"b", 1, 2, 1}});
  put("b");
  move();
  BOOST_TEST(state.sparse_pages().empty());
  state.drain_rows({}, "", 100);
  state.materialised(base::message_id{2'000}, {{"a", 1, 1, 1}, {"b", 1, 2, 1}});  // the row, and the older version
  BOOST_TEST(state.count_leaving({}).rows + state.count_leaving({}).versions == 0u);
  BOOST_TEST(!state.garbage().pages().contains(base::message_id{1'000}));
  BOOST_TEST(state.garbage().pages().at(base::message_id{2'000}).uses == 2u);
  state.note_drained();
  BOOST_TEST(state.forget_retired(old_channel));
  BOOST_TEST(!state.garbage().contains(base::message_id{1'000}));
  BOOST_TEST(!state.channels().retiring);
  BOOST_TEST(!state.forget_retired(old_channel));
}

BOOST_AUTO_TEST_CASE(what_still_lies_in_a_dropped_channel_by_an_older_checkpoint_is_written_again) {
  put("a");
  place("a", 1'000);
  put("a");
  place("a", 1'001);
  move();
  BOOST_TEST(!state.forget_retired(other));
  BOOST_TEST(state.forget_retired(old_channel));
  BOOST_TEST(!place_of("a"));
  BOOST_TEST(state.not_materialised() == 1u);
  BOOST_TEST(!state.history().of("a")->front().row_message);
}

BOOST_AUTO_TEST_CASE(it_survives_a_checkpoint) {
  put("a");
  place("a", 1'000);
  auto moved = move();
  state.note_drained();
  auto head = state.begin_capture();
  state.end_capture();
  table_state loaded(head.definition, "prod");
  loaded.load(head);
  BOOST_TEST((loaded.channels().current == fresh_channel && loaded.channels().retiring == old_channel && loaded.channels().last == moved.last));
  BOOST_TEST(loaded.channels().drained);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace dbcord::database
