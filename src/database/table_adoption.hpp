#pragma once
// table_adoption: looks at the messages that an earlier process has left in a table's channels and of which the table may not know, and tells it what they
// hold. One per table and start, owned by whoever runs it, on any strand; the services outlive it.
//
// A message whose files cannot be read holds nothing up: it is tried a few times, and then again from time to time (due, retry). Until then checkpoints say
// that it was not looked at, so that the next start does.

#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "database/lost_places.hpp"
#include "database/table_actor.hpp"
#include "protocol/row_page.hpp"

namespace dbcord::database {

class table_adoption {
 public:
  // `dropped`: messages that are never a row's location, whatever a listing shows.
  table_adoption(adoption_context context, const std::set<base::message_id>& dropped, table_ptr table);

  // All that the table has not adopted, oldest first; then it adopts no more. Given up it leaves the table as it is: adopting.
  actor::task<void> run();
  // When to try again what could not be read; none: there is nothing.
  std::optional<base::steady_time> due() const;
  bool is_due() const;
  actor::task<void> retry();

 private:
  struct unread_message {
    base::channel_id channel;
    base::message_id id;
  };

  actor::task<void> adopt_channel(protocol::image_adoption from);
  actor::task<void> adopt_patiently(base::channel_id channel, stored_message message);
  // An error: it could not be read, and may be the place of something.
  actor::task<base::result<void>> adopt(base::channel_id channel, const stored_message& message);
  actor::task<base::result<void>> adopt_row(base::channel_id channel, const stored_message& message, const protocol::row_header& header);
  actor::task<base::result<void>> adopt_page(base::channel_id channel, const stored_message& message, const protocol::page_header& header);
  // Copies that were found can take the places of rows whose messages are gone.
  actor::task<void> make_way(std::vector<row_copy> copies);
  actor::task<void> end();
  void warn(std::string_view what, const base::error& why) const;
  actor::task<void> pause(base::duration d);

  adoption_context context_;
  const std::set<base::message_id>& dropped_;
  table_ptr table_;
  std::vector<unread_message> unread_;
  base::duration retry_pause_;
  base::steady_time retry_at_;
};

}  // namespace dbcord::database
