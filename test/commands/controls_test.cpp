// Commands that ask first, open forms, page and show jobs.

#include <boost/test/unit_test.hpp>

#include "commands/command_table.hpp"
#include "commands/fake_engine.hpp"
#include "commands/indented_json.hpp"
#include "commands/repeated_name.hpp"
#include "commands/reply_text.hpp"
#include "protocol/row_message.hpp"
#include "simulation/virtual_environment.hpp"

using namespace dbcord;
using namespace dbcord::commands;
using namespace std::chrono_literals;

namespace {

reply ended(std::string text) {
  reply r;
  r.text = std::move(text);
  return r;
}

struct controls_fixture {
  simulation::virtual_environment sim;
  test::fake_engine engine;
  job_table jobs;
  command_statistics statistics;
  invocation call;
  reply last;

  controls_fixture() {
    engine.database_names = {"prod"};
    engine.table_names = {"users"};
    call.who = "42";
    call.deadline = sim.after(1min);
    with("database", std::string("prod")).with("table", std::string("users"));
  }
  controls_fixture& with(std::string name, argument_value value) {
    call.arguments[std::move(name)] = std::move(value);
    return *this;
  }
  std::string run(std::string name) {
    call.name = std::move(name);
    services s{engine, sim.env(), &jobs, &statistics};
    last = sim.run(execute(s, call));
    return (last.ok ? "" : "! ") + last.text;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(controls, controls_fixture)

BOOST_AUTO_TEST_CASE(dropping_a_table_asks_first_and_only_its_name_confirms) {
  engine.table_answer->rows = 3;
  engine.table_answer->id = "d1-7";
  BOOST_TEST(run("dbc_drop").starts_with("Delete the table `prod.users` with 3 rows"));
  BOOST_REQUIRE(last.buttons.size() == 1u);
  BOOST_TEST(last.buttons[0].label == "Delete users and its 3 rows");
  BOOST_TEST((last.buttons[0].style == button_style::danger));
  BOOST_TEST(with("confirm", std::string("user")).run("dbc_drop") == "! confirm: `user` is not the table's name `users`; nothing was deleted.");
  BOOST_TEST(engine.calls == std::vector<std::string>{"inspect_table prod users"}, boost::test_tools::per_element());
  with("confirm", std::string("users"));
  BOOST_TEST(run("dbc_drop").starts_with("Dropped the table `prod.users`; its channel is deleted in a moment"));
  BOOST_TEST(engine.calls.back() == "drop_table prod users");
  BOOST_TEST(engine.write_context->expected_id == "");
}

BOOST_AUTO_TEST_CASE(purging_a_row_asks_first_and_says_what_is_done_where_and_what_is_not) {
  with("key", std::string("k"));
  engine.get_answer = test::fake_engine::row("k", 1, "{}");
  engine.database_answer->log_segments = 2;
  engine.database_answer->checkpoint_bytes = 20'000'000;
  engine.table_answer->own_messages = 1'000;
  engine.table_answer->pages = 3;
  BOOST_TEST(run("dbc_purge").starts_with("Erase row `k` of `prod.users` from everywhere"));
  BOOST_TEST(last.text.ends_with("give the command with `confirm:k`. It takes about 27 requests, which is about 27 s, beside those that look through the snapshots."), last.text);
  BOOST_REQUIRE(last.buttons.size() == 1u);
  BOOST_TEST((last.buttons[0].style == button_style::danger));
  engine.get_answer = base::error(database::errc::unknown_key);
  engine.history_answer->known = 2;
  BOOST_TEST(run("dbc_purge").find("\nThere is no such row now; what is left of an earlier one is erased. It takes about 27 requests") != std::string::npos, last.text);
  engine.history_answer = base::error(database::errc::unknown_key);
  BOOST_TEST(run("dbc_purge").find("\nThere is no such row now, and no older version of one is known: it may have been erased before, or the key is another one. Pressing the button looks "
                                   "for it everywhere and writes log and checkpoints anew all the same. It takes about 27 requests") != std::string::npos, last.text);
  BOOST_TEST(with("confirm", std::string("x")).run("dbc_purge") == "! confirm: `x` is not the row's key `k`; nothing was erased.");
  for (const auto& c : engine.calls) BOOST_TEST(!c.starts_with("purge"));
  engine.purge_answer->row = true;
  engine.purge_answer->messages_removed = 3;
  with("confirm", std::string("k"));
  auto told = run("dbc_purge");
  BOOST_TEST(told.starts_with("Erased row `k` of `prod.users`"));
  BOOST_TEST(told.find("- messages: 3 messages deleted") != told.npos);
  BOOST_TEST(told.find("- thread: it has none") != told.npos);
  engine.purge_answer->threads_removed = 1;
  BOOST_TEST(run("dbc_purge").find("- thread: 1 thread deleted") != told.npos);
  BOOST_TEST(told.find("- channels of indexes: there are none") != told.npos);
  engine.purge_answer->index_channels_written = 1;
  BOOST_TEST(run("dbc_purge").find("- channels of indexes: 1 channel written anew") != told.npos);
  engine.purge_answer->index_channels = "reading is not allowed";
  BOOST_TEST(run("dbc_purge").find("- channels of indexes: not yet: reading is not allowed") != told.npos);
  engine.purge_answer->log = "its records stay";
  told = run("dbc_purge");
  BOOST_TEST(!last.ok);
  BOOST_TEST(told.find("- log: not yet: its records stay") != told.npos);
  BOOST_TEST(told.ends_with("\nGive the command again later to go on with what is not done."));
}

BOOST_AUTO_TEST_CASE(a_purge_that_was_cancelled_or_given_before_says_so) {
  call.progress = std::make_shared<database::work_progress>();
  with("key", std::string("k")).with("confirm", std::string("k"));
  engine.purge_answer->row = true;
  engine.purge_answer->cancelled = true;
  engine.purge_answer->snapshots = "it was cancelled before this was begun";
  auto told = run("dbc_purge");
  BOOST_TEST((engine.write_context->progress == call.progress));  // what shows how far it is, and cancels it
  BOOST_TEST(!last.ok);
  BOOST_TEST(told.starts_with("! Row `k` and its history are gone from `prod.users` (log record 0), but not yet from everywhere:\n- checkpoints: none"), told);
  BOOST_TEST(told.find("- messages: 0 messages deleted") != told.npos);
  BOOST_TEST(told.ends_with("\n- snapshots: not yet: it was cancelled before this was begun\n"
                            "It was cancelled: what is erased stays erased; give the command again to go on with what is not done."));
  engine.purge_answer = database::purge_report{};
  BOOST_TEST(run("dbc_purge") == "Nothing of row `k` was found in `prod.users`: no row, history, message, thread or snapshot, so nothing was erased. It may have been before, "
                                 "or the key is another one. Log and checkpoints were written anew all the same, and hold nothing of it.");
  BOOST_TEST(last.ok);
  engine.purge_answer->messages_removed = 1;
  BOOST_TEST(run("dbc_purge").starts_with("`prod.users` has no row `k` and no history of it; what was left of it elsewhere is erased:\n"));
  engine.purge_answer->snapshots = "it was cancelled before this was begun";  // something was found, and not all was looked at
  BOOST_TEST(run("dbc_purge").starts_with("! `prod.users` has no row `k` and no history of it; what may be left of it elsewhere:\n"));
  engine.purge_answer = database::purge_report{};
  engine.purge_answer->messages = "Discord does not answer";
  BOOST_TEST(run("dbc_purge").starts_with("! `prod.users` has no row `k` and no history of it; what may be left of it elsewhere:\n"));
}

BOOST_AUTO_TEST_CASE(a_find_offers_the_pages_beside_it) {
  engine.find_answer->rows = {test::fake_engine::row("a", 1, "{}"), test::fake_engine::row("b", 1, "{}")};
  engine.find_answer->matched = 7;
  with("where_json", std::string("{}")).with("limit", std::int64_t{2}).with("skip", std::int64_t{2}).run("dbc_find");
  BOOST_REQUIRE(last.buttons.size() == 2u);
  BOOST_TEST(last.buttons[0].label == "◀ Previous");
  BOOST_TEST(std::get<std::int64_t>(last.buttons[0].command.arguments.at("skip")) == 0);
  BOOST_TEST(last.buttons[1].label == "Next 2 ▶");
  BOOST_TEST(std::get<std::string>(last.buttons[1].command.arguments.at("after")) == "b");  // whatever comes and goes before it
  BOOST_TEST(!last.buttons[1].command.arguments.contains("skip"));
  BOOST_TEST(std::get<std::string>(last.buttons[1].command.arguments.at("where_json")) == "{}");
  BOOST_TEST(last.buttons[1].command.in_place);
  with("sort", std::string("age")).run("dbc_find");  // no key says where in that order it goes on
  BOOST_TEST(std::get<std::int64_t>(last.buttons.at(1).command.arguments.at("skip")) == 4);
  BOOST_TEST(!last.buttons[1].command.arguments.contains("after"));
  call.arguments.erase("sort");
  call.arguments.erase("skip");
  BOOST_TEST(with("after", std::string("0")).run("dbc_find").starts_with("7 rows of `prod.users` behind `0` match ("));
  BOOST_TEST(engine.find_request->after.value() == "0");
  BOOST_REQUIRE(last.buttons.size() == 3u);
  BOOST_TEST(last.buttons[0].label == "◀◀ First page");
  BOOST_TEST(!last.buttons[0].command.arguments.contains("after"));
  BOOST_TEST(last.buttons[1].label == "◀ Previous");
  BOOST_TEST(std::get<std::string>(last.buttons[1].command.arguments.at("before")) == "a");
  BOOST_TEST(!last.buttons[1].command.arguments.contains("after"));
  BOOST_TEST(std::get<std::string>(last.buttons[2].command.arguments.at("after")) == "b");
  call.arguments = last.buttons[1].command.arguments;
  BOOST_TEST(run("dbc_find").starts_with("7 rows of `prod.users` before `a` match ("));
  BOOST_TEST(last.text.ends_with(" Shown: the last 2 of them. Those before are found with `before:a`."), last.text);
  BOOST_TEST(engine.find_request->before.value() == "a");
  BOOST_REQUIRE(last.buttons.size() == 3u);
  BOOST_TEST(!last.buttons[0].command.arguments.contains("before"));
  BOOST_TEST(last.buttons[2].label == "Next ▶");
  BOOST_TEST(std::get<std::string>(last.buttons[2].command.arguments.at("after")) == "b");
  BOOST_TEST(!last.buttons[2].command.arguments.contains("before"));
  engine.find_answer->matched = 2;  // the first page
  run("dbc_find");
  BOOST_REQUIRE(last.buttons.size() == 2u);
  BOOST_TEST(last.buttons[1].label == "Next ▶");
  engine.find_answer->matched = 7;
  call.arguments.erase("before");
  engine.find_answer->rows.clear();
  with("skip", std::int64_t{90}).run("dbc_find");  // rows were deleted meanwhile
  BOOST_REQUIRE(last.buttons.size() == 1u);
  BOOST_TEST(std::get<std::int64_t>(last.buttons[0].command.arguments.at("skip")) == 6);
  with("count", true).run("dbc_find");
  BOOST_TEST(last.buttons.empty());
}

BOOST_AUTO_TEST_CASE(editing_opens_a_form_with_the_row_and_its_version) {
  engine.get_answer = test::fake_engine::row("u_1", 3, R"({"id":"u_1","tags":[1.10],"x":{}})");
  with("key", std::string("u_1")).run("dbc_edit");
  BOOST_REQUIRE(last.opens.has_value());
  BOOST_TEST(last.opens->title == "Edit u_1");
  BOOST_TEST(last.opens->fields.at(0).value == "{\n  \"id\": \"u_1\",\n  \"tags\": [\n    1.10\n  ],\n  \"x\": {}\n}");
  BOOST_TEST(std::get<std::int64_t>(last.opens->command.arguments.at("expected_version")) == 3);
  with("row_json", std::string(R"({"id":"u_1"})")).with("expected_version", std::int64_t{3});
  BOOST_TEST(run("dbc_edit").starts_with("Updated `u_1` in `prod.users`, now version 1."));
  BOOST_TEST(engine.calls.back() == R"(replace prod users u_1 {"id":"u_1"})");
  BOOST_TEST(engine.write_context->expected_version.value() == 3u);
  engine.write_answer = base::error(database::errc::conflict, "row \"u_1\" of table users was changed meanwhile: it has version 4, not 3");
  BOOST_TEST(run("dbc_edit") == "! Row \"u_1\" of table users was changed meanwhile: it has version 4, not 3.");
}

BOOST_AUTO_TEST_CASE(a_row_too_long_for_a_form_is_not_cut) {
  engine.get_answer = test::fake_engine::row("k", 1, "{\"a\":\"" + std::string(5000, 'x') + "\"}");
  BOOST_TEST(with("key", std::string("k")).run("dbc_edit").starts_with("! The row `k` has 5008 characters, and a form takes 4000"));
  BOOST_TEST(!last.opens.has_value());
}

BOOST_AUTO_TEST_CASE(a_rows_message_opens_the_same_form) {
  engine.get_answer = test::fake_engine::row("u_1", 2, R"({"id":"u_1"})");
  protocol::row_version row{1, "users", "u_1", 2, 9, R"({"id":"u_1"})"};
  call.arguments = {{"channel", std::string("2")}, {"content", protocol::encode_row(row).content}};
  run("Edit row");
  BOOST_REQUIRE(last.opens.has_value());
  BOOST_TEST(engine.calls.back() == "get prod users u_1");
  call.arguments["content"] = std::string("hello");
  BOOST_TEST(run("Edit row").starts_with("! This message is no row of a table"));
  call.arguments = {{"channel", std::string("3")}, {"content", protocol::encode_row(row).content}};
  BOOST_TEST(run("Edit row").starts_with("! This message is no row of a table"));
  call.arguments["channel"] = std::string("2");
  engine.access_answer.write = {base::role_id{7}};
  BOOST_TEST(run("Edit row").starts_with("! You need the role <@&7>"));
}

BOOST_AUTO_TEST_CASE(a_refusal_names_the_missing_permission_and_nothing_is_done) {
  engine.access_answer.write = {base::role_id{7}};
  engine.access_answer.administer = {base::role_id{9}};
  with("key", std::string("k"));
  BOOST_TEST(run("dbc_delete") == "! You need the role <@&7> or <@&9> (or the permission Manage Server) to write in `prod`; nothing was done.");
  BOOST_TEST(engine.calls.empty());
  call.roles = {base::role_id{9}};
  BOOST_TEST(run("dbc_delete").starts_with("Deleted"));
  call.roles.clear();
  call.permissions = 0x20;
  BOOST_TEST(run("dbc_delete").starts_with("Deleted"));
  call.permissions = 0;
  engine.access_answer = {};
  call.arguments.erase("key");
  call.by_control = true;  // Discord has not checked who presses
  BOOST_TEST(run("dbc_drop") == "! You need the permission Manage Channels for this; nothing was done.");
  call.permissions = 0x10;
  BOOST_TEST(run("dbc_drop").starts_with("Delete the table"));
}

BOOST_AUTO_TEST_CASE(what_became_of_a_command_is_told_by_its_receipt) {
  call.arguments.clear();
  using database::command_outcome;
  auto told = [&](command_outcome::state is) {
    engine.outcome_answer = command_outcome{is, "prod", 3, 17, {}};
    return with("receipt", "777").run("dbc_jobs");
  };
  BOOST_TEST(told(command_outcome::state::done).starts_with("The command `777` was done: 3 changes in `prod`, the last of them in log record 17. https://"));
  BOOST_TEST(engine.calls.back() == "outcome_of 777");
  BOOST_TEST(told(command_outcome::state::running) == "The command `777` is still being carried out; ask again in a moment.");
  BOOST_TEST(told(command_outcome::state::not_done) == "The command `777` was not done and will not be; give it again if it is still wanted.");
  BOOST_TEST(told(command_outcome::state::forgotten).starts_with("The command `777` was given too long ago ("));
  engine.outcome_answer = base::error(database::errc::unavailable, "Discord does not answer");
  BOOST_TEST(with("receipt", "777").run("dbc_jobs") == "! Whether the command `777` was done cannot be told now: Discord does not answer");
  for (auto wrong : {"7a", "-1", "`", "@everyone", "777777777777777777777"}) {
    auto text = with("receipt", wrong).run("dbc_jobs");
    BOOST_TEST(text.ends_with("is not a receipt, which is the number that the reply named."), wrong << ": " << text);
  }
}

BOOST_AUTO_TEST_CASE(jobs_are_listed_shown_and_cancelled_by_their_owner) {
  call.arguments.clear();
  BOOST_TEST(run("dbc_jobs").starts_with("No long work"));
  auto begun = [](std::string command, std::string who) {
    job j;
    j.command = std::move(command);
    j.database = "prod";
    j.who = std::move(who);
    return j;
  };
  auto mine = jobs.start(begun("dbc_verify prod.users", "42"));
  auto others = jobs.start(begun("dbc_import prod.users", "43"));
  mine.progress->total = 200;
  mine.progress->done = 50;
  run("dbc_jobs");
  BOOST_REQUIRE(last.rows.size() == 1u);
  BOOST_TEST(last.rows[0].find(R"("state":"running","progress":"25 %, 50 of 200")") != std::string::npos);
  BOOST_TEST(with("cancel", std::int64_t(mine.id)).run("dbc_jobs") == "Job 1 (`dbc_verify prod.users`) ends after what it is doing now; what is done stays done.");
  BOOST_TEST(mine.progress->cancelled);
  BOOST_TEST(with("cancel", std::int64_t(others.id)).run("dbc_jobs").starts_with("! cancel: there is no job 2 that you may see"));
  jobs.finish(mine.id, ended("All is well."));
  BOOST_TEST(progress_text(*mine.progress) == "25 %, 50 of 200");  // cancelled, so it tells how far it got
  BOOST_TEST(with("cancel", std::int64_t(mine.id)).run("dbc_jobs") == "! cancel: job 1 is done already.");
  call.arguments.clear();
  BOOST_TEST(with("job", std::int64_t(mine.id)).run("dbc_jobs") == "Job 1 (`dbc_verify prod.users`): All is well.");
  auto done = jobs.start(begun("dbc_verify prod.users", "42"));  // a row that had no message yet was not counted
  done.progress->total = 5;
  done.progress->done = 4;
  jobs.finish(done.id, ended("All is well."));
  BOOST_TEST(progress_text(*done.progress) == "100 %, 5 of 5");
  done.progress->behind = "two checkpoints are written";  // what comes when all that is counted is done, so that it is not all
  BOOST_TEST(progress_text(*done.progress) == "5 of 5 done; two checkpoints are written");
  jobs.forget(done.id);
  auto failed = jobs.start(begun("dbc_restore prod", "42"));
  failed.progress->total = 3000;
  failed.progress->done = 15007;  // a reindex within it counted, too
  jobs.finish(failed.id, failure("Only 5 of 9 rows could be restored.\n- row 6"));
  call.arguments.clear();
  run("dbc_jobs");
  BOOST_TEST(last.rows.front().find(R"("state":"failed","why":"Only 5 of 9 rows could be restored.","progress":"100 %, 3000 of 3000")") != std::string::npos, last.rows.front());
  jobs.forget(failed.id);
  run("dbc_jobs");
  BOOST_TEST(last.rows.size() == 1u);
}

BOOST_AUTO_TEST_CASE(finished_jobs_are_forgotten_oldest_first_and_running_ones_never) {
  auto running = jobs.start({});
  for (std::size_t i = 0; i < job_table::kept + 5; ++i) jobs.finish(jobs.start({}).id, ended(std::string(5000, 'x')));
  jobs.start({});
  BOOST_TEST(jobs.all().size() <= job_table::kept + 2);
  BOOST_TEST(jobs.find(running.id).has_value());
  BOOST_TEST(jobs.all().at(1).outcome->size() == job_table::outcome_bytes);
}

BOOST_AUTO_TEST_CASE(stats_count_commands_of_the_table) {
  engine.table_answer->name = "users";
  engine.table_answer->rows = 2;
  engine.table_answer->bytes = 20;
  with("key", std::string("k")).run("dbc_delete");
  engine.write_answer = base::error(database::errc::unknown_key);
  run("dbc_delete");
  call.arguments.erase("key");
  BOOST_TEST(run("dbc_stats") == "`prod.users`: 2 rows of 20 bytes of JSON, 0 bytes in memory; 2 commands since dbcord started.");
  BOOST_REQUIRE(last.rows.size() == 2u);
  BOOST_TEST(last.rows[1].starts_with(R"({"command":"dbc_delete","of":"prod.users","given":2,"refused":1,"mean_ms":)"));
}

BOOST_AUTO_TEST_CASE(an_index_that_has_failed_is_named_with_what_to_do) {
  database::index_summary failed{"email", true, 0, "failed", "rows \"a\" and \"b\" have 1"};
  engine.table_answer->indexes = {failed};
  engine.reindex_answer = database::reindex_report{5, {{"email", true, 0, false, "failed"}, {"role", false, 4, false}}};
  auto named = "\nThe index on `email` has failed and serves no finds: rows \"a\" and \"b\" have 1. When that is changed, `/dbc_index_create database:prod table:users field:email "
               "unique:true` makes it anew; `/dbc_index_drop database:prod table:users field:email` removes it.";
  BOOST_TEST(run("dbc_reindex") == "! Checked 2 indexes of `prod.users` against 5 rows: 1 has failed, the others are all right." + std::string(named));
  engine.reindex_answer->indexes.back().was_damaged = true;
  BOOST_TEST(run("dbc_reindex").starts_with("! Checked 2 indexes of `prod.users` against 5 rows: 1 has failed, the others are all right but for 1 wrong, built anew.\n"));
  engine.reindex_answer->indexes.pop_back();
  BOOST_TEST(run("dbc_reindex").starts_with("! Checked 1 index of `prod.users` against 5 rows: 1 has failed.\n"));
  engine.write_answer = base::error(database::errc::duplicate_value, "the field email cannot be unique in table users: rows \"a\" and \"b\" have 1");
  auto left = " The index on `email` has failed and serves no finds. When that is changed, `/dbc_index_create database:prod table:users field:email unique:true` makes it anew; "
              "`/dbc_index_drop database:prod table:users field:email` removes it.";
  with("field", std::string("email")).with("unique", true);
  BOOST_TEST(run("dbc_index_create") == "! The field email cannot be unique in table users: rows \"a\" and \"b\" have 1." + std::string(left));
  engine.suggestions = {"email"};
  BOOST_TEST(with("channel", true).run("dbc_index_create").ends_with(left));  // nothing to be shown in a channel
  with("field", std::string("role"));
  BOOST_TEST(run("dbc_index_create").find("failed") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(reindex_and_repair_report_what_they_mended) {
  database::reindex_report done{5, {{"email", true, 5, true}, {"role", false, 4, false}}};
  engine.reindex_answer = done;
  BOOST_TEST(run("dbc_reindex") == "Checked 2 indexes of `prod.users` against 5 rows: 1 wrong, built anew.");
  BOOST_TEST(last.rows.at(0) == R"({"field":"email","unique":true,"entries":5,"was_wrong":true})");
  database::verify_report found;
  found.problems = 1;
  found.findings.push_back({"missing", "k", "gone", {}, {}});
  call.progress = std::make_shared<database::work_progress>();
  call.progress->total = 5;
  call.progress->done = 4;
  engine.verify_answer = found;
  engine.repair_answer = database::repair_report{1, {"email"}, 0, 0, 0, 0, false, 0, 0, {}};
  BOOST_TEST(with("repair", true).run("dbc_verify").ends_with(" 1 problem found (1 missing). Mended: 1 row and 1 index written anew; verify again in a moment. "
                                                              "What was found:"));
  BOOST_TEST(engine.calls.back() == "repair prod users 1");
  BOOST_TEST(progress_text(*call.progress) == "100 %, 5 of 5");  // the problem was found, and all is done
  engine.repair_answer = database::repair_report{0, {}, 2, 3, 0, 2, true, 1, 4, {"no new checkpoint: Discord does not answer"}};
  BOOST_TEST(run("dbc_verify").ends_with(" Mended: 3 older versions, 2 channels of indexes, 2 checkpoints and 1 record of the catalog written anew; verify again in a "
                                         "moment. What the log lacks was in memory, so it stands in the new checkpoints, and no start needs those messages any more. 4 findings cannot be mended. Not mended: no new checkpoint: Discord does not answer. What was found:"));
  engine.repair_answer = database::repair_report{};
  BOOST_TEST(run("dbc_verify").ends_with(" Nothing was mended. What was found:"));
  call.arguments.erase("table");
  engine.verify_answer->findings[0].table = "users";
  BOOST_TEST(run("dbc_verify").starts_with("! `prod`: 0 tables and 0 rows, 0 messages read"));
  BOOST_TEST(engine.calls.back() == "repair prod  1");
  BOOST_TEST(last.rows.at(0) == R"({"kind":"missing","table":"users","key":"k","what":"gone"})");
}

BOOST_AUTO_TEST_CASE(a_name_that_stands_twice_in_an_object_is_found_however_it_is_written) {
  BOOST_TEST(repeated_name(R"({"a":1,"b":{"a":2},"c":[{"a":1},{"a":2}]})").has_value() == false);
  BOOST_TEST(repeated_name(R"({"a":1,"\u0061":2})").value_or("none") == "a");
  BOOST_TEST(repeated_name(R"({"x":[{"k":"k","k":1}]})").value_or("none") == "k");
  BOOST_TEST(repeated_name(R"({"x":"{\"x\":1}","y":"x"})").has_value() == false);
  BOOST_TEST(with("value_json", std::string(R"({"id":"a","id":"b"})")).run("dbc_insert") == "! value_json: the name `id` stands twice in one object; leave one out.");
}

BOOST_AUTO_TEST_SUITE_END()
