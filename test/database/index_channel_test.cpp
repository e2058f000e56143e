// Channels of indexes: what they show, how they go on after a stop and after a kill, and what stands in their way.

#include "database/index_channel_fixture.hpp"

using namespace dbcord;
using namespace dbcord::test;
using database::store_errc;

BOOST_FIXTURE_TEST_SUITE(index_channels, index_channel_fixture)

BOOST_AUTO_TEST_CASE(a_channel_shows_the_index_and_then_its_changes) {
  create();
  hold("a", 2);
  hold("b", 1);
  BOOST_REQUIRE(show().has_value());
  settle();
  BOOST_REQUIRE(index_channels().size() == 1u);
  auto channel = index_channels().front();
  BOOST_TEST(channel.name == "idx-users-n");
  BOOST_TEST((status().channel == channel.id));
  BOOST_TEST(status().table == "users");
  BOOST_TEST(status().pages == 1u);
  BOOST_TEST(status().problem == "");
  BOOST_TEST(shown() == "1=b 2=a");
  BOOST_TEST(contains(messages().front().content, "**users** index on \"n\": entries 1 to 2 of 2 at LSN "));
  BOOST_REQUIRE(update("a", R"({"n":3,"other":1})").has_value());
  BOOST_REQUIRE(update("b", R"({"other":1})").has_value());  // nothing of the index
  BOOST_REQUIRE(remove("b").has_value());
  settle();
  BOOST_TEST(shown() == "3=a");
  std::uint64_t changes = 0;
  for (const auto& h : headers()) changes += h.kind == protocol::index_page_kind::changes ? h.lines() : 0;
  BOOST_TEST(changes == 3u);
  auto pages = headers().size();
  BOOST_REQUIRE(update("a", R"({"other":2})").has_value());
  world.run_for(1min);
  BOOST_TEST(headers().size() == pages);
  BOOST_TEST(verify().problems == 0u);
  BOOST_TEST(find(R"({"n":3})") == "a ");
}

BOOST_AUTO_TEST_CASE(other_indexes_have_no_channel) {
  create();
  hold("a", 1);
  BOOST_REQUIRE(run(stack->engine->create_index("prod", "users", "n", false, context())).has_value());
  world.run_for(10min);
  BOOST_TEST(index_channels().empty());
  BOOST_TEST(statuses().empty());
}

BOOST_AUTO_TEST_CASE(a_message_of_changes_is_written_every_few_seconds_however_many_there_are) {
  create();
  BOOST_REQUIRE(show().has_value());
  settle();
  auto before = headers().size();
  for (int i = 0; i < 50; ++i) {
    hold(fmt::format("k{:02}", i), i);
    world.run_for(200ms);
  }
  settle();
  auto written = headers().size() - before;
  BOOST_TEST(written >= 2u);
  BOOST_TEST(written <= 5u);
  BOOST_TEST(status().complete);
}

BOOST_AUTO_TEST_CASE(an_index_that_is_built_in_the_background_gets_its_channel_when_it_is_ready) {
  options.index_at_once = 4;
  create();
  for (int i = 0; i < 10; ++i) hold(fmt::format("k{}", i), i);
  BOOST_REQUIRE(show("n", true).has_value());
  settle();
  BOOST_TEST(headers().front().lines() == 10u);
  BOOST_TEST(contains(messages().front().content, "unique index"));
  hold("x", 100);
  BOOST_REQUIRE(insert("y", R"({"n":100})").error().code == database::errc::duplicate_value);
  settle();
  BOOST_TEST(contains(shown(), "100=x"));
}

BOOST_AUTO_TEST_CASE(a_unique_index_that_fails_has_none) {
  options.index_at_once = 1;
  create();
  hold("a", 1);
  hold("b", 1);
  BOOST_TEST((show("n", true).error().code == database::errc::duplicate_value));
  world.run_for(10min);
  BOOST_TEST(index_channels().empty());
}

