// Verification of a database that has lost part of its log: it ends, and says so.
#include <fmt/format.h>

#include "database/verification_fixture.hpp"
#include "simulation/owner_view.hpp"

using namespace dbcord;
using namespace dbcord::test;

namespace {

struct log_loss_verification_fixture : verification_fixture {
  void remove_channels(std::string_view beginning) {
    for (const auto& c : simulation::channels_in(guild)) {
      if (c.name.starts_with(beginning)) BOOST_REQUIRE(simulation::delete_channel(guild, c.id));
    }
  }
  std::string what_is_said_of_the_log() {
    std::string said;
    for (const auto& f : verify().findings) {
      if (f.kind == "log" && f.beyond_repair) said += f.what + "\n";
    }
    return said;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(verification_of_a_lost_log, log_loss_verification_fixture)

BOOST_AUTO_TEST_CASE(a_database_whose_log_is_gone_is_not_called_well) {
  options.checkpoints.enabled = false;
  create();
  BOOST_REQUIRE(insert("u_1", "{}").has_value());
  drain();
  remove_channels("dbc-wal");
  restart();
  BOOST_REQUIRE(contains(inspect().state, "read-only"));
  BOOST_TEST(contains(what_is_said_of_the_log(), "read-only"));
}

// Its first segment went in good order, when a checkpoint stood for it.
BOOST_AUTO_TEST_CASE(a_log_whose_beginning_and_checkpoints_are_gone_is_verified_in_few_requests) {
  options.checkpoints.tail_messages = 5;
  options.checkpoints.share = 1000;
  options.checkpoints.segment_messages = 8;
  create();
  auto first = inspect().log_channel;
  for (int i = 0; simulation::is_there(guild, first); ++i) {
    BOOST_REQUIRE(i < 100);
    BOOST_REQUIRE(insert(fmt::format("k{:03}", i), "{}").has_value());
    world.run_for(1s);
  }
  remove_channels("dbc-checkpoints");
  restart();
  BOOST_REQUIRE(contains(inspect().state, "read-only"));
  auto before = net.stats().requests;
  BOOST_TEST(contains(what_is_said_of_the_log(), "read-only"));
  BOOST_TEST(net.stats().requests - before < 30u);
}

BOOST_AUTO_TEST_SUITE_END()
