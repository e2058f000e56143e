#pragma once
// index_channel_views: the part of the engine's interface that shows secondary indexes in channels of their own. A view for people: nothing is read from it
// by the database, and what it lacks is in the index. Any executor.

#include "database/engine.hpp"

namespace dbcord::database {

// Of a verify_finding.
inline constexpr std::string_view index_channel_kind = "index channel";

struct index_channel_status {
  std::string table;
  std::string field;
  base::channel_id channel;   // zero: there is none
  bool complete = false;      // it shows all but what waits; else it is still being written
  std::uint64_t pages = 0;    // messages
  std::uint64_t waiting = 0;  // changed entries that it does not show yet
  std::string problem;        // why it could not be written the last time; it is tried again
};

struct index_channel_change {
  bool changed = false;                        // else that was so already, and nothing was written
  write_receipt receipt;                       // if it was
  std::optional<index_channel_status> status;  // with a channel, if that was looked for in time: what came of it
};

// Why an index that was to have a channel has none yet; empty: it has one.
inline std::string why_no_channel(const index_channel_change& change) {
  if (change.status && change.status->channel) return {};
  return change.status && !change.status->problem.empty() ? change.status->problem : "it is made later";
}

class index_channel_views {
 public:
  virtual ~index_channel_views() = default;
  // As engine::create_index, of one that has a channel. That is made and written in the background, and the index is the same without it.
  virtual actor::task<base::result<write_receipt>> create_shown_index(std::string database, std::string table, std::string field, bool unique,
                                                                      write_context context) = 0;
  // Whether an index that is there has a channel; one that has none any more is deleted in the background. Waits a few seconds for the first channel to be made;
  // that it cannot be made is no error.
  virtual actor::task<base::result<index_channel_change>> set_index_channel(std::string database, std::string table, std::string field, bool on,
                                                                            write_context context) = 0;
  virtual base::result<std::vector<index_channel_status>> index_channels_of(std::string database) const = 0;  // from memory
};

}  // namespace dbcord::database
