#pragma once
// rest_thread_store: database::thread_store over Discord's REST API.
//
// No state; call from any executor. The scheduler outlives it.

#include "database/thread_store.hpp"
#include "discord/request_scheduler.hpp"

namespace dbcord::discord {

class rest_thread_store final : public database::thread_store {
 public:
  rest_thread_store(request_scheduler& scheduler, base::guild_id guild) : scheduler_(scheduler), guild_(guild) {}

  actor::task<base::result<std::vector<database::thread_info>>> active_threads(database::call_options options) override;
  actor::task<base::result<database::archived_page>> archived_threads(base::channel_id parent, std::string from,
                                                                      database::call_options options) override;
  actor::task<base::result<database::thread_info>> create_thread(base::channel_id parent, std::string name,
                                                                 database::call_options options) override;

 private:
  request_scheduler& scheduler_;
  base::guild_id guild_;
};

}  // namespace dbcord::discord
