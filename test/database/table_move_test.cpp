// A table that moves into a fresh channel: rows, pages and older versions are all there, at every moment.

#include "database/move_fixture.hpp"
#include "support/contains.hpp"

using namespace dbcord;
using namespace dbcord::test;
using database::move_report;

BOOST_FIXTURE_TEST_SUITE(table_move, move_fixture)

BOOST_AUTO_TEST_CASE(rows_pages_and_older_versions_lie_in_the_new_channel_and_the_old_one_is_deleted) {
  fill();
  auto before = everything();
  auto old = users().channel;
  auto report = move();
  BOOST_TEST(report.begun);
  BOOST_TEST((report.from == old && report.to == users().channel && report.to != old));
  BOOST_TEST(report.rows == 26u);
  BOOST_TEST(report.versions == 8u);
  BOOST_TEST((channels_of_table() == std::vector{report.to}));
  BOOST_TEST(!users().moving_from);
  BOOST_TEST(everything() == before);
  BOOST_TEST(problems() == 0u);
  BOOST_TEST(run(stack->engine->storage().vacuum("prod", "users", true, reading()))->found == 0u);
  restart();
  BOOST_TEST(everything() == before);
  BOOST_TEST(problems() == 0u);
  BOOST_TEST(users().not_materialised == 0u);
  // And once more, from the channel that it has now.
  BOOST_TEST((move().from == report.to));
  BOOST_TEST(everything() == before);
  restart();
  BOOST_TEST(everything() == before);
  BOOST_TEST(channels_of_table().size() == 1u);
}

BOOST_AUTO_TEST_CASE(every_layout_moves_as_it_says) {
  for (auto layout : {protocol::table_layout::rows, protocol::table_layout::pages}) {
    move_fixture f;
    f.fill();
    BOOST_REQUIRE(f.run(f.stack->engine->storage().set_layout("prod", "users", layout, f.context())).has_value());
    auto before = f.everything();
    f.move();
    BOOST_TEST((f.users().pages > 0) == (layout == protocol::table_layout::pages));
    BOOST_TEST(f.everything() == before);
    BOOST_TEST(f.problems() == 0u);
    f.restart();
    BOOST_TEST(f.everything() == before);
  }
}

BOOST_AUTO_TEST_CASE(an_empty_table_moves) {
  create();
  auto old = users().channel;
  BOOST_TEST((move().from == old));
  restart();
  BOOST_TEST((users().channel != old));
  BOOST_TEST(channels_of_table().size() == 1u);
  BOOST_TEST(insert("a", "{}").has_value());
  drain();
  restart();
  BOOST_TEST(get("a") == R"({"id":"a"})");
}

BOOST_AUTO_TEST_CASE(values_that_are_not_in_memory_move) {
  options.memory_cap = 24 * 1024;
  create();
  std::string text(400, 'x');
  for (int i = 0; i < 60; ++i) BOOST_TEST_REQUIRE(insert(key(i), fmt::format(R"({{"n":{},"text":"{}"}})", i, text)).has_value());
  drain();
  for (int i = 0; i < 60; i += 3) change(key(i), -i);
  drain();
  auto before = everything();
  move_half(1);
  BOOST_TEST(everything() == before);
  restart();
  BOOST_TEST(everything() == before);
  move();
  BOOST_TEST(everything() == before);
  restart();
  BOOST_TEST(everything() == before);
  BOOST_TEST(problems() == 0u);
}

BOOST_AUTO_TEST_CASE(a_channel_that_was_made_for_a_move_that_never_began_is_taken_by_the_next) {
  fill();
  auto before = everything();
  auto old = users().channel;
  stack->store.on_post = [](base::channel_id, const database::new_message& m) { return contains(m.content, "{\"move\":") ? fault::refused : fault::none; };
  auto refused = try_move();
  BOOST_REQUIRE(!refused.has_value());
  BOOST_TEST((users().channel == old));
  BOOST_TEST(channels_of_table().size() == 2u);
  stack->store.on_post = nullptr;
  change("a", 9);  // rows are written to the old channel again
  drain();
  before = everything();
  BOOST_TEST(problems() == 0u);
  restart();
  BOOST_TEST(everything() == before);
  auto report = move();
  BOOST_TEST((report.from == old));
  BOOST_TEST(channels_of_table().size() == 1u);
  BOOST_TEST(everything() == before);
}

