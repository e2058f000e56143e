// Vacuum: messages that no row lives in any more are deleted.

#include "database/database.hpp"
#include "database/message_removal.hpp"

namespace dbcord::database {

dbcord::actor::task<base::result<vacuum_report>> database::vacuum(std::string table, read_context context) {
  std::vector<table_ptr> chosen = all_tables();
  if (!table.empty()) {
    auto target = find_table(table);
    if (!target) co_return target.error();
    chosen = {*target};
  }
  if (auto closed = log_.closed_reason()) co_return *closed;
  vacuum_report report;
  for (const auto& t : chosen) {
    auto garbage = co_await t->garbage();
    report.found += garbage.size();
    if (report.stopped || garbage.empty()) continue;
    auto forget = [target = t, &report](std::vector<base::message_id> gone) {
      report.removed += gone.size();
      return target->forget_garbage(std::move(gone));
    };
    removal_context removal{env(), store_, log_, context.deadline};
    auto removing = remove_messages(removal, t->definition().channel, std::move(garbage), forget);
    auto done = co_await std::move(removing);
    if (!done) report.stopped = done.error().message;
  }
  co_return report;
}

}  // namespace dbcord::database
