#pragma once
// table_drain: empties a table's retiring channel, pages that are given up, or a part of the log: has the materialiser write the rows anew, slice by slice, and
// writes the older versions that lie there itself.
// One run, awaited by whoever began it, on any strand; the services outlive it. Ended anywhere it loses nothing: what is not elsewhere yet stays readable
// where it is, and another run goes on.

#include <functional>
#include <set>
#include <string>

#include "database/table_actor.hpp"

namespace dbcord::database {

struct drain_context {
  const actor::environment& env;
  message_store& store;
  value_reader& values;
  std::function<bool()> given_up;  // any thread
  base::steady_time deadline;
  work_progress_ptr progress;  // in rows and versions; may be null
};

class table_drain {
 public:
  table_drain(drain_context context, table_ptr table, leaving_places from = {})
      : context_(std::move(context)), table_(std::move(table)), from_(std::move(from)) {}

  // Done when nothing lies there. An error: why something still does.
  actor::task<base::result<void>> run();
  std::uint64_t rows_moved() const { return rows_; }
  std::uint64_t versions_moved() const { return versions_; }
  // What still lies there cannot be read any more: older versions only, in these messages.
  bool only_lost_left() const { return only_lost_left_; }
  // Whoever gives these messages up gives up those versions, too.
  const std::set<base::message_id>& lost_places() const { return lost_places_; }
  const std::set<table_state::version_id>& lost_versions() const { return lost_; }

 private:
  using version = std::pair<std::string, past_version>;  // with its key

  actor::task<base::result<void>> drain_rows();
  actor::task<base::result<void>> await_slice(const table_state::drain_slice& slice);
  // One version of each key that has some, since a page has each key once.
  actor::task<base::result<void>> drain_versions();
  // Those of one slice.
  actor::task<base::result<void>> write_versions(const table_actor::draining_versions& some);
  // The values of some of them, as many as a page holds, from `first` on; those that are lost are left out.
  actor::task<base::result<std::vector<protocol::row_version>>> read_versions(const table_actor::draining_versions& some, std::size_t& first);
  actor::task<base::result<void>> write_page(base::channel_id channel, std::vector<protocol::row_version> versions);
  actor::task<base::result<void>> write_one(base::channel_id channel, protocol::row_version version);
  actor::task<base::error> not_written(base::channel_id channel, base::error why);
  // Nothing but versions that cannot be read lies there.
  actor::task<bool> only_lost_are_left();
  // Empty: it may go on.
  std::optional<base::error> ended() const;

  drain_context context_;
  table_ptr table_;
  leaving_places from_;
  std::set<table_state::version_id> refused_;  // versions that Discord will not store, or that cannot be read
  std::uint64_t refused_rows_ = 0;              // in this round
  std::uint64_t rows_ = 0;
  std::uint64_t versions_ = 0;
  std::set<table_state::version_id> lost_;  // those of them that cannot be read any more
  std::set<base::message_id> lost_places_;
  bool only_lost_left_ = false;
};

}  // namespace dbcord::database
