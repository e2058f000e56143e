// Transactions over several rows and tables: all or nothing, for readers, for rules, and after a kill.

#include "database/database_fixture.hpp"
#include "database/row_operation.hpp"

using namespace dbcord;
using namespace dbcord::test;
using database::errc;

namespace {

struct transaction_fixture : database_fixture {
  void create_bank() {
    create();
    BOOST_REQUIRE(run(stack->engine->create_table("prod", "accounts", "id", context())).has_value());
    BOOST_REQUIRE(transact(R"([{"op":"insert","table":"accounts","value":{"id":"ann","balance":100}},
                               {"op":"insert","table":"accounts","value":{"id":"bob","balance":0.5}}])").has_value());
  }
  base::result<database::transaction_receipt> transact(std::string json, std::optional<database::write_context> given = {}) {
    auto steps = database::parse_row_operations(json, 1'000'000);
    if (!steps) return steps.error();
    auto c = given ? *given : context();
    return run(stack->engine->transact("prod", *steps, c));
  }
  std::string refusal(std::string json) {
    auto done = transact(std::move(json));
    return done ? "done" : done.error().message;
  }
  std::string account(std::string key) {
    auto found = run(stack->engine->get("prod", "accounts", std::move(key), reading()));
    return found ? found->json : found.error().message;
  }
};

constexpr auto transfer = R"([{"op":"update","table":"accounts","key":"ann","add":{"balance":-30.25},"where":{"balance":{"$gte":30.25}}},
                              {"op":"update","table":"accounts","key":"bob","add":{"balance":30.25}},
                              {"op":"insert","table":"users","value":{"id":"t-1","amount":30.25}}])";

}  // namespace

BOOST_FIXTURE_TEST_SUITE(transactions, transaction_fixture)

BOOST_AUTO_TEST_CASE(steps_on_several_tables_are_one_record_of_the_log) {
  create_bank();
  auto groups = inspect().groups;
  auto done = transact(transfer);
  BOOST_REQUIRE(done.has_value());
  BOOST_TEST(inspect().groups == groups + 1);
  BOOST_TEST(account("ann") == R"({"id":"ann","balance":69.75})");
  BOOST_TEST(account("bob") == R"({"id":"bob","balance":30.75})");
  BOOST_TEST(get("t-1") == R"({"id":"t-1","amount":30.25})");
  BOOST_REQUIRE(done->steps.size() == 3u);
  BOOST_TEST(done->steps[0].row.version == 2u);
  BOOST_TEST(done->steps[2].row.version == 1u);
  restart();
  BOOST_TEST(account("ann") == R"({"id":"ann","balance":69.75})");
  BOOST_TEST(get("t-1") == R"({"id":"t-1","amount":30.25})");
}

BOOST_AUTO_TEST_CASE(a_refused_step_undoes_the_steps_before_it_and_names_itself) {
  create_bank();
  BOOST_REQUIRE(insert("t-1", "{}").has_value());
  BOOST_TEST(refusal(transfer) == "step 3: table users of database prod has a row with key \"t-1\" already; use /dbc_update to change it; nothing was changed");
  BOOST_TEST(account("ann") == R"({"id":"ann","balance":100})");
  BOOST_REQUIRE(remove("t-1").has_value());
  BOOST_TEST(refusal(transfer) == "done");  // the key, the rows and the tables are free again
  BOOST_TEST(refusal(R"([{"op":"insert","table":"nowhere","value":{"id":1}}])") ==
             "step 1: database prod has no table \"nowhere\"; it has: accounts, users; nothing was changed");
}

// Whoever has read the row before its deletion does not take the new one for it.
BOOST_AUTO_TEST_CASE(version_numbers_go_on_behind_a_deletion) {
  create_bank();
  auto step = [](std::string text) { return "[" + text + "]"; };
  for (int i = 0; i < 2; ++i) {
    if (i == 1) restart();
    BOOST_REQUIRE(transact(step(R"({"op":"delete","table":"accounts","key":"ann"})")).has_value());
    auto anew = transact(step(R"({"op":"insert","table":"accounts","value":{"id":"ann","balance":7}})"));
    BOOST_REQUIRE(anew.has_value());
    BOOST_TEST(anew->steps[0].row.version == 3u + 2u * static_cast<unsigned>(i));
    auto stale = transact(step(R"({"op":"update","table":"accounts","key":"ann","patch":{"x":1},"expected_version":1})"));
    BOOST_TEST(!stale.has_value());
  }
}

