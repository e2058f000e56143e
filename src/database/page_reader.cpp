#include "database/page_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "database/errors.hpp"

namespace dbcord::database {

std::string page_part_name(std::uint64_t newest_lsn, unsigned part) { return fmt::format("page-{}-{}.jsonl", newest_lsn, part); }

actor::task<base::result<std::string>> read_page_part(message_store& store, const stored_message& message, const protocol::page_header& header,
                                                      unsigned part, call_options options) {
  auto name = page_part_name(header.newest_lsn, part);
  auto found = std::find_if(message.attachments.begin(), message.attachments.end(), [&](const attachment_info& a) { return a.filename == name; });
  if (found == message.attachments.end()) {
    co_return base::error(errc::damaged, fmt::format("page {} lacks its part {}", message.id.value, part));
  }
  auto info = *found;
  auto bytes = co_await store.download(std::move(info), options);
  if (!bytes && bytes.error().code != store_errc::not_found) co_return bytes.error();
  if (!bytes) co_return base::error(errc::damaged, fmt::format("part {} of page {} is gone", part, message.id.value));
  auto sound = protocol::check_page_part(header, part, *bytes);
  if (!sound) co_return base::error(errc::damaged, sound.error().message);
  co_return std::move(*bytes);
}

actor::task<base::result<page_rows>> read_page(message_store& store, const stored_message& message, const protocol::page_header& header,
                                               call_options options) {
  page_rows all;
  for (unsigned part = 1; part <= header.parts.size(); ++part) {
    auto bytes = co_await read_page_part(store, message, header, part, options);
    if (!bytes && bytes.error().code != errc::damaged) co_return bytes.error();
    if (!bytes) {
      all.damaged.emplace_back(part, bytes.error().message);
      continue;
    }
    auto slots = protocol::decode_page_part(header, part, *bytes);
    if (!slots) {
      all.damaged.emplace_back(part, slots.error().message);
      continue;
    }
    for (auto& slot : *slots) {
      all.hashes.push_back(protocol::record_hash(slot.json));
      all.rows.push_back({std::move(slot.key), slot.version, slot.lsn, part});
    }
  }
  co_return all;
}

}  // namespace dbcord::database
