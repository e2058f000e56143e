#include "simulation/version_checks.hpp"

#include <boost/test/unit_test.hpp>

using namespace dbcord::simulation;

BOOST_AUTO_TEST_SUITE(checks_of_versions)

BOOST_AUTO_TEST_CASE(a_version_that_is_lost_or_changed_is_found_though_another_comes_back) {
  known_versions before{{{"t", "a", 5, 2}, "{\"n\":2}"}, {{"t", "a", 5, 3}, "{\"n\":3}"}, {{"t", "a", 9, 4}, "deleted"}};
  auto after = before;
  BOOST_TEST(compare_versions(before, after).empty());
  after[{"t", "a", 3, 1}] = "{\"n\":1}";
  BOOST_TEST(compare_versions(before, after).empty());
  after.erase({"t", "a", 5, 2});
  auto lost = compare_versions(before, after);
  BOOST_TEST_REQUIRE(lost.size() == 1u);
  BOOST_TEST(lost.front() == "t/a: version 2 of LSN 5 was {\"n\":2}, and is nothing behind a restart");
  after[{"t", "a", 5, 2}] = "{\"n\":7}";
  auto changed = compare_versions(before, after);
  BOOST_TEST_REQUIRE(changed.size() == 1u);
  BOOST_TEST(changed.front() == "t/a: version 2 of LSN 5 was {\"n\":2}, and is {\"n\":7} behind a restart");
}

BOOST_AUTO_TEST_CASE(older_versions_that_are_kept_while_writes_are_refused_are_found_unless_they_are_few) {
  std::vector<table_content> memory(2);
  memory[0].past_versions = 20;
  memory[1].past_versions = 5;
  BOOST_TEST(check_nothing_forgettable(memory, 10'000).empty());
  memory[1].past_versions = 6;
  BOOST_TEST(check_nothing_forgettable(memory, 10'000).size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
