#include "guild/snapshot_file.hpp"

#include <fmt/format.h>
#include <xxhash.h>


#include "guild/little_endian.hpp"
#include "guild/log_store_frame.hpp"
#include "guild/record_files.hpp"

namespace dbcord::guild {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view header_magic = "DBCSNAPS";
constexpr std::string_view footer_magic = "DBCSNEND";
constexpr std::size_t header_size = 32;
constexpr std::size_t footer_size = 32;
constexpr std::size_t entry_size = 24;
constexpr std::size_t table_head_size = 24;
constexpr std::size_t table_entries_max = 1'000'000;  // of one frame
constexpr std::size_t chunk = 1024 * 1024;            // bytes written at once
constexpr std::string_view unfinished_snapshot = ".tmp";

// What a frame's position says in a snapshot.
enum frame_kind : std::uint32_t { body_frame = 0, record_frame = 1, table_frame = 2 };

base::error bad_snapshot(std::string text) {
  return {boost::system::errc::make_error_code(boost::system::errc::bad_message), std::move(text)};
}

base::error damaged_snapshot(const fs::path& file, std::uint64_t offset, std::string_view what) {
  return bad_snapshot(fmt::format("{} is damaged at offset {}: {}", file.string(), offset, what));
}

void seal(std::string& block) { put<std::uint64_t>(block, XXH3_64bits(block.data(), block.size())); }

bool is_sealed(std::string_view block) {
  auto body = block.size() - sizeof(std::uint64_t);
  return get<std::uint64_t>(block, body) == XXH3_64bits(block.data(), body);
}

fs::path draft_of(const snapshot_target& target) {
  auto path = target.directory / snapshot_name(target.number);
  path += unfinished_snapshot;
  return path;
}

// Collects what is written into chunks.
class snapshot_writer {
 public:
  snapshot_writer(log_file& file, const std::atomic<bool>& stop) : file_(file), stop_(stop) {}

  std::uint64_t position() const { return written_ + pending_.size(); }
  base::result<void> raw(std::string_view bytes) {
    pending_.append(bytes);
    return pending_.size() < chunk ? base::result<void>() : flush();
  }
  base::result<void> frame(frame_kind kind, std::string_view payload) {
    append_frame(pending_, {kind, ++frames_, payload});
    return pending_.size() < chunk ? base::result<void>() : flush();
  }
  std::uint64_t frames() const { return frames_; }
  base::result<void> flush() {
    if (stop_) return base::error(base::errc::stopping, "the guild stops");
    auto done = file_.write_at(written_, pending_);
    written_ += pending_.size();
    pending_.clear();
    return done;
  }

 private:
  log_file& file_;
  const std::atomic<bool>& stop_;
  std::string pending_;
  std::uint64_t written_ = 0;
  std::uint64_t frames_ = 0;
};

base::result<std::string> read_body(record_reader& bodies, record_place place) {
  try {
    return bodies.read(place);
  } catch (const unreadable_record& e) {
    return bad_snapshot(e.what());
  }
}

base::result<void> write_bodies(snapshot_writer& out, std::uint32_t number, const core_snapshot& content, record_reader& bodies,
                                std::vector<record_place>& places) {
  std::size_t next_unplaced = 0;
  for (auto& channel : content.messages) {
    for (auto& entry : channel.entries) {
      auto body = entry.where == 0 ? base::result<std::string>(content.unplaced.at(next_unplaced++))
                                   : read_body(bodies, entry.place());
      if (!body) return body.error();
      file_place place{file_place::kind::snapshot, number, out.position()};
      places.push_back({place.packed(), static_cast<std::uint32_t>(body->size())});
      auto done = out.frame(body_frame, *body);
      if (!done) return done;
    }
  }
  return {};
}

// A channel's entries: u64 channel, u64 last message, u64 messages sent, then u64 id, u64 offset, u32 size, u32 marks each.
base::result<void> write_table(snapshot_writer& out, const channel_messages& channel, const record_place* places) {
  std::size_t at = 0;
  do {
    auto count = std::min(channel.entries.size() - at, table_entries_max);
    std::string payload;
    payload.reserve(table_head_size + count * entry_size);
    put(payload, channel.channel.value);
    put(payload, channel.last_message.value);
    put(payload, channel.sent);
    for (auto end = at + count; at < end; ++at) {
      put(payload, channel.entries[at].id.value);
      put(payload, file_place::unpacked(places[at].where).offset);
      put(payload, places[at].size);
      put(payload, channel.entries[at].marks);
    }
    auto done = out.frame(table_frame, payload);
    if (!done) return done;
  } while (at < channel.entries.size());
  return {};
}

base::result<void> write_directory(snapshot_writer& out, const core_snapshot& content, const record_place* places) {
  for (auto& record : content.records) {
    auto done = out.frame(record_frame, record);
    if (!done) return done;
  }
  for (auto& channel : content.messages) {
    auto done = write_table(out, channel, places);
    if (!done) return done;
    places += channel.entries.size();
  }
  return {};
}

base::result<void> read_table(std::string_view payload, std::uint32_t number, std::vector<channel_messages>& to) {
  if (payload.size() < table_head_size || (payload.size() - table_head_size) % entry_size != 0) return bad_snapshot("table");
  base::channel_id channel{get<std::uint64_t>(payload, 0)};
  if (to.empty() || to.back().channel != channel) to.push_back({channel, {}, 0, {}});
  auto& table = to.back();
  table.last_message = {get<std::uint64_t>(payload, 8)};
  table.sent = get<std::uint64_t>(payload, 16);
  table.entries.reserve(table.entries.size() + (payload.size() - table_head_size) / entry_size);
  for (auto at = table_head_size; at < payload.size(); at += entry_size) {
    message_entry entry;
    entry.id = {get<std::uint64_t>(payload, at)};
    entry.where = file_place{file_place::kind::snapshot, number, get<std::uint64_t>(payload, at + 8)}.packed();
    entry.size = get<std::uint32_t>(payload, at + 16);
    entry.marks = get<std::uint32_t>(payload, at + 20);
    if (!table.entries.empty() && entry.id <= table.entries.back().id) return bad_snapshot("table");
    table.entries.push_back(entry);
  }
  return {};
}

}  // namespace

