#include "database/verify_findings.hpp"

#include <fmt/format.h>

namespace dbcord::database {

void verify_findings::add_problem(verify_finding found) {
  ++report_.problems;
  found.table = table_;
  if (report_.findings.size() < verify_report::most_findings) report_.findings.push_back(std::move(found));
}

void verify_findings::add_note(verify_finding found) {
  found.table = table_;
  if (report_.notes.size() < verify_report::most_findings) report_.notes.push_back(std::move(found));
}

// Superseded messages and stale pages are what every table has; of the others some are shown.
void verify_findings::add_garbage(garbage_kind kind, bool known, std::string key, const stored_message& message) {
  ++report_.garbage[kind];
  if (!known) ++report_.unknown_garbage;
  bool is_usual = kind == garbage_kind::superseded || kind == garbage_kind::stale_page;
  if (is_usual || report_.garbage[kind] > verify_report::most_examples) return;
  auto what = kind == garbage_kind::duplicate ? "a second message of a version that lies elsewhere"
              : key.empty()                   ? "no record of the log has written this"
                                              : "no record of the log has written this; if people have deleted the one that did, the value stands in this message only";
  auto found = finding_of(to_string(kind), std::move(key), what);
  found.link = link_to(message);
  add_note(std::move(found));
}

void verify_findings::add_unfinished(std::string what, const stored_message& message) {
  if (++report_.unfinished_parts > verify_report::most_examples) return;
  auto found = finding_of("unfinished", {}, std::move(what));
  found.link = link_to(message);
  add_note(std::move(found));
}

void verify_findings::add_lost(const row_place& place) {
  ++report_.lost_versions;
  auto what = fmt::format("version {}: people deleted its message, or what had it is damaged, and the log does not have it any more", place.version);
  auto found = finding_of("lost", place.key, std::move(what));
  found.lsn = place.lsn;
  add_note(std::move(found));
}

void verify_findings::add_lost_row(std::string key) {
  auto found = finding_of("lost", std::move(key),
                          "its value is lost: people deleted its message, or what had it is damaged, and neither memory nor the log has it; `/dbc_edit` with the whole row, or "
                          "`/dbc_import` with mode:upsert, writes it anew, `/dbc_delete` deletes it");
  found.beyond_repair = true;
  add_problem(std::move(found));
}

void verify_findings::add_foreign(std::string what, const stored_message& message) {
  if (++report_.foreign > verify_report::most_strangers) return;
  auto found = finding_of("foreign", {}, std::move(what));
  found.link = link_to(message);
  add_note(std::move(found));
}

}  // namespace dbcord::database
