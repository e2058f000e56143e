#include "simulation/chore_workload.hpp"

#include <boost/test/unit_test.hpp>

using namespace dbcord;
using namespace dbcord::simulation;

namespace {

const std::string head = "`sim.t0`: 1 row, 1 message read, 0 attachments checked, log of 15 records to LSN 15, 0 checkpoints, 7 records of the catalog.";
const std::string missing = head + " 1 problem found (1 missing; `repair:true` mends what can be mended):";

verification_verdict judged(const std::string& told, bool hand) {
  scenario s;
  if (hand) s.hand_every = std::chrono::seconds(1);
  return judge_verification(told, s);
}

}  // namespace

BOOST_AUTO_TEST_CASE(problems_that_verification_tells_of_during_the_work_are_violations_unless_people_delete_by_hand) {
  BOOST_TEST((judged(head + " All is well.", false) == verification_verdict::well));
  BOOST_TEST((judged(missing, false) == verification_verdict::wrong));
  BOOST_TEST((judged(missing, true) == verification_verdict::deleted));
  BOOST_TEST((judged("Too busy. Nothing was done.", false) == verification_verdict::none));
}

BOOST_AUTO_TEST_CASE(a_channel_that_could_not_be_written_is_told_of_truly_and_nothing_else_is_excused_by_that) {
  const std::string incomplete = "\n{\"kind\":\"index channel\",\"key\":\"v\",\"what\":\"its channel is not complete: try again later.\"}";
  const std::string other = "\n{\"kind\":\"index channel\",\"key\":\"v\",\"what\":\"a page of the index's channel is missing\"}";
  scenario quiet;
  quiet.rate_limits = false;
  quiet.spell_every = {};
  auto limited = quiet;
  limited.rate_limits = true;
  const std::string note = "\n{\"kind\":\"duplicate\",\"key\":\"k0\",\"what\":\"a second message of a version that lies elsewhere\"}";
  BOOST_TEST((judge_verification(head + " 1 problem found" + incomplete + note, limited) == verification_verdict::unfinished));
  BOOST_TEST((judge_verification(head + " 2 problems found" + incomplete + other, limited) == verification_verdict::wrong));
  BOOST_TEST((judge_verification(head + " 1 problem found" + incomplete, quiet) == verification_verdict::wrong));
}

BOOST_AUTO_TEST_CASE(an_index_that_had_to_be_built_anew_is_a_violation) {
  BOOST_TEST(!tells_of_a_wrong_index("Checked 2 indexes of `sim.t0` against 4 rows: all right."));
  BOOST_TEST(tells_of_a_wrong_index("Checked 2 indexes of `sim.t0` against 4 rows: all right but for 1 wrong, built anew."));
}

BOOST_AUTO_TEST_CASE(a_copy_has_as_many_rows_as_were_kept) {
  reply_meaning shown;
  shown.outcome = operation_outcome::done;
  shown.rows = {{"k1", {{"v", 1}}}, {"k2", {{"v", 2}}}};
  shown.matched = 2;
  BOOST_TEST(fault_of_copy(2, shown, {}).value() == "");
  BOOST_TEST(fault_of_copy(3, shown, {}).value() != "");
  shown.matched = 3;
  BOOST_TEST(fault_of_copy(3, shown, {}).value() != "");
  scenario cut;
  cut.guild_faults = true;
  BOOST_TEST(!fault_of_copy(3, shown, cut));
}

BOOST_AUTO_TEST_CASE(every_imported_row_is_there_and_as_it_was_written) {
  table_content bulk;
  bulk.rows["r000"].json = R"({"id":"r000","n":0})";
  bulk.rows["r001"].json = R"({"id":"r001","n":1})";
  BOOST_TEST(check_bulk(bulk, 2, 2).empty());
  BOOST_TEST(check_bulk(bulk, 0, 300).empty());
  BOOST_TEST(!check_bulk(bulk, 3, 300).empty());
  BOOST_TEST(!check_bulk(bulk, 0, 1).empty());
  bulk.rows["r001"].json = R"({"id":"r001","n":7})";
  BOOST_TEST(!check_bulk(bulk, 2, 2).empty());
}
