#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "commands/arguments.hpp"
#include "commands/handlers.hpp"
#include "commands/reply_text.hpp"

namespace dbcord::commands {
namespace {

std::string as_row(const database::verify_finding& f) {
  boost::json::object row;
  row["kind"] = f.kind;
  if (!f.key.empty()) row["key"] = f.key;
  row["what"] = f.what;
  if (f.link.message) row["link"] = f.link.url();
  return boost::json::serialize(row);
}

std::string summary(const database::verify_report& found, const std::string& where) {
  auto text = fmt::format("`{}`: {}, {} read, {} checked, log of {} to LSN {}.", where, count(found.rows, "row"), count(found.messages, "message"),
                          count(found.attachments, "attachment"), count(found.log_records, "record"), found.log_lsn);
  if (found.not_materialised > 0) text += fmt::format(" {} still to get a message.", count(found.not_materialised, "row"));
  if (found.superseded > 0) text += fmt::format(" {} superseded.", count(found.superseded, "message"));
  return text + (found.problems == 0 ? " All is well." : fmt::format(" {} found (`repair:true` mends what can be mended):", count(found.problems, "problem")));
}

}  // namespace

actor::task<reply> dbc_verify(services s, invocation call) {
  auto database = text_argument(call, "database");
  auto table = text_argument(call, "table");
  auto context = read_context_of(call);
  auto found = co_await s.engine.verify(database, table, context);
  if (!found) co_return explain(s, call, found.error());
  reply r;
  r.ok = found->problems == 0;
  r.text = summary(*found, database + "." + table);
  r.rows_name = "findings";
  for (const auto& f : found->findings) r.rows.push_back(as_row(f));
  bool repair = boolean_argument(call, "repair");
  if (!repair || found->problems == 0) co_return r;
  auto mended = co_await s.engine.repair(database, table, std::move(*found), context);
  if (!mended) co_return explain(s, call, mended.error());
  r.text += fmt::format(" Mended: {} written anew, {} built anew; verify again in a moment.", count(mended->rewritten, "row"),
                        mended->indexes.size() == 1 ? "1 index" : fmt::format("{} indexes", mended->indexes.size()));
  if (mended->index_channels > 0) r.text += fmt::format(" {} of indexes written anew.", count(mended->index_channels, "channel"));
  co_return r;
}

}  // namespace dbcord::commands