BOOST_AUTO_TEST_CASE(many_changes_are_followed_by_a_new_base_and_the_older_pages_go) {
  create();
  hold("a", 0);
  BOOST_REQUIRE(show().has_value());
  settle();
  std::vector<database::new_row> rows;
  for (int i = 0; i < 1'200; ++i) rows.push_back({fmt::format("k{:04}", i), fmt::format("{{\"n\":{}}}", i)});
  BOOST_REQUIRE(run(stack->engine->import("prod", "users", rows, context())).has_value());
  settle();
  auto pages = headers();
  BOOST_REQUIRE(pages.size() == 1u);
  BOOST_TEST(pages.front().generation == 2u);
  BOOST_TEST(pages.front().lines() == 1'201u);
  BOOST_TEST(pages.front().attached);
  BOOST_TEST(verify().problems == 0u);
}

BOOST_AUTO_TEST_CASE(more_changes_than_can_wait_are_forgotten_and_a_new_base_is_written_later) {
  create();
  BOOST_REQUIRE(show().has_value());
  settle();
  for (int chunk = 0; chunk < 5; ++chunk) {
    std::vector<database::new_row> rows;
    for (int i = 0; i < 1'000; ++i) rows.push_back({fmt::format("k{}-{:04}", chunk, i), fmt::format("{{\"n\":{}}}", i)});
    BOOST_REQUIRE(run(stack->engine->import("prod", "users", rows, context())).has_value());
  }
  world.run_for(1s);
  settle();
  BOOST_TEST(status().problem == "");
  std::uint64_t lines = 0;
  for (const auto& h : headers()) lines += h.lines();
  BOOST_TEST(lines == 5'000u);
  BOOST_TEST(verify().problems == 0u);
}

BOOST_AUTO_TEST_CASE(after_a_clean_stop_it_goes_on_behind_what_is_shown) {
  create();
  hold("a", 1);
  BOOST_REQUIRE(show().has_value());
  settle();
  hold("b", 2);  // shown when the database is closed
  close();
  start();
  BOOST_REQUIRE(open().has_value());
  settle();
  BOOST_TEST(shown() == "1=a 2=b");
  BOOST_TEST(headers().front().generation == 1u);
  auto before = headers().size();
  hold("c", 3);
  settle();
  BOOST_TEST(shown() == "1=a 2=b 3=c");
  BOOST_TEST(headers().size() == before + 1);
  BOOST_TEST(headers().back().generation == 1u);
  BOOST_TEST(status().pages == before + 1);
  BOOST_TEST(index_channels().size() == 1u);
}

BOOST_AUTO_TEST_CASE(after_a_kill_a_new_base_is_written_unless_everything_was_shown) {
  create();
  hold("a", 1);
  BOOST_REQUIRE(show().has_value());
  settle();
  restart();
  settle();
  BOOST_TEST(headers().back().generation == 1u);
  hold("b", 2);
  restart();  // before it is shown
  settle();
  BOOST_TEST(shown() == "1=a 2=b");
  BOOST_TEST(headers().size() == 1u);
  BOOST_TEST(headers().back().generation == 2u);
  BOOST_TEST(index_channels().size() == 1u);
}

BOOST_AUTO_TEST_CASE(it_is_known_from_a_checkpoint_too) {
  options.checkpoints.tail_messages = 4;
  options.checkpoints.share = 1000;
  create();
  BOOST_REQUIRE(show().has_value());
  for (int i = 0; i < 10; ++i) hold(fmt::format("k{}", i), i);
  settle();
  world.run_for(10min);
  restart();
  BOOST_TEST(inspect().opened_from_lsn > 0u);
  settle();
  BOOST_TEST(headers().back().generation == 1u);
  hold("x", 100);
  settle();
  BOOST_TEST(contains(shown(), "100=x"));
}

BOOST_AUTO_TEST_CASE(a_process_that_dies_anywhere_while_it_writes_leaves_a_channel_that_the_next_one_mends) {
  for (int at = 0; at < 6; ++at) {
    for (auto kind : {fault::lost_before, fault::lost_after}) {
      BOOST_TEST_CONTEXT("at " << at) {
        index_channel_fixture f;
        f.create();
        f.hold("a", 1);
        int posts = 0;
        f.stack->store.on_post = [&](base::channel_id, const database::new_message& m) {
          return protocol::decode_index_page(m.content) && posts++ == at ? kind : fault::none;
        };
        BOOST_REQUIRE(f.show().has_value());
        for (int i = 0; i < 4; ++i) {
          f.world.run_for(7s);
          f.hold(fmt::format("k{}", i), i);
        }
        f.world.run_for(6s);
        f.restart();
        f.settle();
        BOOST_TEST(f.shown() == "0=k0 1=a 1=k1 2=k2 3=k3");
        BOOST_TEST(f.verify().problems == 0u);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(after_an_answer_that_is_lost_what_is_there_tells_how_to_go_on) {
  create();
  hold("a", 1);
  BOOST_REQUIRE(show().has_value());
  settle();
  bool lost = false;
  stack->store.on_post = [&](base::channel_id, const database::new_message& m) {
    return protocol::decode_index_page(m.content) && !std::exchange(lost, true) ? fault::lost_after : fault::none;
  };
  hold("b", 2);
  world.run_for(10s);
  BOOST_TEST(lost);
  BOOST_TEST(status().problem != "");
  settle();
  BOOST_TEST(status().problem == "");
  BOOST_TEST(headers().back().generation == 1u);
  BOOST_TEST(shown() == "1=a 2=b");
  hold("c", 3);
  lost = false;
  world.run_for(10s);
  hold("d", 4);  // while it is not known whether c is shown
  settle();
  BOOST_TEST(status().problem == "");
  BOOST_TEST(headers().back().generation == 2u);
  BOOST_TEST(shown() == "1=a 2=b 3=c 4=d");
  BOOST_TEST(verify().problems == 0u);
}

BOOST_AUTO_TEST_CASE(what_discord_does_not_take_in_a_message_goes_into_a_file) {
  create();
  hold("a", 1);
  stack->store.on_post = [](base::channel_id, const database::new_message& m) {
    return protocol::decode_index_page(m.content) && m.attachments.empty() ? fault::content : fault::none;
  };
  BOOST_REQUIRE(show().has_value());
  settle();
  BOOST_TEST(shown() == "1=a");
  BOOST_TEST(headers().front().attached);
}

BOOST_AUTO_TEST_CASE(a_page_that_discord_has_cut_is_written_again) {
  create();
  hold("a", 1);
  dbcord::guild::fault_plan cut;
  cut.upload_cut = 1;
  guild.set_faults(cut);
  stack->store.on_post = [](base::channel_id, const database::new_message& m) {
    return protocol::decode_index_page(m.content) && m.attachments.empty() ? fault::content : fault::none;
  };
  BOOST_REQUIRE(show().has_value());
  world.run_for(10s);
  BOOST_TEST(status().problem == "Discord stored the message with an altered content.");
  guild.set_faults({});
  settle();
  BOOST_TEST(status().problem == "");
  BOOST_TEST(shown() == "1=a");
  BOOST_TEST(headers().size() == 1u);
  BOOST_TEST(verify().problems == 0u);
}

// Whoever finds the page, after an answer that was lost or a death, sees what it is.
BOOST_AUTO_TEST_CASE(a_page_that_discord_has_cut_and_nobody_has_seen_is_written_again) {
  for (bool dies : {false, true}) {
    BOOST_TEST_CONTEXT(dies) {
      index_channel_fixture f;
      f.create();
      f.hold("a", 1);
      dbcord::guild::fault_plan cut;
      cut.upload_cut = 1;
      f.guild.set_faults(cut);
      bool lost = false;
      f.stack->store.on_post = [&lost](base::channel_id, const database::new_message& m) {
        if (!protocol::decode_index_page(m.content)) return fault::none;
        if (m.attachments.empty()) return fault::content;
        return std::exchange(lost, true) ? fault::none : fault::lost_after;
      };
      BOOST_REQUIRE(f.show().has_value());
      f.world.run_for(10s);
      BOOST_REQUIRE(lost);
      f.guild.set_faults({});
      if (dies) f.restart();
      f.settle();
      BOOST_TEST(f.shown() == "1=a");
      BOOST_TEST(f.headers().size() == 1u);
      BOOST_TEST(f.headers().front().generation == 2u);
      BOOST_TEST(f.verify().problems == 0u);
    }
  }
}

BOOST_AUTO_TEST_CASE(what_stands_in_the_way_is_told_and_the_index_is_the_same) {
  create();
  hold("a", 1);
  bool refuse = true;
  stack->store.on_post = [&](base::channel_id, const database::new_message& m) {
    return protocol::decode_index_page(m.content) && refuse ? fault::refused : fault::none;
  };
  BOOST_REQUIRE(show("n", true).has_value());
  world.run_for(5min);
  BOOST_TEST(!status().complete);
  BOOST_TEST(status().problem != "");
  BOOST_TEST(find(R"({"n":1})") == "a ");
  BOOST_REQUIRE(insert("b", R"({"n":1})").error().code == database::errc::duplicate_value);
  auto found = verify();
  BOOST_REQUIRE(found.problems == 1u);
  BOOST_TEST(contains(found.findings.front().what, "its channel is not complete: "));
  refuse = false;
  settle();
  BOOST_TEST(status().problem == "");
  BOOST_TEST(verify().problems == 0u);
}

BOOST_AUTO_TEST_CASE(without_room_for_a_channel_the_index_works_and_the_channel_comes_later) {
  create();
  hold("a", 1);
  std::vector<base::channel_id> others;
  auto full = [&] { return run(stack->rest.channels(call())).value().value.size() + 2 > database::guild_channel_max; };
  base::channel_id category;
  for (int i = 0; !full(); ++i) {
    if (i % 50 == 0) {
      auto made = run(stack->rest.create_channel({database::channel_kind::category, fmt::format("c{}", i), {}, {}, false}, call()));
      BOOST_REQUIRE(made.has_value());
      category = made->value.id;
      continue;
    }
    auto made = run(stack->rest.create_channel({database::channel_kind::text, fmt::format("t{}", i), {}, category, false}, call()));
    BOOST_REQUIRE(made.has_value());
    others.push_back(made->value.id);
  }
  BOOST_REQUIRE(show().has_value());
  world.run_for(1min);
  BOOST_TEST(index_channels().empty());
  BOOST_TEST(contains(status().problem, "there is no room for another"));
  BOOST_TEST(find(R"({"n":1})") == "a ");
  for (int i = 0; i < 3; ++i) BOOST_REQUIRE(run(stack->rest.delete_channel(others[static_cast<std::size_t>(i)], call())).has_value());
  settle();
  BOOST_TEST(shown() == "1=a");
}

BOOST_AUTO_TEST_SUITE_END()
