// The part of table_scan that looks for rows of records that are lost, in the messages that are younger than the record before them.

#include <algorithm>

#include "database/channel_pages.hpp"
#include "database/log_reader.hpp"
#include "database/table_scan.hpp"

namespace dbcord::database {

actor::task<base::result<rows_of_lost_records>> table_scan::find_lost(std::vector<base::channel_id> channels, base::message_id after) {
  rows_of_lost_records out;
  for (auto channel : channels) {
    if (!is_there(channel) || what_.dropped_channels.contains(channel)) continue;
    channel_pages pages(store_, channel, after);
    pages.allow_emptied();
    for (bool more = true; more;) {
      auto page = co_await next_page(pages);
      if (!page) co_return page.error();
      more = !page->empty();
      for (const auto& message : *page) {
        if (message.author != store_.self() || what_.dropped.contains(message.id)) continue;
        auto read = co_await find_lost_in(message, out);
        if (!read) co_return read.error();
      }
    }
  }
  out.unreadable = std::move(out_.unreadable);
  co_return out;
}

actor::task<base::result<void>> table_scan::find_lost_in(const stored_message& message, rows_of_lost_records& out) {
  auto page = protocol::decode_page(message.content);
  if (page) co_return co_await find_lost_in_page(message, std::move(*page), out);
  auto header = protocol::decode_row(message.content);
  if (!header) co_return base::result<void>();
  out.newest_lsn = std::max(out.newest_lsn, header->lsn);
  if (!what_.is_lost(header->lsn)) co_return base::result<void>();
  auto json = co_await read_json(message, *header);
  if (!json) co_return json.error();
  if (!*json) co_return base::result<void>();
  page_place row{header->key, header->version, header->lsn, 0};
  out.add(header->table, row, **json, message.id);
  out.messages.push_back({header->table, message.channel, message.id, false, {std::move(row)}});
  co_return base::result<void>();
}

// All rows of one that holds some: whoever counts it must know of the others.
actor::task<base::result<void>> table_scan::find_lost_in_page(const stored_message& message, protocol::page_header header, rows_of_lost_records& out) {
  out.newest_lsn = std::max(out.newest_lsn, header.newest_lsn);
  auto first = [](const auto& a, const auto& b) { return a.first < b.first; };
  auto oldest = std::min_element(what_.lost.begin(), what_.lost.end(), first);
  if (oldest == what_.lost.end() || header.newest_lsn < oldest->first) co_return base::result<void>();
  message_of_lost_rows found{header.table, message.channel, message.id, true, {}};
  bool some = false;
  for (unsigned part = 1; part <= header.parts.size(); ++part) {
    auto read = co_await read_part(message, header, part);
    if (!read) co_return read.error();
    for (auto& slot : read->slots) {
      page_place row{std::move(slot.key), slot.version, slot.lsn, part};
      if (what_.is_lost(row.lsn)) {
        some = true;
        out.add(header.table, row, slot.json, message.id);
      }
      found.rows.push_back(std::move(row));
    }
  }
  if (some) out.messages.push_back(std::move(found));
  co_return base::result<void>();
}

}  // namespace dbcord::database