BOOST_AUTO_TEST_CASE(preconditions_decide_and_say_what_they_found) {
  create_bank();
  auto conflict = [&](std::string step, std::string sentence) {
    auto done = transact("[" + step + "]");
    BOOST_REQUIRE(!done.has_value());
    BOOST_TEST(done.error().message == "step 1: " + sentence + "; nothing was changed");
    return done.error().code;
  };
  BOOST_TEST((conflict(R"({"op":"delete","table":"accounts","key":"ann","expected_version":7})", "row \"ann\" of table accounts has version 1, not 7") == errc::conflict));
  BOOST_TEST((conflict(R"({"op":"put","table":"accounts","value":{"id":"cid"},"expected_version":1})",
                       "table accounts has no row with key \"cid\", so not version 1 of it") == errc::conflict));
  BOOST_TEST((conflict(R"({"op":"check","table":"accounts","key":"ann","must_not_exist":true})", "table accounts has a row with key \"ann\" already") == errc::conflict));
  BOOST_TEST((conflict(R"({"op":"check","table":"accounts","key":"cid","must_exist":true})",
                       "table accounts of database prod has no row with key \"cid\"") == errc::unknown_key));
  BOOST_TEST((conflict(R"({"op":"update","table":"accounts","key":"ann","patch":{"x":1},"where":{"balance":{"$lt":5}}})",
                       "row \"ann\" of table accounts does not fulfil the condition in where") == errc::conflict));
  BOOST_TEST((conflict(R"({"op":"update","table":"accounts","key":"ann","add":{"id":1}})", "add: id is the primary key, which cannot change") == errc::invalid_json));
  BOOST_TEST(refusal(R"([{"op":"put","table":"accounts","value":{"id":"ann","balance":1},"expected_version":1},
                         {"op":"check","table":"accounts","key":"cid","expected_version":0}])") == "done");
  BOOST_TEST(account("ann") == R"({"id":"ann","balance":1})");
}

BOOST_AUTO_TEST_CASE(a_step_sees_the_steps_before_it) {
  create_bank();
  auto done = transact(R"([{"op":"insert","table":"users","value":{"id":"n","n":{"deep":1}}},
                           {"op":"update","table":"users","key":"n","add":{"n.deep":41,"n.new":-1}},
                           {"op":"get","table":"users","key":"n"},
                           {"op":"delete","table":"users","key":"n"},
                           {"op":"insert","table":"users","value":{"id":"n"}}])");
  BOOST_REQUIRE(done.has_value());
  BOOST_TEST(done->steps[2].row.json == R"({"id":"n","n":{"deep":42,"new":-1}})");
  BOOST_TEST(done->steps[4].row.version == 4u);
  BOOST_TEST(get("n") == R"({"id":"n"})");
  BOOST_TEST(refusal(R"([{"op":"insert","table":"users","value":{"id":"m"}},{"op":"insert","table":"users","value":{"id":"m"}}])") ==
             "step 2: table users of database prod has a row with key \"m\" already; use /dbc_update to change it; nothing was changed");
  BOOST_TEST(get("m") == "table users of database prod has no row with key \"m\"");
  restart();
  BOOST_TEST(get("n") == R"({"id":"n"})");
}

BOOST_AUTO_TEST_CASE(a_unique_value_may_move_within_a_transaction_but_never_be_there_twice) {
  create_bank();
  BOOST_REQUIRE(run(stack->engine->create_index("prod", "users", "email", true, context())).has_value());
  BOOST_REQUIRE(insert("a", R"({"email":"x"})").has_value());
  BOOST_TEST(refusal(R"([{"op":"update","table":"users","key":"a","patch":{"email":null}},{"op":"insert","table":"users","value":{"id":"b","email":"x"}}])") == "done");
  BOOST_TEST(find(R"({"email":"x"})") == "b ");
  BOOST_TEST(refusal(R"([{"op":"update","table":"users","key":"a","patch":{"email":"x"}},{"op":"delete","table":"users","key":"b"}])") ==
             "step 1: the field email is unique in table users, and row \"b\" has \"x\" already; nothing was changed");
  BOOST_TEST(find(R"({"email":"x"})") == "b ");
}

