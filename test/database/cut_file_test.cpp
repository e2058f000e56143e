// Rows whose files Discord has cut while they were uploaded: a heading that names a row proves nothing of its file.

#include "database/verification_fixture.hpp"

using namespace dbcord;
using namespace dbcord::test;

namespace {

struct cut_file_fixture : verification_fixture {
  static std::string row(int n) { return fmt::format(R"({{"id":"w","n":{},"text":"{}"}})", n, std::string(500, 'x')); }
  // A filter refuses the rows' texts, so that they go as files, of which Discord keeps the beginning.
  void cut_files(bool on) {
    dbcord::guild::fault_plan cut;
    cut.upload_cut = on ? 1 : 0;
    guild.set_faults(cut);
    stack->store.on_post = [](base::channel_id, const database::new_message& m) {
      return protocol::decode_row(m.content) && m.attachments.empty() ? fault::content : fault::none;
    };
  }
  // Left by a process that knew of it, and is gone.
  void leave_cut_file() {
    create();
    cut_files(true);
    BOOST_REQUIRE(insert("w", row(1)).has_value());
    world.run_for(10s);
    BOOST_TEST_REQUIRE(messages_of(channel()).size() == 1u);
    BOOST_TEST_REQUIRE(messages_of(channel()).front().attachments.at(0).size < row(1).size());
    BOOST_TEST_REQUIRE(inspect().tables.at(0).not_materialised == 1u);
  }
  // A file that holds the row is its place, the other garbage.
  void expect_written_anew() {
    BOOST_TEST_REQUIRE(messages_of(channel()).size() == 2u);
    auto cut = messages_of(channel()).front(), whole = messages_of(channel()).back();
    BOOST_TEST((message_of("w") == whole.id));
    BOOST_TEST(whole.attachments.empty());
    BOOST_TEST(verify().problems == 0u);
    BOOST_TEST(vacuum(false).removed == 1u);
    BOOST_TEST(messages_of(channel()).size() == 1u);
    BOOST_TEST((messages_of(channel()).front().id != cut.id));
    BOOST_TEST(get("w") == row(1));
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(cut_files, cut_file_fixture)

BOOST_AUTO_TEST_CASE(a_start_does_not_take_a_cut_file_for_the_row) {
  leave_cut_file();
  cut_files(false);
  restart();
  drain();
  world.run_for(10s);
  expect_written_anew();
}

BOOST_AUTO_TEST_CASE(nor_does_a_vacuum_that_looks_through_the_channel) {
  leave_cut_file();
  BOOST_TEST(vacuum(true).removed == 1u);
  BOOST_TEST(messages_of(channel()).empty());
  cut_files(false);
  restart();
  drain();
  BOOST_TEST_REQUIRE(messages_of(channel()).size() == 1u);
  BOOST_TEST((message_of("w") == messages_of(channel()).front().id));
  BOOST_TEST(verify().problems == 0u);
}

// Its size is not known any more: the file is read.
BOOST_AUTO_TEST_CASE(an_older_version_has_no_place_in_a_cut_file) {
  leave_cut_file();
  cut_files(false);
  BOOST_REQUIRE(update("w", R"({"n":2})").has_value());
  drain();
  restart();
  drain();
  world.run_for(10s);
  BOOST_TEST(verify().problems == 0u);
  BOOST_TEST(vacuum(false).removed == 1u);
  auto changes = run(stack->engine->history("prod", "users", {"w", 10}, reading()));
  BOOST_TEST_REQUIRE(changes.has_value());
  BOOST_TEST_REQUIRE(changes->changes.size() == 2u);
  BOOST_TEST(changes->changes.back().json == row(1));
  BOOST_TEST(get("w") == row(2));
}

// What the file of a superseded version should be is known from its heading alone.
BOOST_AUTO_TEST_CASE(an_older_version_that_is_whole_keeps_its_place) {
  create();
  cut_files(false);
  BOOST_REQUIRE(insert("w", row(1)).has_value());
  drain();
  BOOST_REQUIRE(update("w", R"({"n":2})").has_value());
  drain();
  BOOST_TEST_REQUIRE(!messages_of(channel()).front().attachments.empty());
  restart();
  drain();
  world.run_for(10s);
  BOOST_TEST(verify().problems == 0u);
  BOOST_TEST(vacuum(true).removed == 0u);
  BOOST_TEST(messages_of(channel()).size() == 2u);
}

// It lay elsewhere, as the checkpoint has it; that message is gone, so that a copy could take its place.
BOOST_AUTO_TEST_CASE(nor_has_a_row_whose_other_message_people_have_deleted) {
  options.checkpoints.tail_messages = 3;
  leave_cut_file();
  cut_files(false);
  world.run_for(2min);  // tried again
  BOOST_TEST_REQUIRE(inspect().tables.at(0).not_materialised == 0u);
  auto whole = messages_of(channel()).back();
  BOOST_TEST_REQUIRE((message_of("w") == whole.id));
  for (int i = 0; i < 8; ++i) BOOST_REQUIRE(insert(fmt::format("k{}", i), "{}").has_value());
  drain();
  world.run_for(10s);
  kill();
  start();
  take_away(whole);
  BOOST_REQUIRE(open().has_value());
  drain();
  world.run_for(10s);
  BOOST_TEST(get("w") == row(1));
  for (const auto& m : messages_of(channel())) {
    if (m.id == message_of("w")) BOOST_TEST((m.attachments.empty() || m.attachments.front().size == row(1).size()));
  }
}

BOOST_AUTO_TEST_SUITE_END()
