// The part of log_opening that reads files of records out of deltas (protocol/checkpoint_delta). A delta is believed in nothing: a body counts if the record's own
// header, which stands in the log, has its checksum; else the record's own file is read.

#include <algorithm>

#include "actor/each_at_once.hpp"
#include "database/log_opening.hpp"
#include "database/store_refusal.hpp"

namespace dbcord::database {
namespace {

constexpr int delta_attempts = 3;  // then the files, which are tried for longer

}  // namespace

actor::task<void> log_opening::read_deltas(const chain& seen, base::steady_time deadline, read_groups_result& out) {
  deltas_ = {};
  attached_records attached;
  std::vector<std::uint64_t> files;
  for (const auto& found : seen.records) {
    if (!found.record.header.attached) continue;
    attached.emplace(found.message.id, &found);
    for (const auto& copy : found.copies) attached.emplace(copy.id, &found);
    files.push_back(found.record.header.lsn);
  }
  std::vector<protocol::delta_header> headers;
  for (const auto& delta : listing_.deltas) headers.push_back(delta.header);
  std::vector<const listed_delta*> chosen;
  for (auto position : choose_deltas(headers, files)) chosen.push_back(&listing_.deltas[position]);
  co_await actor::each_at_once(chosen.size(), deltas_at_once, [&](std::size_t i) { return read_delta(*chosen[i], attached, deadline, out); });
  auto by_lsn = [](const known_delta& a, const known_delta& b) { return a.header.first_lsn < b.header.first_lsn; };
  std::sort(deltas_.whole.begin(), deltas_.whole.end(), by_lsn);
  for (const auto& delta : listing_.deltas) {
    auto is_it = [&](const known_delta& d) { return d.message == delta.message.id; };
    if (std::none_of(deltas_.whole.begin(), deltas_.whole.end(), is_it)) deltas_.useless.push_back(delta.message.id);
  }
}

actor::task<void> log_opening::read_delta(const listed_delta& delta, const attached_records& wanted, base::steady_time deadline, read_groups_result& out) {
  auto records = co_await download_delta(delta, deadline);
  if (!records) {
    env_.log.warning("a delta cannot be read; the files of its records are", {{"database", options_.database},
                                                                              {"message", delta.message.id.value},
                                                                              {"error", records.error().message}});
    co_return;
  }
  std::size_t good = 0;
  for (auto& r : *records) {
    auto found = wanted.find(r.message);
    if (found == wanted.end() || !take_body(*found->second, std::move(r.body), out)) continue;
    if (found->second->record.header.lsn == r.lsn) ++good;
  }
  if (good == records->size()) deltas_.whole.push_back({delta.header, delta.message.id});
}

actor::task<base::result<std::vector<protocol::delta_record>>> log_opening::download_delta(const listed_delta& delta, base::steady_time deadline) {
  if (delta.message.attachments.empty()) co_return base::error(errc::damaged, "it has no attachment");
  for (int attempt = 1;; ++attempt) {
    auto info = delta.message.attachments.front();
    auto bytes = co_await store_.download(std::move(info), request());
    if (bytes) co_return protocol::decode_delta(delta.header, *bytes);
    if (!may_pass(bytes.error()) || attempt == delta_attempts || env_.now() >= deadline) co_return bytes.error();
    auto goes_on = co_await pause(retry_pause);
    if (!goes_on) co_return goes_on.error();
  }
}

// False: that is not what the record says, or nothing can be made of it; its file will tell.
bool log_opening::take_body(const found_record& found, std::string body, read_groups_result& out) {
  const auto& header = found.record.header;
  const std::optional<std::string> attachment(std::move(body));
  auto checked = protocol::decode_body(header, found.message.content, attachment);
  if (!checked) return false;
  if (header.kind != protocol::record_kind::group) {
    upkeep_bodies_.insert_or_assign(found.message.id, std::move(*checked));
    return true;
  }
  auto transactions = protocol::decode_transactions(*checked);
  if (transactions) out.groups.insert_or_assign(header.lsn, recovered_group{header.lsn, found.message.id, std::move(*transactions)});
  return transactions.has_value();
}

std::vector<log_file> log_opening::files_without_delta(const chain& seen) const {
  std::vector<log_file> files;
  for (const auto& found : seen.records) {
    const auto& header = found.record.header;
    auto holds = [&](const known_delta& d) { return d.header.first_lsn <= header.lsn && header.lsn <= d.header.last_lsn; };
    if (!header.attached || std::any_of(deltas_.whole.begin(), deltas_.whole.end(), holds)) continue;
    files.push_back({header.lsn, found.record.channel, found.message.id, header.body_size, header.body_hash});
  }
  return files;
}

actor::task<base::result<std::string>> log_opening::upkeep_body(found_record& found) {
  auto known = upkeep_bodies_.find(found.message.id);
  if (known != upkeep_bodies_.end()) co_return known->second;
  co_return co_await read_body(store_, found, request());
}

}  // namespace dbcord::database