BOOST_AUTO_TEST_CASE(a_repeated_command_acts_once) {
  create_bank();
  auto c = context();
  BOOST_REQUIRE(transact(transfer, c).has_value());
  auto again = transact(transfer, c);
  BOOST_REQUIRE(again.has_value());
  BOOST_TEST(again->repeated);
  BOOST_TEST(account("bob") == R"({"id":"bob","balance":30.75})");
  restart();
  again = transact(transfer, c);
  BOOST_REQUIRE(again.has_value());
  BOOST_TEST(again->repeated);
  BOOST_TEST(account("bob") == R"({"id":"bob","balance":30.75})");
}

BOOST_AUTO_TEST_CASE(reading_alone_writes_nothing) {
  create_bank();
  auto groups = inspect().groups;
  auto seen = transact(R"([{"op":"get","table":"accounts","key":"ann"},{"op":"get","table":"accounts","key":"bob"}])");
  BOOST_REQUIRE(seen.has_value());
  BOOST_TEST(seen->lsn == 0u);
  BOOST_TEST(seen->steps[1].row.json == R"({"id":"bob","balance":0.5})");
  BOOST_TEST(inspect().groups == groups);
}

// Many at once, crosswise: none waits for ever, and what they move is neither lost nor made.
BOOST_AUTO_TEST_CASE(concurrent_transfers_keep_the_total) {
  create_bank();
  BOOST_REQUIRE(transact(R"([{"op":"put","table":"accounts","value":{"id":"bob","balance":100}},{"op":"insert","table":"users","value":{"id":"cid","balance":100}}])").has_value());
  int done = 0, refused = 0;
  std::vector<std::string> moves{
      R"([{"op":"update","table":"accounts","key":"ann","add":{"balance":-9},"where":{"balance":{"$gte":9}}},{"op":"update","table":"users","key":"cid","add":{"balance":9}}])",
      R"([{"op":"update","table":"users","key":"cid","add":{"balance":-7},"where":{"balance":{"$gte":7}}},{"op":"update","table":"accounts","key":"bob","add":{"balance":7}}])",
      R"([{"op":"update","table":"accounts","key":"bob","add":{"balance":-20},"where":{"balance":{"$gte":20}}},{"op":"update","table":"accounts","key":"ann","add":{"balance":20}}])"};
  auto move = [](transaction_fixture* self, std::string json, int* ok, int* no) -> actor::task<void> {
    auto steps = database::parse_row_operations(json, 1'000'000);
    auto c = self->context();
    auto moved = co_await self->stack->engine->transact("prod", *steps, c);
    ++(moved ? *ok : *no);
  };
  for (int i = 0; i < 60; ++i) process->spawn(move(this, moves[static_cast<std::size_t>(i) % 3], &done, &refused));
  for (int i = 0; i < 6; ++i) {
    auto seen = transact(R"([{"op":"get","table":"accounts","key":"ann"},{"op":"get","table":"accounts","key":"bob"},{"op":"get","table":"users","key":"cid"}])");
    BOOST_REQUIRE(seen.has_value());
    int total = 0;
    for (const auto& s : seen->steps) total += std::stoi(s.row.json.substr(s.row.json.find(":", 8) + 1));
    BOOST_TEST(total == 300);
  }
  world.run_for(2min);
  BOOST_TEST(done + refused == 60);
  BOOST_TEST(done > 40);
}

