// Columns are altered while the table is read and written, by processes that may die; what comes out is what a naive evaluation gives.

#include <fmt/format.h>

#include "database/alteration_fixture.hpp"
#include "database/row_operation.hpp"
#include "dbcord/base/random.hpp"
#include "protocol/merge_patch.hpp"
#include "protocol/value_order.hpp"
#include "support/contains.hpp"
#include "support/tried_points.hpp"

using namespace dbcord;
using namespace dbcord::test;
using database::errc;
using protocol::column_change;
using protocol::json_node;

namespace {

// Random rows, and the same in memory, in the new form from the start. Writes have the old form until the alteration has begun, then the new one, since
// when it ends is not seen from here; that old ones are translated meanwhile is told by a test above.
struct differential : alteration_fixture {
  differential(std::uint64_t seed, column_change c) : random(seed), change(std::move(c)), before("{}") {
    options.index_at_once = random.below(2) == 0 ? 0 : 256;
    if (random.below(2) == 0) options.memory_cap = 400 * 1024;
    if (random.below(2) == 0) options.checkpoints.tail_messages = 3;
  }

  static std::string key(std::uint64_t i) { return fmt::format("k{:04}", i); }
  json_node new_row(std::uint64_t i) {
    auto row = *protocol::parse_json(fmt::format(R"({{"id":"{}","a":{{"n":{},"m":{}}},"text":"{}"}})", key(i), ++last_value, random.below(9), std::string(300, 'x')));
    if (random.below(5) == 0) row.erase("a");
    return row;
  }
  void fill() {
    create();
    BOOST_REQUIRE(set_schema(R"({"properties":{"id":"str","a":{"type":"dict","properties":{"n":"int"}}}})").has_value());
    if (change.what() == column_change::kind::rename) BOOST_REQUIRE(create_index("a.n", true).has_value());
    std::vector<database::new_row> rows;
    for (std::uint64_t i = 0; i < 700; ++i) {
      auto row = new_row(i);
      rows.push_back({{}, to_json(row)});
      change.apply(row);
      model[key(i)] = std::move(row);
    }
    put_all(std::move(rows));
    if (random.below(2) == 0) drain();
    before = users().schema_json;
  }

  bool begun() { return users().schema_json != before; }

  void write() {
    auto i = random.below(720);
    bool new_form = begun();
    auto roll = random.below(4);
    if (roll == 0) {
      auto row = new_row(i);
      if (new_form) change.apply(row);
      auto done = run(stack->engine->insert("prod", "users", {{}, to_json(row)}, context()));
      BOOST_TEST_REQUIRE((done.has_value() == !model.contains(key(i))), (done ? "" : done.error().message));
      if (!done) return;
      change.apply(row);
      model[key(i)] = std::move(row);
      return;
    }
    if (roll == 1) {
      auto done = remove(key(i));
      BOOST_TEST_REQUIRE((done.has_value() == model.contains(key(i))));
      model.erase(key(i));
      return;
    }
    auto patch = *protocol::parse_json(new_form && random.below(4) == 0 ? R"({"a":{"n":null}})" : fmt::format(R"({{"a":{{"n":{}}}}})", ++last_value));
    if (random.below(3) == 0) patch = *protocol::parse_json(fmt::format(R"({{"a":{{"m":{}}}}})", random.below(9)));
    if (new_form) change.apply_to_patch(patch);
    auto done = update(key(i), to_json(patch));
    BOOST_TEST_REQUIRE((done.has_value() == model.contains(key(i))), (done ? "" : done.error().message));
    if (!done) return;
    auto& row = model[key(i)];
    change.apply_to_patch(patch);
    protocol::apply_merge_patch(row, patch);
    change.apply(row);
  }

  void check() {
    for (std::uint64_t i = 0; i < 720; ++i) {
      auto it = model.find(key(i));
      auto found = run(stack->engine->get("prod", "users", key(i), reading()));
      BOOST_TEST_REQUIRE(found.has_value() == (it != model.end()), key(i));
      if (!found) continue;
      // Members may stand in another order.
      auto there = *protocol::parse_json(found->json);
      BOOST_TEST_REQUIRE((protocol::compare_values(there, it->second) == 0), found->json + " is not " + to_json(it->second));
    }
  }

