#include "app/backup_command.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "app/backup_file.hpp"
#include "app/client_connection.hpp"
#include "app/command_call.hpp"
#include "app/progress_bar.hpp"
#include "app/reply_message.hpp"
#include "app/reply_printer.hpp"
#include "app/reply_progress.hpp"
#include "commands/snapshot_summary.hpp"

namespace dbcord::app {
namespace {

namespace fs = std::filesystem;
constexpr base::duration part_limit = std::chrono::minutes(2);

base::error refused(std::string why) { return {base::errc::invalid_argument, std::move(why)}; }

// Becomes the backup when it is complete; until then it goes with whoever owns it.
class unfinished_file {
 public:
  explicit unfinished_file(const fs::path& wanted) : wanted_(wanted), path_(wanted.string() + ".unfinished") {}
  unfinished_file(const unfinished_file&) = delete;
  ~unfinished_file() {
    if (fd_ >= 0) ::close(fd_);
    if (fd_ >= 0 && !finished_) ::unlink(path_.c_str());
  }

  base::result<void> open() {
    std::error_code ec;
    if (fs::exists(wanted_, ec)) return refused(fmt::format("{} exists already; give the backup another name", wanted_.string()));
    fd_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    return fd_ >= 0 ? base::result<void>() : failed("made");
  }
  base::result<void> write(std::string_view bytes, std::uint64_t at) {
    while (!bytes.empty()) {
      auto done = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(at));
      if (done < 0 && errno == EINTR) continue;
      if (done < 0) return failed("written");
      bytes.remove_prefix(static_cast<std::size_t>(done));
      at += static_cast<std::uint64_t>(done);
    }
    return {};
  }
  // Under its own name, on the disk.
  base::result<void> finish() {
    if (::fsync(fd_) != 0) return failed("written");
    if (::rename(path_.c_str(), wanted_.c_str()) != 0) return failed("given its name");
    finished_ = true;
    auto folder = wanted_.has_parent_path() ? wanted_.parent_path() : fs::path(".");
    int opened = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool kept = opened >= 0 && ::fsync(opened) == 0;
    if (opened >= 0) ::close(opened);
    return kept ? base::result<void>() : failed("written");
  }
  const fs::path& path() const { return path_; }

 private:
  base::result<void> failed(const char* what) const {
    return refused(fmt::format("{} cannot be {}: {}", (what == std::string_view("made") ? path_ : wanted_).string(), what, std::strerror(errno)));
  }

  fs::path wanted_;
  fs::path path_;
  int fd_ = -1;
  bool finished_ = false;
};

// A failed reply is an error with its text.
actor::task<base::result<boost::json::object>> give(const actor::environment& env, user_session& session, command_call call) {
  auto reply = co_await session.run(std::move(call), env.after(reply_limit));
  if (reply && is_failure(*reply)) co_return refused(text_of(*reply));
  co_return std::move(reply);
}

actor::task<base::result<std::string>> take_snapshot(const actor::environment& env, user_session& session, std::string database) {
  auto call = make_call("dbc_snapshot", {{"database", std::move(database)}});
  call.progress = reply_progress();
  auto reply = co_await give(env, session, std::move(call));
  if (!reply) co_return reply.error();
  auto id = commands::parse_snapshot_id(text_of(*reply));
  if (!id) co_return refused("the bot's reply names no snapshot; is it of another version? It says: " + text_of(*reply));
  co_return id->str();
}

// From the last part back to the first; each says where its bytes belong.
actor::task<base::result<void>> fetch_parts(const actor::environment& env, user_session& session, std::string database, std::string part,
                                            unfinished_file& file) {
  std::optional<progress_bar> bar;
  std::uint64_t fetched = 0;
  for (;;) {
    auto call = make_call("dbc_snapshot_get", {{"database", database}, {"snapshot", part}});
    auto reply = co_await give(env, session, std::move(call));
    if (!reply) co_return reply.error();
    auto told = commands::parse_part_sentence(text_of(*reply));
    auto files = attachments_of(*reply);
    if (!told || files.size() != 1) co_return refused("the bot's reply holds no part of the snapshot; it says: " + text_of(*reply));
    auto bytes = co_await session.download(files.front().url, env.after(part_limit));
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
}

actor::task<base::result<backup_content>> back_up(const actor::environment& env, user_session& session, const backup_options& options) {
  unfinished_file file(options.file);
  auto opened = file.open();
  if (!opened) co_return opened.error();
  auto snapshot = co_await take_snapshot(env, session, options.database);
  if (!snapshot) co_return snapshot.error();
  auto fetched = co_await fetch_parts(env, session, options.database, *snapshot, file);
  if (!options.keep_snapshot) {
    auto call = make_call("dbc_snapshot_drop", {{"database", options.database}, {"snapshot", *snapshot}, {"confirm", *snapshot}});
    auto dropped = co_await give(env, session, std::move(call));
    if (!dropped) print_error(refused(fmt::format("the snapshot {} stays in the guild: {}", *snapshot, dropped.error().message)));
  }
  if (!fetched) co_return fetched.error();
  auto content = check_backup(file.path());
  if (!content) co_return content.error();
  auto finished = file.finish();
  if (!finished) co_return finished.error();
  co_return content;
}

}  // namespace

actor::task<int> backup_command(const actor::environment& env, backup_options options) {
  auto who = identify(options.client);
  if (!who) {
    print_error(who.error());
    co_return 1;
  }
  client_connection connection(env, std::move(*who));
  auto& session = connection.session();
  auto connected = co_await session.connect(env.after(connect_limit));
  base::result<backup_content> done = base::error(base::errc::stopping);
  if (connected) done = co_await back_up(env, session, options);
  co_await session.close();
  if (!connected || !done) {
    print_error(connected ? done.error() : connected.error());
    co_return 1;
  }
  std::error_code ec;
  fmt::print("Backed up {} ({}, as they were at LSN {}) to {} ({} bytes).\n", options.database, size_text(done->end), done->head.lsn,
             options.file.string(), with_separators(fs::file_size(options.file, ec)));
  co_return 0;
}

}  // namespace dbcord::app
