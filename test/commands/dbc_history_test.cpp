#include <boost/test/unit_test.hpp>

#include "commands/command_table.hpp"
#include "commands/fake_engine.hpp"
#include "simulation/virtual_environment.hpp"

using namespace dbcord;
using namespace std::chrono_literals;

namespace {

struct dbc_history_fixture {
  simulation::virtual_environment sim;
  test::fake_engine engine;
  commands::invocation call;
  commands::reply last;

  dbc_history_fixture() {
    call.deadline = sim.after(1min);
    call.arguments["database"] = "prod";
    call.arguments["table"] = "users";
  }
  // The reply's text; a failed one begins with "! ".
  std::string run(std::string name) {
    call.name = std::move(name);
    last = sim.run(commands::execute({engine, sim.env()}, call));
    return (last.ok ? "" : "! ") + last.text;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(dbc_history, dbc_history_fixture)

BOOST_AUTO_TEST_CASE(versions_are_shown_newest_first_with_who_and_how) {
  database::row_change gone, was;
  gone.version = 2;
  gone.lsn = 9;
  gone.when = base::system_time(1000s);
  gone.deleted = true;
  gone.who = "42";
  gone.command = "dbc_delete";
  gone.location = was.location = test::fake_engine::link();
  was.version = 1;
  was.lsn = 8;
  was.when = base::system_time(1000s);
  was.json = R"({"id":"a"})";
  engine.history_answer = database::history_answer{{gone, was}, 3, false};
  call.arguments["key"] = "a";
  BOOST_TEST(run("dbc_history") == "3 versions of `a` in `prod.users` (older ones are behind the horizon of `/dbc_history_set`, were purged, or were given up when memory was short), newest first (more with `limit`).");
  BOOST_REQUIRE(last.captions.size() == 2u);
  BOOST_TEST(last.captions[0] == "- version 2, 1970-01-01T00:16:40.000000+00:00, LSN 9: deleted by <@42> with `/dbc_delete` " + test::at);
  BOOST_TEST(last.captions[1] == "- version 1, 1970-01-01T00:16:40.000000+00:00, LSN 8: written " + test::at);
  BOOST_REQUIRE(last.rows.size() == 2u);
  BOOST_TEST(last.rows[0].empty());
  BOOST_TEST(last.rows[1] == R"({"id":"a"})");
  engine.history_answer = database::history_answer{{gone}, 1, false};
  BOOST_TEST(run("dbc_history") == "`prod.users` has no row `a`; of its history only the deletion is left (versions are behind the horizon of `/dbc_history_set`, were purged, or were given up when memory was short).");
  BOOST_TEST(last.captions.size() == 1u);
  engine.history_answer->changes.front().command.clear();  // its record is gone: a purge
  BOOST_TEST(run("dbc_history") == "`prod.users` has no row `a`, and all that is left of it is that it was deleted: it was purged, or its versions are behind the horizon of `/dbc_history_set`, or were given up when memory was short.");
  engine.history_answer = database::history_answer{{gone}, 1, true};
  BOOST_TEST(run("dbc_history") == "1 version of `a` in `prod.users`, newest first.");
  engine.history_answer->changes.front().command = "deleted by hand";  // of a row whose message people have deleted; no command
  run("dbc_history");
  BOOST_TEST(last.captions[0].find("deleted by <@42> (deleted by hand) ") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(get_takes_a_moment_of_the_past) {
  engine.get_answer = test::fake_engine::row("a", 1, R"({"id":"a"})");
  call.arguments["key"] = "a";
  call.arguments["as_of"] = "17";
  BOOST_TEST(run("dbc_get") == "`a` in `prod.users` as of `17`, version 1. " + test::at);
  BOOST_TEST(engine.asked_moment.lsn == 17u);
  call.arguments["as_of"] = "last week";
  BOOST_TEST(run("dbc_get") == "! as_of: `last week` is neither an LSN nor a time like 2026-11-23T12:00:00Z.");
  engine.get_answer = base::error(database::errc::horizon, "as_of: too old");
  call.arguments["as_of"] = "2";
  BOOST_TEST(run("dbc_get") == "! as_of: too old.");
}

BOOST_AUTO_TEST_CASE(the_horizon_is_set) {
  call.arguments["versions"] = std::int64_t{1};
  call.arguments["days"] = std::int64_t{30};
  BOOST_TEST(run("dbc_history_set") == "`prod.users` now keeps up to 1 older version of each row, for 30 days. " + test::at);
  BOOST_TEST(engine.calls.back() == "set_history prod users 1 30");
  call.idempotency_key = "7";
  call.arguments["history"] = std::string("thread");
  BOOST_TEST(run("dbc_history_set").find("Each row that changes from now on gets a thread") != std::string::npos);
  BOOST_TEST(engine.calls.back() == "set_row_threads prod users on");
  BOOST_TEST(engine.write_context->idempotency_key == "7:threads");
  call.arguments["history"] = std::string("none");
  BOOST_TEST(run("dbc_history_set").find("not continued") != std::string::npos);
  BOOST_TEST(engine.calls.back() == "set_row_threads prod users off");
  auto calls = engine.calls.size();
  call.arguments["history"] = std::string("threads");
  BOOST_TEST(run("dbc_history_set") == "! history: `threads` is not a choice; use thread or none.");
  BOOST_TEST(engine.calls.size() == calls);
}

BOOST_AUTO_TEST_CASE(a_thread_is_linked_and_what_was_added_is_said) {
  call.arguments["key"] = "a";
  call.arguments["thread"] = true;
  engine.thread_answer = database::thread_report{base::channel_id{9}, true, 2, 0};
  BOOST_TEST(run("dbc_history") == "The versions of `a` in `prod.users` are in <#9>, a new thread with 2 versions.");
  BOOST_TEST(engine.calls.back() == "show_in_thread prod users a");
  engine.thread_answer = database::thread_report{base::channel_id{9}, false, 1, 0};
  BOOST_TEST(run("dbc_history") == "The versions of `a` in `prod.users` are in <#9>; 1 was added.");
  engine.thread_answer = database::thread_report{base::channel_id{9}, false, 0, 0};
  BOOST_TEST(run("dbc_history") == "The versions of `a` in `prod.users` are in <#9>, all of them already.");
  engine.thread_answer = database::thread_report{base::channel_id{9}, false, 100, 4};
  BOOST_TEST(run("dbc_history") == "The versions of `a` in `prod.users` are in <#9>; 100 were added. 4 versions more: give the command again.");
  engine.thread_answer = base::error(database::errc::unavailable, "no");
  BOOST_TEST(run("dbc_history").starts_with("! "));
  call.arguments["limit"] = std::int64_t{3};
  BOOST_TEST(run("dbc_history") == "! limit: a thread gets every version; leave it out with `thread:true`.");
  call.arguments["thread"] = false;
  run("dbc_history");
  BOOST_TEST(engine.calls.back() == "history prod users a 3");
}

BOOST_AUTO_TEST_CASE(inspect_says_which_rows_have_threads_and_what_was_left_out) {
  engine.threads_answer = database::row_thread_status{{"posts", "users"}, 1, 12, "the server has as many active threads as Discord allows."};
  call.arguments.erase("table");
  run("dbc_inspect");
  BOOST_TEST(last.text.find(" Rows of `posts`, `users` have threads (`history:thread`); 1 is to be continued; 12 were left out: the server has as many "
                            "active threads as Discord allows.") != std::string::npos, last.text);
  engine.threads_answer = database::row_thread_status{};
  run("dbc_inspect");
  BOOST_TEST(last.text.find("threads") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(inspect_says_where_indexes_are_shown_and_what_stands_in_the_way) {
  call.arguments.erase("table");
  engine.index_channels_answer = std::vector<database::index_channel_status>{
      {"users", "email", base::channel_id{77}, true, 3, 2, ""}, {"users", "role", base::channel_id{78}, false, 1, 0, "busy"}, {"posts", "a.b", {}, false, 0, 0, "no room."}};
  run("dbc_inspect");
  BOOST_TEST(last.text.find(" The index `users.email` is shown in <#77> (3 messages, 2 changes waiting).\n- The index `users.role` is shown in <#78> (1 message; being "
                            "written); what stood in the way the last time: busy.\n- The index `posts.a.b` has no channel yet; what stood in the way the last time: no "
                            "room.") != std::string::npos, last.text);
  engine.index_channels_answer = std::vector<database::index_channel_status>();
  run("dbc_inspect");
  BOOST_TEST(last.text.find("The index") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