  base::seeded_random random;
  column_change change;
  std::string before;
  std::map<std::string, json_node> model;
  std::int64_t last_value = 0;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(column_alteration)

BOOST_FIXTURE_TEST_CASE(an_added_field_gets_its_default_in_every_row, alteration_fixture) {
  create();
  for (auto key : {"a", "b", "c", "d"}) BOOST_REQUIRE(insert(key, "{}").has_value());
  BOOST_REQUIRE(insert("e", R"({"address":{"zip":5}})").has_value());
  auto refused = alter_now(*column_change::add("address.zip", R"({"type":"int","required":true})"));
  BOOST_TEST_REQUIRE(!refused.has_value());
  BOOST_TEST((refused.error().code == errc::schema_violation));
  BOOST_TEST(refused.error().message ==
             "4 rows of table users stand in the way (row \"a\": the field address.zip is missing; row \"b\": the field address.zip is missing; row \"c\": the "
             "field address.zip is missing); change them first, give a default, or add the field with force:true");
  BOOST_TEST(users().schema_json == "{}");
  auto done = alter_now(*column_change::add("address.zip", R"({"type":"int","required":true,"default":7})"));
  BOOST_TEST_REQUIRE(done.has_value(), done.error().message);
  BOOST_TEST(done->schema_json == R"({"properties":{"address.zip":{"type":"int","required":true,"default":7}}})");
  BOOST_TEST(get("a") == R"({"id":"a","address":{"zip":7}})");
  BOOST_TEST(get("e") == R"({"id":"e","address":{"zip":5}})");
  restart();
  BOOST_TEST(get("d") == R"({"id":"d","address":{"zip":7}})");
  BOOST_TEST((alter_now(*column_change::add("address.zip", "{}")).error().message == "the schema has a field address.zip already"));
  BOOST_TEST(alter_now(*column_change::add("name", R"({"type":"str","required":true})"), true).has_value());
  BOOST_TEST(get("a") == R"({"id":"a","address":{"zip":7}})");
  BOOST_TEST((insert("f", "{}").error().code == errc::schema_violation));
  check_sound();
}

BOOST_FIXTURE_TEST_CASE(a_dropped_field_goes_and_its_index_must_go_first, alteration_fixture) {
  create();
  BOOST_REQUIRE(set_schema(R"({"required":["n"],"properties":{"n":"int","m":"int"}})").has_value());
  for (auto key : {"a", "b"}) BOOST_REQUIRE(insert(key, R"({"n":1,"m":2})").has_value());
  BOOST_REQUIRE(create_index("n", false).has_value());
  BOOST_TEST((alter_now(*column_change::drop("n")).error().message == "there is an index on n; drop it first with /dbc_index_drop"));
  BOOST_REQUIRE(run(stack->engine->drop_index("prod", "users", "n", context())).has_value());
  auto done = alter_now(*column_change::drop("n"));
  BOOST_TEST_REQUIRE(done.has_value(), done.error().message);
  BOOST_TEST(users().schema_json == R"({"properties":{"m":"int"}})");
  BOOST_TEST(get("a") == R"({"id":"a","m":2})");
  BOOST_TEST((alter_now(*column_change::drop("id")).error().message == "the field id is the primary key of table users, which cannot be altered"));
  BOOST_TEST((alter_now(*column_change::rename("m", "id")).error().message == "the field id is the primary key of table users, which cannot be altered"));
  check_sound();
}

BOOST_FIXTURE_TEST_CASE(a_renamed_field_keeps_its_values_and_its_index, alteration_fixture) {
  create();
  for (int i = 0; i < 20; ++i) BOOST_REQUIRE(insert("k" + std::to_string(i), fmt::format(R"({{"n":{}}})", i)).has_value());
  BOOST_REQUIRE(create_index("n", true).has_value());
  BOOST_REQUIRE(insert("odd", R"({"x":{"y":1}})").has_value());
  BOOST_TEST((alter_now(*column_change::rename("n", "x.y")).error().message ==
              "1 row of table users stands in the way (row \"odd\": it has a field x.y already); change them first"));
  BOOST_REQUIRE(remove("odd").has_value());
  auto done = alter_now(*column_change::rename("n", "x.y"));
  BOOST_TEST_REQUIRE(done.has_value(), done.error().message);
  BOOST_TEST(get("k7") == R"({"id":"k7","x":{"y":7}})");
  BOOST_REQUIRE(users().indexes.size() == 1u);
  BOOST_TEST(users().indexes[0].field == "x.y");
  BOOST_TEST(users().indexes[0].entries == 20u);
  BOOST_TEST(find(R"({"x.y":7})") == "k7 ");
  BOOST_TEST((insert("twin", R"({"x":{"y":7}})").error().code == errc::duplicate_value));
  for (int i = 0; i < 2; ++i) {
    restart();
    BOOST_TEST(find(R"({"x.y":7})") == "k7 ");
    BOOST_TEST(users().indexes[0].field == "x.y");
    check_sound();
  }
}

// A unique index holds between rows of both forms, whatever form they are written in.
BOOST_FIXTURE_TEST_CASE(writes_of_both_forms_mean_the_same_while_a_field_is_renamed, alteration_fixture) {
  create();
  std::vector<database::new_row> rows;
  for (int i = 0; i < 2'000; ++i) rows.push_back({{}, fmt::format(R"({{"id":"k{:04}","n":{}}})", i, i)});
  put_all(std::move(rows));
  BOOST_REQUIRE(create_index("n", true).has_value());
  altered done;
  auto c = context();
  c.progress = std::make_shared<database::work_progress>();
  process->spawn(alter(*stack->engine, *column_change::rename("n", "m"), false, c, done));
  world.run_until([&] { return c.progress->done > 0 || done; }, 1min);
  BOOST_REQUIRE(!done.has_value());
  BOOST_TEST(get("k1999") == R"({"id":"k1999","n":1999})");  // still to come
  BOOST_TEST((insert("old", R"({"n":1998})").error().code == errc::duplicate_value));
  BOOST_TEST((insert("new", R"({"m":1998})").error().code == errc::duplicate_value));
  BOOST_TEST(insert("old", R"({"n":5001})").has_value());
  BOOST_TEST(get("old") == R"({"id":"old","m":5001})");
  BOOST_TEST((update("old", R"({"n":1997})").error().code == errc::duplicate_value));
  BOOST_TEST(update("k1999", R"({"m":5002})").has_value());
  BOOST_TEST(get("k1999") == R"({"id":"k1999","m":5002})");
  database::row_operation step;
  step.table = "users";
  step.key = "k1998";
  step.action = database::row_action::update;
  step.add.push_back({"n", "10000"});
  BOOST_TEST(run(stack->engine->transact("prod", {step}, context())).has_value());
  BOOST_TEST(get("k1998") == R"({"id":"k1998","m":11998})");
  BOOST_TEST(alter_now(*column_change::drop("id2")).error().message.find("are being altered") != std::string::npos);
  BOOST_TEST(create_index("k", false).error().message.find("are being altered") != std::string::npos);
  BOOST_TEST(set_schema("{}").error().message.find("are being altered") != std::string::npos);
  world.run_until([&] { return done.has_value(); }, 5min);
  BOOST_TEST_REQUIRE(done.has_value());
  BOOST_TEST_REQUIRE(done->has_value(), (*done).error().message);
  BOOST_TEST(get("k0005") == R"({"id":"k0005","m":5})");
  BOOST_TEST(get("k1996") == R"({"id":"k1996","m":1996})");
  BOOST_TEST(find(R"({"n":{"$exists":true}})") == "");
  check_sound();
}

BOOST_FIXTURE_TEST_CASE(an_interrupted_alteration_goes_on_when_it_is_asked_for_again, alteration_fixture) {
  create();
  std::vector<database::new_row> rows;
  for (int i = 0; i < 2'000; ++i) rows.push_back({{}, fmt::format(R"({{"id":"k{:04}","n":{}}})", i, i)});
  put_all(std::move(rows));
  altered done;
  auto c = context();
  c.progress = std::make_shared<database::work_progress>();
  process->spawn(alter(*stack->engine, *column_change::drop("n"), false, c, done));
  world.run_until([&] { return c.progress->done > 0 || done; }, 1min);
  c.progress->cancelled = true;
  world.run_until([&] { return done.has_value(); }, 1min);
  BOOST_TEST_REQUIRE(done.has_value());
  BOOST_TEST(run(stack->engine->caveat("prod", "users")).altering);
  BOOST_TEST(done->error().message ==
             "altering the columns of table users (drop:n) was interrupted and is not undone: what is written has the new form, some older rows do not have it yet; they "
             "get it when dbcord starts again, or when you give the same command again; /dbc_schema_alter add:n takes it back");
  BOOST_TEST(inspect().tables.at(0).altering == "drop:n");
  auto refused = alter_now(*column_change::drop("other"));
  BOOST_REQUIRE(!refused.has_value());
  BOOST_TEST(contains(refused.error().message, "are being altered (drop:n)"), refused.error().message);
  BOOST_TEST(get("k0000") == R"({"id":"k0000"})");
  BOOST_TEST(get("k1999") == R"({"id":"k1999","n":1999})");
  auto again = alter_now(*column_change::drop("n"));
  BOOST_TEST_REQUIRE(again.has_value(), again.error().message);
  BOOST_TEST(get("k1999") == R"({"id":"k1999"})");
  BOOST_TEST(inspect().tables.at(0).altering.empty());
}

// Its record stands in the log, and nobody can say so for longer than one waits; the next alteration begins before one asks again.
BOOST_FIXTURE_TEST_CASE(an_end_in_doubt_does_not_end_the_next_alteration, alteration_fixture) {
  create();
  for (auto key : {"a", "b"}) BOOST_REQUIRE(insert(key, R"({"n":1})").has_value());
  std::optional<base::steady_time> ended;
  stack->store.on_post = [&](base::channel_id, const database::new_message& m) {
    if (stack->store.unreadable) return fault::lost_before;  // nor does a barrier settle it
    if (ended || !contains(m.content, R"({"altered":true)")) return fault::none;
    ended = world.now();
    stack->store.unreadable = true;
    return fault::lost_after;
  };
  altered first;
  process->spawn(alter(*stack->engine, *column_change::rename("n", "m"), false, context(), first));
  BOOST_REQUIRE(world.run_until([&] { return ended.has_value(); }, 1min));
  world.run_for(61s);
  stack->store.unreadable = false;
  auto second = alter_now(*column_change::rename("m", "k"));
  for (int i = 0; !second && second.error().code == errc::already_exists && i < 40; ++i) {
    world.run_for(100ms);
    second = alter_now(*column_change::rename("m", "k"));
  }
  BOOST_TEST_REQUIRE(second.has_value(), second.error().message);
  BOOST_TEST(get("a") == R"({"id":"a","k":1})");
  BOOST_TEST(get("b") == R"({"id":"b","k":1})");
  BOOST_TEST_REQUIRE(world.run_until([&] { return first.has_value(); }, 1min));
  BOOST_TEST(first->has_value());
  check_sound();
}

BOOST_FIXTURE_TEST_CASE(a_field_that_neither_a_row_nor_the_schema_has_is_not_altered, alteration_fixture) {
  create();
  BOOST_REQUIRE(set_schema(R"({"properties":{"ruled":"int","address":{"properties":{"city":"str"}}}})").has_value());
  std::vector<database::new_row> rows;
  for (int i = 0; i < 200; ++i) rows.push_back({"", fmt::format(R"({{"id":"k{:04}"{}}})", i, i == 100 ? R"(,"rare":{"deep":1})" : "")});  // where nobody looks for suggestions
  put_all(std::move(rows));
  drain();
  auto before = inspect().lsn;
  for (auto change : {*column_change::drop("nmae"), *column_change::rename("rare.nmae", "other"), *column_change::drop("rule"), *column_change::drop("address.street")}) {
    auto refused = alter_now(change);
    BOOST_TEST_REQUIRE(!refused.has_value());
    BOOST_TEST((refused.error().code == errc::invalid_query));
    BOOST_TEST(refused.error().message == "no row of table users has a field \"" + change.field() + "\", and its schema names none");
  }
  drain();
  BOOST_TEST(inspect().lsn == before);
  for (auto known : {"rare.deep", "ruled", "address.city"}) BOOST_TEST(alter_now(*column_change::drop(known)).has_value(), known);
  BOOST_TEST(users().schema_json.find("city") == std::string::npos);
}

// Rows whose values are not in memory are read for that.
BOOST_FIXTURE_TEST_CASE(a_field_that_only_an_evicted_row_has_is_found, alteration_fixture) {
  options.memory_cap = 400 * 1024;
  create();
  for (int i = 0; i < 1'000;) {  // more than fits at once
    std::vector<database::new_row> rows;
    for (int end = i + 100; i < end; ++i) rows.push_back({"", fmt::format(R"({{"id":"k{:04}","text":"{}"{}}})", i, std::string(500, 'x'), i == 500 ? R"(,"rare":1)" : "")});
    put_all(std::move(rows));
    drain();
  }
  restart();
  BOOST_REQUIRE(run(stack->engine->administration().figures("prod", reading()))->cache.bytes < 500'000u);
  auto refused = alter_now(*column_change::drop("nmae"));
  BOOST_TEST_REQUIRE(!refused.has_value());
  BOOST_TEST(refused.error().message.starts_with("no row of table users has a field \"nmae\""), refused.error().message);
  auto renamed = alter_now(*column_change::rename("rare", "well.done"));
  BOOST_TEST_REQUIRE(renamed.has_value(), renamed.error().message);
  BOOST_TEST(find(R"({"well.done":1})") == "k0500 ");
}

BOOST_FIXTURE_TEST_CASE(no_field_is_made_that_no_query_could_name, alteration_fixture) {
  create();
  BOOST_REQUIRE(insert("a", R"({"n":1,"p":{"$b":2}})").has_value());
  for (auto change : {*column_change::rename("n", "p.$c"), *column_change::add("p.$c", "{}")}) {
    auto refused = alter_now(change);
    BOOST_TEST_REQUIRE(!refused.has_value());
    BOOST_TEST(refused.error().message == "the field p.$c could not be named by any query, since $ begins an operator there; give it another name");
  }
  BOOST_TEST(alter_now(*column_change::rename("p.$b", "b")).has_value());  // there is one of before
  BOOST_TEST(get("a") == R"({"id":"a","n":1,"p":{},"b":2})");
}

// No snapshot or backup of them could be restored.
BOOST_FIXTURE_TEST_CASE(rows_do_not_grow_past_the_largest_by_an_alteration, alteration_fixture) {
  options.row_cap = 64 * 1024;
  create();
  auto largest = [&](const std::string& key) { return fmt::format(R"({{"id":"{}","n":"{}"}})", key, std::string(options.row_cap - 17, 'x')); };
  put_all({{"", largest("a")}});
  for (auto change : {*column_change::rename("n", "longer"), *column_change::add("m", R"({"type":"int","default":1})")}) {
    for (bool force : {false, true}) {
      auto refused = alter_now(change, force);
      BOOST_TEST_REQUIRE(!refused.has_value());
      BOOST_TEST(contains(refused.error().message, "row \"a\": it would have 655"), refused.error().message);
    }
  }
  std::vector<database::new_row> rows;
  for (int i = 0; i < 2'000; ++i) rows.push_back({{}, fmt::format(R"({{"id":"k{:04}","n":{}}})", i, i)});
  BOOST_REQUIRE(run(stack->engine->remove("prod", "users", "a", context())).has_value());
  put_all(std::move(rows));
  altered done;
  auto c = context();
  c.progress = std::make_shared<database::work_progress>();
  process->spawn(alter(*stack->engine, *column_change::rename("n", "longer"), false, c, done));
  world.run_until([&] { return c.progress->done > 0 || done; }, 1min);
  BOOST_REQUIRE(!done.has_value());
  auto refused = run(stack->engine->insert("prod", "users", {"", largest("b")}, context()));
  BOOST_TEST_REQUIRE(!refused.has_value());
  BOOST_TEST((refused.error().code == errc::too_large));
  BOOST_TEST(refused.error().message == "row \"b\" would have 65541 bytes with the altered columns; at most 65536 are allowed");
}

BOOST_FIXTURE_TEST_CASE(an_alteration_that_is_delivered_again_is_answered_like_the_first_time, alteration_fixture) {
  create();
  BOOST_REQUIRE(insert("a", R"({"n":1})").has_value());
  auto same = context();
  auto give = [&] { return run(stack->engine->administration().alter_columns("prod", "users", *column_change::drop("n"), false, same)); };
  BOOST_REQUIRE(give().has_value());
  auto again = give();
  BOOST_TEST_REQUIRE(again.has_value(), again.error().message);
  BOOST_TEST(again->receipt.repeated);
}

// A row has the new form in a version that Discord then refuses: it has the old one again, and must be brought into the new one like any other.
BOOST_FIXTURE_TEST_CASE(a_row_whose_write_in_the_new_form_fails_is_altered_all_the_same, alteration_fixture) {
  constexpr int slice = 256;
  create();
  std::vector<database::new_row> rows;
  for (int i = 0; i <= slice; ++i) rows.push_back({fmt::format("k{:04}", i), R"({"n":1})"});
  put_all(std::move(rows));
  bool first_slice = false;
  stack->store.on_post = [&](base::channel_id, const database::new_message& m) {
    first_slice = first_slice || contains(m.content, fmt::format("{} changes in 1 transaction", slice));
    return contains(m.content, R"("last":true)") ? fault::refused : fault::none;
  };
  altered done;
  process->spawn(alter(*stack->engine, *column_change::drop("n"), false, context(), done));
  BOOST_REQUIRE(world.run_until([&] { return first_slice; }, 1min));
  // Behind that slice in the log's queue, and before whatever the last row needs.
  auto refused = update(fmt::format("k{:04}", slice), R"({"last":true})");
  BOOST_TEST_REQUIRE(!refused.has_value());
  BOOST_TEST((refused.error().code == errc::unavailable), refused.error().message);
  BOOST_REQUIRE(world.run_until([&] { return done.has_value(); }, 1min));
  BOOST_TEST_REQUIRE(done->has_value(), done->error().message);
  BOOST_TEST(get(fmt::format("k{:04}", slice)) == fmt::format(R"({{"id":"k{:04}"}})", slice));
}

BOOST_AUTO_TEST_CASE(random_rows_with_writes_and_a_kill_in_the_middle_are_what_a_naive_evaluation_gives) {
  std::vector<column_change> changes{*column_change::add("a.k", R"({"type":"int","default":5})"), *column_change::drop("a.n"),
                                     *column_change::rename("a.n", "b.c")};
  int in_the_middle = 0;
  const std::uint64_t seeds = is_sanitized ? 12 : 24;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    differential d(seed, changes[seed % changes.size()]);
    BOOST_TEST_CONTEXT("seed " << seed) {
      d.fill();
      altered done;
      d.process->spawn(alteration_fixture::alter(*d.stack->engine, d.change, false, d.context(), done));
      auto kill_at = d.random.below(12);
      for (std::uint64_t n = 0; n < 30; ++n) {
        if (n == kill_at) {
          if (d.begun() && !done) ++in_the_middle;
          d.restart();
        }
        d.world.run_for(std::chrono::milliseconds(d.random.below(40)));
        d.write();
      }
      auto again = d.alter_now(d.change);  // goes on, or begins if it never did
      auto told = again ? std::string() : again.error().message;
      bool over = told.find("already") != std::string::npos || told.starts_with("there is an index on b.c") || told.starts_with("no row of table users has a field \"a.n\"");
      BOOST_TEST((again || over), told);
      d.check();
      d.check_sound();
      d.restart();
      d.check();
    }
  }
  BOOST_TEST_MESSAGE(in_the_middle << " of " << seeds << " killed in the middle");
  BOOST_TEST(in_the_middle > (is_sanitized ? 1 : 3));
}

BOOST_AUTO_TEST_SUITE_END()
