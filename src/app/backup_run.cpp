#include "app/backup_run.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "app/client_connection.hpp"
#include "app/command_call.hpp"
#include "app/interruption.hpp"
#include "app/progress_bar.hpp"
#include "app/reply_message.hpp"
#include "app/reply_printer.hpp"
#include "app/reply_progress.hpp"
#include "app/unfinished_file.hpp"
#include "commands/snapshot_summary.hpp"

namespace dbcord::app {
namespace {

constexpr base::duration part_limit = std::chrono::minutes(2);
constexpr base::duration cancel_after = std::chrono::seconds(6);  // leaves some of the patience of an interruption for the rest

base::error refused(std::string why) { return {base::errc::invalid_argument, std::move(why)}; }

}  // namespace

backup_run::backup_run(const actor::environment& env, user_session& session, const backup_options& options)
    : env_(env), session_(session), options_(options), strand_(env.make_strand()), cancelling_(env, "backup") {}

// A failed reply is an error with its text.
actor::task<base::result<boost::json::object>> backup_run::give(command_call call, base::duration limit) {
  auto reply = co_await session_.run(std::move(call), env_.after(limit));
  if (reply && is_failure(*reply)) co_return refused(text_of(*reply));
  co_return std::move(reply);
}

actor::task<base::result<std::string>> backup_run::take_snapshot() {
  auto call = make_call("dbc_snapshot", {{"database", options_.database}});
  call.progress = [this, shown = reply_progress()](const boost::json::object& message) {
    if (auto job = job_of(message)) job_ = job;
    shown(message);
  };
  auto reply = co_await give(std::move(call), reply_limit);
  if (!reply) co_return reply.error();
  auto id = commands::parse_snapshot_id(text_of(*reply));
  if (!id) co_return refused("the bot's reply names no snapshot; is it of another version? It says: " + text_of(*reply));
  co_return id->str();
}

// From the last part back to the first; each says where its bytes belong.
actor::task<base::result<void>> backup_run::fetch_parts(std::string part, unfinished_file& file) {
  std::optional<progress_bar> bar;
  std::uint64_t fetched = 0;
  while (!interrupted_) {
    auto call = make_call("dbc_snapshot_get", {{"database", options_.database}, {"snapshot", part}});
    auto reply = co_await give(std::move(call), reply_limit);
    if (!reply) co_return reply.error();
    auto told = commands::parse_part_sentence(text_of(*reply));
    auto files = attachments_of(*reply);
    if (!told || files.size() != 1) co_return refused("the bot's reply holds no part of the snapshot; it says: " + text_of(*reply));
    auto bytes = co_await session_.download(files.front().url, env_.after(part_limit));
    if (!bytes) co_return bytes.error();
    if (bytes->size() != told->size) co_return refused("a part of the snapshot came incomplete; give the command again");
    auto written = file.write(*bytes, told->offset);
    if (!written) co_return written.error();
    fetched += bytes->size();
    if (!bar) bar.emplace(stderr, told->offset + told->size, " bytes");
    bar->show(fetched, base::duration::zero());
    if (!told->previous) co_return base::result<void>();
    part = told->previous->str();
  }
  co_return base::error(base::errc::stopping);
}

actor::task<base::result<void>> backup_run::drop_snapshot(std::string snapshot) {
  auto call = make_call("dbc_snapshot_drop", {{"database", options_.database}, {"snapshot", snapshot}, {"confirm", snapshot}});
  auto dropped = co_await give(std::move(call), interrupted_ ? interruption::patience : reply_limit);
  if (!dropped) co_return dropped.error();
  co_return base::result<void>();
}

void backup_run::interrupt() {
  interrupted_ = true;
  cancelling_.spawn(strand_, cancel_late());
}

// Whether it was cancelled or has just ended the snapshot's own reply tells.
actor::task<void> backup_run::cancel_late() {
  auto over = co_await snapshot_over_.get_until(env_, env_.after(cancel_after));
  if (over || !job_) co_return;
  cancelled_ = true;
  auto call = make_call("dbc_jobs", {{"cancel", *job_}});
  (void)co_await give(std::move(call), interruption::patience);
}

base::error backup_run::interrupted(const std::string& what_stays) const {
  return {base::errc::stopping, fmt::format("the backup was interrupted, {} was not made, and {}", options_.file.string(), what_stays)};
}

actor::task<base::error> backup_run::without_snapshot(base::error why) {
  if (!interrupted_) co_return why;
  if (cancelled_ && !may_have_been_done(why)) {
    auto left = co_await left_over();
    co_return interrupted(left);
  }
  if (!may_have_been_done(why)) co_return interrupted("no snapshot of it is in the guild");
  auto job = job_ ? fmt::format(" by job {}", *job_) : std::string();
  co_return interrupted(fmt::format("its snapshot may still be made in the guild{}: /dbc_snapshot_list database:{} shows it then, /dbc_snapshot_drop deletes it", job,
                                    options_.database));
}

// Of a snapshot that was cancelled. Its parts are known from the list only, where others' might stand as well: a person decides.
actor::task<std::string> backup_run::left_over() {
  auto call = make_call("dbc_snapshot_list", {{"database", options_.database}});
  auto list = co_await give(std::move(call), interruption::patience);
  auto text = list ? text_of(*list) : std::string();
  auto id = commands::parse_snapshot_id(text);
  auto line = text.substr(std::min(text.find("snapshot:"), text.size()));
  if (list && (!id || line.substr(0, line.find('\n')).find("not whole") == line.npos)) co_return "nothing of its snapshot stays in the guild";
  auto name = id ? id->str() : std::string("ID");
  co_return fmt::format("what was written of its snapshot stays in the guild, not whole: see /dbc_snapshot_list database:{0}, and delete it with "
                        "/dbc_snapshot_drop database:{0} snapshot:{1} confirm:{1}",
                        options_.database, name);
}

actor::task<base::result<backup_content>> backup_run::run() {
  auto done = co_await work();
  co_await cancelling_.join(base::steady_time::max());
  co_return std::move(done);
}

actor::task<base::result<backup_content>> backup_run::work() {
  unfinished_file file(options_.file);
  auto opened = file.open();
  if (!opened) co_return opened.error();
  auto snapshot = co_await take_snapshot();
  snapshot_over_.set(true);
  if (!snapshot) co_return co_await without_snapshot(snapshot.error());
  auto fetched = co_await fetch_parts(*snapshot, file);
  base::result<void> dropped;
  if (!options_.keep_snapshot) dropped = co_await drop_snapshot(*snapshot);
  auto stays = fmt::format("the snapshot {} stays in the guild", *snapshot);
  if (!dropped) {
    print_error(refused(fmt::format("{0}: {1}. Delete it with /dbc_snapshot_drop database:{2} snapshot:{3} confirm:{3}", stays, dropped.error().message,
                                    options_.database, *snapshot)));
  }
  if (!fetched && interrupted_) co_return interrupted(options_.keep_snapshot || !dropped ? stays : "its snapshot is deleted again");
  if (!fetched) co_return fetched.error();
  auto content = check_backup(file.path());
  if (!content) co_return content.error();
  auto finished = file.finish();
  if (!finished) co_return finished.error();
  co_return content;
}

}  // namespace dbcord::app
