#pragma once
// A database with five rows whose channels people delete, or empty; and what is to be there afterwards.

#include <fmt/format.h>

#include "database/database_fixture.hpp"
#include "simulation/owner_view.hpp"
#include "support/contains.hpp"

namespace dbcord::test {

struct lost_channel_fixture : database_fixture {
  lost_channel_fixture() {
    create();
    insert_rows(0, 5);
  }
  void insert_rows(int from, int to) {
    for (int i = from; i < to; ++i) BOOST_REQUIRE(insert(fmt::format("k{:03}", i), fmt::format(R"({{"n":{}}})", i)).has_value());
  }
  base::channel_id channel(std::string_view name) {
    for (const auto& c : simulation::channels_in(guild)) {
      if (c.name == name) return c.id;
    }
    BOOST_FAIL("there is no channel " + std::string(name));
    return {};
  }
  // What a process says that starts now.
  std::string refusal() {
    kill();
    start();
    BOOST_REQUIRE(open().has_value());
    BOOST_TEST(stack->engine->databases().empty());
    return get("k000");
  }
  void check_rows(int count) {
    for (int i = 0; i < count; ++i) BOOST_TEST(contains(get(fmt::format("k{:03}", i)), fmt::format("\"n\":{}", i)));
    BOOST_TEST(inspect().tables.at(0).rows == static_cast<std::uint64_t>(count));
    BOOST_TEST(inspect().state == "open");
  }
  void checkpoint_often() {
    options.checkpoints.tail_messages = 5;
    options.checkpoints.share = 1000;
  }
};

}  // namespace dbcord::test
