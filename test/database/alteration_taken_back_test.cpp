// An alteration of columns that is taken back before every row has its form.

#include <fmt/format.h>

#include "database/alteration_fixture.hpp"
#include "support/contains.hpp"

using namespace dbcord;
using namespace dbcord::test;
using database::errc;
using protocol::column_change;

BOOST_AUTO_TEST_SUITE(alteration_taken_back)

// Cancelled, or its process killed: the way back works from wherever it stood.
BOOST_FIXTURE_TEST_CASE(an_alteration_under_way_is_taken_back_by_the_one_that_leads_back, alteration_fixture) {
  create();
  std::vector<database::new_row> rows;
  for (int i = 0; i < 2'000; ++i) rows.push_back({{}, fmt::format(R"({{"id":"k{:04}","n":{}}})", i, i)});
  put_all(std::move(rows));
  BOOST_REQUIRE(set_schema(R"({"properties":{"n":"int"}})").has_value());
  BOOST_REQUIRE(create_index("n", true).has_value());
  auto before = users().schema_json;
  auto begin = [&](column_change change, altered& done) {
    auto c = context();
    c.progress = std::make_shared<database::work_progress>();
    process->spawn(alter(*stack->engine, std::move(change), false, c, done));
    world.run_until([&] { return c.progress->done > 0 || done; }, 1min);
    BOOST_REQUIRE(!done.has_value());
    return c.progress;
  };
  auto wait_for = [&](std::string altering) {
    for (int i = 0; i < 10'000 && inspect().tables.at(0).altering != altering; ++i) world.run_for(5ms);
    BOOST_TEST_REQUIRE(inspect().tables.at(0).altering == altering);
  };
  for (bool killed : {false, true}) {
    BOOST_TEST_CONTEXT("killed " << killed) {
      altered done;
      begin(*column_change::rename("n", "m"), done);
      BOOST_TEST(get("k0000") == R"({"id":"k0000","m":0})");
      BOOST_TEST(get("k1999") == R"({"id":"k1999","n":1999})");
      BOOST_TEST(inspect().tables.at(0).altering_back == "rename:m to:n");
      BOOST_TEST_REQUIRE(insert("new", R"({"m":5000})").has_value());
      if (killed) {
        // The next process goes on from the record that begins the way back.
        process->spawn([](database::engine& e, database::write_context c) -> actor::task<void> {
          (void)co_await e.administration().alter_columns("prod", "users", *column_change::rename("m", "n"), false, std::move(c));
        }(*stack->engine, context()));
        wait_for("rename:m to:n");
        BOOST_TEST(get("k0000") == R"({"id":"k0000","m":0})");
        restart();
        wait_for("");
      } else {
        auto refused = alter_now(*column_change::rename("m", "other"));
        BOOST_TEST(contains(refused.error().message, "give that /dbc_schema_alter again to have it go on, or rename:m to:n to take it back"), refused.error().message);
        auto back = alter_now(*column_change::rename("m", "n"));
        BOOST_TEST_REQUIRE(back.has_value(), back.error().message);
        BOOST_REQUIRE(world.run_until([&] { return done.has_value(); }, 1min));
        BOOST_TEST_REQUIRE(!done->has_value());
        BOOST_TEST(done->error().message == "altering the columns of table users (rename:n to:m) is being taken back by rename:m to:n");
      }
      BOOST_TEST(users().schema_json == before);
      BOOST_TEST(find(R"({"m":{"$exists":true}})") == "");
      BOOST_TEST(get("k0000") == R"({"id":"k0000","n":0})");
      BOOST_TEST(get("k1999") == R"({"id":"k1999","n":1999})");
      BOOST_TEST(get("new") == R"({"id":"new","n":5000})");
      BOOST_TEST(find(R"({"n":1999})") == "k1999 ");
      BOOST_TEST(find(R"({"n":5000})") == "new ");
      BOOST_TEST((insert("twin", R"({"n":7})").error().code == errc::duplicate_value));
      BOOST_TEST_REQUIRE(users().indexes.size() == 1u);
      BOOST_TEST(users().indexes[0].field == "n");
      BOOST_TEST(users().indexes[0].entries == 2'001u);
      check_sound();
      BOOST_REQUIRE(remove("new").has_value());
    }
  }
  {
    altered done;
    begin(*column_change::add("k", R"({"type":"int","default":7})"), done)->cancelled = true;
    BOOST_REQUIRE(world.run_until([&] { return done.has_value(); }, 1min));
    BOOST_TEST(contains(done->error().message, "/dbc_schema_alter drop:k takes it back"), done->error().message);
    BOOST_TEST(get("k0000") == R"({"id":"k0000","n":0,"k":7})");
    BOOST_TEST_REQUIRE(alter_now(*column_change::drop("k")).has_value());
    BOOST_TEST(find(R"({"k":{"$exists":true}})") == "");
    BOOST_TEST(users().schema_json == before);
  }
  BOOST_REQUIRE(run(stack->engine->drop_index("prod", "users", "n", context())).has_value());
  altered done;
  begin(*column_change::drop("n"), done)->cancelled = true;
  BOOST_REQUIRE(world.run_until([&] { return done.has_value(); }, 1min));
  BOOST_TEST_REQUIRE(alter_now(*column_change::add("n", R"("int")")).has_value());
  BOOST_TEST(get("k0000") == R"({"id":"k0000"})");  // it was gone
  BOOST_TEST(get("k1999") == R"({"id":"k1999","n":1999})");
  BOOST_TEST(inspect().tables.at(0).altering.empty());
  check_sound();
}

// Whoever takes it back gives the cancellation no time.
BOOST_FIXTURE_TEST_CASE(an_alteration_is_taken_back_right_behind_its_cancellation, alteration_fixture) {
  create();
  std::vector<database::new_row> rows;
  for (int i = 0; i < 2'000; ++i) rows.push_back({{}, fmt::format(R"({{"id":"k{:04}","n":{}}})", i, i)});
  put_all(std::move(rows));
  const auto there = *column_change::rename("n", "m"), back = *column_change::rename("m", "n");
  for (bool twice : {false, true}) {
    BOOST_TEST_CONTEXT("twice " << twice) {
      altered first, second;
      auto c = context();
      c.progress = std::make_shared<database::work_progress>();
      process->spawn(alter(*stack->engine, there, false, c, first));
      world.run_until([&] { return c.progress->done > 0 || first; }, 1min);
      BOOST_REQUIRE(!first.has_value());
      auto other = context();
      other.progress = std::make_shared<database::work_progress>();
      if (twice) {
        process->spawn(alter(*stack->engine, there, false, other, second));  // waits for the same one
        world.run_for(10ms);
        BOOST_REQUIRE(!second.has_value());
      }
      c.progress->cancelled = true;
      auto done = alter_now(twice ? there : back);
      BOOST_TEST_REQUIRE(done.has_value(), done.error().message);
      BOOST_REQUIRE(world.run_until([&] { return first && (second || !twice); }, 1min));
      BOOST_TEST(!first->has_value());
      BOOST_TEST((!twice || second->has_value()));  // he has cancelled nothing
      BOOST_TEST(other.progress->total == (twice ? 2'000u : 0u));
      BOOST_TEST(inspect().tables.at(0).altering.empty());
      BOOST_TEST(get("k0000") == (twice ? R"({"id":"k0000","m":0})" : R"({"id":"k0000","n":0})"));
      BOOST_TEST(get("k1999") == (twice ? R"({"id":"k1999","m":1999})" : R"({"id":"k1999","n":1999})"));
      check_sound();
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
