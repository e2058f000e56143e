// Commands that administer whole databases.

#include "commands/handlers_fixture.hpp"
#include "commands/request_figures.hpp"
#include "commands/snapshot_summary.hpp"
#include "commands/unfinished_restore.hpp"

using namespace dbcord;
using namespace dbcord::commands;
using namespace dbcord::test;
using namespace std::chrono_literals;

namespace {

struct scripted_requests final : request_figure_source {
  base::result<request_figures> answer = request_figures{};
  actor::task<base::result<request_figures>> requests(base::steady_time) override { co_return answer; }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(administration, handlers_fixture)

BOOST_AUTO_TEST_CASE(one_row_is_told_as_one) {
  with("database", "prod");
  engine.database_snapshot_answer = database::database_snapshot_summary{1, 1, 400, 1, 5, test::fake_engine::link()};
  BOOST_TEST(run("dbc_snapshot").starts_with("Kept 1 row of 1 table of `prod`, as it was at LSN 5"));
}

BOOST_AUTO_TEST_CASE(whole_databases_are_kept_told_part_by_part_and_restored) {
  engine.database_snapshot_answer = database::database_snapshot_summary{2, 3, 400, 2, 5, test::fake_engine::link()};
  with("database", "prod").run("dbc_snapshot");
  BOOST_TEST(last.text ==
             "Kept 3 rows of 2 tables of `prod`, as they were at LSN 5 (400 bytes, 2 parts): snapshot:3. Get them back with "
             "`/dbc_restore database:prod snapshot:3 as:NEW-NAME`. https://discord.com/channels/1/2/3");
  BOOST_TEST((parse_snapshot_id(last.text) == base::message_id{3}));
  engine.part_answer = database::snapshot_file{2, 300, base::message_id{2}, "bytes", "prod-2.jsonl.zst"};
  with("snapshot", "3").run("dbc_snapshot_get");
  BOOST_TEST(last.text == "Part 2: 5 bytes from byte 300 on. Before it comes snapshot:2.");
  BOOST_TEST(last.files.at(0).name == "prod-2.jsonl.zst");
  BOOST_TEST(last.files[0].bytes == "bytes");
  BOOST_TEST(std::get<std::string>(last.buttons.at(0).command.arguments.at("snapshot")) == "2");
  auto told = parse_part_sentence(last.text);
  BOOST_REQUIRE(told.has_value());
  BOOST_TEST(told->size == 5u);
  BOOST_TEST(told->offset == 300u);
  BOOST_TEST((told->previous == base::message_id{2}));
  engine.part_answer = database::snapshot_file{1, 0, base::message_id{}, "bytes", "prod-1.jsonl.zst"};
  run("dbc_snapshot_get");
  BOOST_TEST(last.text == "Part 1: 5 bytes from byte 0 on. It is the first.");
  BOOST_TEST(last.buttons.empty());
  BOOST_REQUIRE(parse_part_sentence(last.text).has_value());
  BOOST_TEST(!parse_part_sentence(last.text)->previous.has_value());
  BOOST_TEST(!parse_part_sentence("Part 2: 5 bytes from byte 300 on. It is the first.").has_value());
  BOOST_TEST(!parse_part_sentence("nothing").has_value());
  for (auto name : {"dbc_snapshot_get", "dbc_snapshot_drop"}) {
    BOOST_TEST(with("snapshot", "yesterday").run(name) == "! snapshot: `yesterday` is neither the link nor the id of a message.");
  }
  with("snapshot", "3").with("as", "copy");
  BOOST_TEST(run("dbc_restore") == "! You need the permission Manage Server to make a database; nothing was done.");
  call.permissions = static_cast<std::uint64_t>(permission::manage_guild);
  engine.database_restore_answer = database::database_restore_report{"copy", 2, 3, "prod", 5};
  BOOST_TEST(run("dbc_restore") == "Database `copy` is there, with 3 rows of 2 tables of a snapshot of `prod` at LSN 5.");
  BOOST_TEST(engine.calls.back() == "restore_database prod 3 copy");
  engine.database_restore_answer->without_channel = {"users.mail: there is no room"};
  BOOST_TEST(run("dbc_restore").ends_with("at LSN 5.\nAn index has no channel yet, and is whole without it: users.mail: there is no room"));
  BOOST_TEST(with("table", "x").run("dbc_restore") == "! table: with as, a whole database is restored; leave one of them out.");
  BOOST_TEST(with("as", "A B").run("dbc_restore").starts_with("! as: "));
}

BOOST_AUTO_TEST_CASE(snapshots_are_listed_newest_first_and_dropped_when_the_id_is_given_again) {
  with("database", "prod");
  BOOST_TEST(run("dbc_snapshot_list") == "There are no snapshots of `prod`. Take one with `/dbc_snapshot`.");
  base::system_time noon(std::chrono::seconds(1'795'780'800));
  auto at = [](std::uint64_t id) { return database::message_link{base::guild_id{1}, base::channel_id{2}, base::message_id{id}}; };
  engine.snapshots_answer = std::vector<database::kept_snapshot>{{"users", noon, 1, 3, 400, 1, 5, true, at(3)}, {"", noon + 1h, 2, 9, 800, 2, 7, true, at(4)},
                                                                 {"items", noon + 2h, 1, 1, 0, 1, 8, false, at(6)}};
  BOOST_TEST(run("dbc_snapshot_list") == "3 snapshots of `prod`, newest first:");
  BOOST_TEST(last.captions == (std::vector<std::string>{
      "- snapshot:6 of table `items`, taken 2026-11-27T14:00:00Z at LSN 8: not whole: it was never finished, is still being written, or lacks a part. https://discord.com/channels/1/2/6",
      "- snapshot:4 of the whole database (2 tables), taken 2026-11-27T13:00:00Z at LSN 7: 9 rows, 800 bytes, 2 parts. https://discord.com/channels/1/2/4",
      "- snapshot:3 of table `users`, taken 2026-11-27T12:00:00Z at LSN 5: 3 rows, 400 bytes, 1 part. https://discord.com/channels/1/2/3"}), boost::test_tools::per_element());
  BOOST_TEST(with("table", "users").run("dbc_snapshot_list") == "1 snapshot of `prod.users`, newest first:");
  BOOST_TEST(with("table", "posts").run("dbc_snapshot_list") == "There are no snapshots of `prod.posts`. Take one with `/dbc_snapshot`.");
  BOOST_TEST(with("table", "items").run("dbc_snapshot_list") == "1 snapshot of `prod.items`, newest first:");  // of a table that was dropped
  BOOST_TEST(with("table", "nobody").run("dbc_snapshot_list") == "! table: `prod` has no table `nobody`, and no snapshot of one.");

  call.arguments.erase("table");
  with("snapshot", "3");
  BOOST_TEST(run("dbc_snapshot_drop") == "Delete this snapshot? It cannot be undone. To do it press the button, or give the command with `confirm:3`.\n"
                                         "- snapshot:3 of table `users`, taken 2026-11-27T12:00:00Z at LSN 5: 3 rows, 400 bytes, 1 part");
  BOOST_TEST(engine.calls.back() == "snapshots prod");
  BOOST_REQUIRE(last.buttons.size() == 1u);
  BOOST_TEST(std::get<std::string>(last.buttons[0].command.arguments.at("confirm")) == "3");
  BOOST_TEST(with("snapshot", "5").run("dbc_snapshot_drop") == "! snapshot: `prod` has no snapshot 5; `/dbc_snapshot_list` shows those that are there.");
  BOOST_TEST(with("confirm", "6").run("dbc_snapshot_drop") == "! confirm: `6` is not the snapshot's id 5; nothing was deleted.");
  BOOST_TEST(with("confirm", "5").run("dbc_snapshot_drop") == "The snapshot 5 of `prod` is deleted (1 message).");
  BOOST_TEST(engine.calls.back() == "drop_snapshot prod 5");
}

BOOST_AUTO_TEST_CASE(a_database_is_dropped_when_its_name_is_given_again) {
  database::database_summary d;
  d.tables.emplace_back().rows = 2;
  d.tables.emplace_back().rows = 1;
  engine.database_answer = d;
  with("database", "prod");
  engine.database_answer->id = "d1";
  BOOST_TEST(run("dbc_database_drop").starts_with("Delete the database `prod` with 2 tables and 3 rows, its log, its history and its snapshots? It cannot be undone;"));
  BOOST_TEST(last.buttons.at(0).label == "Delete prod and its 2 tables");
  BOOST_TEST(last.buttons[0].command.name == "dbc_database_drop");
  BOOST_TEST(std::get<std::string>(last.buttons[0].command.arguments.at("confirm")) == "#d1+3");
  BOOST_TEST(with("confirm", "pro").run("dbc_database_drop") == "! confirm: `pro` is not the database's name `prod`; nothing was deleted.");
  BOOST_TEST(with("confirm", "prod").run("dbc_database_drop") == "Dropped the database `prod`; its channels are deleted in the background, and its name is free.");
  BOOST_TEST(engine.calls.back() == "drop_database prod");
  engine.write_answer = base::error(database::errc::unavailable, "no answer");
  BOOST_TEST(run("dbc_database_drop") == "! No answer.");
  call.by_control = true;  // Discord has not checked who presses
  call.permissions = static_cast<std::uint64_t>(permission::manage_guild);
  BOOST_TEST(run("dbc_database_drop") == "! You need the permission Administrator for this; nothing was done.");
  call.arguments.erase("confirm");
  call.by_control = false;
  engine.unfinished_answer = database::unfinished_restore{{}, true};
  BOOST_TEST(run("dbc_database_drop").starts_with("Delete the database `prod`, which is not whole since its restore was not finished?"));
}

BOOST_AUTO_TEST_CASE(a_database_that_is_being_restored_is_for_the_restore_only) {
  with("database", "prod").with("restore", "begin");
  engine.database_answer->id = "d1";
  BOOST_TEST(run("dbc_init") == "Database `prod` is there to be restored into. Until `/dbc_init database:prod#d1 restore:end` only commands for `prod#d1` are carried out in it; "
                                "`/dbc_database_drop database:prod` ends that.");
  BOOST_TEST(name_for_restore_in(last.text, "prod").value() == "prod#d1");
  BOOST_TEST(!name_for_restore_in(last.text, "pro").has_value());
  BOOST_TEST(engine.calls.back() == "begin_restore prod");
  engine.unfinished_answer = database::unfinished_restore{"42", false, "d1"};
  call.arguments.erase("restore");
  const std::string refusal = "! `prod` is being restored by <@42> and not whole yet, so nothing was done; give the command again when that is done. A restore that nobody is at any more ends "
                              "with `/dbc_database_drop database:prod`, or begins anew when it is given again.";
  for (auto who : {"42", "43"}) {  // nor whoever has begun it: they cannot tell that it was broken off
    call.who = who;
    BOOST_TEST(run("dbc_table_list") == refusal);
    BOOST_TEST(with("table", "users").with("value_json", "{\"id\":\"a\"}").run("dbc_insert") == refusal);
    for (auto name : {"table", "value_json"}) call.arguments.erase(name);
    BOOST_TEST(run("dbc_snapshot") == refusal);
    BOOST_TEST(with("restore", "end").run("dbc_init") == refusal);
    call.arguments.erase("restore");
    BOOST_TEST(run("dbc_database_drop").starts_with("Delete the database"));
    BOOST_TEST(run("dbc_inspect").find("so nothing was done") == std::string::npos);
  }
  call.arguments.erase("database");
  BOOST_TEST(run("dbc_database_list") == "This guild has 2 databases:\n`prod`: being restored by <@42>, not whole yet\n`test`: being restored by <@42>, not whole yet");
  with("database", "prod#d1").with("table", "users").with("pk", "id");
  BOOST_TEST(run("dbc_table_create").starts_with("Table "));
  BOOST_TEST(engine.calls.back() == "create_table prod users id");
  for (auto name : {"table", "pk"}) call.arguments.erase(name);
  BOOST_TEST(with("database", "prod#d0").run("dbc_table_list") == "! This restore of `prod` is over: it is whole, was dropped, or is being restored anew. Nothing was done.");
  BOOST_TEST(with("database", "prod#d1").with("restore", "end").run("dbc_init") == "Database `prod` is whole.");
  BOOST_TEST(engine.calls.back() == "end_restore prod");
  engine.database_answer = base::error(database::errc::unavailable, "no answer");
  BOOST_TEST(run("dbc_init") == "! No answer.");
  with("database", "prod");
  BOOST_TEST(with("restore", "begin").run("dbc_init") == "! No answer.");
  BOOST_TEST(with("restore", "middle").run("dbc_init") == "! restore: `middle` is neither begin nor end.");
}

BOOST_AUTO_TEST_CASE(the_policy_of_deletions_is_shown_and_set) {
  with("database", "prod");
  BOOST_TEST(run("dbc_policy") == "Rows of `prod` whose messages people delete are written again (`deletions:restore`).");
  BOOST_TEST(with("deletions", "accept").run("dbc_policy") == "Rows of `prod` whose messages people delete are deleted, too (`deletions:accept`). " + at);
  BOOST_TEST(engine.calls.back() == "set_deletions prod accept");
  engine.deletion_answer = database::deletion_status{database::deletion_policy::accept, 3, 0, 12};
  engine.decision_answer->deleted = 4;
  engine.decision_answer->kept = 1;
  BOOST_TEST(with("deletions", "restore").run("dbc_policy") ==
             "Rows of `prod` whose messages people delete are written again (`deletions:restore`). Since the start, 3 rows were deleted so. 12 rows wait for a "
             "decision, since too many messages were deleted at once; meanwhile they are written again: `deletions:accept` deletes the rows, "
             "`deletions:restore` keeps them. Of those that waited, 4 deleted and 1 kept. " + at);
  engine.deletion_answer->policy = database::deletion_policy::accept;
  engine.deletion_answer->accepted = 0;
  call.arguments.erase("deletions");
  BOOST_TEST(run("dbc_policy") ==
             "Rows of `prod` whose messages people delete are deleted, too (`deletions:accept`). 12 rows wait for a decision, since too many messages were deleted at "
             "once, and later ones are not acted on: `deletions:accept` deletes the rows, `deletions:restore` keeps them.");
  engine.deletion_answer->held = 0;
  engine.deletion_answer->waiting = 2;
  BOOST_TEST(run("dbc_policy").ends_with(" (`deletions:accept`). 2 rows are deleted within ten seconds, unless more than ten messages go meanwhile."));
  BOOST_TEST(with("deletions", "ask").run("dbc_policy") == "! deletions: `ask` is not a policy; use restore or accept.");
}

BOOST_AUTO_TEST_CASE(inspect_tells_of_age_memory_and_what_waits_for_a_decision) {
  database::database_summary d;
  d.name = "prod";
  d.state = "open";
  d.tables.emplace_back().not_materialised = 3;
  engine.database_answer = d;
  engine.figures_answer->waiting_rows = 2;
  engine.figures_answer->oldest_waits = 12s;
  engine.figures_answer->set_aside_rows = 1;
  engine.figures_answer->lease_age = 4500ms;
  engine.figures_answer->lease_problem = "the bot lacks Read Message History in <#7>";
  engine.figures_answer->undeleted = {base::channel_id{8}, base::channel_id{9}};
  engine.figures_answer->deletion_problem = "the bot lacks Manage Channels in <#8>";
  engine.memory_answer = {30, 10, 120};
  engine.deletion_answer->held = 11;
  with("database", "prod").run("dbc_inspect");
  BOOST_TEST(last.text.find(" Many messages were deleted by hand at once: 11 rows are written again, unless `/dbc_policy` decides otherwise (`deletions:accept` "
                            "deletes the rows, `deletions:restore` ends this notice).") != std::string::npos);
  BOOST_TEST(last.text.find(" at most 4 s ago. It could not make sure of that the last time (the bot lacks Read Message History in <#7>); while that goes on, nothing is read or "
                            "written.\n- 2 channels of what was dropped are still there, <#8> among them: the bot lacks Manage Channels in <#8>. It is tried again.") != std::string::npos,
             last.text);
  engine.figures_answer->lease_problem.clear();
  engine.figures_answer->undeleted.clear();
  engine.database_answer->tables.back().name = "users";
  engine.database_answer->tables.back().channel_deleted = true;
  engine.database_answer->checkpoint_problem = "Missing Permissions";
  run("dbc_inspect");
  BOOST_TEST(last.text.find("\n- The last checkpoint could not be written (Missing Permissions), which is tried again: meanwhile the log grows, and the next start takes longer.") !=
             std::string::npos, last.text);
  engine.database_answer->checkpoint_problem.clear();
  engine.database_answer->log_messages_deleted = 1;
  run("dbc_inspect");
  BOOST_TEST(last.text.find(" 1 message of its log was deleted by hand, which the next start needs: give `/dbc_snapshot` now.\n- The channel of `users` was deleted: "
                            "`/dbc_vacuum table:users full:true` writes its rows into another one.") != std::string::npos, last.text);
  engine.database_answer->log_loss_mendable = true;
  run("dbc_inspect");
  BOOST_TEST(last.text.find(" which the next start needs: new checkpoints are being written, which take the place of what is gone.\n") != std::string::npos, last.text);
  engine.database_answer->checkpoint_problem = "Missing Permissions";
  run("dbc_inspect");
  BOOST_TEST(last.text.find(" could not be written (Missing Permissions), which is tried again; `/dbc_snapshot` saves the rows of a table meanwhile.\n") != std::string::npos,
             last.text);
  engine.database_answer->log_channels_deleted = 2;
  engine.database_answer->tables.back().adopting = true;
  run("dbc_inspect");
  BOOST_TEST(last.text.find(" What an earlier process has written of `users` is still being found out; rows get their messages after that.") != std::string::npos, last.text);
  BOOST_TEST(last.text.find(" 2 channels of its log were deleted by hand") != std::string::npos, last.text);
  engine.deletion_answer->policy = database::deletion_policy::accept;
  engine.deletion_answer->waiting = 3;
  run("dbc_inspect");
  BOOST_TEST(last.text.find("\n- 3 rows whose messages people have deleted are deleted within ten seconds, unless more than ten messages go (`/dbc_policy deletions:restore` "
                            "keeps them).") != std::string::npos, last.text);
  engine.deletion_answer->waiting = 0;
  run("dbc_inspect");
  BOOST_TEST(last.text.ends_with("\n- 2 rows still get messages of their own. The oldest has waited for 12 s.\n- Its lease: this process was seen to be its only writer at most 4 s "
                                 "ago.\n- Discord does not store 1 row as messages; the log keeps "
                                 "them.\n- Too many messages were deleted by hand at once: 11 rows are not deleted until `/dbc_policy` decides.\n- All databases "
                                 "together use 25 % of the memory that they may."));
  engine.figures_answer->memory = {10, 5, 120};
  run("dbc_inspect");
  BOOST_TEST(last.text.ends_with("of the memory that they may."));
  engine.figures_answer->memory.cap = 20;
  run("dbc_inspect");
  BOOST_TEST(last.text.ends_with("of the memory that they may, this one 50 % of what one may."));
  engine.figures_answer->memory = {1'900'000, 1'900'000, 2'000'000};
  engine.memory_answer = {3'000'000, 2'000'000, 10'000'000};
  run("dbc_inspect");
  BOOST_TEST(last.text.ends_with(" There is no room for new rows: keys, places, indexes and older versions of database prod take 1.8 MiB of the 1.9 MiB of memory that there may be: no new "
                                 "rows are taken; raise DBCORD_DATABASE_MEMORY, or delete rows and use /dbc_vacuum."), last.text);
  engine.figures_answer->memory.cap = 10'000'000;
  engine.memory_answer = {20'000'000, 20'000'000, 10'000'000};
  run("dbc_inspect");
  BOOST_TEST(last.text.ends_with(" There is no room for new rows: keys, places, indexes and older versions of all databases together need at least 19.1 MiB of memory, and the cap is 9.5 MiB: "
                                 "no new rows are taken; raise DBCORD_MEMORY, or delete rows and use /dbc_vacuum."), last.text);
}

BOOST_AUTO_TEST_CASE(inspect_says_why_the_log_and_rows_cannot_be_written_and_for_how_long) {
  engine.database_answer->name = "prod";
  engine.database_answer->state = "open";
  engine.figures_answer->waiting_rows = 1;
  engine.figures_answer->write_problems = {{"", base::channel_id{5}, "Writing the message failed: the bot lacks Send Messages in <#5>.", 90500ms},
                                           {"users", base::channel_id{6}, "Writing the message failed: the bot lacks Send Messages in <#6>.", 40s}};
  with("database", "prod").run("dbc_inspect");
  BOOST_TEST(last.text.find("\n- 1 row still gets a message of its own.\n- Its log <#5> could not be written when that was last tried (Writing the message failed: the "
                            "bot lacks Send Messages in <#5>), first 90 s ago: while that goes on, nothing can be changed.\n- Rows of `users` could not be written into <#6> when that was "
                            "last tried (Writing the message failed: the bot lacks Send Messages in <#6>), first 40 s ago: it is tried again, and the log keeps them meanwhile.") != std::string::npos, last.text);
  for (auto name : {"a", "b", "c"}) engine.figures_answer->write_problems.push_back({name, base::channel_id{7}, "Discord failed", 1s});
  run("dbc_inspect");
  BOOST_TEST(last.text.find("the log keeps them meanwhile.\n- Nor could rows of 1 further table.") != std::string::npos, last.text);
}

BOOST_AUTO_TEST_CASE(inspect_tells_of_the_cache_and_of_the_limits_that_hold_requests_up) {
  engine.database_answer->name = "prod";
  engine.figures_answer->cache = {2'345'678, 97, 3, 1};
  scripted_requests source;
  call.name = "dbc_inspect";
  with("database", "prod");
  auto told = [&] { return sim.run(execute({engine, sim.env(), nullptr, nullptr, &source}, call)).text; };
  BOOST_TEST(told().ends_with(" Memory holds values of 2345 kB; since the start 97 % of 100 reads found theirs there, and 1 value was evicted.\n- Requests to Discord: 0 "
                              "waiting, 0 under way, 0 refused since the start (429); 0 rate limits known, none used up."));
  source.answer->waiting = 4;
  source.answer->refused = 2;
  source.answer->limits = {{{"GET /channels/{}/messages"}, "7", 5, 4, 0, {}},
                           {{"PATCH /webhooks/{}/{}"}, "9", 5, 5, 0, 1500ms},
                           {{"POST /channels/{}/messages", "PUT /x"}, "8", 5, 5, 4, {}}};
  BOOST_TEST(told().ends_with("Requests to Discord: 4 waiting, 0 under way, 2 refused since the start (429); 3 rate limits known. Used up or waited for: "
                              "`POST /channels/{}/messages` in <#8>: 5 of 5 used, 4 waiting; `PATCH /webhooks/{}/{}`: 5 of 5 used, free again in 1.5 s."));
  source.answer = base::error(base::errc::timeout);
  BOOST_TEST(told().find(" How the requests to Discord fare is not known: ") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
