#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "commands/arguments.hpp"
#include "commands/handlers.hpp"
#include "commands/reply_text.hpp"

namespace dbcord::commands {
namespace {

double milliseconds(base::duration d) { return std::round(std::chrono::duration<double, std::milli>(d).count() * 100) / 100; }

std::string figures_row(const database::table_summary& t) {
  boost::json::object row;
  row["table"] = t.name;
  row["rows"] = t.rows;
  row["bytes"] = t.bytes;
  row["bytes_a_row"] = t.rows == 0 ? 0 : t.bytes / t.rows;
  row["in_memory"] = t.memory;
  row["not_materialised"] = t.not_materialised;
  row["superseded_versions"] = t.superseded;
  boost::json::object indexes;
  for (const auto& index : t.indexes) indexes[index.field] = index.entries;
  row["index_entries"] = std::move(indexes);
  return boost::json::serialize(row);
}

std::string as_row(const command_figures& f) {
  boost::json::object row;
  row["command"] = f.command;
  if (!f.place.empty()) row["of"] = f.place;
  row["given"] = f.given;
  row["refused"] = f.refused;
  auto text = boost::json::serialize(row);
  text.pop_back();  // Boost writes 319.1 as 3.191E2, which people do not
  auto mean = f.total / static_cast<base::duration::rep>(std::max<std::uint64_t>(1, f.given));
  return text + fmt::format(",\"mean_ms\":{},\"longest_ms\":{}}}", milliseconds(mean), milliseconds(f.longest));
}

}  // namespace

actor::task<reply> dbc_stats(services s, invocation call) {
  auto database = text_argument(call, "database");
  auto table = text_argument(call, "table");
  auto context = read_context_of(call);
  std::vector<database::table_summary> tables;
  if (table.empty()) {
    auto summary = co_await s.engine.inspect(database, context);
    if (!summary) co_return explain(s, call, summary.error());
    tables = std::move(summary->tables);
  } else {
    auto summary = co_await s.engine.inspect_table(database, table, context);
    if (!summary) co_return explain(s, call, summary.error());
    tables.push_back(std::move(*summary));
  }
  reply r;
  r.rows_name = "stats";
  std::uint64_t rows = 0, bytes = 0, memory = 0, given = 0;
  for (const auto& t : tables) {
    rows += t.rows, bytes += t.bytes, memory += t.memory;
    r.rows.push_back(figures_row(t));
    auto figures = s.statistics ? s.statistics->of(database + "." + t.name) : std::vector<command_figures>();
    for (const auto& f : figures) {
      given += f.given;
      r.rows.push_back(as_row(f));
    }
  }
  r.text = fmt::format("`{}`: {} of {} of JSON, {} in memory; {} since dbcord started.", table.empty() ? database : database + "." + table,
                       count(rows, "row"), count(bytes, "byte"), count(memory, "byte"), count(given, "command"));
  co_return r;
}

}  // namespace dbcord::commands
