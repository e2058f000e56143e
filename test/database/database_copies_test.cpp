// Copies of whole databases: one moment of all tables, restored as they were under another name; damage is named before anything is made.

#include "database/database_administration.hpp"

#include "actor/task_group.hpp"
#include "database/database_fixture.hpp"
#include "database/dump_parts.hpp"
#include "database/row_operation.hpp"
#include "database/storage_upkeep.hpp"

using namespace dbcord;
using namespace dbcord::test;
using database::errc;

namespace {

struct copies_fixture : database_fixture {
  auto snapshot() { return run(stack->engine->administration().snapshot_database("prod", reading())); }
  auto restore(base::message_id part, std::string as) {
    return run(stack->engine->administration().restore_database("prod", part, std::move(as), context()));
  }
  std::string all_of(std::string database, std::string table) {
    auto found = run(stack->engine->find(std::move(database), std::move(table), {}, reading()));
    if (!found) return found.error().message;
    std::string text;
    for (const auto& r : found->rows) text += r.key + r.json;
    return text;
  }
  base::result<database::write_receipt> put(std::string table, std::string json) {
    return run(stack->engine->insert("prod", std::move(table), {{}, std::move(json)}, context()));
  }
  database::call_options soon() { return {database::priority::read, world.now() + 1min}; }
  // Two tables of which one has everything that a table can have.
  void fill() {
    create();
    auto& e = *stack->engine;
    BOOST_REQUIRE(run(e.create_table("prod", "items", "no", context())).has_value());
    BOOST_REQUIRE(run(e.create_index("prod", "users", "mail", true, context())).has_value());
    BOOST_REQUIRE(run(e.create_index("prod", "users", "a.b", false, context())).has_value());
    BOOST_REQUIRE(run(e.set_history("prod", "users", 7, 3, context())).has_value());
    BOOST_REQUIRE(run(e.storage().set_layout("prod", "users", protocol::table_layout::rows, context())).has_value());
    BOOST_REQUIRE(insert("ü", R"({"n":1.50,"mail":"x","a":{"b":1e2}})").has_value());
    BOOST_REQUIRE(insert("b", R"({"mail":"y"})").has_value());
    BOOST_REQUIRE(put("items", R"({"no":12345678901234567890,"t":"\u0001 </é"})").has_value());
    BOOST_REQUIRE(run(e.set_schema("prod", "users", R"({"required":["n"]})", true, context())).has_value());  // b does not fit it
    protocol::access_rules rules;
    rules.read = {base::role_id{5}};
    BOOST_REQUIRE(run(e.set_access("prod", rules, context())).has_value());
    BOOST_REQUIRE(run(e.administration().set_deletions("prod", database::deletion_policy::accept, context())).has_value());
    BOOST_REQUIRE(run(e.administration().set_row_threads("prod", "users", true, context())).has_value());
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(copies_of_databases, copies_fixture)

BOOST_AUTO_TEST_CASE(a_database_comes_back_whole_under_another_name) {
  fill();
  auto users = all_of("prod", "users"), items = all_of("prod", "items");
  auto lsn = inspect().lsn;
  auto kept = snapshot();
  BOOST_REQUIRE(kept.has_value());
  BOOST_TEST(kept->tables == 2u);
  BOOST_TEST(kept->rows == 3u);
  BOOST_TEST(kept->lsn == lsn);
  BOOST_REQUIRE(remove("b").has_value());
  BOOST_REQUIRE(run(stack->engine->drop_table("prod", "items", context())).has_value());
  restart();
  auto back = restore(kept->location.message, "copy");
  BOOST_REQUIRE_MESSAGE(back.has_value(), back.error().message);
  BOOST_TEST(back->tables == 2u);
  BOOST_TEST(back->rows == 3u);
  BOOST_TEST(back->taken_from == "prod");
  restart();
  BOOST_TEST(all_of("copy", "users") == users);
  BOOST_TEST(all_of("copy", "items") == items);
  auto table = run(stack->engine->inspect_table("copy", "users", reading()));
  BOOST_REQUIRE(table.has_value());
  BOOST_TEST(table->schema_json == R"({"required":["n"]})");
  BOOST_TEST(table->history_versions == 7u);
  BOOST_TEST(table->history_days == 3u);
  BOOST_TEST(table->layout == "rows");
  BOOST_TEST(stack->engine->administration().row_threads_of("copy")->tables == std::vector<std::string>{"users"});
  BOOST_REQUIRE(table->indexes.size() == 2u);
  BOOST_TEST(table->indexes[0].field == "mail");
  BOOST_TEST(table->indexes[0].unique);
  BOOST_TEST(!table->indexes[1].unique);
  BOOST_TEST(stack->engine->access("copy").json() == R"({"read":["5"]})");
  BOOST_TEST((stack->engine->administration().deletions("copy")->policy == database::deletion_policy::accept));
  BOOST_TEST(run(stack->engine->inspect("copy", reading()))->tables.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_name_that_exists_is_refused_and_so_is_what_is_no_snapshot_of_a_database) {
  fill();
  auto kept = snapshot();
  auto taken = restore(kept->location.message, "prod");
  BOOST_TEST((taken.error().code == errc::already_exists));
  auto of_table = run(stack->engine->snapshot("prod", "users", reading()));
  BOOST_TEST(restore(of_table->location.message, "copy").error().message.find("of a table, not of a database") != std::string::npos);
  auto as_table = run(stack->engine->restore("prod", kept->location.message, "x", context()));
  BOOST_TEST(as_table.error().message.find("of a whole database") != std::string::npos);
  BOOST_TEST((restore(base::message_id{5}, "copy").error().code == errc::damaged));
  BOOST_TEST(stack->engine->databases().size() == 1u);
  auto& copies = stack->engine->administration();
  BOOST_TEST((run(copies.snapshot_database("nowhere", reading())).error().code == errc::unknown_database));
  BOOST_TEST((run(copies.read_snapshot_part("nowhere", base::message_id{5}, reading())).error().code == errc::unknown_database));
  BOOST_TEST((run(copies.drop_snapshot("nowhere", base::message_id{5}, reading())).error().code == errc::unknown_database));
  BOOST_TEST((run(copies.restore_database("nowhere", base::message_id{5}, "copy", context())).error().code == errc::unknown_database));
}

// Transactions that move an amount between two tables go on all the while: the sum in the copy is the sum.
BOOST_AUTO_TEST_CASE(all_tables_are_copied_as_they_are_at_one_moment) {
  create();
  BOOST_REQUIRE(run(stack->engine->create_table("prod", "items", "id", context())).has_value());
  BOOST_REQUIRE(insert("a", R"({"n":1000})").has_value());
  BOOST_REQUIRE(put("items", R"({"id":"a","n":0})").has_value());
  for (int i = 0; i < 50; ++i) BOOST_REQUIRE(insert("filler" + std::to_string(i), "{\"t\":\"" + std::string(20'000, 'x') + "\"}").has_value());
  bool stop = false;
  std::uint64_t moved = 0;
  auto move_on = [](copies_fixture* f, bool* stop, std::uint64_t* moved) -> actor::task<void> {
    while (!*stop) {
      auto steps = database::parse_row_operations(R"([{"op":"update","table":"users","key":"a","add":{"n":-1}},
                                                     {"op":"update","table":"items","key":"a","add":{"n":1}}])", 1024);
      auto done = co_await f->stack->engine->transact("prod", std::move(*steps), f->context());
      if (done) ++*moved;
    }
  };
  actor::task_group work(process->env(), "moving");
  work.spawn(process->env().make_strand(), move_on(this, &stop, &moved));
  world.run_for(2s);
  auto kept = snapshot();
  auto at_snapshot = moved;
  world.run_for(2s);
  stop = true;
  run(work.join(world.now() + 1min));
  BOOST_REQUIRE(kept.has_value());
  BOOST_TEST(moved > at_snapshot);
  BOOST_REQUIRE(restore(kept->location.message, "copy").has_value());
  auto n_of = [this](std::string table) {
    auto row = run(stack->engine->get("copy", table, "a", reading()));
    BOOST_REQUIRE(row.has_value());
    return std::stoi(row->json.substr(row->json.find("\"n\":") + 4));
  };
  BOOST_TEST(n_of("items") > 0);
  BOOST_TEST(n_of("users") + n_of("items") == 1000);
}

BOOST_AUTO_TEST_CASE(parts_are_read_one_by_one_and_dropped_together) {
  create();
  auto channel = inspect().tables.at(0).channel;
  protocol::dump_writer lines;
  auto write = [](engine_stack* s, base::channel_id where, base::steady_time until, protocol::dump_writer* lines)
      -> actor::task<base::result<database::database_snapshot_summary>> {
    database::dump_part_writer parts(s->env, s->store, where, "prod", 9, 1, until, 100);
    protocol::dump_head head{"prod", 9, "now", "{}", 1};
    auto added = co_await parts.add(lines->head(head), 0);
    protocol::dump_table table{{"t", "id", "{}", {}}, {protocol::table_layout::automatic, 1, 0}, 10};
    if (added) added = co_await parts.add(lines->table(table), 0);
    for (int i = 0; i < 10 && added; ++i) added = co_await parts.add(lines->row("{\"id\":" + std::to_string(i) + ",\"t\":\"" + std::string(120, 'x') + "\"}"), 1);
    if (added) added = co_await parts.add(lines->end(), 0);
    if (!added) co_return added.error();
    co_return co_await parts.finish();
  };
  auto kept = run(write(stack, channel, world.now() + 1min, &lines));
  BOOST_REQUIRE(kept.has_value());
  BOOST_TEST(kept->parts >= 3u);
  BOOST_TEST(kept->rows == 10u);
  auto parts = run(database::find_dump_parts(stack->store, channel, kept->location.message, true, soon()));
  BOOST_REQUIRE(parts.has_value());
  BOOST_TEST(parts->size() == kept->parts);
  auto middle = parts->at(1).message;
  BOOST_TEST(run(database::find_dump_parts(stack->store, channel, middle, true, soon())).error().message.find("name the last one") != std::string::npos);
  BOOST_TEST(run(database::find_dump_parts(stack->store, channel, middle, false, soon()))->size() == 1u);
  auto read_all = [](engine_stack* s, base::channel_id where, std::vector<database::located_dump_part> parts, database::call_options options)
      -> actor::task<base::result<std::uint64_t>> {
    database::dump_part_reader reader(s->store, where, std::move(parts), options);
    std::uint64_t rows = 0;
    for (;;) {
      auto item = co_await reader.next();
      if (!item) co_return item.error();
      if (!*item) co_return rows;
      if (std::holds_alternative<protocol::dump_row>(**item)) ++rows;
    }
  };
  BOOST_TEST(*run(read_all(stack, channel, *parts, soon())) == 10u);
  auto without_last = *parts;
  without_last.pop_back();
  BOOST_TEST(run(read_all(stack, channel, without_last, soon())).error().message.find("ends too early") != std::string::npos);
  BOOST_REQUIRE(run(stack->rest.remove(channel, middle, soon())).has_value());
  BOOST_TEST(run(database::find_dump_parts(stack->store, channel, kept->location.message, true, soon())).error().message.find("it was deleted, or is of another database") != std::string::npos);
  BOOST_TEST(run(read_all(stack, channel, *parts, soon())).error().message.find("it was deleted, or is of another database") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_snapshot_that_is_dropped_is_gone_from_the_guild) {
  fill();
  auto kept = snapshot();
  BOOST_REQUIRE(kept.has_value());
  auto& copies = stack->engine->administration();
  auto part = run(copies.read_snapshot_part("prod", kept->location.message, reading()));
  BOOST_REQUIRE(part.has_value());
  BOOST_TEST(part->offset == 0u);
  BOOST_TEST(part->bytes.size() == kept->bytes);
  BOOST_TEST(!part->previous);
  BOOST_TEST(*run(copies.drop_snapshot("prod", kept->location.message, reading())) == 1u);
  BOOST_TEST((restore(kept->location.message, "copy").error().code == errc::damaged));
  BOOST_TEST(run(copies.read_snapshot_part("prod", kept->location.message, reading())).error().message.find("it was deleted, or is of another database") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_purged_row_goes_with_the_snapshots_of_the_database_that_hold_it) {
  fill();
  auto with = snapshot();
  BOOST_REQUIRE(remove("b").has_value());
  auto without = snapshot();
  auto purged = run(stack->engine->storage().purge("prod", "users", "b", context(1h)));
  BOOST_REQUIRE(purged.has_value());
  BOOST_TEST(purged->snapshots_looked_at == 2u);
  BOOST_TEST(purged->snapshots_removed == 1u);
  BOOST_TEST(purged->snapshots == "");
  BOOST_TEST((restore(with->location.message, "copy").error().code == errc::damaged));
  BOOST_TEST(restore(without->location.message, "copy").has_value());
}

// Rows from before such names were refused: they are read, copied and mended as they are.
BOOST_AUTO_TEST_CASE(rows_with_names_that_are_refused_today_come_back_and_can_be_rid_of_them) {
  start();
  BOOST_REQUIRE(open().has_value());
  auto& lifecycle = stack->engine->administration();
  BOOST_REQUIRE(run(lifecycle.begin_restore("prod", context())).has_value());
  BOOST_REQUIRE(run(stack->engine->create_table("prod", "users", "id", context())).has_value());
  auto import = [&](std::string json) { return run(stack->engine->import("prod", "users", {{"", std::move(json)}}, context())).value(); };
  BOOST_TEST(import(R"({"id":"a","$set":{"n":1},"o":1,"o.p":2})").accepted == 1u);
  BOOST_REQUIRE(run(lifecycle.end_restore("prod", context())).has_value());
  auto refused = import(R"({"id":"b","$set":{"n":1}})");
  BOOST_TEST(refused.accepted == 0u);
  BOOST_TEST(refused.refused.at(0).reason.starts_with("the row names a field \"$set\", which no query could name"));
  restart();
  auto whole = R"({"id":"a","$set":{"n":1},"o":1,"o.p":2})";
  BOOST_TEST(get("a") == whole);
  auto kept = run(stack->engine->snapshot("prod", "users", reading()));
  BOOST_REQUIRE(kept.has_value());
  BOOST_TEST(run(stack->engine->restore("prod", kept->location.message, "copy", context())).value().rows == 1u);
  BOOST_TEST(all_of("prod", "copy") == std::string("a") + whole);
  auto copied = snapshot();
  BOOST_REQUIRE(copied.has_value());
  BOOST_REQUIRE(restore(copied->location.message, "again").has_value());
  BOOST_TEST(all_of("again", "users") == std::string("a") + whole);
  BOOST_REQUIRE(update("a", R"({"n":1})").has_value());  // other fields change as ever
  BOOST_REQUIRE(update("a", R"({"$set":null})").has_value());
  BOOST_TEST(get("a") == R"({"id":"a","o":1,"o.p":2,"n":1})");
}

BOOST_AUTO_TEST_SUITE_END()