base::result<written_snapshot> write_snapshot(const snapshot_target& target, const core_snapshot& content, record_reader& bodies,
                                              log_files& files, const std::atomic<bool>& stop) {
  written_snapshot made;
  auto file = files.open(draft_of(target));
  if (!file) return file.error();
  auto done = (*file)->truncate(0);  // of an interrupted attempt
  if (!done) return done.error();
  snapshot_writer out(**file, stop);
  std::string head(header_magic);
  put(head, snapshot_format_version);
  put(head, target.number);
  put(head, target.sequence);
  seal(head);
  done = out.raw(head);
  if (done) done = write_bodies(out, target.number, content, bodies, made.places);
  std::string foot;
  put(foot, out.position());
  put(foot, out.frames());
  if (done) done = write_directory(out, content, made.places.data());
  foot.append(footer_magic);
  seal(foot);
  if (done) done = out.raw(foot);
  if (done) done = out.flush();
  if (done) done = (*file)->sync();
  if (!done) return done.error();
  made.size = out.position();
  return made;
}

base::result<void> publish_snapshot(const snapshot_target& target, log_files& files) {
  auto done = files.rename(draft_of(target), target.directory / snapshot_name(target.number));
  return done ? files.sync_directory(target.directory) : done;
}

base::result<loaded_snapshot> load_snapshot(const fs::path& directory, std::uint32_t number, log_files& files) {
  auto path = directory / snapshot_name(number);
  auto head = files.read_at(path, 0, header_size);
  if (!head) return head.error();
  if (head->size() < header_size || !head->starts_with(header_magic) || !is_sealed(*head)) {
    return damaged_snapshot(path, 0, "its header is not readable");
  }
  auto version = get<std::uint32_t>(*head, 8);
  if (version != snapshot_format_version) {
    return bad_snapshot(fmt::format("{} has format version {}, this program reads {}; use the version of dbcord that wrote it",
                                   path.string(), version, snapshot_format_version));
  }
  if (get<std::uint32_t>(*head, 12) != number) return damaged_snapshot(path, 0, "its header is that of another snapshot");
  auto size = files.size(path);
  if (!size) return size.error();
  auto foot = files.read_at(path, *size - std::min<std::uint64_t>(*size, footer_size), footer_size);
  if (!foot) return foot.error();
  if (foot->size() < footer_size || get<std::uint64_t>(*foot, 0) > *size - footer_size || foot->substr(16, footer_magic.size()) != footer_magic || !is_sealed(*foot)) {
    return damaged_snapshot(path, *size, "its end is missing or not readable");
  }
  auto begin = get<std::uint64_t>(*foot, 0);
  auto sequence = get<std::uint64_t>(*foot, 8);
  auto part = files.read_at(path, begin, *size - footer_size - begin);
  if (!part) return part.error();

  loaded_snapshot out;
  out.sequence = get<std::uint64_t>(*head, 16);
  out.size = *size;
  std::string_view rest = *part;
  while (!rest.empty()) {
    auto at = *size - footer_size - rest.size();
    auto frame = decode_frame(rest);
    if (!frame || frame->sequence != ++sequence) return damaged_snapshot(path, at, "an entry of its directory is not readable");
    if (frame->position == record_frame) {
      out.records.emplace_back(frame->payload);
    } else if (frame->position != table_frame || !read_table(frame->payload, number, out.messages)) {
      return damaged_snapshot(path, at, "a table of its directory makes no sense");
    }
    rest.remove_prefix(frame->size());
  }
  return out;
}

}  // namespace dbcord::guild
