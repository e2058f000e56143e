#include <fmt/format.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <map>

#include "base/enumeration.hpp"
#include "base/number_text.hpp"
#include "commands/arguments.hpp"
#include "commands/garbage_text.hpp"
#include "commands/handlers.hpp"
#include "commands/reply_text.hpp"

namespace dbcord::commands {
namespace {

// `of_all`: of all tables, so that it has to be said which.
std::string as_row(const database::verify_finding& f, bool of_all) {
  boost::json::object row;
  row["kind"] = f.kind;
  if (of_all && !f.table.empty()) row["table"] = f.table;
  if (!f.key.empty()) row["key"] = f.key;
  if (f.lsn != 0) row["lsn"] = f.lsn;
  row["what"] = f.what;
  if (f.link.message) row["link"] = f.link.url();
  return boost::json::serialize(row);
}

// "2 missing and 1 history"; of those that are shown.
std::string by_kind(const std::vector<database::verify_finding>& findings) {
  std::map<std::string, std::uint64_t> kinds;
  for (const auto& f : findings) ++kinds[f.kind];
  std::vector<std::string> parts;
  for (const auto& [kind, number] : kinds) parts.push_back(fmt::format("{} {}", base::with_separators(number), kind));
  return base::enumeration(parts);
}

std::uint64_t only_in_log(const database::verify_report& found) {
  auto of_history = [](const auto& note) { return note.kind == "history"; };
  return static_cast<std::uint64_t>(std::count_if(found.notes.begin(), found.notes.end(), of_history));
}

// What is there, and no problem.
std::string left_overs(const database::verify_report& found, bool repair) {
  std::string text;
  if (found.adopting) text += " What an earlier process has written is still being found out, so not all could be checked: verify again in a while.";
  if (found.not_materialised > 0) text += fmt::format(" {} still to get a message.", count(found.not_materialised, "row"));
  if (auto number = only_in_log(found); number > 0) {
    text += fmt::format(" {} in the log{}.",
                        number == 1 ? "1 older version has lost its message, but is" : fmt::format("{} older versions have lost their messages, but are", number),
                        repair ? "" : ": `repair:true` writes that again");
  }
  if (found.garbage.all() > 0) {
    auto how = found.unknown_garbage > 0 ? "`/dbc_vacuum scan:true`" : "`/dbc_vacuum`";
    text += fmt::format(" {} removes {}.", how, garbage_text(found.garbage));
  }
  if (found.unfinished_parts > 0) text += fmt::format(" `/dbc_vacuum` removes {} of snapshots that were never finished.", count(found.unfinished_parts, "part"));
  if (found.left_behind > 0) text += fmt::format(" {} with the channel that the table is leaving.", count(found.left_behind, "message") + (found.left_behind == 1 ? " goes" : " go"));
  return text;
}

// Nothing that dbcord reads, so nothing is wrong with the data; and it does not delete what people say.
std::string warning_of_strangers(const database::verify_report& found) {
  if (found.foreign == 0) return {};
  bool one = found.foreign == 1, all = found.foreign <= database::verify_report::most_strangers;
  return fmt::format(" ⚠ {} by somebody else {} where only dbcord writes (kind foreign, with {} below); {} nothing and harm{} nothing: delete {} by hand, `repair:true` does not, "
                     "and let nobody else send messages there.",
                     count(found.foreign, "message"), one ? "lies" : "lie", one ? "its link" : all ? "their links" : fmt::format("the first {} links", database::verify_report::most_strangers), one ? "it counts for" : "they count for", one ? "s" : "", one ? "it" : "them");
}

std::string warning_of_lost(const database::verify_report& found) {
  if (found.lost_versions == 0) return {};
  return fmt::format(" ⚠ {} lost (kind lost): people deleted the only messages that had them, or these are damaged; `/dbc_history` shows when they were, until they are behind the horizon of `/dbc_history_set`, or are given up when memory is short.",
                     found.lost_versions == 1 ? "1 older version is" : fmt::format("{} older versions are", found.lost_versions));
}

std::uint64_t count_of(const std::vector<database::verify_finding>& findings, std::string_view kind) {
  return static_cast<std::uint64_t>(std::count_if(findings.begin(), findings.end(), [&](const auto& f) { return f.kind == kind; }));
}

std::string warning_of_lost_rows(const database::verify_report& found) {
  auto number = count_of(found.findings, "lost");
  if (number == 0) return {};
  bool all = found.problems == found.findings.size();
  return fmt::format(" ⚠ {} lost (kind lost): people deleted the only messages that had them, or these are damaged. Write such a row anew (`/dbc_edit` with the whole row, "
                     "`/dbc_import` with mode:upsert), or `/dbc_delete` it.",
                     values_are(number, all ? "" : "at least "));
}

std::string warning_of_shared_values(const database::verify_report& found) {
  auto number = count_of(found.findings, "unique") + count_of(found.notes, "unique");
  if (number == 0) return {};
  return fmt::format(" ⚠ {} of several rows (kind unique), in fields whose index is to be unique: change or delete all of them but one.",
                     count(number, "value") + (number == 1 ? " is" : " are"));
}

// With `repair` what was done about it follows, and then the findings.
std::string summary(const database::verify_report& found, const std::string& where, bool of_all, bool repair) {
  std::vector<std::string> read;
  if (of_all) read.push_back(count(found.tables, "table"));
  read.push_back(count(found.rows, "row"));
  if (found.versions > 0) read.push_back(count(found.versions, "older version"));
  auto text = fmt::format("`{}`: {}, {} read, {} checked, log of {} to LSN {}, {}{}, {} of the catalog.", where, base::enumeration(read), count(found.messages, "message"),
                          count(found.attachments, "attachment"), count(found.log_records, "record"), found.log_lsn, count(found.checkpoints, "checkpoint"),
                          found.snapshots == 0 ? "" : fmt::format(", {} with all parts", count(found.snapshots, "snapshot")), count(found.catalog_records, "record"));
  text += left_overs(found, repair);
  if (found.problems == 0 && !(repair && only_in_log(found) > 0)) text += " All is well.";
  text += warning_of_strangers(found);
  text += warning_of_lost(found) + warning_of_lost_rows(found) + warning_of_shared_values(found);
  if (found.problems == 0) return text;
  if (repair) return text + fmt::format(" {} found ({}).", count(found.problems, "problem"), by_kind(found.findings));
  bool hopeless = std::all_of(found.findings.begin(), found.findings.end(), [](const auto& f) { return f.beyond_repair; });
  auto what = hopeless ? "which `repair:true` cannot mend" : "`repair:true` mends what can be mended";
  return text + fmt::format(" {} found ({}; {}):", count(found.problems, "problem"), by_kind(found.findings), what);
}

std::string mended_text(const database::repair_report& mended) {
  std::vector<std::string> parts;
  auto add = [&](std::uint64_t number, std::string_view one, std::string_view many) {
    if (number > 0) parts.push_back(fmt::format("{} {}", base::with_separators(number), number == 1 ? one : many));
  };
  add(mended.rewritten, "row", "rows");
  add(mended.versions, "older version", "older versions");
  add(mended.indexes.size(), "index", "indexes");
  add(mended.index_channels, "channel of an index", "channels of indexes");
  add(mended.checkpoints, "checkpoint", "checkpoints");
  add(mended.catalog_records, "record of the catalog", "records of the catalog");
  std::string text = parts.empty() ? " Nothing was mended." : fmt::format(" Mended: {} written anew; verify again in a moment.", base::enumeration(parts));
  if (mended.log_left_behind) text += " What the log lacks was in memory, so it stands in the new checkpoints, and no start needs those messages any more.";
  if (mended.versions_lost > 0) {
    text += fmt::format(" {} from now on.", count(mended.versions_lost, "older version") + (mended.versions_lost == 1 ? " that nobody has any more counts as lost" : " that nobody has any more count as lost"));
  }
  if (mended.beyond_repair > 0) text += fmt::format(" {} cannot be mended.", count(mended.beyond_repair, "finding"));
  for (const auto& why : mended.failed) text += " Not mended: " + with_full_stop(why);
  return text;
}

}  // namespace

actor::task<reply> dbc_verify(services s, invocation call) {
  auto database = text_argument(call, "database");
  auto table = text_argument(call, "table");
  auto context = read_context_of(call);
  auto found = co_await s.engine.verify(database, table, context);
  if (!found) co_return explain(s, call, found.error());
  complete_progress(call.progress);  // also if problems were found, which is no success
  reply r;
  r.ok = found->problems == 0;
  bool repair = boolean_argument(call, "repair");
  bool of_all = table.empty();
  r.text = summary(*found, of_all ? database : database + "." + table, of_all, repair);
  r.rows_name = "findings";
  for (const auto& f : found->findings) r.rows.push_back(as_row(f, of_all));
  for (const auto& note : found->notes) r.rows.push_back(as_row(note, of_all));
  if (!repair || (found->problems == 0 && only_in_log(*found) == 0)) co_return r;
  auto mended = co_await s.engine.repair(database, table, std::move(*found), context);
  if (!mended) co_return explain(s, call, mended.error());
  r.text += mended_text(*mended) + " What was found:";
  co_return r;
}

}  // namespace dbcord::commands
