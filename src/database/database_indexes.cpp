// The part of database that is about indexes and columns.

#include <fmt/format.h>

#include <algorithm>

#include "database/database_writes.hpp"
#include "database/not_unique_text.hpp"
#include "protocol/shown_value.hpp"

namespace dbcord::database {
namespace {

constexpr base::duration channel_patience = std::chrono::seconds(10);  // of who asks for the channel of an index

bool has_rule(const protocol::row_schema& schema, const std::string& field) {
  auto below = field + ".";
  return std::any_of(schema.rules().begin(), schema.rules().end(), [&](const auto& rule) { return rule.path == field || rule.path.starts_with(below); });
}

// Whether the schema or a row has the field. All rows are read only if none of those has it that are looked at for suggestions.
dbcord::actor::task<base::result<bool>> knows_field(table_actor& table, std::string schema_json, std::string field, base::steady_time deadline) {
  auto schema = protocol::row_schema::parse(schema_json);
  if (schema && has_rule(*schema, field)) co_return true;
  constexpr std::size_t most_named = 1'000;
  auto names = co_await table.suggest(suggestion::fields, field, most_named, deadline);
  if (!names) co_return names.error();
  if (std::find(names->begin(), names->end(), field) != names->end()) co_return true;
  find_request request;
  request.where_json = "{" + protocol::to_json(protocol::json_node::make_string(field)) + ":{\"$exists\":true}}";
  request.count_only = true;
  request.request_budget = static_cast<std::size_t>(-1);  // an alteration reads every row anyway
  auto query = find_query::parse(request);
  if (!query) co_return query.error();
  auto found = co_await table.find(std::move(*query), deadline);
  if (!found) co_return found.error();
  co_return found->matched > 0;
}

// A field that nobody has is more likely misspelt than meant.
dbcord::actor::task<write_result<committed_write>> begin_alteration(table_actor& table, protocol::column_change change, bool force,
                                                                    table_actor::altering now, write_context context) {
  if (!now.change && change.what() != protocol::column_change::kind::add) {
    auto known = co_await knows_field(table, std::move(now.schema_json), change.field(), context.deadline);
    if (!known) co_return write_result<committed_write>{false, known.error()};
    if (!*known) {
      auto why = fmt::format("no row of table {} has a field {}, and its schema names none", table.definition().name,
                             protocol::shown_value(protocol::json_node::make_string(change.field())));
      co_return write_result<committed_write>{false, base::error(errc::invalid_query, std::move(why))};
    }
  }
  auto beginning = table.begin_alteration(std::move(change), force, std::move(context));
  co_return co_await std::move(beginning);
}

// Of one that is not ready and is not waited for any more. Why it failed is not always that it was to be unique.
base::error why_not_ready(const index_status& index, std::string_view table) {
  const auto& field = index.definition.field;
  if (index.state == index_state::building) {
    return {errc::unfinished, fmt::format("the index on {} of table {} is still being built, and goes on when dbcord runs again; look again then", field, table)};
  }
  if (index.why.starts_with(not_unique_text(field, table))) return {errc::duplicate_value, index.why};
  return {errc::unavailable, fmt::format("the index on {} of table {} could not be built: {}", field, table, index.why)};
}

}  // namespace

index_channel_context database::index_channel_services() {
  return {env(), store_, directory_, log_, record_.id, record_.name, [this] { return bound_channels(); }};
}

// A large table's index is built behind the record of its creation; whoever asked for it waits for that, too.
dbcord::actor::task<base::result<write_receipt>> database::create_index(std::string table, std::string field, bool unique, bool channel,
                                                                        write_context context) {
  auto target = find_table(table);
  if (!target) co_return co_await confirm_refusal(target.error(), context.deadline);
  auto usable = check_index_field(field, (*target)->definition().primary_key);
  if (!usable) co_return usable.error();
  auto watch = index_builder_.watch(**target, field, context);
  auto start = [&](write_context c) { return (*target)->create_index(field, unique, channel, std::move(c)); };
  auto creating = write_once(start, context);
  auto done = co_await std::move(creating);
  if (!done) co_return done;
  auto index = co_await (*target)->index_on(field);
  for (bool goes_on = true; goes_on && index && index->state == index_state::building;) {
    auto settled = co_await watch->settled.get_until(env(), context.deadline);
    if (!settled) {
      co_return base::error(errc::unfinished,
                            fmt::format("the index on {} of table {} is still being built, and goes on; look again in a while", field, table));
    }
    goes_on = *settled;  // else it is left to the next process
    watch = index_builder_.watch(**target, field, context);
    index = co_await (*target)->index_on(field);
  }
  if (index ? index->state == index_state::ready : done->repeated) co_return done;
  if (!index && is_cancelled(context.progress)) {
    co_return base::error(base::errc::stopping, fmt::format("making the index on {} of table {} was cancelled; there is none", field, table));
  }
  if (!index) co_return base::error(base::errc::stopping, fmt::format("the index on {} of table {} was dropped before it was ready", field, table));
  co_return why_not_ready(*index, table);
}

dbcord::actor::task<base::result<write_receipt>> database::drop_index(std::string table, std::string field, write_context context) {
  auto target = find_table(table);
  if (!target) co_return co_await confirm_refusal(target.error(), context.deadline);
  auto start = [&](write_context c) { return (*target)->drop_index(field, std::move(c)); };
  auto done = write_once(start, std::move(context));
  co_return co_await std::move(done);
}

dbcord::actor::task<base::result<index_channel_change>> database::set_index_channel(std::string table, std::string field, bool on,
                                                                                   write_context context) {
  auto target = find_table(table);
  if (!target) co_return co_await confirm_refusal(target.error(), context.deadline);
  auto until = std::min(context.deadline, env().after(channel_patience));
  auto start = [&](write_context c) { return (*target)->set_index_channel(field, on, std::move(c)); };
  auto writing = write_once(start, std::move(context));
  auto done = co_await std::move(writing);
  if (!done && done.error().code != errc::already_exists) co_return done.error();
  index_channel_change change;
  change.changed = done.has_value();
  if (done) change.receipt = std::move(*done);
  auto index = co_await (*target)->index_on(field);
  bool shown = index && index->definition.channel && index->state == index_state::ready;
  if (on && shown) change.status = co_await index_channels_.first_look((*target)->definition().table, index->definition.index, until);
  co_return change;
}

// Asked for once more while it is under way it is not begun again, but waited for.
dbcord::actor::task<base::result<alteration_report>> database::alter_columns(std::string table, protocol::column_change change, bool force,
                                                                             write_context context) {
  auto target = find_table(table);
  if (!target) co_return co_await confirm_refusal(target.error(), context.deadline);
  auto now = co_await (*target)->altering_now();
  alteration_report report;
  bool goes_on = now.change && now.change->json() == change.json();
  if (goes_on) {
    index_builder_.start(*target);
  } else {
    auto start = [&](write_context c) { return begin_alteration(**target, change, force, now, std::move(c)); };
    auto beginning = write_once(start, context);
    auto begun = co_await std::move(beginning);
    if (!begun) co_return begun.error();
    report.receipt = std::move(*begun);
    now = co_await (*target)->altering_now();
  }
  auto number = now.number;
  auto under_way = [&] { return now.change && now.number == number && now.change->json() == change.json(); };
  while (under_way()) {
    auto watch = index_builder_.watch(**target, number, context);
    now = co_await (*target)->altering_now();  // what ended before the watch began shows there
    if (!under_way()) break;
    auto settled = co_await watch->settled.get_until(env(), context.deadline);
    now = co_await (*target)->altering_now();
    bool left = !settled || !*settled;
    if (under_way() && left) {
      bool idle = is_cancelled(context.progress) || settled;
      co_return base::error(errc::unfinished,
                            fmt::format("altering the columns of table {} ({}) {} and is not undone: what is written has the new form, some older rows do not have it yet; "
                                        "{}; /dbc_schema_alter {} takes it back",
                                        table, change.arguments(), idle ? "was interrupted" : "still goes on",
                                        idle ? "they get it when dbcord starts again, or when you give the same command again" : "look at /dbc_inspect",
                                        change.arguments_back()));
    }
  }
  if (now.change && now.change->takes_back(change)) {
    auto sentence = fmt::format("altering the columns of table {} ({}) is being taken back by {}", table, change.arguments(), now.change->arguments());
    co_return base::error(errc::conflict, std::move(sentence));
  }
  report.schema_json = std::move(now.schema_json);
  co_return report;
}

dbcord::actor::task<base::result<reindex_report>> database::reindex(std::string table, read_context context) {
  auto target = find_table(table);
  if (!target) co_return co_await confirm_refusal(target.error(), context.deadline);
  auto damaged = co_await (*target)->rebuild_indexes();
  index_channels_.notify();  // of what was built anew
  auto summary = co_await (*target)->summary(context.deadline);
  if (!summary) co_return summary.error();
  reindex_report report;
  report.rows = summary->rows;
  for (const auto& index : summary->indexes) {
    bool was_damaged = std::find(damaged.begin(), damaged.end(), index.field) != damaged.end();
    report.indexes.push_back({index.field, index.unique, index.entries, was_damaged, index.state});
  }
  co_return report;
}

}  // namespace dbcord::database
