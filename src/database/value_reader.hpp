#pragma once
// value_reader, one per database: reads the values of rows that memory does not hold from where they lie: their own messages, neighbours with one request;
// pages of many rows, of which one part is downloaded; or the log's records, neighbours with one request, each of which is downloaded once for all its
// rows. What it read is checked
// against the key and version asked for. Any executor, concurrent calls; outlives them.
//
// One message or file after another: what else the bot does shares the line and Discord's limits. Limits: of decoded log records the newest `records_kept` are kept, of
// parts of pages (512 KiB each) `parts_kept`, besides those in use; of pages themselves the addresses of their files (kept_pages).

#include <algorithm>
#include <list>
#include <map>
#include <mutex>
#include <set>

#include "actor/promise.hpp"
#include "database/find_cost.hpp"
#include "database/kept_pages.hpp"
#include "database/log_reader.hpp"
#include "database/log_segments.hpp"
#include "database/stored_row.hpp"
#include "database/table_channels.hpp"
#include "protocol/transaction.hpp"

namespace dbcord::database {

// One version of a row and where it lies.
struct value_place {
  std::string key;
  std::uint64_t version = 0;
  std::uint64_t lsn = 0;
  base::message_id log_message;
  base::message_id row_message;
  base::channel_id channel;  // of row_message
  unsigned part = 0;
};
// Larger values of rows lie in files, mostly: what else their messages say takes room, too.
inline constexpr std::uint64_t inline_value_most = 1'850;
value_place place_of(std::string_view key, const stored_row& row, const table_channels& channels);

class value_reader {
 public:
  static constexpr std::size_t records_kept = 3;
  static constexpr std::size_t parts_kept = 12;
  static constexpr base::duration usual_pace = std::chrono::milliseconds(70);  // of a download, until it is known
  using value = base::result<std::string>;
  using page_part = std::pair<base::message_id, unsigned>;

  // Which parts of pages and records of the log it has at hand, newest first, and of which pages it knows the addresses; what is added displaces the oldest.
  struct kept_sources {
    std::vector<page_part> parts;
    std::vector<base::message_id> records;
    std::set<base::message_id> pages;
    base::duration pace = usual_pace;  // of a download

    bool has(const page_part& part) const { return std::find(parts.begin(), parts.end(), part) != parts.end(); }
    bool has(base::message_id record) const { return std::find(records.begin(), records.end(), record) != records.end(); }
    void add(const page_part& part);
    void add(base::message_id record);
  };

  value_reader(const actor::environment& env, message_store& store, const log_segments& log) : env_(env), store_(store), log_(log) {}

  kept_sources at_hand();
  // Of a row that is erased nothing shall be left here.
  void forget_records();
  // A message of a table's channel that was just written or listed, and holds a page.
  void note_page(const stored_message& message);
  // One answer for each place, in their order. errc::damaged: it is nowhere any more; other errors may pass. `cost`, if any: what that takes is added.
  actor::task<std::vector<value>> read(protocol::table_id table, const std::vector<value_place>& places, call_options options, find_cost* cost = nullptr);

 private:
  struct log_body {
    std::vector<protocol::transaction> transactions;
    std::map<std::pair<protocol::table_id, std::string_view>, std::map<std::uint64_t, const protocol::put_row*>> rows;  // by version
  };
  using body_ptr = std::shared_ptr<const log_body>;
  struct loading {
    std::vector<actor::promise<bool>> waiting;
  };
  // One call of read().
  struct reading {
    protocol::table_id table = 0;
    call_options options;
    find_cost cost = {};  // taken so far
  };

  actor::task<void> read_own(reading& r, const std::vector<value_place>& places, std::vector<std::size_t> which, std::vector<value>& values);
  // Rows of pages that are known; what is left of `which` has to be looked for.
  actor::task<void> read_known_pages(reading& r, const std::vector<value_place>& places, std::vector<std::size_t>& which, std::vector<value>& values);
  std::optional<stored_message> known_page(base::message_id page);
  void note_if_page(const stored_message& message);
  actor::task<value> from_message(reading& r, const value_place& place, const stored_message& message);
  actor::task<value> from_page(reading& r, const value_place& place, const stored_message& message);
  static value in_part(const value_place& place, std::string_view bytes);
  using part_ptr = std::shared_ptr<const std::string>;
  part_ptr kept_part(const value_place& place);
  void keep_part(const value_place& place, part_ptr bytes);
  actor::task<void> read_logged(reading& r, const std::vector<value_place>& places, std::vector<std::size_t> which, std::vector<value>& values);
  // `message`: that of its record, if it was listed.
  actor::task<value> from_log(reading& r, const value_place& place, const stored_message* message);
  actor::task<base::result<body_ptr>> body_of(reading& r, const value_place& place, const stored_message* message);
  actor::task<base::result<body_ptr>> load_body(reading& r, const value_place& place, const stored_message* message);
  void note_download(base::steady_time begun);  // it has just ended
  body_ptr kept(base::message_id log_message);  // under the mutex
  bool is_kept(base::message_id log_message);

  const actor::environment& env_;
  message_store& store_;
  const log_segments& log_;
  std::mutex mutex_;
  kept_pages pages_;
  base::duration pace_ = usual_pace;
  std::list<std::pair<base::message_id, body_ptr>> kept_;  // newest first
  std::list<std::pair<page_part, part_ptr>> parts_;  // of pages, newest first
  std::map<base::message_id, loading> loading_;
};

}  // namespace dbcord::database
