#include "guild/attachment_files.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace dbcord::guild {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view unfinished = ".tmp";

}  // namespace

base::result<std::unique_ptr<attachment_files>> attachment_files::open(const fs::path& directory, log_files& files) {
  auto path = directory / "attachments";
  std::error_code ec;
  if (fs::create_directory(path, ec)) {
    fs::permissions(path, fs::perms::owner_all, ec);
    auto synced = files.sync_directory(directory);
    if (!synced) return synced.error();
  }
  if (ec) return base::error(ec, fmt::format("cannot create {}: {}", path.string(), ec.message()));
  auto names = files.list(path);
  if (!names) return names.error();
  for (const auto& name : *names) {
    if (!name.ends_with(unfinished)) continue;
    auto removed = files.remove(path / name);
    if (!removed) return removed.error();
  }
  return std::unique_ptr<attachment_files>(new attachment_files(path, files));
}

std::optional<std::string> attachment_files::read(base::attachment_id id) {
  auto bytes = files_.read(directory_ / id.str());
  if (!bytes) return std::nullopt;
  return std::move(*bytes);
}

base::result<void> attachment_files::write(const std::vector<attachment_write>& attachments) {
  if (attachments.empty()) return {};
  for (const auto& attachment : attachments) {
    auto written = write_one(attachment);
    if (!written) return written;
  }
  return files_.sync_directory(directory_);
}

base::result<void> attachment_files::write_one(const attachment_write& attachment) {
  auto path = directory_ / attachment.id.str();
  auto draft = path;
  draft += unfinished;
  auto file = files_.open(draft);
  if (!file) return file.error();
  auto done = (*file)->write_at(0, attachment.bytes);
  if (done) done = (*file)->sync();
  return done ? files_.rename(draft, path) : done;
}

base::result<void> attachment_files::remove(const std::vector<base::attachment_id>& ids) {
  for (auto id : ids) {
    auto removed = files_.remove(directory_ / id.str());
    if (!removed && removed.error().code != boost::system::errc::no_such_file_or_directory) return removed;
  }
  return {};
}

base::result<std::vector<base::attachment_id>> attachment_files::all() const {
  auto names = files_.list(directory_);
  if (!names) return names.error();
  std::vector<base::attachment_id> ids;
  for (const auto& name : *names) {
    if (auto id = base::parse_id<base::attachment_id>(name)) ids.push_back(*id);
  }
  return ids;
}

}  // namespace dbcord::guild
