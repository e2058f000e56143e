#pragma once
// table_scan: what a database was, from the messages of its tables' channels: for a start that finds no checkpoint any more, and a log whose beginning has been
// dropped long ago. It finds every version that lies in a message. What was only in checkpoints and in the lost part of the log is lost: schemas, indexes, roles,
// settings, and which rows were deleted. Where only some records of a log are lost it finds what those have written. Used once, on the log actor's strand, by
// log_opening; the services outlive it.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "database/loaded_image.hpp"
#include "database/lost_rows.hpp"
#include "database/message_store.hpp"
#include "protocol/row_message.hpp"
#include "protocol/row_page.hpp"
#include "protocol/transaction.hpp"

namespace dbcord::database {

struct scan_task {
  std::string database;  // its name
  std::string database_id;
  base::channel_id catalog;
  std::vector<channel_info> present;             // channels of the guild
  std::vector<std::pair<std::uint64_t, std::uint64_t>> lost;  // first and last LSN of records that are not there; the others tell what they wrote
  std::map<protocol::table_id, bool> in_log;     // tables that records of the log change; true: one of them makes the table
  std::map<protocol::table_id, std::vector<protocol::move_table>> moves;  // that records of the log tell of
  std::set<base::message_id> dropped;            // never the place of anything, whatever a listing shows
  std::set<base::channel_id> dropped_channels;
  std::uint64_t values_max = 0;                  // bytes of values that are kept in memory at once

  void note(const protocol::operation& op);  // of a record of the log
  bool is_lost(std::uint64_t lsn) const;
};

struct scanned_tables {
  loaded_image image;             // its anchor is the database's beginning
  std::uint64_t newest_lsn = 0;   // that any message names
  std::uint64_t rows = 0;
  std::vector<std::string> unreadable;  // sentences: what could not be read
};

class channel_pages;

class table_scan {
 public:
  // `given_up`: asked between requests.
  table_scan(const actor::environment& env, message_store& store, scan_task what, std::function<bool()> given_up)
      : env_(env), store_(store), what_(std::move(what)), given_up_(std::move(given_up)) {}

  // base::errc::stopping: given up. Any other error is the store's, and will not pass.
  actor::task<base::result<scanned_tables>> run();
  // Tables that records of the log change and none of them makes, as the catalog, or the topics of channels, describe them.
  actor::task<base::result<std::vector<protocol::create_table>>> find_unmade();
  // Versions whose records are lost, in messages above `after` of `channels`.
  actor::task<base::result<rows_of_lost_records>> find_lost(std::vector<base::channel_id> channels, base::message_id after);

 private:
  struct found_version {
    std::uint64_t version = 0;
    std::uint64_t lsn = 0;
    base::channel_id channel;
    base::message_id message;
    unsigned part = 0;
    bool resident = false;
    std::uint64_t size = 0;  // of the value
    std::string json;        // if resident
  };
  struct table_content {
    loaded_table table;
    std::map<std::string, std::vector<found_version>> versions;
    base::message_id first_of_log;  // the oldest message with anything that the log tells
  };

  actor::task<base::result<std::map<protocol::table_id, loaded_table>>> find_tables();
  actor::task<base::result<std::vector<protocol::create_table>>> read_catalog();
  std::map<protocol::table_id, loaded_table> tables_of(const std::vector<protocol::create_table>& described) const;
  actor::task<base::result<void>> add_undescribed(std::map<protocol::table_id, loaded_table>& tables, std::vector<protocol::create_table> described);
  actor::task<base::result<protocol::table_id>> owner_of(base::channel_id channel);
  bool is_there(base::channel_id channel) const;
  actor::task<base::result<void>> read_table(loaded_table table);
  bool is_made_later(protocol::table_id table) const;
  protocol::index_id last_index_of(protocol::table_id table) const;
  bool is_moved_to(base::channel_id channel) const;
  struct page_part {
    std::unique_ptr<const std::string> bytes;
    std::vector<protocol::page_slot> slots;  // views of the bytes; none: it cannot be had, and is named
  };
  // What a channel is to the table as it stood before the log goes on.
  enum class standing { retiring, own, moved_to };
  actor::task<base::result<void>> read_channel(table_content& into, base::channel_id channel, standing as);
  actor::task<base::result<void>> read_message(table_content& into, const stored_message& message, standing as);
  actor::task<base::result<void>> read_row(table_content& into, const stored_message& message, protocol::row_header header, standing as);
  actor::task<base::result<void>> read_page(table_content& into, const stored_message& message, protocol::page_header header, standing as);
  // Empty: it cannot be had, and what could not be read is named.
  actor::task<base::result<std::optional<std::string>>> read_json(const stored_message& message, const protocol::row_header& header);
  actor::task<base::result<page_part>> read_part(const stored_message& message, const protocol::page_header& header, unsigned part);
  actor::task<base::result<void>> find_lost_in(const stored_message& message, rows_of_lost_records& out);
  actor::task<base::result<void>> find_lost_in_page(const stored_message& message, protocol::page_header header, rows_of_lost_records& out);
  void take(table_content& into, std::string key, found_version version);
  void finish(table_content content);
  // errc::damaged or store_errc::not_found: it cannot be had.
  actor::task<base::result<std::string>> download(base::channel_id channel, base::message_id message, attachment_info file);
  // The next one, however often that must be tried; empty behind the last one, or if the channel is gone.
  actor::task<base::result<std::vector<stored_message>>> next_page(channel_pages& pages);
  actor::task<bool> goes_on(const base::error& why);
  call_options request() const;

  const actor::environment& env_;
  message_store& store_;
  scan_task what_;
  std::function<bool()> given_up_;
  scanned_tables out_;
  std::uint64_t values_ = 0;    // bytes that are kept
  std::uint64_t messages_ = 0;  // read
};

}  // namespace dbcord::database
