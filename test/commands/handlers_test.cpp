#include "commands/handlers_fixture.hpp"
#include "database/doubt_words.hpp"

using namespace dbcord;
using namespace dbcord::commands;
using namespace dbcord::test;
using namespace std::chrono_literals;

BOOST_FIXTURE_TEST_SUITE(handlers, handlers_fixture)

BOOST_AUTO_TEST_CASE(init_makes_a_database_and_says_what_comes_next) {
  BOOST_TEST(with("database", "shop").run("dbc_init") == "Database `shop` is ready. Next: `/dbc_table_create database:shop table:users pk:id`");
  BOOST_TEST(engine.calls == std::vector<std::string>{"create_database shop"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_write_carries_who_which_command_and_the_interaction) {
  in_users().with("value_json", "{\"id\":\"u_1\"}").run("dbc_insert");
  BOOST_REQUIRE(engine.write_context.has_value());
  BOOST_TEST(engine.write_context->who == "42");
  BOOST_TEST(engine.write_context->command == "dbc_insert");
  BOOST_TEST(engine.write_context->idempotency_key == "777");
  BOOST_TEST((engine.write_context->deadline == call.deadline));
}

BOOST_AUTO_TEST_CASE(unusable_names_get_the_rule_and_a_usable_one) {
  const std::string rule = " is not usable as a name; use up to 32 of a-z and 0-9, with single - or _ between them.";
  BOOST_TEST(with("database", "My Shop").run("dbc_init") == "! database: `My Shop`" + rule + " Try `my-shop`.");
  BOOST_TEST(with("database", "a--b").run("dbc_init") == "! database: `a--b`" + rule + " Try `a-b`.");
  BOOST_TEST(with("database", "-").run("dbc_init") == "! database: `-`" + rule);
  BOOST_TEST(with("database", std::string(33, 'a')).run("dbc_init") == "! database: `" + std::string(33, 'a') + "`" + rule + " Try `" + std::string(32, 'a') + "`.");
  BOOST_TEST(with("database", "a_b-c9").run("dbc_init").starts_with("Database"));
  BOOST_TEST(in_users().with("table", "Ü").with("pk", "id").run("dbc_table_create") == "! table: `Ü`" + rule);
  BOOST_TEST(engine.calls.size() == 1u);
}

BOOST_AUTO_TEST_CASE(table_create_links_the_channel) {
  database::table_summary made;
  made.channel = base::channel_id{99};
  engine.table_answer = made;
  BOOST_TEST(in_users().with("pk", "id").run("dbc_table_create") ==
             "Table `users` is ready in `prod`: its channel is <#99>, its rows are told apart by `id`. Next: "
             "`/dbc_insert database:prod table:users value_json:{…}`");
  BOOST_TEST(engine.calls.back() == "create_table prod users id");
}

BOOST_AUTO_TEST_CASE(an_unusable_primary_key_field_is_named) {
  const std::string rule = " is not usable as a field; use up to 64 visible characters, no dots, no back-ticks, no blanks at its ends, and no $ in front.";
  for (std::string bad : {"a.b", "$a", "a\tb"}) {
    auto shown = bad == "a\tb" ? "a b" : bad;
    BOOST_TEST(in_users().with("pk", bad).run("dbc_table_create") == "! pk: `" + shown + "`" + rule);
  }
  BOOST_TEST(in_users().with("pk", "").run("dbc_table_create") == "! pk: must not be empty.");
}

BOOST_AUTO_TEST_CASE(insert_links_to_its_message) {
  BOOST_TEST(in_users().with("value_json", "{\"id\":1}").with("key", "1").run("dbc_insert") == "Inserted `1` into `prod.users`. " + at);
  BOOST_TEST(engine.calls.back() == "insert prod users 1 {\"id\":1}");
  call.arguments.erase("key");
  BOOST_TEST(run("dbc_insert") == "Inserted the row into `prod.users`. " + at);
}

BOOST_AUTO_TEST_CASE(a_repeated_delivery_says_that_the_first_one_did_it) {
  auto receipt = test::fake_engine::receipt(1);
  receipt.repeated = true;
  engine.write_answer = receipt;
  BOOST_TEST(in_users().with("key", "k").run("dbc_delete") == "Deleted `k` from `prod.users` (by an earlier delivery of this command). " + at);
}

BOOST_AUTO_TEST_CASE(malformed_json_never_reaches_the_engine) {
  BOOST_TEST(in_users().with("value_json", "{\"id\":1,}").run("dbc_insert") ==
             "! value_json: not valid JSON at character 9: expected a field name in double quotes, found `}`; remove the `,` before it.");
  BOOST_TEST(in_users().with("value_json", "[1]").run("dbc_insert") ==
             "! value_json: must be a JSON object like {\"name\": \"value\"}, not `[1]`.");
  BOOST_TEST(engine.calls.empty());
}

BOOST_AUTO_TEST_CASE(get_shows_exactly_the_rows_json) {
  engine.get_answer = test::fake_engine::row("u_1", 3, "{\"id\":\"u_1\",\"n\":1.50}");
  BOOST_TEST(in_users().with("key", "u_1").run("dbc_get") == "`u_1` in `prod.users`, version 3. " + at);
  BOOST_TEST(last.rows == std::vector<std::string>{"{\"id\":\"u_1\",\"n\":1.50}"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(find_shows_rows_and_how_to_go_on) {
  database::find_answer answer;
  answer.matched = 40;
  answer.plan = "scan of 249 rows in memory";
  for (int i = 0; i < 10; ++i) answer.rows.push_back(test::fake_engine::row("k", 1, "{}"));
  engine.find_answer = answer;
  in_users().with("where_json", "{\"a\":1}").with("limit", std::int64_t{10}).with("skip", std::int64_t{20});
  BOOST_TEST(run("dbc_find") == "40 rows of `prod.users` match (scan of 249 rows in memory). Shown: 21 to 30. Go on with `after:k`.");
  BOOST_TEST(last.rows.size() == 10u);
  BOOST_TEST(engine.find_request->limit == 10u);
  BOOST_TEST(engine.find_request->skip == 20u);
}

BOOST_AUTO_TEST_CASE(find_says_that_more_rows_may_match_than_it_has_read) {
  database::find_answer answer;
  answer.matched = 3;
  answer.not_all_seen = true;
  answer.plan = "key";
  for (int i = 0; i < 2; ++i) answer.rows.push_back(test::fake_engine::row("k", 1, "{}"));
  engine.find_answer = answer;
  in_users().with("where_json", "{}").with("limit", std::int64_t{2});
  BOOST_TEST(run("dbc_find") == "At least 3 rows of `prod.users` match (key). Shown: 1 to 2. Go on with `after:k`.");
  BOOST_TEST(last.buttons.at(0).label == "Next 2 ▶");
  BOOST_TEST(with("skip", std::int64_t{1}).run("dbc_find") == "At least 3 rows of `prod.users` match (key). Shown: 2 to 3. Go on with `after:k`.");
  BOOST_TEST(last.buttons.size() == 2u);
}

BOOST_AUTO_TEST_CASE(find_counts_one_row_none_and_none_left) {
  database::find_answer answer;
  answer.plan = "key";
  engine.find_answer = answer;
  BOOST_TEST(in_users().with("where_json", "{}").run("dbc_find") == "No row of `prod.users` matches (key).");
  BOOST_TEST(engine.find_request->limit == 25u);
  answer.matched = 1;
  engine.find_answer = answer;
  BOOST_TEST(with("skip", std::int64_t{5}).run("dbc_find") == "1 row of `prod.users` matches (key). None is left behind skip:5.");
  answer.rows.push_back(test::fake_engine::row("k", 1, "{}"));
  engine.find_answer = answer;
  call.arguments.erase("skip");
  BOOST_TEST(run("dbc_find") == "1 row of `prod.users` matches (key).");
}

BOOST_AUTO_TEST_CASE(find_hands_on_what_it_was_asked_for) {
  database::find_answer answer;
  answer.matched = 3;
  answer.plan = "key";
  engine.find_answer = answer;
  in_users().with("where_json", "{}").with("sort", "age desc").with("fields", "id, age").with("count", true);
  BOOST_TEST(run("dbc_find") == "3 rows of `prod.users` match (key).");
  BOOST_TEST(engine.find_request->sort == "age desc");
  BOOST_TEST(engine.find_request->fields == "id, age");
  BOOST_TEST(engine.find_request->count_only);
  BOOST_TEST(!engine.find_request->explain_only);
  BOOST_TEST(engine.find_request->via.empty());
  BOOST_TEST(with("explain", true).with("via", std::string("search")).run("dbc_find") == "Plan of this find in `prod.users`: key.");
  BOOST_TEST(engine.find_request->via == "search");
  BOOST_TEST(engine.find_request->explain_only);
}

BOOST_AUTO_TEST_CASE(schemas_are_set_and_shown) {
  in_users().with("schema_json", R"({"required":["id"]})");
  BOOST_TEST(run("dbc_schema_set").starts_with("The schema of `prod.users` is set, and every row present fits; "));
  BOOST_TEST(engine.calls.back() == R"(set_schema prod users {"required":["id"]})");
  BOOST_TEST(with("force", true).run("dbc_schema_set").starts_with("The schema of `prod.users` is set (rows present were not checked); "));
  BOOST_TEST(engine.calls.back() == R"(set_schema prod users {"required":["id"]} force)");
  database::table_summary summary;
  summary.primary_key = "id";
  engine.table_answer = summary;
  call.arguments.erase("schema_json");
  call.arguments.erase("force");
  BOOST_TEST(run("dbc_schema_get") ==
             "`prod.users` has no schema: every JSON object with the field `id` is a row. Set one with `/dbc_schema_set`.");
  summary.schema_json = R"({"required":["id"]})";
  engine.table_answer = summary;
  BOOST_TEST(run("dbc_schema_get") == "The schema of `prod.users`:");
  BOOST_TEST(last.rows == std::vector<std::string>{summary.schema_json}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(indexes_are_made_and_dropped) {
  in_users().with("field", "email").with("unique", true);
  BOOST_TEST(run("dbc_index_create").starts_with("`prod.users` has a unique index on `email` now. "));
  with("ordered", false);
  BOOST_TEST(run("dbc_index_create") == "! ordered: every index keeps its values in order, and finds by equality use it as well; leave ordered out.");
  with("ordered", true);
  BOOST_TEST(run("dbc_index_create").starts_with("`prod.users` has a unique index on `email` now. "));
  BOOST_TEST(engine.calls.end()[-2] == "create_index prod users email unique");  // then it looks whether any row has the field
  with("channel", true);
  BOOST_TEST(run("dbc_index_create").ends_with("\nA channel with its entries is made now; `/dbc_inspect database:prod` links to it."));
  BOOST_TEST(engine.calls.end()[-2] == "create_shown_index prod users email unique");
  engine.suggestions = {"email"};
  engine.write_answer = base::error(database::errc::already_exists, "table users has an index on email already");
  BOOST_TEST(run("dbc_index_create") ==
             "! field: `prod.users` has an index on `email` already; `/dbc_index_channel database:prod table:users field:email on:true` shows it in a channel.");
  engine.suggestions.clear();
  BOOST_TEST(run("dbc_index_create") == "! Table users has an index on email already.");
  engine.write_answer = test::fake_engine::receipt(1);
  for (const char* name : {"channel", "unique"}) call.arguments.erase(name);
  BOOST_TEST(run("dbc_index_create").starts_with("`prod.users` has an index on `email` now. "));
  call.arguments.erase("ordered");
  BOOST_TEST(run("dbc_index_drop").starts_with("The index on `email` of `prod.users` is gone; its rows are as they were. "));
  BOOST_TEST(engine.calls.back() == "drop_index prod users email");
  engine.write_answer = base::error(database::errc::invalid_query, "table users has no index on email");
  BOOST_TEST(run("dbc_index_drop") == "! field: `users` has no index on `email`; it has none.");
  engine.suggestions = {"mail"};
  BOOST_TEST(run("dbc_index_drop") == "! field: `users` has no index on `email`; it has one on `mail`.");
  engine.suggestions = {"mail", "n"};
  BOOST_TEST(run("dbc_index_drop") == "! field: `users` has no index on `email`; it has others on `mail` and `n`.");
}

BOOST_AUTO_TEST_CASE(databases_and_tables_are_listed) {
  engine.database_names = {};
  BOOST_TEST(run("dbc_database_list") == "There are no databases yet. Make one with `/dbc_init database:prod`.");
  engine.database_names = {"prod"};
  engine.table_names = {"users", "posts"};
  BOOST_TEST(run("dbc_database_list").starts_with("This guild has 1 database:\n`prod`: 2 tables ("));
  database::database_summary summary;
  engine.database_answer = summary;
  with("database", "prod");
  BOOST_TEST(run("dbc_table_list") == "`prod` has no tables yet. Make one with `/dbc_table_create`.");
  database::table_summary users;
  users.name = "users";
  users.primary_key = "id";
  users.rows = 5;
  users.indexes = {{"email", true, 4, "ready", {}}};
  summary.tables = {users};
  engine.database_answer = summary;
  BOOST_TEST(run("dbc_table_list") == "`prod` has 1 table:");
  BOOST_TEST(last.rows.at(0) ==
             R"({"table":"users","primary_key":"id","rows":5,"schema":false,"indexes":[{"field":"email","unique":true,"entries":4}]})");
}

BOOST_AUTO_TEST_CASE(export_attaches_what_fits_and_says_how_to_go_on) {
  BOOST_TEST(in_users().with("format", "xml").run("dbc_export") == "! format: `xml` is not a format; use jsonl, json or csv.");
  BOOST_TEST(engine.calls.empty());
  BOOST_TEST(with("format", "csv").run("dbc_export") == "No row of `prod.users` is to be exported.");
  BOOST_TEST(last.files.empty());
  database::find_answer answer;
  answer.matched = 4;
  for (auto key : {"a", "b", "c"}) answer.rows.push_back(test::fake_engine::row(key, 1, "{\"id\":\"" + std::string(3'000'000, *key) + "\"}"));
  engine.find_answer = answer;
  with("skip", std::int64_t{1}).with("where_json", R"({"n":1})");
  BOOST_TEST(run("dbc_export") == "Exported 2 rows of `prod.users`. That is 2 to 3 of 4: a file holds no more. Go on with `after:b`.");
  BOOST_TEST(engine.find_request->where_json == R"({"n":1})");
  BOOST_TEST(last.files.at(0).name == "users.csv");
  BOOST_TEST(last.files[0].bytes.size() == 6'000'008u);
  answer.matched = 3;
  answer.rows.pop_back();
  answer.not_all_seen = true;
  engine.find_answer = answer;
  BOOST_TEST(run("dbc_export") == "Exported 2 rows of `prod.users`. That is 2 to 3 of at least 3: a file holds no more. Go on with `after:b`.");
  BOOST_TEST(last.buttons.size() == 1u);
}

BOOST_AUTO_TEST_CASE(snapshots_are_kept_and_restored_by_link_or_id) {
  engine.snapshot_answer = database::snapshot_summary{2, 100, 1, 7, test::fake_engine::link()};
  BOOST_TEST(in_users().run("dbc_snapshot") ==
             "Kept 2 rows of `prod.users`, as they were at LSN 7 (100 bytes, 1 part). Get them back with `/dbc_restore database:prod snapshot:3`. "
             "https://discord.com/channels/1/2/3");
  engine.restore_answer = database::restore_report{"people", 2, "users", 7};
  with("table", "people").with("snapshot", "https://discord.com/channels/1/2/3");
  BOOST_TEST(run("dbc_restore") == "Table `people` of `prod` is there, with 2 rows of a snapshot of `users`.");
  BOOST_TEST(engine.calls.back() == "restore prod 3 people");
  BOOST_TEST(with("snapshot", "yesterday").run("dbc_restore") == "! snapshot: `yesterday` is neither the link nor the id of a message.");
  BOOST_TEST(with("table", "A B").run("dbc_restore").starts_with("! table: "));
}

BOOST_AUTO_TEST_CASE(verify_tells_what_is_wrong_and_fails_then) {
  database::verify_report found;
  found.rows = 2;
  found.messages = 3;
  found.checkpoints = 2;
  found.catalog_records = 1;
  found.log_records = 5;
  found.log_lsn = 5;
  engine.verify_answer = found;
  BOOST_TEST(in_users().run("dbc_verify") ==
             "`prod.users`: 2 rows, 3 messages read, 0 attachments checked, log of 5 records to LSN 5, 2 checkpoints, 1 record of the catalog. "
             "All is well.");
  found.versions = 4;
  found.garbage[database::garbage_kind::superseded] = 1;
  found.garbage[database::garbage_kind::orphan] = 2;
  found.notes.push_back({"orphan", "x", "no record of the log has written this", test::fake_engine::link(), {}});
  found.not_materialised = 1;
  found.left_behind = 1;
  engine.verify_answer = found;
  BOOST_TEST(run("dbc_verify") ==
             "`prod.users`: 2 rows and 4 older versions, 3 messages read, 0 attachments checked, log of 5 records to LSN 5, 2 checkpoints, 1 record of the catalog. "
             "1 row still to get a message. `/dbc_vacuum` removes 1 superseded message and 2 orphans. 1 message goes with the channel that the table is leaving. "
             "All is well.");
  BOOST_TEST(last.ok);
  BOOST_TEST(last.rows.at(0) == R"({"kind":"orphan","key":"x","what":"no record of the log has written this","link":"https://discord.com/channels/1/2/3"})");
  found.unknown_garbage = 2;
  found.garbage[database::garbage_kind::duplicate] = 1;
  found.garbage[database::garbage_kind::stale_page] = 2;
  engine.verify_answer = found;
  BOOST_TEST(run("dbc_verify").find(" `/dbc_vacuum scan:true` removes 1 superseded message, 1 duplicate, 2 orphans and 2 stale pages.") != std::string::npos);
  found.snapshots = 2;
  found.unfinished_parts = 3;
  engine.verify_answer = found;
  auto of_snapshots = run("dbc_verify");
  BOOST_TEST(of_snapshots.find(" 2 checkpoints, 2 snapshots with all parts, 1 record of the catalog.") != std::string::npos, of_snapshots);
  BOOST_TEST(of_snapshots.find(" `/dbc_vacuum` removes 3 parts of snapshots that were never finished.") != std::string::npos, of_snapshots);
  found = {};
  found.problems = 1;
  found.findings.push_back({"missing", "k", "its message is gone", test::fake_engine::link(), {}});
  engine.verify_answer = found;
  BOOST_TEST(run("dbc_verify").ends_with(" 1 problem found (1 missing; `repair:true` mends what can be mended):"));
  BOOST_TEST(!last.ok);
  BOOST_TEST(last.rows.at(0) == R"({"kind":"missing","key":"k","what":"its message is gone","link":"https://discord.com/channels/1/2/3"})");
  found.problems = 1;
  found.findings = {{"history", "k", "version 3 is lost", {}, {}, 7, true}};
  engine.verify_answer = found;
  BOOST_TEST(run("dbc_verify").ends_with(" 1 problem found (1 history; which `repair:true` cannot mend):"));
  BOOST_TEST(last.rows.at(0) == R"({"kind":"history","key":"k","lsn":7,"what":"version 3 is lost"})");
}

BOOST_AUTO_TEST_CASE(what_the_log_still_has_is_mended_though_it_is_no_problem) {
  database::verify_report found;
  found.notes = {{"history", "k", "version 3: its message is gone; the log still has it", {}, {}, 7}};
  engine.verify_answer = found;
  engine.repair_answer = database::repair_report{};
  engine.repair_answer->versions = 1;
  BOOST_TEST(in_users().run("dbc_verify").ends_with(" 1 older version has lost its message, but is in the log: `repair:true` writes that again. All is well."));
  BOOST_TEST(with("repair", true).run("dbc_verify").ends_with(
      " 1 older version has lost its message, but is in the log. Mended: 1 older version written anew; verify again in a moment. What was found:"));
  BOOST_TEST(last.ok);
}

BOOST_AUTO_TEST_CASE(vacuum_tells_what_it_removes_by_kind) {
  database::vacuum_report done;
  done.found = done.removed = 4;
  done.kinds[database::garbage_kind::superseded] = 3;
  done.kinds[database::garbage_kind::stale_page] = 1;
  engine.vacuum_answer = done;
  BOOST_TEST(in_users().run("dbc_vacuum") == "`prod.users`: 3 superseded messages and 1 stale page removed.");
  engine.vacuum_answer->snapshot_parts_removed = 2;
  BOOST_TEST(run("dbc_vacuum") == "`prod.users`: 3 superseded messages and 1 stale page removed. 2 parts of snapshots that were never finished removed.");
  done = {};
  done.snapshot_parts_removed = 1;
  done.snapshots = "no room";
  engine.vacuum_answer = done;
  BOOST_TEST(run("dbc_vacuum") == "`prod.users`: 1 part of snapshots that were never finished removed. Parts of snapshots that were never finished may be left: no room.");
}

BOOST_AUTO_TEST_CASE(unknown_databases_and_tables_name_those_that_exist) {
  engine.get_answer = base::error(database::errc::unknown_database);
  BOOST_TEST(in_users().with("database", "prd").with("key", "k").run("dbc_get") ==
             "! There is no database `prd`. Did you mean `prod`? The databases there are `prod` and `test`. A new one is made with `/dbc_init`.");
  engine.database_names.clear();
  BOOST_TEST(run("dbc_get") == "! There is no database `prd`; there are none yet. Make it with `/dbc_init`.");
  engine.closed = {"prod: segment 2 of the log is gone"};
  BOOST_TEST(run("dbc_get") == "! There is no database `prd`, and none is open.\nNot open: prod: segment 2 of the log is gone.");
  engine.get_answer = base::error(database::errc::unknown_table);
  BOOST_TEST(in_users().with("table", "people").run("dbc_get") ==
             "! There is no table `people` in `prod`. The tables there are `users` and `posts`. A new one is made with `/dbc_table_create`.");
  engine.table_names = {"users"};
  BOOST_TEST(run("dbc_get") == "! There is no table `people` in `prod`. The table there is `users`. A new one is made with `/dbc_table_create`.");
  BOOST_TEST(with("table", "user").run("dbc_get") == "! There is no table `user` in `prod`. Did you mean `users`? A new one is made with `/dbc_table_create`.");
  with("table", "people");
  engine.table_names.clear();
  BOOST_TEST(run("dbc_get") == "! There is no table `people` in `prod`, which has none yet. Make it with `/dbc_table_create`.");
}

BOOST_AUTO_TEST_CASE(the_engines_refusals_become_sentences) {
  in_users().with("value_json", "{}");
  engine.write_answer = base::error(database::errc::duplicate_key, "table users has a row with key \"k\" already; use /dbc_update");
  BOOST_TEST(run("dbc_insert") == "! Table users has a row with key \"k\" already; use /dbc_update.");
  engine.write_answer = base::error(database::errc::too_large, "value_json has 9 bytes; at most 8 are allowed");
  BOOST_TEST(run("dbc_insert") == "! value_json has 9 bytes; at most 8 are allowed.");
  engine.write_answer = base::error(database::errc::invalid_json, "key is \"a\" but value_json says \"b\"; make them agree");
  BOOST_TEST(run("dbc_insert") == "! key is \"a\" but value_json says \"b\"; make them agree.");
  engine.write_answer = base::error(database::errc::invalid_query, "field: give a name");
  BOOST_TEST(run("dbc_insert") == "! field: give a name.");
  engine.write_answer = base::error(database::errc::backpressure);
  BOOST_TEST(run("dbc_insert") == "! Too much waits to be written; try again later. Nothing was changed; try again in a moment.");
  engine.write_answer = base::error(database::errc::outcome_unknown);
  BOOST_TEST(run("dbc_insert") == "! Whether this was done is not known yet, since Discord's answer did not come. It is done as a whole or not at all: "
                                  "look before you repeat it, or ask later: `/dbc_jobs receipt:777`. Receipt: `777`");
  engine.write_answer = database::not_known("nobody is there (really)");
  BOOST_TEST(run("dbc_insert") == "! Whether this was done is not known yet, since nobody is there (really). It is done as a whole or not at all: "
                                  "look before you repeat it, or ask later: `/dbc_jobs receipt:777`. Receipt: `777`");
  engine.write_answer = base::error(database::errc::unfinished, "the index on n is still being built");
  BOOST_TEST(run("dbc_insert") == "! The index on n is still being built. Receipt: `777`");
}

BOOST_AUTO_TEST_CASE(every_command_passes_on_the_engines_error) {
  auto broken = base::error(database::errc::unavailable, "Discord cannot be reached");
  engine.database_answer = broken;
  engine.table_answer = broken;
  engine.write_answer = broken;
  engine.transaction_answer = broken;
  engine.history_answer = broken;
  engine.get_answer = broken;
  engine.find_answer = broken;
  engine.import_answer = broken;
  engine.verify_answer = broken;
  engine.snapshot_answer = broken;
  engine.restore_answer = broken;
  engine.database_snapshot_answer = broken;
  engine.part_answer = broken;
  engine.snapshots_answer = broken;
  engine.drop_snapshot_answer = broken;
  engine.reindex_answer = broken;
  engine.vacuum_answer = broken;
  engine.deletion_answer = broken;
  const invocation empty = call;
  for (const auto& c : table()) {
    call = empty;
    for (const auto& a : c.arguments) {
      if (a.kind == argument_kind::attachment && a.required) attach("{}");
      else if (a.required && a.kind == argument_kind::integer) with(std::string(a.name), std::int64_t{1});
      else if (a.required && a.kind == argument_kind::boolean) with(std::string(a.name), true);
      else if (a.name == "patch_json") with("patch_json", R"({"n":1})");
      else if (a.name == "operations_json") with("operations_json", R"([{"op":"get","table":"t","key":"k"}])");
      else if (a.required || (!a.or_file.empty() && a.name != c.form_unless)) with(std::string(a.name), a.kind == argument_kind::json ? "{}" : a.name == "snapshot" ? "17" : a.name == "layout" ? "rows" : "users");
    }
    if (c.name == "dbc_inspect") with("database", "prod");
    if (c.name == "dbc_schema_alter") with("drop", "name");
    bool from_memory = c.name == "dbc_database_list" || c.name == "dbc_jobs" || c.name == "dbc_access" || c.name == "Edit row";
    if (from_memory) continue;
    BOOST_TEST_CONTEXT(c.name) BOOST_TEST(run(std::string(c.name)) == "! Discord cannot be reached.");
  }
}

BOOST_AUTO_TEST_CASE(a_full_vacuum_says_where_the_table_lies_and_what_is_left) {
  with("database", "prod").with("full", true);
  BOOST_TEST(run("dbc_vacuum") == "! table: say which table full:true is for; it writes one table anew.");
  with("table", "users").with("scan", true);
  BOOST_TEST(run("dbc_vacuum") == "! scan: full:true leaves every message behind that no row lives in; give one of the two.");
  with("scan", false);  // the same as not given
  engine.move_answer = database::move_report{true, base::channel_id{5}, base::channel_id{6}, 3, 1, {}};
  BOOST_TEST(run("dbc_vacuum") == "`prod.users` lies in <#6> now: 3 rows and 1 older version written anew; its old channel is deleted, with any threads of rows in it.");
  BOOST_TEST(engine.calls.back() == "move_table prod users");
  engine.move_answer->waiting = 2;
  BOOST_TEST(run("dbc_vacuum").ends_with("with any threads of rows in it. 2 rows have still to get a message there."));
  engine.move_answer->lost = 3;
  BOOST_TEST(run("dbc_vacuum").ends_with(" there. The values of 3 rows are lost, so they have no message there: `/dbc_verify` says which and what can be done."));
  engine.move_answer->lost = 0;
  engine.move_answer->stopped = "Missing Permissions.";
  BOOST_TEST(run("dbc_vacuum").ends_with("give the command again later: Missing Permissions."));
  engine.move_answer->stopped = "it was cancelled";
  BOOST_TEST(run("dbc_vacuum") == "! `prod.users` goes on in <#6>; 3 rows and 1 older version written there so far. What is left stays readable in <#5>; give the "
                                  "command again later: it was cancelled.");
  engine.move_answer = database::move_report{false, {}, base::channel_id{6}, 0, 0, {}};
  BOOST_TEST(run("dbc_vacuum") == "`prod.users` was written anew before; it lies in <#6>.");
  engine.move_answer = base::error(base::errc::timeout, "it took too long");
  BOOST_TEST(run("dbc_vacuum").starts_with("! "));
}

BOOST_AUTO_TEST_CASE(arguments_are_checked_against_the_table) {
  BOOST_TEST(run("dbc_nonsense") == "! There is no command /dbc_nonsense (any more); reload Discord to see the present ones.");
  BOOST_TEST(run("dbc_init") == "! database: this argument is missing; it is a new name: a-z, 0-9, single - and _ between them, up to 32.");
  BOOST_TEST(in_users().with("where_json", "{}").with("limit", std::int64_t{0}).run("dbc_find") == "! limit: must be from 1 to 10000, not 0.");
  BOOST_TEST(with("limit", "x").run("dbc_find") == "! limit: must be a whole number.");
  call.arguments.erase("limit");
  BOOST_TEST(with("tabel", "x").run("dbc_find") == "! /dbc_find has no argument `tabel`; did you mean `table`?");
  call.arguments.erase("tabel");
  BOOST_TEST(with("where_json", true).run("dbc_find") == "! where_json: must be text.");
}

BOOST_AUTO_TEST_CASE(text_of_people_cannot_break_out_of_its_quotes) {
  engine.write_answer = test::fake_engine::receipt(1);
  BOOST_TEST(in_users().with("key", "a`b\n@everyone").run("dbc_delete") == "Deleted `` \"a`b\\u{a}@everyone\" `` from `prod.users`. " + at);
  BOOST_TEST(with("key", "```").run("dbc_delete") == "Deleted ```` ``` ```` from `prod.users`. " + at);
  BOOST_TEST(with("key", std::string(256, 'x')).run("dbc_delete").starts_with("Deleted `" + std::string(256, 'x') + "` from"));
}

BOOST_AUTO_TEST_SUITE_END()
