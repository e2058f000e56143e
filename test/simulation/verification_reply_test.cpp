#include "simulation/verification_reply.hpp"

#include <boost/test/unit_test.hpp>

namespace dbcord::simulation {

BOOST_AUTO_TEST_SUITE(verification_reply)

BOOST_AUTO_TEST_CASE(only_versions_whose_messages_were_deleted_are_excused) {
  const std::string head = "`sim.t0`: 5 rows. 1 problem found (1 history; which `repair:true` cannot mend):\n```json\n";
  const std::string version = R"({"kind":"history","key":"k","lsn":8,"what":"version 1 is lost","link":"https://discord.com/channels/1/2/33"})" "\n```";
  const std::string row = R"({"kind":"damaged","key":"k","what":"its checksum is wrong","link":"https://discord.com/channels/1/2/33"})" "\n```";
  const std::string untraced = R"({"kind":"history","key":"k","lsn":8,"what":"version 1 is lost: its message was deleted"})" "\n```";
  const hand_deletions deleted{{base::message_id{33}}, {{"k", 8}}};
  BOOST_TEST(tells_that_all_is_well(head + version, deleted));
  BOOST_TEST(!tells_that_all_is_well(head + version, {}));
  BOOST_TEST(tells_that_all_is_well(head + untraced, deleted));
  BOOST_TEST(!tells_that_all_is_well(head + untraced, hand_deletions{{base::message_id{33}}, {{"k", 7}, {"l", 8}}}));
  BOOST_TEST(!tells_that_all_is_well(head + row, deleted));
  BOOST_TEST(!tells_that_all_is_well("`sim.t0`: 5 rows. 2 problems found (1 history and 1 row; ...):\n" + version, deleted));  // one is not shown
  BOOST_TEST(tells_that_all_is_well("`sim.t0`: 5 rows. All is well.", {}));
  const std::string lost = "`sim.t0`: 5 rows. All is well. ⚠ 1 older version is lost:\n" R"({"kind":"lost","key":"k","lsn":8,"what":"version 1"})";
  BOOST_TEST(tells_that_all_is_well(lost, deleted));
  BOOST_TEST(!tells_that_all_is_well(lost, {}));
  BOOST_TEST(!tells_that_all_is_well(lost, hand_deletions{{base::message_id{33}}, {{"k", 7}}}));
  BOOST_TEST(!tells_that_all_is_well("`sim.t0`: 5 rows. `/dbc_vacuum` removes 1 orphan. All is well.", deleted));
}

BOOST_AUTO_TEST_CASE(snapshots_that_were_cut_are_excused_and_nothing_beside_them) {
  const std::string one = "`sim.t0`: 5 rows. 1 problem found (1 snapshot; which `repair:true` cannot mend):\n" R"({"kind":"snapshot","what":"part 1 is empty"})";
  BOOST_TEST(tells_only_of_what_is_incomplete(one, false, true));
  BOOST_TEST(!tells_only_of_what_is_incomplete(one, false, false));
  BOOST_TEST(!tells_only_of_what_is_incomplete("`sim.t0`: 5 rows. 2 problems found (1 row, 1 snapshot):\n" R"({"kind":"snapshot"})" "\n" R"({"kind":"damaged"})", false, true));
  BOOST_TEST(!tells_only_of_what_is_incomplete("`sim.t0`: 5 rows. All is well.", false, true));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace dbcord::simulation
