#include "database/verification.hpp"

#include <algorithm>

#include "database/channel_verification.hpp"
#include "database/suspect_places.hpp"

namespace dbcord::database {
namespace {

// That is known, and nothing can be done about it.
void take_lost(std::vector<row_place>& places, verify_findings& findings) {
  auto lost = std::stable_partition(places.begin(), places.end(), [](const row_place& place) { return !place.lost; });
  for (auto place = lost; place != places.end(); ++place) findings.add_lost(*place);
  places.erase(lost, places.end());
}

}  // namespace

actor::task<base::result<void>> verify_table(verification_context context, table_ptr table, verify_findings& findings) {
  auto& report = findings.report();
  context.adopting = !table->knows_all_messages();
  report.adopting = report.adopting || context.adopting;
  auto places = co_await table->places(context.deadline);
  if (!places) co_return places.error();
  take_lost(*places, findings);
  auto older = std::count_if(places->begin(), places->end(), [](const row_place& place) { return !place.live; });
  report.versions += static_cast<std::uint64_t>(older);
  expected_places expected(std::move(*places));
  suspect_places suspects(context, table);
  channel_verification channels(context, table, expected, suspects, findings);
  auto read = co_await channels.run();
  if (!read) co_return read.error();
  auto looked = co_await suspects.look_into_log(expected);
  if (!looked) co_return looked.error();
  auto told = co_await suspects.tell(findings);
  if (!told) co_return told.error();
  auto summary = co_await table->summary(context.deadline);
  if (!summary) co_return summary.error();
  report.rows += summary->rows;
  report.not_materialised += summary->not_materialised;
  for (auto& field : co_await table->damaged_indexes()) {
    findings.add_problem(finding_of("index", std::move(field), "its entries are not those of the rows"));
  }
  co_return base::result<void>();
}

}  // namespace dbcord::database
