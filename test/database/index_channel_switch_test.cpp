// Channels of indexes that are there already: switched on and off, and carried by snapshots into what is restored from them.

#include "actor/task_group.hpp"
#include "database/index_channel_fixture.hpp"

using namespace dbcord;
using namespace dbcord::test;
using database::errc;

namespace {

struct switch_fixture : index_channel_fixture {
  using index_channel_fixture::index_channel_fixture;

  base::result<database::index_channel_change> set(bool on, std::string field = "n") { return set_of("users", on, std::move(field)); }
  base::result<database::index_channel_change> set_of(std::string table, bool on, std::string field = "n") {
    return run(stack->engine->administration().set_index_channel("prod", std::move(table), std::move(field), on, context()));
  }
  void make_index(bool unique = false) { BOOST_REQUIRE(run(stack->engine->create_index("prod", "users", "n", unique, context())).has_value()); }
  bool says_channel(std::string database = "prod", std::string table = "users") {
    auto found = run(stack->engine->inspect_table(std::move(database), std::move(table), reading()));
    return found && found->indexes.size() == 1 && found->indexes.front().channel;
  }
  // Until nothing of the guild's channels changes any more.
  bool without_channel(base::duration limit = 5min) {
    return world.run_until([&] { return statuses().empty(); }, limit) && (world.run_for(2min), index_channels().empty());
  }
  // Leaves room for so many channels.
  void fill_guild(std::size_t room) {
    base::channel_id category;
    for (int i = 0;; ++i) {
      auto present = run(stack->rest.channels(call())).value().value.size();
      if (present + room >= database::guild_channel_max) return;
      bool new_category = i % 50 == 0;
      database::new_channel wanted{new_category ? database::channel_kind::category : database::channel_kind::text, fmt::format("c{}", i), {},
                                   new_category ? base::channel_id() : category, false};
      auto made = run(stack->rest.create_channel(wanted, call()));
      BOOST_REQUIRE(made.has_value());
      if (new_category) category = made->value.id;
    }
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(index_channel_switches, switch_fixture)

BOOST_AUTO_TEST_CASE(an_index_gets_a_channel_later_and_loses_it_again) {
  create();
  make_index();
  for (int i = 0; i < 5; ++i) hold(fmt::format("k{}", i), i);
  BOOST_TEST(!says_channel());
  auto on = set(true);
  BOOST_REQUIRE_MESSAGE(on.has_value(), on.error().message);
  BOOST_TEST(on->changed);
  BOOST_REQUIRE(on->status.has_value());
  BOOST_TEST((on->status->channel == index_channels().front().id));
  BOOST_TEST(database::why_no_channel(*on) == "");
  BOOST_TEST(says_channel());
  settle();
  hold("x", 7);
  BOOST_REQUIRE(remove("k0").has_value());
  settle();
  BOOST_TEST(shown() == "1=k1 2=k2 3=k3 4=k4 7=x");
  BOOST_TEST(verify().problems == 0u);
  auto off = set(false);
  BOOST_REQUIRE(off.has_value());
  BOOST_TEST(off->changed);
  BOOST_TEST(without_channel());
  BOOST_TEST(!says_channel());
  BOOST_TEST(find(R"({"n":7})") == "x ");
  BOOST_TEST(verify().problems == 0u);
}

BOOST_AUTO_TEST_CASE(the_same_twice_changes_nothing_and_is_no_error) {
  create();
  make_index();
  auto lsn = inspect().lsn;
  auto off = set(false);
  BOOST_REQUIRE(off.has_value());
  BOOST_TEST(!off->changed);
  BOOST_TEST(inspect().lsn == lsn);
  BOOST_REQUIRE(set(true)->changed);
  auto channel = set(true);
  BOOST_REQUIRE(channel.has_value());
  BOOST_TEST(!channel->changed);
  BOOST_TEST((channel->status->channel == index_channels().front().id));
  BOOST_TEST(inspect().lsn == lsn + 1);
}

BOOST_AUTO_TEST_CASE(a_repeated_command_is_carried_out_once) {
  create();
  make_index();
  auto c = context();
  auto& e = stack->engine->administration();
  auto first = run(e.set_index_channel("prod", "users", "n", true, c));
  BOOST_REQUIRE(first.has_value());
  auto again = run(e.set_index_channel("prod", "users", "n", true, c));
  BOOST_REQUIRE(again.has_value());
  BOOST_TEST(again->receipt.repeated);
  BOOST_TEST(again->receipt.lsn == first->receipt.lsn);
}

BOOST_AUTO_TEST_CASE(what_is_not_there_is_named) {
  create();
  BOOST_TEST((set(true).error().code == errc::invalid_query));
  BOOST_TEST(set(true).error().message == "table users has no index on n");
  BOOST_TEST((set_of("nothing", true).error().code == errc::unknown_table));
  auto nowhere = run(stack->engine->administration().set_index_channel("nowhere", "users", "n", true, context()));
  BOOST_TEST((nowhere.error().code == errc::unknown_database));
  options.index_at_once = 1;
  restart();
  for (auto key : {"a", "b"}) hold(key, 1);
  BOOST_REQUIRE(!run(stack->engine->create_index("prod", "users", "n", true, context())).has_value());
  BOOST_TEST(contains(set(true).error().message, "the index on n of table users could not be built, so there is nothing to show: "));
}

// Of two that are given at once the second waits for the first.
BOOST_AUTO_TEST_CASE(two_at_once_come_one_after_the_other) {
  create();
  make_index();
  hold("a", 1);
  std::vector<bool> changed;
  auto give = [](switch_fixture* f, bool on, std::vector<bool>* changed) -> actor::task<void> {
    auto done = co_await f->stack->engine->administration().set_index_channel("prod", "users", "n", on, f->context());
    if (done) changed->push_back(done->changed);
  };
  actor::task_group both(process->env(), "switching");
  for (bool on : {true, true, false}) both.spawn(process->env().make_strand(), give(this, on, &changed));
  run(both.join(world.now() + 1min));
  BOOST_REQUIRE(changed.size() == 3u);
  BOOST_TEST(std::count(changed.begin(), changed.end(), true) == 2);
  BOOST_TEST(!says_channel());
  BOOST_TEST(without_channel());
}

BOOST_AUTO_TEST_CASE(a_switch_is_known_after_a_kill_from_the_log_and_from_a_checkpoint) {
  options.checkpoints.tail_messages = 4;
  options.checkpoints.share = 1000;
  create();
  make_index();
  for (int i = 0; i < 3; ++i) hold(fmt::format("k{}", i), i);
  for (bool on : {true, false, true}) {
    BOOST_TEST_CONTEXT(on) {
      BOOST_REQUIRE(set(on)->changed);
      restart();  // it is in the log's tail
      BOOST_TEST(says_channel() == on);
      if (on) settle();
      if (!on) BOOST_TEST(without_channel());
      for (int i = 0; i < 8; ++i) hold(fmt::format("{}k{}", on ? "on" : "off", i), 10);
      world.run_for(10min);
      restart();
      BOOST_TEST(inspect().opened_from_lsn > 0u);
      BOOST_TEST(says_channel() == on);
      if (!on) BOOST_TEST(index_channels().empty());
      for (int i = 0; i < 8; ++i) BOOST_REQUIRE(remove(fmt::format("{}k{}", on ? "on" : "off", i)).has_value());
    }
  }
  settle();
  BOOST_TEST(shown() == "0=k0 1=k1 2=k2");
  BOOST_TEST(index_channels().size() == 1u);
  BOOST_TEST(verify().problems == 0u);
}

BOOST_AUTO_TEST_CASE(one_that_gets_a_channel_again_before_the_old_one_is_gone_gets_another_one) {
  create();
  make_index();
  hold("a", 1);
  BOOST_REQUIRE(set(true)->changed);
  settle();
  auto old = index_channels().front().id;
  bool refuse = true;
  stack->store.on_post = [&](base::channel_id, const database::new_message& m) {
    return refuse && contains(m.content, "drop") && !protocol::decode_index_page(m.content) ? fault::refused : fault::none;
  };
  BOOST_REQUIRE(set(false)->changed);
  world.run_for(1s);
  auto on = set(true);
  BOOST_REQUIRE(on.has_value());
  BOOST_REQUIRE(on->status.has_value());
  BOOST_TEST((on->status->channel != old));
  refuse = false;
  world.run_for(5min);
  settle();
  BOOST_REQUIRE(index_channels().size() == 1u);
  BOOST_TEST((index_channels().front().id == on->status->channel));
  BOOST_TEST(shown() == "1=a");
}

BOOST_AUTO_TEST_CASE(one_that_loses_its_channel_before_that_was_found_has_it_deleted_all_the_same) {
  create();
  make_index();
  hold("a", 1);
  BOOST_REQUIRE(set(true)->changed);
  settle();
  kill();
  start();
  // Right behind the start, before anybody has looked for channels.
  auto at_once = [](switch_fixture* f) -> actor::task<base::result<database::index_channel_change>> {
    auto opened = co_await f->stack->engine->open(f->world.now() + 5min);
    if (!opened) co_return opened.error();
    co_return co_await f->stack->engine->administration().set_index_channel("prod", "users", "n", false, f->context());
  };
  auto off = run(at_once(this));
  BOOST_REQUIRE_MESSAGE(off.has_value(), off.error().message);
  BOOST_TEST(off->changed);
  BOOST_TEST(without_channel());
}

BOOST_AUTO_TEST_CASE(an_index_being_built_is_shown_when_it_is_ready) {
  options.index_at_once = 4;
  create();
  for (int i = 0; i < 10; ++i) hold(fmt::format("k{}", i), i);
  make_index();
  BOOST_REQUIRE(set(true).has_value());
  settle();
  BOOST_TEST(headers().front().lines() == 10u);
}

BOOST_AUTO_TEST_CASE(without_room_for_a_channel_the_switch_says_so) {
  create();
  make_index();
  hold("a", 1);
  fill_guild(1);
  auto on = set(true);
  BOOST_REQUIRE(on.has_value());
  BOOST_TEST(on->changed);
  BOOST_TEST(contains(database::why_no_channel(*on), "there is no room for another"));
  BOOST_TEST(says_channel());
  BOOST_TEST(set(false)->changed);
}

// ---- what is restored ----

BOOST_AUTO_TEST_CASE(a_table_that_is_restored_has_the_channels_of_its_indexes) {
  create();
  hold("a", 1);
  BOOST_REQUIRE(show().has_value());
  settle();
  auto kept = run(stack->engine->snapshot("prod", "users", reading()));
  BOOST_REQUIRE(kept.has_value());
  auto back = run(stack->engine->restore("prod", kept->location.message, "again", context()));
  BOOST_REQUIRE_MESSAGE(back.has_value(), back.error().message);
  BOOST_TEST(back->without_channel.empty());
  BOOST_TEST(says_channel("prod", "again"));
  BOOST_TEST(statuses().size() == 2u);
  BOOST_TEST(index_channels().size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_database_that_is_restored_has_the_channels_of_its_indexes) {
  create();
  hold("a", 1);
  make_index();
  BOOST_REQUIRE(set(true)->changed);
  BOOST_REQUIRE(run(stack->engine->create_index("prod", "users", "m", false, context())).has_value());
  auto& copies = stack->engine->administration();
  auto kept = run(copies.snapshot_database("prod", reading()));
  BOOST_REQUIRE(kept.has_value());
  auto back = run(copies.restore_database("prod", kept->location.message, "copy", context()));
  BOOST_REQUIRE_MESSAGE(back.has_value(), back.error().message);
  BOOST_TEST(back->without_channel.empty());
  auto shown = *copies.index_channels_of("copy");
  BOOST_REQUIRE(shown.size() == 1u);
  BOOST_TEST(shown.front().field == "n");
  BOOST_TEST(shown.front().channel.value > 0u);
  restart();
  world.run_for(1s);
  BOOST_TEST(stack->engine->administration().index_channels_of("copy")->size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_restore_where_channels_are_short_makes_the_tables_and_says_that_a_view_is_missing) {
  create();
  hold("a", 1);
  BOOST_REQUIRE(run(stack->engine->create_table("prod", "zz", "id", context())).has_value());  // behind the one with the index
  BOOST_REQUIRE(show().has_value());
  settle();
  auto& copies = stack->engine->administration();
  auto kept = run(copies.snapshot_database("prod", reading()));
  BOOST_REQUIRE(kept.has_value());
  auto before = run(stack->rest.channels(call())).value().value.size();
  BOOST_REQUIRE(run(copies.restore_database("prod", kept->location.message, "first", context())).has_value());
  world.run_for(1min);
  auto wanted = run(stack->rest.channels(call())).value().value.size() - before;
  fill_guild(wanted);  // ensure_category keeps one free: so all but the index's
  auto back = run(copies.restore_database("prod", kept->location.message, "second", context()));
  BOOST_REQUIRE_MESSAGE(back.has_value(), back.error().message);
  BOOST_TEST(back->tables == 2u);
  BOOST_REQUIRE(back->without_channel.size() == 1u);
  BOOST_TEST(contains(back->without_channel.front(), "users.n: the guild has "));
  auto found = run(stack->engine->find("second", "users", {}, reading()));
  BOOST_REQUIRE(found.has_value());
  BOOST_TEST(found->rows.size() == 1u);
  BOOST_TEST(says_channel("second", "users"));
}

BOOST_AUTO_TEST_SUITE_END()
