// /dbc_index_channel: what it says of an index that has a channel, gets one, or has none yet.

#include "commands/handlers_fixture.hpp"

using namespace dbcord;
using namespace dbcord::commands;
using namespace dbcord::test;
using namespace std::chrono_literals;

BOOST_FIXTURE_TEST_SUITE(index_channel_command, handlers_fixture)

BOOST_AUTO_TEST_CASE(channels_of_indexes_are_switched_on_and_off) {
  in_users().with("field", "email").with("on", true);
  database::index_channel_change change;
  change.changed = true;
  change.status = database::index_channel_status{"users", "email", base::channel_id{7}, false, 0, 0, {}};
  engine.index_channel_answer = change;
  BOOST_TEST(run("dbc_index_channel").starts_with("The index on `email` of `prod.users` is shown in <#7>. https://discord.com/channels/"));
  BOOST_TEST(engine.calls.back() == "set_index_channel prod users email on");
  change.changed = false;
  engine.index_channel_answer = change;
  BOOST_TEST(run("dbc_index_channel") == "The index on `email` of `prod.users` was shown already in <#7>.");
  change.status->channel = {};
  change.status->problem = "there is no room";
  engine.index_channel_answer = change;
  BOOST_TEST(run("dbc_index_channel") == "The index on `email` of `prod.users` was to be shown already and has no channel yet: there is no room. It is tried again; `/dbc_inspect` tells.");
  change.changed = true;
  change.status.reset();
  engine.index_channel_answer = change;
  BOOST_TEST(run("dbc_index_channel").starts_with("The index on `email` of `prod.users` is to be shown and has no channel yet: it is made later. It is tried again;"));
  with("on", false);
  BOOST_TEST(run("dbc_index_channel").starts_with("The index on `email` of `prod.users` is not shown any more; its channel is deleted in a moment. https://"));
  BOOST_TEST(engine.calls.back() == "set_index_channel prod users email off");
  change.changed = false;
  engine.index_channel_answer = change;
  BOOST_TEST(run("dbc_index_channel") == "The index on `email` of `prod.users` has no channel; nothing was changed.");
  engine.write_answer = base::error(database::errc::invalid_query, "table users has no index on email");
  BOOST_TEST(run("dbc_index_channel") == "! field: `users` has no index on `email`; it has none.");
  engine.suggestions = {"email"};
  engine.write_answer = base::error(database::errc::invalid_query, "the index on email could not be built");
  BOOST_TEST(run("dbc_index_channel") == "! The index on email could not be built.");
}

BOOST_AUTO_TEST_SUITE_END()