// Its message is deleted while nobody sees it, and its record is gone.
BOOST_AUTO_TEST_CASE(an_older_version_that_is_lost_does_not_keep_the_table_in_its_channel) {
  create();
  BOOST_REQUIRE(insert("a", R"({"n":1})").has_value());
  for (int n : {2, 3}) {
    drain();
    change("a", n);
  }
  drain();
  BOOST_REQUIRE(run(stack->engine->storage().purge("prod", "users", "gone", context())).has_value());
  database::call_options call{database::priority::read, world.now() + 1min};
  auto messages = run(stack->rest.history_before(users().channel, {}, 100, call));
  BOOST_REQUIRE(messages.has_value());
  int removed = 0;
  for (const auto& m : messages->value) {
    auto header = protocol::decode_row(m.content);
    if (header && header->version == 1 && run(stack->rest.remove(users().channel, m.id, call))) ++removed;
  }
  BOOST_TEST(removed == 1);
  move();
  BOOST_TEST(channels_of_table().size() == 1u);
  auto past = run(stack->engine->history("prod", "users", {"a", 100}, reading()));
  BOOST_REQUIRE(past.has_value());
  BOOST_REQUIRE(past->changes.size() == 3u);
  BOOST_TEST(contains(past->changes.back().lost, "version 1 of row \"a\" is lost"));
  BOOST_TEST(problems() == 0u);
  move();
  restart();
  BOOST_TEST(problems() == 0u);
  BOOST_TEST(get("a") == R"({"id":"a","n":3})");
}

BOOST_AUTO_TEST_CASE(it_can_be_cancelled_and_says_how_far_it_is) {
  fill();
  BOOST_REQUIRE(run(stack->engine->storage().set_layout("prod", "users", protocol::table_layout::rows, context())).has_value());
  auto before = everything();
  auto c = context();
  c.progress = std::make_shared<database::work_progress>();
  std::optional<base::result<move_report>> told;
  process->spawn(move_and_tell(*stack->engine, c, told));
  world.run_until([&] { return c.progress->done > 3; }, 5min);
  BOOST_TEST(c.progress->total == 34u);
  c.progress->cancelled = true;
  world.run_until([&] { return told.has_value(); }, 1min);
  BOOST_REQUIRE((told && told->has_value()));
  BOOST_TEST(contains((*told)->stopped.value_or(""), "cancelled"));
  BOOST_TEST(everything() == before);
  BOOST_TEST((users().moving_from == (*told)->from));
  auto rest = move();
  BOOST_TEST(!rest.begun);
  BOOST_TEST(rest.rows + rest.versions < 34u);
  BOOST_TEST(everything() == before);
}

