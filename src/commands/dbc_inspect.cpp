#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

#include "base/number_text.hpp"
#include "commands/arguments.hpp"
#include "commands/handlers.hpp"
#include "commands/reply_text.hpp"
#include "commands/request_figures.hpp"
#include "database/database_administration.hpp"
#include "database/memory_words.hpp"
#include "dbcord/base/time_text.hpp"

namespace dbcord::commands {
namespace {

std::string inspected_row(const database::table_summary& t) {
  boost::json::object row;
  row["table"] = t.name;
  row["primary_key"] = t.primary_key;
  row["rows"] = t.rows;
  row["bytes"] = t.bytes;
  row["memory"] = t.memory;
  row["not_materialised"] = t.not_materialised;
  row["pages"] = t.pages;
  row["layout"] = t.layout;
  row["superseded"] = t.superseded;
  if (t.versions_given_up > 0) row["versions_given_up"] = t.versions_given_up;
  row["channel"] = t.channel.str();
  if (t.moving_from) row["moving_from"] = t.moving_from.str();
  if (!t.altering.empty()) row["altering"] = t.altering;
  return boost::json::serialize(row);
}

std::string as_row(const database::database_summary& d) {
  std::uint64_t rows = 0, bytes = 0;
  for (const auto& t : d.tables) rows += t.rows, bytes += t.bytes;
  boost::json::object row;
  row["database"] = d.name;
  row["state"] = d.state;
  row["tables"] = d.tables.size();
  row["rows"] = rows;
  row["bytes"] = bytes;
  row["lsn"] = d.lsn;
  row["epoch"] = d.epoch;
  row["groups"] = d.groups;
  row["transactions"] = d.transactions;
  row["barriers"] = d.barriers;
  row["queued_bytes"] = d.queued_bytes;
  row["log_channel"] = d.log_channel.str();
  row["log_segments"] = d.log_segments;
  row["log_first_lsn"] = d.log_first_lsn;
  row["losses"] = d.losses.size();
  return boost::json::serialize(row);
}

std::string remedy_of(const database::database_summary& d) {
  if (!d.log_loss_mendable) return "give `/dbc_snapshot` now";
  if (d.checkpoint_problem.empty()) return "new checkpoints are being written, which take the place of what is gone";
  return fmt::format("the new checkpoints that would take its place could not be written ({}), which is tried again; `/dbc_snapshot` saves the rows of a table meanwhile",
                     d.checkpoint_problem);
}

auto whole_seconds(base::duration d) { return std::chrono::duration_cast<std::chrono::seconds>(d).count(); }

constexpr std::size_t unwritten_tables_shown = 3;

std::string unwritten_text(const std::vector<database::write_problem>& problems) {
  std::string text;
  std::size_t tables = 0;
  for (const auto& p : problems) {
    auto why = without_end(p.why);
    if (p.table.empty()) {
      text += fmt::format("\n- Its log <#{}> could not be written when that was last tried ({}), first {} s ago: while that goes on, nothing can be changed.",
                          p.channel.str(), why, whole_seconds(p.lasts));
    } else if (++tables <= unwritten_tables_shown) {
      text += fmt::format("\n- Rows of `{}` could not be written into <#{}> when that was last tried ({}), first {} s ago: it is tried again, and the log keeps them meanwhile.",
                          p.table, p.channel.str(), why, whole_seconds(p.lasts));
    }
  }
  if (tables > unwritten_tables_shown) text += fmt::format("\n- Nor could rows of {}.", count(tables - unwritten_tables_shown, "further table"));
  return text;
}

// A line for each thing that there is to say.
std::string text_of(const database::database_summary& d, const database::database_figures& f) {
  std::uint64_t rows = 0;
  for (const auto& t : d.tables) rows += t.rows;
  auto text = fmt::format("Database `{}` is {}: {}, {}.\n- Its log is <#{}>, at LSN {}; since the start {} in {}.", d.name,
                          d.state, count(d.tables.size(), "table"), count(rows, "row"), d.log_channel.str(), d.lsn,
                          count(d.transactions, "transaction"), count(d.groups, "commit group"));
  if (d.log_segments > 1) text += fmt::format(" The log lies in {} channels and begins with record {}.", d.log_segments, d.log_first_lsn);
  if (!d.losses.empty() && !d.state.starts_with("read-only")) {
    text += "\n- It goes on after an accepted loss:";
    for (std::size_t i = 0; i < d.losses.size(); ++i) text += (i == 0 ? " " : "; ") + d.losses[i];
    text += ".";
  }
  if (d.log_messages_deleted + d.log_channels_deleted > 0) {
    auto what = d.log_channels_deleted > 0 ? count(d.log_channels_deleted, "channel") : count(d.log_messages_deleted, "message");
    text += fmt::format("\n- {} of its log {} deleted by hand, which the next start needs: {}.", what,
                        d.log_channels_deleted + d.log_messages_deleted == 1 ? "was" : "were", remedy_of(d));
  } else if (!d.checkpoint_problem.empty()) {
    text += fmt::format("\n- The last checkpoint could not be written ({}), which is tried again: meanwhile the log grows, and the next start takes longer.", d.checkpoint_problem);
  }
  for (const auto& t : d.tables) {
    if (t.channel_deleted) text += fmt::format("\n- The channel of `{}` was deleted: `/dbc_vacuum table:{} full:true` writes its rows into another one.", t.name, t.name);
    if (t.adopting) text += fmt::format("\n- What an earlier process has written of `{}` is still being found out; rows get their messages after that.", t.name);
    if (!t.altering.empty()) {
      text += fmt::format("\n- The columns of `{}` are being altered ({}): what is written has the new form, some rows may not have it yet. If no job is at it, "
                          "`/dbc_schema_alter table:{} {}` again, or the next start, goes on; `/dbc_schema_alter table:{} {}` takes it back.",
                          t.name, t.altering, t.name, t.altering, t.name, t.altering_back);
    }
    if (t.versions_given_up > 0) {
      text += fmt::format("\n- Memory was short: {} of rows of `{}` {} given up since the start, before {} time, the last at {}. "
                          "`--memory` makes room; `/dbc_history_set` keeps fewer.",
                          count(t.versions_given_up, "older version"), t.name, t.versions_given_up == 1 ? "was" : "were", t.versions_given_up == 1 ? "its" : "their",
                          base::to_utc_text(t.last_given_up));
    }
    if (t.moving_from) text += fmt::format("\n- `{}` is moving from <#{}> to <#{}>: `/dbc_vacuum full:true` goes on.", t.name, t.moving_from.str(), t.channel.str());
  }
  if (f.waiting_rows > 0) {
    text += fmt::format("\n- {} still {} own.", count(f.waiting_rows, "row"), f.waiting_rows == 1 ? "gets a message of its" : "get messages of their");
    if (auto waits = whole_seconds(f.oldest_waits); waits > 0) text += fmt::format(" The oldest has waited for {} s.", waits);
  }
  text += unwritten_text(f.write_problems);
  if (f.lease_age) {
    text += fmt::format("\n- Its lease: this process was seen to be its only writer at most {} s ago.",
                        whole_seconds(*f.lease_age));
  }
  if (!f.lease_problem.empty()) text += fmt::format(" It could not make sure of that the last time ({}); while that goes on, nothing is read or written.", f.lease_problem);
  if (!f.undeleted.empty()) {
    text += fmt::format("\n- {} of what was dropped {} still there, <#{}>{}", count(f.undeleted.size(), "channel"), f.undeleted.size() == 1 ? "is" : "are",
                        f.undeleted.front().str(), f.undeleted.size() == 1 ? "" : " among them");
    text += f.deletion_problem.empty() ? ", and will be deleted." : fmt::format(": {}. It is tried again.", f.deletion_problem);
  }
  if (f.set_aside_rows > 0) text += fmt::format("\n- Discord does not store {} as messages; the log keeps them.", count(f.set_aside_rows, "row"));
  if (f.lost_rows > 0) {
    text += fmt::format("\n- {} lost: people deleted {}, and the log does not have {} any more. `/dbc_edit` with the whole row, or `/dbc_import` with mode:upsert, writes such a row anew, "
                        "`/dbc_delete` deletes it; `/dbc_verify` names {}.",
                        values_are(f.lost_rows), f.lost_rows == 1 ? "the message that had it" : "the messages that had them",
                        f.lost_rows == 1 ? "it" : "them", f.lost_rows == 1 ? "it" : "them");
  }
  return text;
}

std::string memory_text(const database::memory_figures& one, const database::memory_figures& all, const std::string& name) {
  if (all.cap == 0) return {};
  auto text = fmt::format("\n- All databases together use {} % of the memory that they may", all.used * 100 / all.cap);
  bool narrower = one.cap > 0 && one.cap < all.cap;
  text += narrower ? fmt::format(", this one {} % of what one may.", one.used * 100 / one.cap) : ".";
  auto lack = database::lack_of_memory(one, all, name);
  return lack ? text + " There is no room for new rows: " + *lack + "." : text;
}

std::string size_text(std::uint64_t bytes) {
  if (bytes < 10'000) return count(bytes, "byte");
  return bytes < 10'000'000 ? fmt::format("{} kB", bytes / 1000) : fmt::format("{} MB", bytes / 1'000'000);
}

std::string cache_text(const database::cache_figures& c) {
  auto reads = c.hits + c.misses;
  if (c.bytes == 0 && reads == 0) return {};
  auto text = fmt::format("\n- Memory holds values of {}", size_text(c.bytes));
  if (reads > 0) text += fmt::format("; since the start {} % of {} found theirs there", c.hits * 100 / reads, count(reads, "read"));
  if (c.evictions > 0) text += fmt::format(", and {} evicted", count(c.evictions, "value") + (c.evictions == 1 ? " was" : " were"));
  return text + ".";
}

constexpr std::size_t limits_shown = 3;

// Those that hold requests up first, then those that are used up.
std::string limits_text(std::vector<limit_figures> limits) {
  auto is_free = [](const limit_figures& l) { return l.waiting == 0 && l.used < l.limit; };
  std::erase_if(limits, is_free);
  std::stable_sort(limits.begin(), limits.end(), [](const auto& a, const auto& b) { return a.waiting > b.waiting; });
  std::string text;
  for (std::size_t i = 0; i < limits.size() && i < limits_shown; ++i) {
    const auto& l = limits[i];
    auto kind = l.kinds.empty() ? std::string("an unnamed kind") : quote(l.kinds.front());
    bool of_channel = !l.kinds.empty() && l.kinds.front().find(" /channels/") != std::string::npos;
    if (of_channel && !l.place.empty()) kind += fmt::format(" in <#{}>", l.place);
    text += fmt::format("{} {}: {} of {} used", i == 0 ? "" : ";", kind, l.used, l.limit);
    if (l.waiting > 0) text += fmt::format(", {} waiting", l.waiting);
    if (l.ends_in) text += fmt::format(", free again in {:.1f} s", std::chrono::duration<double>(*l.ends_in).count());
  }
  if (limits.size() > limits_shown) text += fmt::format("; and {} more", limits.size() - limits_shown);
  return text;
}

actor::task<std::string> requests_text(services s, base::steady_time deadline) {
  if (!s.requests) co_return std::string();
  auto f = co_await s.requests->requests(deadline);
  if (!f) co_return fmt::format("\n- How the requests to Discord fare is not known: {}.", f.error().message);
  auto text = fmt::format("\n- Requests to Discord: {} waiting, {} under way, {} refused since the start (429); {} known", base::with_separators(f->waiting), f->in_flight,
                          base::with_separators(f->refused), count(f->limits.size(), "rate limit"));
  auto limits = limits_text(std::move(f->limits));
  co_return text + (limits.empty() ? ", none used up." : ". Used up or waited for:" + limits + ".");
}

std::string held_text(const base::result<database::deletion_status>& deletions) {
  if (deletions && deletions->waiting > 0) {
    bool one = deletions->waiting == 1;
    return fmt::format("\n- {} whose message{} people have deleted {} deleted within ten seconds, unless more than ten messages go (`/dbc_policy deletions:restore` keeps {}).",
                       count(deletions->waiting, "row"), one ? "" : "s", one ? "is" : "are", one ? "it" : "them");
  }
  if (!deletions || deletions->held == 0) return {};
  auto rows = count(deletions->held, "row") + (deletions->held == 1 ? " is" : " are");
  if (deletions->policy == database::deletion_policy::accept)
    return fmt::format("\n- Too many messages were deleted by hand at once: {} not deleted until `/dbc_policy` decides.", rows);
  return fmt::format("\n- Many messages were deleted by hand at once: {} written again, unless `/dbc_policy` decides otherwise (`deletions:accept` deletes the rows, "
                     "`deletions:restore` ends this notice).", rows);
}

std::string threads_text(const base::result<database::row_thread_status>& threads) {
  if (!threads || threads->tables.empty()) return {};
  std::string names;
  for (const auto& t : threads->tables) names += (names.empty() ? "`" : ", `") + t + "`";
  auto text = fmt::format("\n- Rows of {} have threads (`history:thread`)", names);
  if (threads->waiting > 0) text += fmt::format("; {} to be continued", base::with_separators(threads->waiting) + (threads->waiting == 1 ? " is" : " are"));
  if (threads->left_out > 0) text += fmt::format("; {} left out: {}", base::with_separators(threads->left_out) + (threads->left_out == 1 ? " was" : " were"), threads->why);
  return text + (text.ends_with('.') ? "" : ".");
}

std::string index_channels_text(const base::result<std::vector<database::index_channel_status>>& channels) {
  std::string text;
  if (!channels) return text;
  for (const auto& c : *channels) {
    auto name = quote(c.table + "." + c.field);
    if (c.channel) {
      text += fmt::format("\n- The index {} is shown in <#{}> ({}", name, c.channel.str(), count(c.pages, "message"));
      if (c.waiting > 0) text += fmt::format(", {} waiting", count(c.waiting, "change"));
      text += c.complete ? ")" : "; being written)";
    } else {
      text += fmt::format("\n- The index {} has no channel yet", name);
    }
    text += c.problem.empty() ? "." : fmt::format("; what stood in the way the last time: {}{}", c.problem, c.problem.ends_with('.') ? "" : ".");
  }
  return text;
}

actor::task<reply> inspect_all(services s, invocation call) {
  reply r;
  r.rows_name = "databases";
  auto names = s.engine.databases();
  if (names.empty()) {
    r.text = no_databases_text(s) + not_open_text(s);
    co_return r;
  }
  r.text = fmt::format("{}. More about one: `/dbc_inspect database:{}`.", count(names.size(), "database"), names.front());
  for (const auto& name : names) {
    auto context = read_context_of(call);
    auto summary = co_await s.engine.inspect(name, context);
    if (summary)
      r.rows.push_back(as_row(*summary));
    else
      r.text += fmt::format("\n`{}`: {}", name, explain(s, call, summary.error()).text);
  }
  r.text += not_open_text(s);
  co_return r;
}

}  // namespace

actor::task<reply> dbc_inspect(services s, invocation call) {
  auto name = text_argument(call, "database");
  if (name.empty()) co_return co_await inspect_all(s, std::move(call));
  auto context = read_context_of(call);
  auto summary = co_await s.engine.inspect(name, context);
  if (!summary) co_return explain(s, call, summary.error());
  auto figures = co_await s.engine.administration().figures(name, context);
  if (!figures) co_return explain(s, call, figures.error());
  reply r;
  r.rows_name = name;
  r.text = text_of(*summary, *figures) + held_text(s.engine.administration().deletions(name)) + threads_text(s.engine.administration().row_threads_of(name)) +
           index_channels_text(s.engine.administration().index_channels_of(name)) + cache_text(figures->cache) +
           memory_text(figures->memory, s.engine.administration().memory(), name);
  auto requests = co_await requests_text(s, call.deadline);
  r.text += requests;
  for (const auto& t : summary->tables) r.rows.push_back(inspected_row(t));
  co_return r;
}

}  // namespace dbcord::commands
