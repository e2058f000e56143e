// Snapshots: what is restored is what was kept, whatever became of the table since; damage is named, not restored.

#include "database/snapshot.hpp"
#include "database/snapshot_listing.hpp"

#include "database/database_administration.hpp"
#include "database/database_fixture.hpp"
#include "database/storage_upkeep.hpp"
#include "protocol/log_record.hpp"

using namespace dbcord;
using namespace dbcord::test;
using database::errc;

namespace {

struct snapshot_fixture : database_fixture {
  auto snapshot() { return run(stack->engine->snapshot("prod", "users", reading())); }
  auto restore(base::message_id part, std::string table) { return run(stack->engine->restore("prod", part, std::move(table), context())); }
  std::string all_of(std::string table) {
    auto found = run(stack->engine->find("prod", std::move(table), {}, reading()));
    std::string text;
    for (const auto& r : found->rows) text += r.json;
    return text;
  }
  database::call_options soon() { return {database::priority::read, world.now() + 1min}; }
  base::result<database::snapshot_summary> write(base::channel_id channel, const std::vector<std::string>& rows, std::size_t part_bytes) {
    database::table_part_writer parts(process->env(), stack->store, channel, {"t", "id", "{}", {}}, 7, rows.size(), world.now() + 1min, part_bytes);
    for (const auto& row : rows) {
      auto added = run(parts.add(row));
      if (!added) return added.error();
    }
    return run(parts.finish());
  }
  base::result<std::vector<std::string>> read(base::channel_id channel, base::message_id last) {
    auto parts = run(database::find_table_parts(stack->store, channel, last, soon()));
    if (!parts) return parts.error();
    database::table_part_reader reader(stack->store, channel, std::move(*parts), soon());
    auto head = run(reader.head());
    if (!head) return head.error();
    std::vector<std::string> rows;
    for (;;) {
      auto row = run(reader.next());
      if (!row) return row.error();
      if (!*row) return rows;
      rows.push_back(std::move(**row));
    }
  }
  // As earlier versions have written them: every part says how many there are.
  base::message_id post_of_earlier_version(base::channel_id channel, std::vector<std::string> parts, std::uint64_t rows) {
    protocol::snapshot_part header{"token", 1, parts.size(), 7, rows, {}, {}};
    for (auto& bytes : parts) {
      header.hash = protocol::record_hash(bytes);
      database::new_message message;
      message.content = protocol::encode_snapshot_part(header, "t");
      message.nonce = process->env().random.token(20);
      database::new_attachment file;
      file.filename = "t.jsonl";
      file.bytes = std::move(bytes);
      message.attachments.push_back(std::move(file));
      auto sent = run(stack->rest.post(channel, std::move(message), soon()));
      BOOST_REQUIRE(sent.has_value());
      header.previous = sent->value.id;
      ++header.number;
    }
    return header.previous;
  }
  std::string tables() {
    std::set<std::string> sorted;
    for (const auto& t : inspect().tables) sorted.insert(t.name);
    std::string names;
    for (const auto& name : sorted) names += name + " ";
    return names;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(snapshots, snapshot_fixture)

BOOST_AUTO_TEST_CASE(a_table_comes_back_with_its_schema_and_indexes_under_another_name) {
  create();
  BOOST_REQUIRE(run(stack->engine->set_schema("prod", "users", R"({"required":["n"]})", false, context())).has_value());
  BOOST_REQUIRE(run(stack->engine->create_index("prod", "users", "n", true, context())).has_value());
  BOOST_REQUIRE(insert("b", R"({"n":1.50})").has_value());
  BOOST_REQUIRE(insert("a", R"({"n":"ü"})").has_value());
  auto kept = snapshot();
  BOOST_REQUIRE(kept.has_value());
  BOOST_TEST(kept->rows == 2u);
  BOOST_TEST(kept->parts == 1u);
  BOOST_REQUIRE(remove("b").has_value());
  BOOST_REQUIRE(update("a", R"({"n":5})").has_value());
  restart();
  auto back = restore(kept->location.message, "people");
  BOOST_REQUIRE(back.has_value());
  BOOST_TEST(back->rows == 2u);
  BOOST_TEST(all_of("people") == R"({"id":"a","n":"ü"}{"id":"b","n":1.50})");
  auto people = run(stack->engine->inspect_table("prod", "people", reading()));
  BOOST_TEST(people->schema_json == R"({"required":["n"]})");
  BOOST_REQUIRE(people->indexes.size() == 1u);
  BOOST_TEST(people->indexes[0].unique);
  BOOST_TEST((restore(kept->location.message, "").error().code == errc::already_exists));  // the name it had
  BOOST_TEST(all_of("users") == R"({"id":"a","n":5})");
  restart();
  BOOST_TEST(all_of("people") == R"({"id":"a","n":"ü"}{"id":"b","n":1.50})");
}

BOOST_AUTO_TEST_CASE(a_table_comes_back_with_its_layout_the_limits_of_its_history_and_its_threads) {
  create();
  BOOST_REQUIRE(run(stack->engine->storage().set_layout("prod", "users", protocol::table_layout::pages, context())).has_value());
  BOOST_REQUIRE(run(stack->engine->set_history("prod", "users", 3, 2, context())).has_value());
  BOOST_REQUIRE(insert("a", "{}").has_value());
  auto without = snapshot();
  BOOST_REQUIRE(run(stack->engine->administration().set_row_threads("prod", "users", true, context())).has_value());
  auto kept = snapshot();
  BOOST_REQUIRE(kept.has_value());
  BOOST_REQUIRE(restore(kept->location.message, "people").has_value());
  BOOST_REQUIRE(restore(without->location.message, "others").has_value());
  auto threads = stack->engine->administration().row_threads_of("prod")->tables;
  std::sort(threads.begin(), threads.end());
  BOOST_TEST((threads == std::vector<std::string>{"people", "users"}));
  auto people = run(stack->engine->inspect_table("prod", "people", reading()));
  BOOST_TEST(people->layout == "pages");
  BOOST_TEST(people->history_versions == 3u);
  BOOST_TEST(people->history_days == 2u);
}

BOOST_AUTO_TEST_CASE(how_far_a_restore_is_counts_rows_once_although_indexes_are_built_of_them) {
  options.index_at_once = 0;  // they are built behind the record of their creation, and tell how far that is
  create();
  BOOST_REQUIRE(run(stack->engine->create_index("prod", "users", "n", false, context())).has_value());
  BOOST_REQUIRE(run(stack->engine->create_index("prod", "users", "m", false, context())).has_value());
  for (int i = 0; i < 5; ++i) BOOST_REQUIRE(insert("k" + std::to_string(i), R"({"n":1,"m":2})").has_value());
  auto kept = snapshot();
  BOOST_REQUIRE(kept.has_value());
  auto whole = run(stack->engine->administration().snapshot_database("prod", reading()));
  BOOST_REQUIRE(whole.has_value());
  auto c = context();
  c.progress = std::make_shared<database::work_progress>();
  BOOST_REQUIRE(run(stack->engine->restore("prod", kept->location.message, "people", c)).has_value());
  BOOST_TEST(c.progress->done == 5u);
  BOOST_TEST(c.progress->total == 5u);
  c = context();
  c.progress = std::make_shared<database::work_progress>();
  BOOST_REQUIRE(run(stack->engine->administration().restore_database("prod", whole->location.message, "copy", c)).has_value());
  BOOST_TEST(c.progress->done == 5u);
  BOOST_TEST(c.progress->total == 5u);
}

BOOST_AUTO_TEST_CASE(a_snapshot_of_many_parts_is_one) {
  create();
  std::vector<std::string> rows;
  for (int i = 0; i < 10; ++i) rows.push_back("{\"id\":" + std::to_string(i) + "}");
  auto channel = inspect().tables.at(0).channel;
  auto kept = write(channel, rows, 20);
  BOOST_REQUIRE(kept.has_value());
  BOOST_TEST(kept->parts > 3u);
  BOOST_TEST(kept->rows == 10u);
  auto back = read(channel, kept->location.message);
  BOOST_REQUIRE(back.has_value());
  BOOST_TEST(*back == rows, boost::test_tools::per_element());
  auto messages = run(stack->rest.history_after(channel, {}, 100, soon()))->value;
  auto middle = messages.at(messages.size() - 2).id;
  auto second = run(database::read_table_part(stack->store, channel, messages.at(messages.size() - kept->parts + 1).id, soon()));
  BOOST_REQUIRE(second.has_value());
  BOOST_REQUIRE(second->has_value());
  BOOST_TEST((*second)->number == 2u);
  BOOST_TEST((*second)->file_name == "t-2.jsonl");
  auto first = run(database::read_table_part(stack->store, channel, (*second)->previous, soon()));
  BOOST_TEST((*second)->offset == (*first)->bytes.size());
  auto whole = run(database::list_snapshot_messages(stack->store, channel, soon()));
  BOOST_REQUIRE(whole->size() == 1u);
  BOOST_TEST(whole->front().summary.whole);
  BOOST_TEST(whole->front().summary.bytes == kept->bytes);
  BOOST_TEST(whole->front().messages.size() == kept->parts);
  BOOST_TEST(read(channel, middle).error().message.find("name the last one") != std::string::npos);
  BOOST_REQUIRE(run(stack->rest.remove(channel, middle, soon())).has_value());
  auto torn = run(database::list_snapshot_messages(stack->store, channel, soon()));
  BOOST_REQUIRE(torn->size() == 1u);
  BOOST_TEST(!torn->front().summary.whole);
  BOOST_TEST((torn->front().summary.location.message == kept->location.message));
  auto gone = read(channel, kept->location.message);
  BOOST_TEST((gone.error().code == errc::damaged));
  BOOST_TEST(gone.error().message.find("it was deleted, or is of another database") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(snapshots_of_tables_and_of_the_database_are_listed_read_and_dropped_alike) {
  create();
  auto& copies = stack->engine->administration();
  auto listed = run(copies.snapshots("prod", reading()));
  BOOST_REQUIRE(listed.has_value());
  BOOST_TEST(listed->empty());
  auto channels = run(stack->rest.channels(soon()))->value.size();
  BOOST_TEST((run(copies.drop_snapshot("prod", base::message_id{5}, reading())).error().code == errc::damaged));
  BOOST_TEST(run(stack->rest.channels(soon()))->value.size() == channels);  // to look makes no channel
  BOOST_REQUIRE(insert("a", R"({"n":1})").has_value());
  auto table = snapshot();
  BOOST_REQUIRE(table.has_value());
  BOOST_REQUIRE(insert("b", R"({"n":2})").has_value());
  auto whole = run(copies.snapshot_database("prod", reading()));
  BOOST_REQUIRE(whole.has_value());
  restart();
  auto& now = stack->engine->administration();
  listed = run(now.snapshots("prod", reading()));
  BOOST_REQUIRE(listed.has_value());
  BOOST_REQUIRE(listed->size() == 2u);
  const auto& first = listed->at(0);
  const auto& second = listed->at(1);
  BOOST_TEST(first.table == "users");
  BOOST_TEST(first.rows == 1u);
  BOOST_TEST(first.lsn == table->lsn);
  BOOST_TEST(first.bytes == table->bytes);
  BOOST_TEST(first.whole);
  BOOST_TEST((first.location.message == table->location.message));
  BOOST_TEST((first.taken == base::created_at(table->location.message)));
  BOOST_TEST(second.table == "");
  BOOST_TEST(second.tables == 1u);
  BOOST_TEST(second.rows == 2u);
  BOOST_TEST(second.lsn == whole->lsn);
  BOOST_TEST(second.bytes == whole->bytes);
  BOOST_TEST(second.whole);
  auto file = run(now.read_snapshot_part("prod", table->location.message, reading()));
  BOOST_REQUIRE(file.has_value());
  BOOST_TEST(file->file_name == "users-1.jsonl");
  BOOST_TEST(file->bytes.ends_with("\n{\"id\":\"a\",\"n\":1}\n"));
  BOOST_TEST(*run(now.drop_snapshot("prod", table->location.message, reading())) == 1u);
  BOOST_TEST((restore(table->location.message, "people").error().code == errc::damaged));
  BOOST_TEST((run(now.drop_snapshot("prod", table->location.message, reading())).error().code == errc::damaged));
  listed = run(now.snapshots("prod", reading()));
  BOOST_REQUIRE(listed->size() == 1u);
  BOOST_TEST((listed->at(0).location.message == whole->location.message));
  BOOST_TEST((run(now.snapshots("nowhere", reading())).error().code == errc::unknown_database));
}

BOOST_AUTO_TEST_CASE(a_snapshot_says_the_lsn_at_which_the_table_stood_also_of_a_table_without_rows) {
  create();
  auto of_none = snapshot();
  BOOST_REQUIRE(of_none.has_value());
  BOOST_TEST(of_none->rows == 0u);
  BOOST_TEST(of_none->lsn > 0u);
  BOOST_TEST(of_none->lsn == inspect().lsn);
  BOOST_REQUIRE(insert("a", R"({"n":1})").has_value());
  BOOST_REQUIRE(insert("b", R"({"n":1})").has_value());
  BOOST_REQUIRE(remove("b").has_value());
  auto behind_a_deletion = snapshot();
  BOOST_REQUIRE(behind_a_deletion.has_value());
  BOOST_TEST(behind_a_deletion->lsn == inspect().lsn);
}

BOOST_AUTO_TEST_CASE(what_is_no_snapshot_is_not_restored) {
  create();
  BOOST_TEST((restore(base::message_id{5}, "x").error().code == errc::damaged));
  BOOST_TEST((run(stack->engine->restore("nowhere", base::message_id{5}, "x", context())).error().code == errc::unknown_database));
  BOOST_TEST((run(stack->engine->snapshot("prod", "nobody", reading())).error().code == errc::unknown_table));
  BOOST_TEST((run(stack->engine->inspect_table("prod", "x", reading())).error().code == errc::unknown_table));
}

BOOST_AUTO_TEST_CASE(a_snapshot_of_an_earlier_version_is_read_and_one_that_is_damaged_makes_nothing) {
  create();
  BOOST_REQUIRE(insert("a", "{}").has_value());
  auto channel = snapshot()->location.channel;
  std::string head = R"({"table":"t","pk":"id","schema":{},"indexes":[]})";
  auto sound = post_of_earlier_version(channel, {head + "\n{\"id\":\"x\"}\n", "{\"id\":\"y\"}\n", "{\"id\":\"z\"}\n"}, 3);
  auto back = restore(sound, "people");
  BOOST_TEST_REQUIRE(back.has_value(), back.error().message);
  BOOST_TEST(back->rows == 3u);
  BOOST_TEST(back->lsn == 7u);
  BOOST_TEST(all_of("people") == R"({"id":"x"}{"id":"y"}{"id":"z"})");
  auto damaged = post_of_earlier_version(channel, {head + "\n{\"id\":\"x\"}\n", "{\"id\":\"y\"}\n"}, 3);
  BOOST_TEST((restore(damaged, "others").error().code == errc::damaged));
  BOOST_TEST(tables() == "people users ");
}

// Nobody takes a part of a table for the whole, and the next attempt finds the name free.
BOOST_AUTO_TEST_CASE(a_table_whose_restore_fails_is_dropped_again) {
  create();
  for (int i = 0; i < 30; ++i) BOOST_REQUIRE(insert("k" + std::to_string(i), R"({"n":1})").has_value());
  auto kept = snapshot();
  BOOST_REQUIRE(kept.has_value());
  auto log = inspect().log_channel;
  int posts = 0, refused = 1;
  stack->store.on_post = [&](base::channel_id in, const database::new_message&) {
    bool behind_the_tables = in == log && ++posts > 1;
    return behind_the_tables && posts <= 1 + refused ? fault::refused : fault::none;
  };
  auto c = context();
  auto failed = run(stack->engine->restore("prod", kept->location.message, "people", c));
  BOOST_REQUIRE(failed.has_error());
  BOOST_TEST(failed.error().message.find("Table people was dropped again") != std::string::npos, failed.error().message);
  BOOST_TEST(tables() == "users ");
  BOOST_TEST(run(stack->engine->restore("prod", kept->location.message, "people", c)).has_error());  // the same command, whose table is gone
  auto again = restore(kept->location.message, "people");
  BOOST_TEST_REQUIRE(again.has_value(), again.error().message);
  BOOST_TEST(again->rows == 30u);
  restart();
  BOOST_TEST(tables() == "people users ");
  BOOST_TEST(all_of("people") == all_of("users"));
  log = inspect().log_channel;
  posts = 0;
  refused = 2;  // the drop, too
  stack->store.on_post = [&](base::channel_id in, const database::new_message&) {
    bool behind_the_tables = in == log && ++posts > 1;
    return behind_the_tables && posts <= 1 + refused ? fault::refused : fault::none;
  };
  auto left = restore(kept->location.message, "others");
  BOOST_REQUIRE(left.has_error());
  BOOST_TEST(left.error().message.find("Table others is there, but not whole, and could not be dropped") != std::string::npos, left.error().message);
}

BOOST_AUTO_TEST_CASE(a_restore_that_is_repeated_and_fails_drops_nothing) {
  create();
  BOOST_REQUIRE(insert("a", "{}").has_value());
  auto kept = snapshot();
  BOOST_REQUIRE(kept.has_value());
  auto once = context();
  BOOST_REQUIRE(run(stack->engine->restore("prod", kept->location.message, "people", once)).has_value());
  BOOST_REQUIRE(run(stack->engine->restore("prod", kept->location.message, "people", once)).has_value());
  once.progress = std::make_shared<database::work_progress>();
  once.progress->cancelled = true;
  BOOST_TEST(run(stack->engine->restore("prod", kept->location.message, "people", once)).has_error());
  BOOST_TEST(all_of("people") == R"({"id":"a"})");
}

BOOST_AUTO_TEST_CASE(a_snapshot_larger_than_memory_comes_back) {
  options.memory_cap = 4 * 1024 * 1024;
  create();
  for (int part = 0; part < 5; ++part) {
    std::vector<database::new_row> some;
    for (int i = 0; i < 200; ++i) some.push_back({{}, "{\"id\":\"" + std::to_string(1'000 * part + i) + "\",\"t\":\"" + std::string(20'000, 'x') + "\"}"});
    put_all(std::move(some));
  }
  auto kept = snapshot();
  BOOST_TEST_REQUIRE(kept.has_value(), kept.error().message);
  BOOST_TEST(kept->parts == 3u);
  auto back = restore(kept->location.message, "people");
  BOOST_TEST_REQUIRE(back.has_value(), back.error().message);
  BOOST_TEST(back->rows == 1'000u);
}

BOOST_AUTO_TEST_SUITE_END()
