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
    state.add_pending(t, *d.operation);
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
  BOOST_TEST(state.materialised("a", 1, row_70));  // written late: the place of a superseded version
  BOOST_TEST(state.materialised("a", 2, row_71));
  BOOST_TEST(next().empty());
  BOOST_TEST(state.garbage().size() == 0u);
  BOOST_TEST(state.history().of("a")->front().row_message.value == row_70.value);
  BOOST_TEST(state.not_materialised() == 0u);
}

BOOST_AUTO_TEST_CASE(a_second_message_of_the_same_version_is_garbage) {
  insert_committed("a", R"({"id":"a"})");
  BOOST_TEST(state.materialised("a", 1, row_70));
  BOOST_TEST(!state.materialised("a", 1, row_71));
  BOOST_TEST(state.materialised("a", 1, row_70));
  BOOST_TEST(state.garbage().size() == 1u);
}

BOOST_AUTO_TEST_CASE(without_history_changing_or_deleting_a_row_makes_its_message_garbage) {
  state.replay(protocol::set_history{1, 0, 0}, 1, log_7);
  insert_committed("a", R"({"id":"a"})");
  state.materialised("a", 1, row_70);
  state.replay(protocol::put_row{1, "a", 2, R"({"id":"a","n":2})"}, 2, log_7);
  BOOST_TEST(state.garbage().size() == 1u);
  state.materialised("a", 2, row_71);
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

BOOST_AUTO_TEST_CASE(operations_of_other_tables_do_not_touch_this_one) {
  state.commit(1, {protocol::put_row{2, "a", 1, "{}"}}, 1, log_7);
  BOOST_TEST(state.rows().empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace dbcord::database