BOOST_AUTO_TEST_CASE(two_at_once_are_one) {
  fill();
  std::optional<base::result<move_report>> one, two;
  process->spawn(move_and_tell(*stack->engine, context(), one));
  process->spawn(move_and_tell(*stack->engine, context(), two));
  world.run_until([&] { return one && two; }, 5min);
  BOOST_TEST(one->has_value() != two->has_value());
  BOOST_TEST(channels_of_table().size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_table_that_is_dropped_on_the_way_leaves_no_channel) {
  for (bool killed : {false, true}) {
    move_fixture f;
    f.fill();
    f.move_half(1);
    BOOST_TEST(f.channels_of_table().size() == 2u);
    BOOST_TEST(f.run(f.stack->engine->drop_table("prod", "users", f.context())).has_value());
    if (killed) f.restart();
    f.world.run_for(1min);
    BOOST_TEST(f.channels_of_table().empty());
    BOOST_REQUIRE(f.run(f.stack->engine->create_table("prod", "users", "id", f.context())).has_value());
    f.restart();
    BOOST_TEST(f.channels_of_table().size() == 1u);
    BOOST_TEST(f.find("{}") == "");
  }
}

// While it waits for its old channel to go.
BOOST_AUTO_TEST_CASE(a_move_ends_when_its_table_is_dropped_or_it_is_cancelled) {
  for (bool dropped : {false, true}) {
    move_fixture f;
    f.fill();
    f.stack->store.keeps_channels = true;
    auto how = f.context(6h);
    how.progress = std::make_shared<database::work_progress>();
    std::optional<base::result<database::move_report>> ended;
    auto move = [](database::engine& e, database::write_context c, auto& outcome) -> actor::task<void> {
      auto done = co_await e.administration().move_table("prod", "users", std::move(c));
      outcome = std::move(done);
    };
    f.process->spawn(move(*f.stack->engine, how, ended));
    f.world.run_for(1min);
    BOOST_REQUIRE(!ended.has_value());
    if (dropped) BOOST_TEST(f.run(f.stack->engine->drop_table("prod", "users", f.context())).has_value());
    else how.progress->cancelled = true;
    f.world.run_for(5s);
    BOOST_REQUIRE(ended.has_value());
    BOOST_REQUIRE(ended->has_value());
    BOOST_TEST((*ended)->stopped.value_or("") == (dropped ? "the table was dropped meanwhile" : "the old channel is empty of rows and goes soon"));
    f.stack->store.keeps_channels = false;
    f.world.run_for(5min);
    BOOST_TEST(f.channels_of_table().size() == (dropped ? 0u : 1u));
  }
}

BOOST_AUTO_TEST_CASE(messages_that_people_delete_in_either_channel_are_written_again) {
  fill();
  auto before = everything();
  auto report = move_half(1);
  for (auto channel : {report.from, report.to}) {
    database::call_options call{database::priority::read, world.now() + 1min};
    auto messages = run(stack->store.history_after(channel, {}, 100, call)).value().value;
    std::vector<base::message_id> gone;
    for (const auto& m : messages) {
      auto header = protocol::decode_row(m.content);
      auto row = header ? run(stack->engine->get("prod", "users", header->key, reading())) : base::result<database::row>(base::error(base::errc::timeout));
      if (row && row->location.message == m.id) gone.push_back(m.id);
    }
    for (auto m : gone) BOOST_REQUIRE(run(stack->store.remove(channel, m, call)).has_value());
    stack->engine->messages_deleted(channel, gone);
    drain();
    BOOST_TEST(everything() == before);
    BOOST_TEST(problems() == 0u);
  }
  move();
  BOOST_TEST(everything() == before);
  BOOST_TEST(problems() == 0u);
}

BOOST_AUTO_TEST_CASE(a_purge_looks_into_both_channels) {
  fill();
  auto report = move_half(2);
  for (const char* k : {"a", "b"}) {
    auto purged = run(stack->engine->storage().purge("prod", "users", k, context()));
    BOOST_REQUIRE(purged.has_value());
    BOOST_TEST(purged->messages == "");
  }
  for (auto channel : {report.from, report.to}) {
    database::call_options call{database::priority::read, world.now() + 1min};
    for (const auto& m : run(stack->store.history_after(channel, {}, 100, call)).value().value) {
      auto header = protocol::decode_row(m.content);
      BOOST_TEST((!header || (header->key != "a" && header->key != "b")));
    }
  }
  move();
  BOOST_TEST(problems() == 0u);
  BOOST_TEST(contains(get("a"), "has no row"));
  BOOST_TEST(get("b").find("\"n\"") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_row_that_discord_does_not_store_keeps_the_old_channel) {
  fill();
  auto before = everything();
  stack->store.on_post = [](base::channel_id, const database::new_message& m) {
    auto header = protocol::decode_row(m.content);
    return protocol::decode_page(m.content) || (header && header->key == "b") ? fault::content : fault::none;
  };
  auto done = try_move();
  BOOST_REQUIRE(done.has_value());
  if (done->stopped) BOOST_TEST(contains(*done->stopped, "does not store"));
  BOOST_TEST(everything() == before);
  stack->store.on_post = nullptr;
  if (done->stopped) move();
  BOOST_TEST(everything() == before);
  BOOST_TEST(channels_of_table().size() == 1u);
}

BOOST_AUTO_TEST_CASE(guild_search_finds_rows_in_either_channel) {
  fill();
  world.run_for(2min);
  auto by_search = [&] {
    database::find_request request;
    request.where_json = R"({"n":3})";
    request.via = "search";
    auto found = run(stack->engine->find("prod", "users", std::move(request), reading()));
    if (!found) return found.error().message;
    std::string keys;
    for (const auto& r : found->rows) keys += r.key + " ";
    return keys;
  };
  BOOST_TEST(by_search() == "a b k011 ");
  BOOST_TEST(by_search() == "a b k011 ");  // what search has shown before is relied on
  move_half(1);
  BOOST_TEST(by_search() == "a b k011 ");
  world.run_for(2min);
  BOOST_TEST(by_search() == "a b k011 ");
  restart();
  BOOST_TEST(by_search() == "a b k011 ");
  move();
  for (int i = 0; i < 3; ++i) {
    BOOST_TEST(by_search() == "a b k011 ");
    world.run_for(1min);
  }
}

BOOST_AUTO_TEST_CASE(a_move_of_nothing_is_an_error_that_names_it) {
  create();
  auto done = run(stack->engine->administration().move_table("prod", "nobody", context()));
  BOOST_REQUIRE(!done.has_value());
  BOOST_TEST(contains(done.error().message, "nobody"));
}

BOOST_AUTO_TEST_CASE(the_same_command_given_twice_moves_once) {
  fill();
  auto c = context();
  auto first = run(stack->engine->administration().move_table("prod", "users", c));
  BOOST_REQUIRE((first && !first->stopped));
  auto second = run(stack->engine->administration().move_table("prod", "users", c));
  BOOST_REQUIRE(second.has_value());
  BOOST_TEST(!second->from);
  BOOST_TEST((second->to == first->to));
  BOOST_TEST(channels_of_table().size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
