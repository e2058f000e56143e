#include <boost/test/unit_test.hpp>

#include "commands/command_table.hpp"
#include "commands/fake_engine.hpp"
#include "simulation/virtual_environment.hpp"

using namespace dbcord;
using namespace std::chrono_literals;

namespace {

struct dbc_txn_fixture {
  simulation::virtual_environment sim;
  test::fake_engine engine;
  commands::reply last;

  // The reply's text; a failed one begins with "! ".
  std::string run(std::string operations_json) {
    commands::invocation call;
    call.name = "dbc_txn";
    call.deadline = sim.after(1min);
    call.arguments["database"] = "prod";
    call.arguments["operations_json"] = std::move(operations_json);
    last = sim.run(commands::execute({engine, sim.env()}, call));
    return (last.ok ? "" : "! ") + last.text;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(dbc_txn, dbc_txn_fixture)

BOOST_AUTO_TEST_CASE(a_transaction_shows_what_it_wrote_and_what_it_saw) {
  database::transaction_receipt done;
  done.lsn = 7;
  done.location = test::fake_engine::link();
  done.steps = {{0, test::fake_engine::row("a", 3, "")}, {1, test::fake_engine::row("b", 1, R"({"id":"b"})")}};
  engine.transaction_answer = done;
  const auto steps = R"([{"op":"delete","table":"t","key":"a"},{"op":"get","table":"t","key":"b"}])";
  BOOST_TEST(run(steps) == "Done: 2 steps in one transaction. " + test::at + "\n- step 1: `a` now has version 3");
  BOOST_REQUIRE(last.rows.size() == 1u);
  BOOST_TEST(last.rows[0] == R"({"id":"b"})");
  done.repeated = true;
  engine.transaction_answer = done;
  BOOST_TEST(run(steps).starts_with("Done by an earlier delivery of this command. " + test::at));
  engine.transaction_answer = database::transaction_receipt{};
  BOOST_TEST(run(steps) == "Looked: 2 steps, nothing to change.");
  engine.transaction_answer = base::error(database::errc::unknown_table, "step 1: database prod has no table \"t\"; nothing was changed");
  BOOST_TEST(run(steps) == "! Step 1: database prod has no table \"t\"; nothing was changed.");
  BOOST_TEST(run("{}") ==
             R"(! operations_json: must be a JSON list like [{"op": "get", "table": "t", "key": "k"}].)");
}

BOOST_AUTO_TEST_SUITE_END()
