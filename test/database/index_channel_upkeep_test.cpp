// Channels of indexes: what drops, purges, alterations and people do to them.

#include "database/index_channel_fixture.hpp"

using namespace dbcord;
using namespace dbcord::test;

namespace {

struct index_upkeep_fixture : index_channel_fixture {
  void fill() {
    create();
    hold("a", 1);
    hold("b", 2);
    BOOST_REQUIRE(show().has_value());
    settle();
    BOOST_REQUIRE(index_channels().size() == 1u);
  }
  void tell_deleted(base::message_id message) {
    BOOST_REQUIRE(remove_message(message).has_value());
    stack->engine->messages_deleted(index_channels().front().id, {message});
  }
  void delete_channel() { BOOST_REQUIRE(run(stack->rest.delete_channel(index_channels().front().id, call())).has_value()); }
  auto drop_index() { return run(stack->engine->drop_index("prod", "users", "n", context())); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(index_channel_upkeep, index_upkeep_fixture)

BOOST_AUTO_TEST_CASE(the_channel_goes_with_its_index) {
  fill();
  BOOST_REQUIRE(drop_index().has_value());
  world.run_for(1min);
  BOOST_TEST(index_channels().empty());
  BOOST_TEST(statuses().empty());
  BOOST_REQUIRE(show().has_value());  // made again it has another one
  settle();
  BOOST_TEST(shown() == "1=a 2=b");
  restart();
  settle();
  BOOST_TEST(index_channels().size() == 1u);
}

BOOST_AUTO_TEST_CASE(the_channel_goes_with_its_table_and_with_its_database) {
  fill();
  BOOST_REQUIRE(run(stack->engine->create_table("prod", "more", "id", context())).has_value());
  BOOST_REQUIRE(run(stack->engine->administration().create_shown_index("prod", "more", "x", false, context())).has_value());
  world.run_for(1min);
  BOOST_TEST(index_channels().size() == 2u);
  BOOST_REQUIRE(run(stack->engine->drop_table("prod", "users", context())).has_value());
  world.run_for(1min);
  BOOST_REQUIRE(index_channels().size() == 1u);
  BOOST_TEST(index_channels().front().name == "idx-more-x");
  BOOST_REQUIRE(run(stack->engine->administration().drop_database("prod", context())).has_value());
  world.run_for(2min);
  BOOST_TEST(index_channels().empty());
}

BOOST_AUTO_TEST_CASE(a_process_that_dies_behind_the_drop_leaves_the_channel_to_the_next_one) {
  fill();
  BOOST_REQUIRE(drop_index().has_value());
  restart();
  world.run_for(2min);
  BOOST_TEST(index_channels().empty());
}

BOOST_AUTO_TEST_CASE(a_channel_that_people_write_in_is_left_without_the_pages) {
  fill();
  auto channel = index_channels().front().id;
  discord::rest_request r;
  r.method = "POST";
  r.route = r.path = "/channels/" + channel.str() + "/messages";
  r.body = R"({"content":"what is this?"})";
  r.headers.emplace_back("Content-Type", "application/json");
  r.deadline = world.now() + 1min;
  BOOST_REQUIRE(run(stack->scheduler.send(std::move(r))).value().status == 200);  // no page, so not ours
  BOOST_REQUIRE(drop_index().has_value());
  world.run_for(2min);
  BOOST_REQUIRE(index_channels().size() == 1u);
  BOOST_REQUIRE(messages().size() == 1u);
  BOOST_TEST(messages().front().content == "what is this?");
  restart();
  world.run_for(2min);
  BOOST_TEST(index_channels().size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_renamed_field_is_followed_by_a_new_base_in_the_same_channel) {
  fill();
  auto change = protocol::column_change::parse(R"({"rename":"n","to":"m"})");
  BOOST_REQUIRE(change.has_value());
  BOOST_REQUIRE(run(stack->engine->administration().alter_columns("prod", "users", *change, false, context())).has_value());
  settle();
  BOOST_TEST(shown() == "1=a 2=b");
  BOOST_TEST(headers().size() == 1u);
  BOOST_TEST(contains(messages().front().content, "index on \"m\""));
  BOOST_TEST(status().field == "m");
  restart();
  settle();
  BOOST_TEST(headers().back().generation == 2u);
}

BOOST_AUTO_TEST_CASE(a_purge_leaves_nothing_of_the_row_in_the_channel) {
  create();
  hold("keep", 1);
  BOOST_REQUIRE(insert("gone", R"({"n":"tangerine"})").has_value());
  BOOST_REQUIRE(show().has_value());
  settle();
  BOOST_REQUIRE(update("gone", R"({"n":"tangerine 2"})").has_value());
  settle();
  BOOST_REQUIRE(update("gone", R"({"n":"tangerine 3"})").has_value());  // waits
  auto purged = run(stack->engine->storage().purge("prod", "users", "gone", context(1h)));
  BOOST_REQUIRE(purged.has_value());
  BOOST_TEST(purged->index_channels == "");
  BOOST_TEST(purged->index_channels_written == 1u);
  auto nothing = [&] {
    for (const auto& m : messages()) {
      if (contains(m.content, "tangerine") || contains(m.content, "gone") || !m.attachments.empty()) return false;
    }
    return true;
  };
  BOOST_TEST(nothing());
  settle();
  BOOST_TEST(nothing());
  BOOST_TEST(shown() == "1=keep");
  BOOST_TEST(verify().problems == 0u);
}

BOOST_AUTO_TEST_CASE(a_purge_right_after_a_start_and_without_permission_to_write_leaves_nothing_either) {
  fill();
  restart();
  bool refuse = true;
  stack->store.on_post = [&](base::channel_id, const database::new_message& m) {
    return protocol::decode_index_page(m.content) && refuse ? fault::refused : fault::none;
  };
  auto purged = run(stack->engine->storage().purge("prod", "users", "a", context(1h)));
  BOOST_REQUIRE(purged.has_value());
  BOOST_TEST(purged->index_channels == "");
  BOOST_TEST(messages().empty());
  refuse = false;
  settle();
  BOOST_TEST(shown() == "2=b");
}

BOOST_AUTO_TEST_CASE(a_purge_tells_when_it_could_not_look_into_the_channel) {
  fill();
  stack->store.hidden = true;
  auto purged = run(stack->engine->storage().purge("prod", "users", "a", context(10min)));
  BOOST_REQUIRE(purged.has_value());
  BOOST_TEST(purged->index_channels != "");
}

BOOST_AUTO_TEST_CASE(a_page_that_people_delete_is_followed_by_a_new_base) {
  fill();
  tell_deleted(messages().front().id);
  world.run_for(10s);
  settle();
  BOOST_TEST(shown() == "1=a 2=b");
  BOOST_TEST(headers().back().generation == 2u);
}

// Discord goes on naming the last message of such a channel, though it shows none.
BOOST_AUTO_TEST_CASE(a_channel_that_people_have_emptied_while_nobody_was_told_is_written_anew) {
  fill();
  BOOST_REQUIRE(remove_message(messages().front().id).has_value());
  BOOST_TEST(messages().empty());
  auto found = verify();
  BOOST_TEST(found.problems == 1u);
  BOOST_TEST(run(stack->engine->repair("prod", "users", found, reading()))->index_channels == 1u);
  BOOST_TEST(shown() == "1=a 2=b");
  BOOST_REQUIRE(messages().size() == 1u);
  auto generation = headers().front().generation;
  BOOST_REQUIRE(remove_message(messages().front().id).has_value());
  restart();
  settle();
  BOOST_TEST(shown() == "1=a 2=b");
  BOOST_REQUIRE(headers().size() == 1u);
  BOOST_TEST(headers().front().generation > generation);  // behind all that might be hidden
  BOOST_TEST(verify().problems == 0u);
  BOOST_REQUIRE(remove_message(messages().front().id).has_value());
  BOOST_REQUIRE(run(stack->engine->drop_index("prod", "users", "n", context())).has_value());
  world.run_for(5min);
  BOOST_TEST(index_channels().empty());
}

BOOST_AUTO_TEST_CASE(a_channel_whose_history_is_hidden_is_not_taken_for_an_empty_one) {
  fill();
  restart();
  stack->store.hidden = true;
  world.run_for(1min);
  BOOST_TEST(contains(status().problem, "reading the message history may not be allowed"));
  BOOST_TEST(!status().complete);
  stack->store.hidden = false;
  settle();
  BOOST_TEST(headers().back().generation == 1u);
  BOOST_TEST(shown() == "1=a 2=b");
}

BOOST_AUTO_TEST_CASE(a_channel_that_people_delete_is_made_anew) {
  fill();
  BOOST_REQUIRE(run(stack->rest.delete_channel(index_channels().front().id, call())).has_value());
  hold("c", 3);
  world.run_for(1min);
  settle();
  BOOST_TEST(shown() == "1=a 2=b 3=c");
}

// Nothing has to be written for that.
BOOST_AUTO_TEST_CASE(so_it_is_as_soon_as_that_is_told) {
  fill();
  auto gone = index_channels().front().id;
  delete_channel();
  stack->engine->channel_deleted(gone);
  world.run_for(10s);
  BOOST_REQUIRE(index_channels().size() == 1u);
  BOOST_TEST((status().channel == index_channels().front().id));
  BOOST_TEST(status().problem == "");
  BOOST_TEST(shown() == "1=a 2=b");
  BOOST_TEST(verify().problems == 0u);
}

BOOST_AUTO_TEST_CASE(whoever_writes_to_it_first_makes_another_one_at_once) {
  fill();
  delete_channel();
  hold("c", 3);
  world.run_for(15s);  // changes wait for each other for five
  BOOST_TEST(index_channels().size() == 1u);
  BOOST_TEST(shown() == "1=a 2=b 3=c");
}

BOOST_AUTO_TEST_CASE(repair_makes_a_channel_anew_that_people_have_deleted) {
  fill();
  delete_channel();
  auto found = verify();
  BOOST_REQUIRE(found.problems == 1u);
  BOOST_TEST(found.findings[0].what == "its channel is gone");
  auto mended = run(stack->engine->repair("prod", "users", found, reading()));
  BOOST_REQUIRE(mended.has_value());
  BOOST_TEST(mended->index_channels == 1u);
  BOOST_TEST(mended->failed.empty());
  BOOST_TEST(index_channels().size() == 1u);
  BOOST_TEST(shown() == "1=a 2=b");
  BOOST_TEST(verify().problems == 0u);
}

BOOST_AUTO_TEST_CASE(what_repair_could_not_write_is_not_called_mended) {
  fill();
  auto refuse = [](base::channel_id, const database::new_message& m) { return protocol::decode_index_page(m.content) ? fault::refused : fault::none; };
  for (bool gone : {false, true}) {
    BOOST_TEST_CONTEXT("the whole channel is gone: " << gone) {
      if (gone) delete_channel();
      else BOOST_REQUIRE(remove_message(messages().front().id).has_value());
      auto found = verify();
      BOOST_TEST(found.problems == 1u);
      stack->store.on_post = refuse;
      auto mended = run(stack->engine->repair("prod", "users", found, reading()));
      BOOST_REQUIRE(mended.has_value());
      BOOST_TEST(mended->index_channels == 0u);
      BOOST_REQUIRE(mended->failed.size() == 1u);
      BOOST_TEST(contains(mended->failed[0], "the channel of the index on n"));
      stack->store.on_post = nullptr;
      settle();
      BOOST_TEST(shown() == "1=a 2=b");
    }
  }
  delete_channel();
  auto found = verify();
  stack->store.on_create = [](const database::new_channel&) { return fault::refused; };
  auto mended = run(stack->engine->repair("prod", "users", found, reading()));
  BOOST_REQUIRE(mended.has_value());
  BOOST_TEST(mended->index_channels == 0u);
  BOOST_TEST(mended->failed.size() == 1u);
  stack->store.on_create = nullptr;
  settle();
  BOOST_TEST(shown() == "1=a 2=b");
}

BOOST_AUTO_TEST_CASE(verification_finds_what_is_wrong_and_repair_mends_it) {
  fill();
  hold("c", 3);
  settle();
  auto all = messages();
  BOOST_REQUIRE(all.size() == 2u);
  BOOST_REQUIRE(remove_message(all.back().id).has_value());
  auto channel = index_channels().front().id;
  auto foreign = protocol::encode_index_page({{1, 1, protocol::index_page_kind::changes, 1, 9, 9, false, {}, false, {}}, "users", "n", false, 0, {}});
  BOOST_REQUIRE(run(stack->rest.post(channel, {foreign.content, {}, "n1"}, call())).has_value());
  auto found = verify();
  BOOST_TEST(found.problems == 2u);
  std::string what;
  for (const auto& f : found.findings) {
    BOOST_TEST(f.kind == "index channel");
    BOOST_TEST(f.key == "n");
    what += f.what + "; ";
  }
  BOOST_TEST(contains(what, "a page of the index's channel is missing"));
  BOOST_TEST(contains(what, "no page that the index's channel should have"));
  auto mended = run(stack->engine->repair("prod", "users", found, reading()));
  BOOST_REQUIRE(mended.has_value());
  BOOST_TEST(mended->index_channels == 1u);
  BOOST_TEST(mended->rewritten == 0u);
  BOOST_TEST(shown() == "1=a 2=b 3=c");
  BOOST_TEST(headers().size() == 1u);
  BOOST_TEST(verify().problems == 0u);
}

BOOST_AUTO_TEST_CASE(copies_of_pages_that_discord_has_taken_twice_are_no_problem_and_go) {
  create();
  hold("a", 1);
  bool twice = true;
  stack->store.on_post = [&](base::channel_id, const database::new_message& m) {
    return twice && protocol::decode_index_page(m.content) ? fault::twice : fault::none;
  };
  BOOST_REQUIRE(show().has_value());
  settle();
  hold("b", 2);
  settle();
  twice = false;
  BOOST_TEST(headers().size() == 4u);
  auto found = verify();
  BOOST_TEST(found.problems == 0u, (found.findings.empty() ? "" : found.findings[0].what));
  world.run_for(1min);
  BOOST_TEST(headers().size() == 2u);
  BOOST_TEST(shown() == "1=a 2=b");
  hold("c", 3);
  settle();
  BOOST_TEST(shown() == "1=a 2=b 3=c");
  BOOST_TEST(verify().problems == 0u);
}

BOOST_AUTO_TEST_CASE(pages_that_a_listing_does_not_show_yet_are_asked_for) {
  fill();
  let_listings_lag();
  for (int i = 0; i < 10; ++i) {
    hold(fmt::format("c{}", i), 3 + i);
    BOOST_REQUIRE(world.run_until([&] { return status().waiting > 0; }, 1min));
    BOOST_REQUIRE(world.run_until([&] { return status().complete && status().waiting == 0; }, 1min));
    auto found = verify();
    BOOST_TEST(found.problems == 0u, i << ": " << (found.findings.empty() ? "" : found.findings[0].what));
  }
}

BOOST_AUTO_TEST_CASE(the_channel_reads_the_same_after_a_table_moved) {
  fill();
  BOOST_REQUIRE(run(stack->engine->administration().move_table("prod", "users", context(1h))).has_value());
  hold("c", 3);
  settle();
  BOOST_TEST(shown() == "1=a 2=b 3=c");
  BOOST_TEST(headers().front().generation == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
