// Transactions written in C++: repeated when another writer was first, and without any effect when they give up.

#include "database/database_fixture.hpp"
#include "database/transact.hpp"

using namespace dbcord;
using namespace dbcord::test;
using database::errc;

namespace {

int number_in(const std::string& json) { return std::stoi(json.substr(json.find("\"n\":") + 4)); }

base::result<std::string> one_more(std::optional<std::string> json) {
  return R"({"id":"c","n":)" + std::to_string(json ? number_in(*json) + 1 : 1) + "}";
}

struct transact_fixture : database_fixture {
  base::result<std::string> count() {
    return run(database::fetch_and_update(*stack->engine, stack->env, "prod", "users", "c", context(), one_more));
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(transact_in_cpp, transact_fixture)

BOOST_AUTO_TEST_CASE(a_counter_counts_every_one_of_many_at_once) {
  create();
  int done = 0;
  auto add = [](transact_fixture* self, int* ok) -> actor::task<void> {
    for (int i = 0; i < 5; ++i) {
      auto c = self->context();
      auto now = co_await database::fetch_and_update(*self->stack->engine, self->stack->env, "prod", "users", "c", c, one_more);
      if (now) ++*ok;
    }
  };
  for (int i = 0; i < 10; ++i) process->spawn(add(this, &done));
  world.run_for(5min);
  BOOST_TEST(done == 50);
  BOOST_TEST(get("c") == R"({"id":"c","n":50})");
}

BOOST_AUTO_TEST_CASE(what_was_read_must_still_be_so_also_what_was_not_there) {
  create();
  int runs = 0;
  auto body = [&](database::transaction_scope& t) -> actor::task<base::result<void>> {
    ++runs;
    auto seen = co_await t.get("users", "a");
    if (!seen) co_return seen.error();
    if (runs == 1) {
      auto c = context();
      database::new_row row{"a", R"({"by":"another"})"};
      auto other = co_await stack->engine->insert("prod", "users", row, c);
      BOOST_TEST(other.has_value());
    }
    t.put("users", "b", *seen ? R"({"id":"b","saw":"a"})" : R"({"id":"b","saw":"nothing"})");
    auto own = co_await t.get("users", "b");
    BOOST_TEST(own->has_value());
    co_return base::result<void>();
  };
  auto done = run(database::transact(*stack->engine, stack->env, "prod", context(), body));
  BOOST_TEST(done.has_value());
  BOOST_TEST(runs == 2);
  BOOST_TEST(get("b") == R"({"id":"b","saw":"a"})");
}

// Two rows whose numbers are always 10 together, between which another transaction moves something while this one reads them.
BOOST_AUTO_TEST_CASE(all_that_is_read_is_of_one_moment_also_where_the_function_refuses) {
  create();
  BOOST_REQUIRE(insert("a", R"({"n":7})").has_value());
  BOOST_REQUIRE(insert("b", R"({"n":3})").has_value());
  int runs = 0, moves = 0;
  auto move = [&]() -> actor::task<void> {
    auto steps = database::parse_row_operations(R"([{"op":"update","table":"users","key":"a","add":{"n":-1}},{"op":"update","table":"users","key":"b","add":{"n":1}}])", 1000);
    auto c = context();
    auto done = co_await stack->engine->transact("prod", *steps, c);
    BOOST_TEST(done.has_value());
    ++moves;
  };
  auto refuse = [&](database::transaction_scope& t) -> actor::task<base::result<void>> {
    ++runs;
    auto a = co_await t.get("users", "a");
    if (runs <= 2) co_await move();
    auto b = co_await t.get("users", "b");
    if (!a || !b) co_return base::error(errc::conflict, "unread");
    co_return base::error(errc::conflict, "they are " + std::to_string(number_in(**a) + number_in(**b)));
  };
  BOOST_TEST(run(database::transact(*stack->engine, stack->env, "prod", context(), refuse)).error().message == "they are 10");
  BOOST_TEST(runs == 3);
  runs = 0;
  auto same_row = [&](database::transaction_scope& t) -> actor::task<base::result<void>> {
    ++runs;
    auto before = co_await t.get("users", "a");
    if (runs == 1) co_await move();
    auto again = co_await t.get("users", "a");
    co_return base::error(errc::conflict, before && again && **before == **again ? "equal" : "unequal");
  };
  BOOST_TEST(run(database::transact(*stack->engine, stack->env, "prod", context(), same_row)).error().message == "equal");
  BOOST_TEST(runs == 2);
  runs = 0;
  auto missing = [&](database::transaction_scope& t) -> actor::task<base::result<void>> {
    ++runs;
    auto none = co_await t.get("users", "none");
    if (runs == 1) {
      database::new_row row{"none", "{}"};
      auto c = context();
      auto made = co_await stack->engine->insert("prod", "users", row, c);
      BOOST_TEST(made.has_value());
      co_await move();
    }
    auto a = co_await t.get("users", "a");
    co_return base::error(errc::conflict, none && *none ? "there" : "not there");
  };
  BOOST_TEST(run(database::transact(*stack->engine, stack->env, "prod", context(), missing)).error().message == "there");
  BOOST_TEST(moves == 4);
}

BOOST_AUTO_TEST_CASE(a_transaction_that_is_always_overtaken_gives_up_at_its_deadline) {
  create();
  BOOST_REQUIRE(insert("a", "{}").has_value());
  BOOST_REQUIRE(insert("b", "{}").has_value());
  auto overtaken = [&](database::transaction_scope& t) -> actor::task<base::result<void>> {
    (void)co_await t.get("users", "a");
    for (std::string key : {"a", "b"}) {
      auto c = context();
      auto done = co_await stack->engine->update("prod", "users", key, R"({"n":1})", c);
      BOOST_TEST(done.has_value());
    }
    (void)co_await t.get("users", "b");
    t.put("users", "c", R"({"id":"c"})");
    co_return base::result<void>();
  };
  auto done = run(database::transact(*stack->engine, stack->env, "prod", context(20s), overtaken));
  BOOST_TEST((done.error().code == errc::conflict));
  BOOST_TEST(done.error().message == "other transactions have changed what this one had read each time; nothing was changed");
  BOOST_TEST(find("{}") == "a b ");
}

BOOST_AUTO_TEST_CASE(a_row_is_set_only_if_it_has_the_version_that_is_expected) {
  create();
  auto set = [&](std::uint64_t expected, std::string json) {
    return run(database::compare_and_set(*stack->engine, "prod", "users", "a", expected, std::move(json), context()));
  };
  BOOST_TEST(set(0, R"({"id":"a","n":1})").has_value());
  BOOST_TEST((set(0, R"({"id":"a","n":2})").error().code == errc::conflict));
  BOOST_TEST(set(1, R"({"id":"a","n":2})").has_value());
  auto late = set(1, R"({"id":"a","n":3})");
  BOOST_TEST((late.error().code == errc::conflict));
  BOOST_TEST(late.error().message.find("version") != std::string::npos, late.error().message);
  BOOST_TEST(get("a") == R"({"id":"a","n":2})");
}

BOOST_AUTO_TEST_CASE(a_repeated_call_is_answered_by_what_it_has_done) {
  create();
  auto c = context();
  BOOST_REQUIRE(!c.idempotency_key.empty());
  auto count_once = [&](database::row_change_function change) {
    return run(database::fetch_and_update(*stack->engine, stack->env, "prod", "users", "c", c, std::move(change)));
  };
  BOOST_TEST(*count_once(one_more) == R"({"id":"c","n":1})");
  BOOST_TEST(*count_once(one_more) == R"({"id":"c","n":1})");
  auto refuses = [](std::optional<std::string>) -> base::result<std::string> { return base::error(errc::conflict, "not once more"); };
  BOOST_TEST(*count_once(refuses) == R"({"id":"c","n":1})");
  auto idle = [](database::transaction_scope&) -> actor::task<base::result<void>> { co_return base::result<void>(); };
  BOOST_TEST(run(database::transact(*stack->engine, stack->env, "prod", c, idle))->repeated);
  restart();
  BOOST_TEST(*count_once(refuses) == R"({"id":"c","n":1})");
  BOOST_TEST(get("c") == R"({"id":"c","n":1})");
  BOOST_REQUIRE(remove("c").has_value());
  BOOST_TEST(*count_once(refuses) == "");
  c = context();
  BOOST_TEST(count_once(refuses).error().message == "not once more");
  BOOST_TEST(!run(database::transact(*stack->engine, stack->env, "prod", c, idle))->repeated);
}

BOOST_AUTO_TEST_CASE(an_error_of_the_function_leaves_no_trace) {
  create();
  auto body = [](database::transaction_scope& t) -> actor::task<base::result<void>> {
    t.put("users", "a", R"({"id":"a"})");
    co_return base::error(errc::conflict, "not enough");
  };
  auto done = run(database::transact(*stack->engine, stack->env, "prod", context(), body));
  BOOST_TEST(done.error().message == "not enough");
  BOOST_TEST(find("{}") == "");
  BOOST_TEST(count().has_value());
  auto gone = run(database::fetch_and_update(*stack->engine, stack->env, "prod", "users", "c", context(), [](auto) { return base::result<std::string>(std::string()); }));
  BOOST_TEST(gone.has_value());
  BOOST_TEST(find("{}") == "");
}

BOOST_AUTO_TEST_SUITE_END()
