#pragma once
// log_watch: what the requests that reach the guild say about the log, whoever sends them. No record is written twice; in every commit group
// a row's versions count up, for recovery applies them in that order; and no message is deleted that no drop record has named before, deltas
// (protocol/checkpoint_delta) excepted, which hold nothing but files of records, as they were written.
// Owned by the network. One thread (the world's).

#include <map>
#include <set>
#include <tuple>

#include "guild/core.hpp"
#include "protocol/checkpoint_delta.hpp"
#include "protocol/log_record.hpp"
#include "protocol/transaction.hpp"

namespace dbcord::simulation {

// A version of a row as a log record has it, whether or not that record counts.
struct logged_version {
  std::uint64_t lsn = 0;
  std::uint64_t version = 0;
  std::optional<std::string> json;  // empty: a deletion
  std::string record = {};          // the hash of the record that it stands in
  base::steady_time when = {};      // Discord took it
};
// Of one database.
struct logged_content {
  std::map<std::pair<protocol::table_id, std::string>, std::vector<logged_version>> rows;  // by table and key, as they were written
  std::map<std::string, std::pair<protocol::table_id, std::uint64_t>> tables;              // by name: id, LSN of the creation
  std::map<protocol::table_id, std::set<std::uint64_t>> drops = {};                        // LSNs
};

class log_watch {
 public:
  // The guild has carried out `request`, the `number`th by process `who`, and answered 2xx with the body `answer`. `forgotten`: it did not know the message's nonce
  // any more, so the message may stand there twice.
  void applied(std::string_view who, std::uint64_t number, const guild::http_request& request, std::string_view answer, bool forgotten, base::steady_time now);
  // One line for each.
  const std::vector<std::string>& violations() const { return violations_; }
  // Everything that was ever written. Means nothing where there is more than one database.
  const logged_content& content() const { return content_; }
  std::size_t deltas() const { return deltas_.size(); }  // written
  // Hashes of the records that count, from the first to the newest: not of those that a barrier, or another process, has made void. Means nothing where there is more
  // than one database.
  std::set<std::string> records_that_count() const;

 private:
  void written(std::string_view by, const guild::http_request& request, std::string_view answer, bool forgotten, base::steady_time now);
  void check_group(std::string_view by, const protocol::log_header& header, std::string_view body, base::steady_time now);
  void note(const protocol::log_header& header, const protocol::operation& op, base::steady_time now);
  void note_drop(std::string_view body);
  void check_delta(std::string_view by, const protocol::delta_header& header, const std::optional<std::string>& attachment);
  void deleted(std::string_view by, const std::vector<base::message_id>& messages);

  struct written_record {
    base::message_id message;
    base::steady_time when;
    std::string previous = {};
    std::tuple<std::uint64_t, std::uint64_t, std::uint64_t> rank = {};  // epoch, LSN, attempt
  };
  std::map<std::string, written_record> records_;  // by hash
  std::set<base::message_id> dropped_;             // named by drop records
  std::map<base::message_id, std::string> files_;  // of records: hashes of the bodies
  std::set<base::message_id> deltas_;
  logged_content content_;
  std::vector<std::string> violations_;
};

}  // namespace dbcord::simulation
