#include <fmt/format.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "commands/arguments.hpp"
#include "commands/handlers.hpp"
#include "commands/reply_text.hpp"
#include "database/database_administration.hpp"
#include "dbcord/base/time_text.hpp"

namespace dbcord::commands {
namespace {

std::string state_of(const job& j) {
  if (j.outcome) return j.ok ? "done" : "failed";
  return j.progress->cancelled ? "being cancelled" : "running";
}

std::string as_row(const job& j) {
  boost::json::object row;
  row["job"] = j.id;
  row["command"] = j.command;
  row["state"] = state_of(j);
  if (j.outcome && !j.ok) row["why"] = j.outcome->substr(0, j.outcome->find('\n'));
  auto progress = progress_text(*j.progress);
  if (!progress.empty()) row["progress"] = progress;
  row["by"] = j.who;
  row["started"] = base::to_iso8601(j.started);
  return boost::json::serialize(row);
}

// Others' work is for those who administer the guild.
bool may_see(const invocation& call, const job& j) {
  auto all = static_cast<std::uint64_t>(permission::administrator) | static_cast<std::uint64_t>(permission::manage_guild);
  return j.who == call.who || (call.permissions & all) != 0;
}

reply no_such(std::string_view argument, std::int64_t id) {
  return failure(fmt::format("{}: {}{} that you may see; `/dbc_jobs` lists them (the newest {} finished ones are kept).", argument, no_such_job, id,
                             job_table::kept));
}

reply cancel(job_table& jobs, const invocation& call, std::int64_t id) {
  auto found = jobs.find(static_cast<std::uint64_t>(id));
  if (!found || !may_see(call, *found)) return no_such("cancel", id);
  if (!jobs.cancel(found->id)) return failure(fmt::format("cancel: job {} is done already.", id));
  reply r;
  r.text = fmt::format("Job {} (`{}`) ends after what it is doing now; what is done stays done.", id, found->command);
  return r;
}

void add_details(reply& r, const job_details& kept) {
  r.rows = kept.rows;
  r.captions = kept.captions;
  r.rows_name = kept.rows_name;
  r.files = kept.files;
  auto lacks = [&r](std::size_t n, std::string_view what) {
    if (n > 0) r.text += fmt::format(" ({} more {} not kept.)", count(n, what), n == 1 ? "is" : "are");
  };
  lacks(kept.rows_left_out, "line");
  lacks(kept.files_left_out, "file");
}

reply show(const job_table& jobs, const invocation& call, std::int64_t id) {
  auto found = jobs.find(static_cast<std::uint64_t>(id));
  if (!found || !may_see(call, *found)) return no_such("job", id);
  reply r;
  auto progress = progress_text(*found->progress);
  r.text = fmt::format("Job {} (`{}`) is {}{}{}.", id, found->command, state_of(*found), progress.empty() ? "" : ": ", progress);
  if (found->outcome) {
    r.ok = found->ok;
    r.text = fmt::format("Job {} (`{}`): {}", id, found->command, *found->outcome);
  }
  if (found->details) add_details(r, *found->details);
  return r;
}

// Of anybody's command: it says nothing of what was written.
actor::task<reply> outcome(services s, invocation call, std::string receipt) {
  auto context = read_context_of(call);
  auto found = co_await s.engine.administration().outcome_of(receipt, context);
  if (!found) co_return failure(fmt::format("Whether the command {} was done cannot be told now: {}", quote(receipt), found.error().message));
  reply r;
  using database::command_outcome;
  switch (found->is) {
    case command_outcome::state::done:
      r.text = fmt::format("The command {} was done: {} in {}, the last of them in log record {}. {}", quote(receipt), count(found->operations, "change"),
                           quote(found->database), found->lsn, found->record.url());
      break;
    case command_outcome::state::running:
      r.text = fmt::format("The command {} is still being carried out; ask again in a moment.", quote(receipt));
      break;
    case command_outcome::state::not_done:
      r.text = fmt::format("The command {} was not done and will not be; give it again if it is still wanted.", quote(receipt));
      break;
    case command_outcome::state::forgotten:
      r.text = fmt::format("The command {} was given too long ago (an hour, or thousands of others) to be known any more; look at what it was to change.", quote(receipt));
      break;
  }
  co_return r;
}

bool is_receipt(std::string_view text) {
  return !text.empty() && text.size() <= 20 && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

actor::task<reply> dbc_jobs(services s, invocation call) {
  if (has_argument(call, "receipt")) {
    auto receipt = text_argument(call, "receipt");
    if (!is_receipt(receipt)) co_return failure(fmt::format("receipt: {} is not a receipt, which is the number that the reply named.", quote(receipt)));
    co_return co_await outcome(s, std::move(call), std::move(receipt));
  }
  if (!s.jobs) co_return failure("Jobs are not kept here.");
  if (auto id = integer_argument(call, "cancel", 0)) co_return cancel(*s.jobs, call, id);
  if (auto id = integer_argument(call, "job", 0)) co_return show(*s.jobs, call, id);
  reply r;
  r.rows_name = "jobs";
  for (const auto& j : s.jobs->all())
    if (may_see(call, j)) r.rows.push_back(as_row(j));
  r.text = r.rows.empty() ? std::string("No long work of yours runs or was done since dbcord started.")
                          : fmt::format("{}. One's outcome: `/dbc_jobs job:…`; end one: `/dbc_jobs cancel:…`.", count(r.rows.size(), "job"));
  co_return r;
}

}  // namespace dbcord::commands