BOOST_AUTO_TEST_CASE(steps_that_are_not_understood_are_refused_with_their_number) {
  auto sentence = [](std::string json) {
    auto parsed = database::parse_row_operations(json, 10'000);
    return parsed ? std::string("fine") : parsed.error().message;
  };
  BOOST_TEST(sentence("nonsense").starts_with("not valid JSON: "));
  BOOST_TEST(sentence("[]") == R"(the list is empty, so there is nothing to do; give steps like [{"op": "get", "table": "t", "key": "k"}])");
  BOOST_TEST(sentence(R"([{"op":"update","table":"t","key":"k","add":{"a..b":1}}])") == "step 1: add: \"a..b\" is not a field's name or path");
  BOOST_TEST(sentence("{}") == R"(must be a JSON list like [{"op": "get", "table": "t", "key": "k"}])");
  BOOST_TEST(sentence("[1]") == R"(step 1: must be an object like {"op": "update", "table": "t", "key": "k", "patch": {"n": 1}})");
  BOOST_TEST(sentence(R"([{"op":"update","table":"t","key":"k","patch":{}}])") == "step 1: patch names no field, so nothing would change; give what changes, e.g. {\"role\": \"admin\"}");
  BOOST_TEST(sentence(R"([{"op":"get","table":"t","key":"k"},{"op":"drop"}])") == R"(step 2: op must be one of insert, put, update, delete, get, check, not "drop")");
  BOOST_TEST(sentence(R"([{"table":"t","key":"k"}])") == "step 1: op is missing; it is one of insert, put, update, delete, get, check");
  BOOST_TEST(sentence(R"([{"op":"get","key":"k"}])") == "step 1: table is missing");
  BOOST_TEST(sentence(R"([{"op":"get","table":"t"}])") == "step 1: key is missing");
  BOOST_TEST(sentence(R"([{"op":"insert","table":"t","key":"k"}])") == "step 1: value is missing: the row as an object");
  BOOST_TEST(sentence(R"([{"op":"get","table":"t","key":"k","value":{}}])") == "step 1: value belongs to insert and put only");
  BOOST_TEST(sentence(R"([{"op":"update","table":"t","key":"k","patch":{"$set":{"a":1}}}])") ==
             R"(step 1: patch is no patch with $set in it: write the fields themselves, {"a":1})");
  BOOST_TEST(sentence(R"([{"op":"update","table":"t","key":"k","patch":{"a":{},"a.b":1},"add":{"n":1}}])").starts_with(R"(step 1: patch names both "a" and "a.b")"));
  BOOST_TEST(sentence(R"([{"op":"update","table":"t","key":"k","add":{"$n":1}}])") == "step 1: add: \"$n\" is not a field's name or path");
  BOOST_TEST(sentence(R"([{"op":"update","table":"t","key":"k"}])") == "step 1: patch or add is missing: what changes");
  BOOST_TEST(sentence(R"([{"op":"delete","table":"t","key":"k","add":{"n":1}}])") == "step 1: patch and add belong to update only");
  BOOST_TEST(sentence(R"([{"op":"update","table":"t","key":"k","add":{"n":"1"}}])") == R"(step 1: add: n must be a number, not "1")");
  BOOST_TEST(sentence(R"([{"op":"update","table":"t","key":"k","add":{"":1}}])") == R"(step 1: add: "" is not a field's name or path)");
  BOOST_TEST(sentence(R"([{"op":"update","table":"t","key":"k","patch":[]}])") == "step 1: patch must be an object, not []");
  BOOST_TEST(sentence(R"([{"op":"get","table":7,"key":"k"}])") == "step 1: table must be a text, not 7");
  BOOST_TEST(sentence(R"([{"op":"get","table":"t","key":1.5}])") == "step 1: key must be a text or a whole number, not 1.5");
  BOOST_TEST(sentence(R"([{"op":"get","table":"t","key":"k","expected_version":-1}])") == "step 1: expected_version must be a whole number from 0, not -1");
  BOOST_TEST(sentence(R"([{"op":"get","table":"t","key":"k","must_exist":1}])") == "step 1: must_exist must be true or false, not 1");
  BOOST_TEST(sentence(R"([{"op":"get","table":"t","key":"k","must_exist":true,"must_not_exist":true}])") ==
             "step 1: must_exist and must_not_exist contradict each other");
  BOOST_TEST(sentence(R"([{"op":"get","table":"t","key":"k","where":{"a":{"$near":1}}}])").starts_with("step 1: where: "));
  BOOST_TEST(sentence(R"([{"op":"get","table":"t","key":"k","colour":1}])").starts_with("step 1: \"colour\" is not known here; known are op, "));
  BOOST_TEST(sentence("[" + std::string(10'000, ' ') + "]") == "10002 bytes are too many; at most 10000 are allowed");
}

BOOST_AUTO_TEST_CASE(the_steps_of_one_get_no_more_than_a_row_may_have) {
  options.row_cap = 1'000;
  create_bank();
  std::string text(600, 'x');
  for (auto key : {"a", "b"}) BOOST_REQUIRE(insert(key, "{\"x\":\"" + text + "\"}").has_value());
  BOOST_TEST(refusal(R"([{"op":"get","table":"users","key":"a"},{"op":"get","table":"accounts","key":"ann"}])") == "done");
  BOOST_TEST(refusal(R"([{"op":"get","table":"users","key":"a"},{"op":"get","table":"users","key":"b"}])") ==
             "step 2: the rows that the steps get have more than 1000 bytes together; get them by themselves; nothing was changed");
}

BOOST_AUTO_TEST_SUITE_END()
