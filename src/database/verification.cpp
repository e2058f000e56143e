#include "database/verification.hpp"

#include <fmt/format.h>

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

// Nobody but a person can say which of two rows is to give way. One that binds nobody is no problem: its failure is told, and was wished for or accepted.
void tell_clashes(const index_clashes& clashes, const table_channels& channels, verify_findings& findings) {
  auto link_to = [&](const index_clashes::holder& row) {
    return row.row_message ? findings.link_to(channels.of(row.row_message), row.row_message) : message_link();
  };
  for (const auto& c : clashes.examples) {
    auto other = c.second.row_message ? link_to(c.second).url() : std::string("it has no message yet");
    auto found = finding_of("unique", c.first.key,
                            fmt::format("row \"{}\" ({}) has {} as well, and the index on {} is {}unique: change or delete one of them{}", c.second.key, other, c.value,
                                        clashes.index.field, clashes.failed ? "to be " : "",
                                        clashes.failed ? ", then make the index again" : ", or drop the index; until then neither can be changed otherwise"));
    found.link = link_to(c.first);
    found.beyond_repair = true;
    if (clashes.failed) findings.add_note(std::move(found));
    else findings.add_problem(std::move(found));
  }
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
  auto figures = co_await table->figures(context.deadline);
  if (!figures) co_return figures.error();
  report.rows += table->size().rows;
  report.not_materialised += figures->waiting + figures->set_aside;
  auto clashes = co_await table->clashing_indexes();
  for (const auto& of_index : clashes) {
    if (!of_index.building) tell_clashes(of_index, table->channels(), findings);
  }
  for (auto& field : co_await table->damaged_indexes()) {
    findings.add_problem(finding_of("index", std::move(field), "its entries are not those of the rows"));
  }
  co_return base::result<void>();
}

}  // namespace dbcord::database
