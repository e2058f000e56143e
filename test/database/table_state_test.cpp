#include "database/table_state.hpp"

#include <boost/test/unit_test.hpp>

namespace dbcord::database {

namespace {

const base::message_id log_7{7}, row_70{70}, row_71{71};

struct table_state_fixture {
  table_state state{{1, "users", "id", base::channel_id{5}}, "prod"};

  void insert_committed(std::string key, std::string json, std::uint64_t lsn = 1) {
    state.replay(protocol::put_row{1, key, 1, json}, lsn, log_7);
  }
  protocol::operation add(ticket t, decision d) {
    BOOST_REQUIRE(d.operation.has_value());
    state.add_pending(t, *d.operation, d.index_bytes);
    return *d.operation;
  }
  std::vector<protocol::row_version> next() const { return state.next_dirty(100).rows; }
  static protocol::json_node patch(std::string json) { return *protocol::parse_json(json); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(table_state_suite, table_state_fixture)

BOOST_AUTO_TEST_CASE(a_committed_key_is_a_duplicate_for_certain) {
  insert_committed("a", R"({"id":"a"})");
  auto d = state.decide_insert("a", "{}");
  BOOST_TEST(d.refusal.has_value());
  BOOST_TEST((d.refusal->code == errc::duplicate_key));
  BOOST_TEST(!d.rests_on.has_value());
}

BOOST_AUTO_TEST_CASE(a_refusal_because_of_a_pending_insert_rests_on_it) {
  auto op = add(9, state.decide_insert("a", R"({"id":"a"})"));
  auto d = state.decide_insert("a", "{}");
  BOOST_TEST(d.refusal.has_value());
  BOOST_TEST(*d.rests_on == 9u);
  state.abort(9, {op});
  BOOST_TEST(state.decide_insert("a", "{}").operation.has_value());
  BOOST_TEST(!state.find("a"));
}

BOOST_AUTO_TEST_CASE(writes_stack_on_pending_versions_in_order) {
  auto first = add(1, state.decide_insert("a", R"({"id":"a","n":1})"));
  auto second = add(2, state.decide_update("a", patch(R"({"n":2})"), 100));
  auto third = add(3, state.decide_delete("a"));
  BOOST_TEST(!state.find("a"));  // readers see only what is committed
  state.commit(1, {first}, 10, log_7);
  state.commit(2, {second}, 11, log_7);
  BOOST_TEST(state.find("a")->json == R"({"id":"a","n":2})");
  BOOST_TEST(state.find("a")->version == 2u);
  state.commit(3, {third}, 12, log_7);
  BOOST_TEST(!state.find("a"));
}

BOOST_AUTO_TEST_CASE(update_and_delete_of_a_missing_row_are_refused) {
  BOOST_TEST((state.decide_update("x", patch("{}"), 100).refusal->code == errc::unknown_key));
  BOOST_TEST((state.decide_delete("x").refusal->code == errc::unknown_key));
}

BOOST_AUTO_TEST_CASE(a_patch_cannot_change_the_primary_key_or_outgrow_the_cap) {
  insert_committed("a", R"({"id":"a"})");
  BOOST_TEST((state.decide_update("a", patch(R"({"id":"b"})"), 100).refusal->code == errc::invalid_json));
  BOOST_TEST((state.decide_update("a", patch(R"({"id":null})"), 100).refusal->code == errc::invalid_json));
  BOOST_TEST((state.decide_update("a", patch(R"({"x":"12345678901234567890"})"), 20).refusal->code == errc::too_large));
}

BOOST_AUTO_TEST_CASE(the_materialiser_gets_the_newest_version_only) {
  insert_committed("a", R"({"id":"a","n":1})", 1);
  state.replay(protocol::put_row{1, "a", 2, R"({"id":"a","n":2})"}, 2, log_7);
  BOOST_TEST(next().front().lsn == 2u);
  BOOST_TEST(state.materialised("a", 1, 1, row_70));  // written late: the place of a superseded version
  BOOST_TEST(state.materialised("a", 2, 2, row_71));
  BOOST_TEST(next().empty());
  BOOST_TEST(state.garbage().size() == 0u);
  BOOST_TEST(state.history().of("a")->front().row_message.value == row_70.value);
  BOOST_TEST(state.not_materialised() == 0u);
}

BOOST_AUTO_TEST_CASE(a_second_message_of_the_same_version_is_garbage) {
  insert_committed("a", R"({"id":"a"})");
  BOOST_TEST(state.materialised("a", 1, 1, row_70));
  BOOST_TEST(!state.materialised("a", 1, 1, row_71));
  BOOST_TEST(state.materialised("a", 1, 1, row_70));
  BOOST_TEST(state.garbage().size() == 1u);
}

BOOST_AUTO_TEST_CASE(without_history_changing_or_deleting_a_row_makes_its_message_garbage) {
  state.replay(protocol::set_history{1, 0, 0}, 1, log_7);
  insert_committed("a", R"({"id":"a"})");
  state.materialised("a", 1, 1, row_70);
  state.replay(protocol::put_row{1, "a", 2, R"({"id":"a","n":2})"}, 2, log_7);
  BOOST_TEST(state.garbage().size() == 1u);
  state.materialised("a", 2, 2, row_71);
  state.replay(protocol::delete_row{1, "a", 3}, 3, log_7);
  BOOST_TEST(state.garbage().size() == 2u);
  BOOST_TEST(next().empty());
  BOOST_TEST(state.json_bytes() == 0u);
}

BOOST_AUTO_TEST_CASE(a_row_set_aside_waits_for_its_next_version) {
  insert_committed("a", R"({"id":"a"})");
  state.set_aside("a", 1);
  BOOST_TEST(next().empty());
  BOOST_TEST(state.not_materialised() == 1u);
  state.replay(protocol::put_row{1, "a", 2, R"({"id":"a"})"}, 2, log_7);
  BOOST_TEST(next().size() == 1u);
  BOOST_TEST(state.not_materialised() == 1u);
}

BOOST_AUTO_TEST_CASE(rows_set_aside_are_tried_again_a_few_at_a_time_and_all_of_them_in_turn) {
  for (const auto* key : {"a", "b", "c", "d"}) insert_committed(key, "{}");
  state.materialised("b", 1, state.find("b")->lsn, row_70);
  for (const auto* key : {"a", "c", "d"}) state.set_aside(key, state.find(key)->lsn);
  BOOST_TEST(state.set_aside() == 3u);
  BOOST_TEST(state.retry_set_aside("", 2) == "c");
  BOOST_TEST(state.set_aside() == 1u);
  BOOST_TEST(state.not_materialised() == 3u);
  for (const auto* key : {"a", "c"}) state.set_aside(key, state.find(key)->lsn);
  BOOST_TEST(state.retry_set_aside("c", 2) == "a");  // d, then from the beginning
  BOOST_TEST(state.set_aside() == 1u);
  BOOST_TEST(state.retry_set_aside("a", 2) == "c");
  BOOST_TEST(state.retry_set_aside("c", 2) == "");
  BOOST_TEST(state.set_aside() == 0u);
  BOOST_TEST(state.not_materialised() == 3u);
}

BOOST_AUTO_TEST_CASE(operations_of_other_tables_do_not_touch_this_one) {
  state.commit(1, {protocol::put_row{2, "a", 1, "{}"}}, 1, log_7);
  BOOST_TEST(state.rows().empty());
}

BOOST_AUTO_TEST_CASE(what_is_altered_next_rests_on_versions_that_are_not_committed_yet_where_the_one_below_has_the_old_form) {
  insert_committed("a", R"({"id":"a","n":1})");
  insert_committed("b", R"({"id":"b","n":1})");
  state.replay(protocol::begin_alteration{1, protocol::column_change::drop("n")->json(), "{}"}, 2, log_7);
  auto changed = add(5, state.decide_update("a", patch(R"({"m":2})"), 100));
  auto deleted = add(6, state.decide_delete("b"));
  auto slice = state.next_to_alter("", 256);
  BOOST_TEST(slice.changes.empty());
  BOOST_TEST(slice.rests_on.has_value());
  BOOST_TEST(slice.ended);
  state.commit(5, {changed}, 3, log_7);
  auto again = add(7, state.decide_update("a", patch(R"({"m":3})"), 100));
  slice = state.next_to_alter("", 256);
  BOOST_TEST(slice.changes.empty());
  BOOST_TEST(slice.rests_on.value() == 6u);  // no more on a, whatever is written to it
  state.abort(6, {deleted});
  state.abort(7, {again});
  slice = state.next_to_alter("", 256);
  BOOST_TEST(slice.changes.size() == 1u);
  BOOST_TEST(!slice.rests_on);
}

BOOST_AUTO_TEST_CASE(of_two_alterations_the_end_of_one_is_not_that_of_the_other) {
  insert_committed("a", R"({"id":"a","n":1})");
  protocol::begin_alteration begun{1, protocol::column_change::drop("n")->json(), "{}"};
  state.replay(begun, 2, log_7);
  auto first = state.alteration_number();
  BOOST_TEST(state.decide_end_of_alteration(first).operation.has_value());
  state.replay(protocol::end_alteration{1}, 3, log_7);
  BOOST_TEST(!state.is_altering(first));
  state.replay(begun, 4, log_7);
  BOOST_TEST(!state.is_altering(first));
  BOOST_TEST(state.decide_end_of_alteration(first).refusal.has_value());
  BOOST_TEST(state.decide_end_of_alteration(state.alteration_number()).operation.has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace dbcord::database
