#include "app/export_command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

#include "app/command_call.hpp"
#include "app/exported_rows.hpp"
#include "app/interruptible_run.hpp"
#include "app/print_line.hpp"
#include "app/reply_message.hpp"
#include "app/reply_progress.hpp"
#include "app/unfinished_file.hpp"
#include "base/number_text.hpp"
#include "commands/reply_text.hpp"
#include "commands/typed_argument.hpp"
#include "protocol/canonical_value.hpp"
#include "protocol/json_node.hpp"

namespace dbcord::app {
namespace {

constexpr base::duration file_limit = std::chrono::minutes(2);

base::error not_exported(std::string why) { return {base::errc::invalid_argument, std::move(why)}; }

bool to_standard_output(const export_options& options) { return options.file == "-"; }

// Nothing: all that was written goes out.
base::result<void> write_out(std::string_view bytes) {
  bool written = bytes.empty() ? std::fflush(stdout) == 0 : std::fwrite(bytes.data(), 1, bytes.size(), stdout) == bytes.size();
  return written ? base::result<void>() : not_exported(fmt::format("standard output cannot be written: {}", std::strerror(errno)));
}

// Discord may show a text otherwise than it was sent: a key that the part's last row does not have would skip rows, or bring them again.
bool ends_with(std::string_view lines, std::string_view key) {
  while (lines.ends_with('\n')) lines.remove_suffix(1);
  auto row = protocol::parse_json(lines.substr(lines.rfind('\n') + 1));
  auto has_key = [key](const protocol::json_node::member& m) { return protocol::key_text(m.second) == key; };
  return row && std::any_of(row->members.begin(), row->members.end(), has_key);
}

struct exported_part {
  std::string lines;                 // JSON lines
  std::optional<std::string> after;  // the key behind which it goes on; empty: that was all
};

class export_run {
 public:
  export_run(const actor::environment& env, user_session& session, const export_options& options) : env_(env), session_(session), options_(options) {}

  // How many rows.
  actor::task<base::result<std::uint64_t>> run() {
    auto format = commands::file_format_named(options_.format);
    if (!format) co_return format.error();
    std::optional<unfinished_file> file;
    if (!to_standard_output(options_)) {
      auto opened = file.emplace(options_.file).open();
      if (!opened) co_return opened.error();
    }
    exported_rows rows([&file](std::string_view bytes) { return file ? file->append(bytes) : write_out(bytes); }, *format);
    std::optional<std::string> after;
    do {
      if (interrupted_) co_return interrupted();
      auto part = co_await fetch(after);
      if (!part) co_return part.error();
      auto added = rows.add(part->lines);
      if (!added) co_return added.error();
      after = std::move(part->after);
    } while (after);
    auto ended = rows.end();
    if (!ended) co_return ended.error();
    auto finished = file ? file->finish() : write_out({});
    if (!finished) co_return finished.error();
    co_return rows.count();
  }
  void interrupt() { interrupted_ = true; }

 private:
  base::error interrupted() const {
    if (to_standard_output(options_)) return not_exported("the export was interrupted, and what was written is not all");
    return not_exported(fmt::format("the export was interrupted, and {} was not made", options_.file.string()));
  }
  actor::task<base::result<exported_part>> fetch(std::optional<std::string> after) {
    std::vector<std::pair<std::string, commands::argument_value>> arguments{{"database", options_.database}, {"table", options_.table}, {"format", std::string("jsonl")}};
    if (!options_.where.empty()) arguments.emplace_back("where_json", options_.where);
    if (after) arguments.emplace_back("after", *after);
    auto call = make_call("dbc_export", std::move(arguments));
    call.progress = reply_progress();
    auto reply = co_await session_.run(std::move(call), env_.after(reply_limit));
    if (!reply) co_return reply.error();
    auto text = text_of(*reply);
    if (is_failure(*reply)) co_return not_exported(text);
    exported_part part;
    auto files = attachments_of(*reply);
    if (files.empty()) co_return part;  // no row, or none is left
    part.after = commands::typed_at_end(text, "after");
    auto bytes = co_await session_.download(files.front().url, env_.after(file_limit));
    if (!bytes) co_return bytes.error();
    if (bytes->size() != files.front().size) co_return not_exported("a part of the export came incomplete; give the command again");
    part.lines = std::move(*bytes);
    if (part.after && !ends_with(part.lines, *part.after)) {
      co_return not_exported(fmt::format("Discord does not show the key behind which the export would go on ({}) as it is; export what is left by `where_json`",
                                         commands::quote(*part.after)));
    }
    co_return part;
  }

  const actor::environment& env_;
  user_session& session_;
  const export_options& options_;
  bool interrupted_ = false;
};

}  // namespace

actor::task<int> export_command(const actor::environment& env, export_options options) {
  auto tell = [&options](std::uint64_t rows) {
    auto done = fmt::format("Exported {} {} of {}.{}", base::with_separators(rows), rows == 1 ? "row" : "rows", options.database, options.table);
    if (to_standard_output(options)) return print_line(stderr, fmt::format("{}.", done));
    std::error_code ec;
    print_line(stdout, fmt::format("{} to {} ({} bytes).", done, options.file.string(), base::with_separators(std::filesystem::file_size(options.file, ec))));
  };
  co_return co_await run_interruptible<export_run>(env, options, tell);
}

}  // namespace dbcord::app
