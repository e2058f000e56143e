#pragma once
// verify_findings: writes what verification finds into its report, which keeps so many and counts the others. Plain; used by one task at a time.

#include "database/engine.hpp"
#include "database/message_store.hpp"
#include "database/row_place.hpp"

namespace dbcord::database {

inline verify_finding finding_of(std::string_view kind, std::string key, std::string what) {
  verify_finding found;
  found.kind = kind;
  found.key = std::move(key);
  found.what = std::move(what);
  return found;
}

class verify_findings {
 public:
  verify_findings(verify_report& report, const message_store& store) : report_(report), guild_(store.guild()) {}

  verify_report& report() { return report_; }
  // What follows is about this table; empty: about what belongs to the whole database.
  void turn_to(std::string table) { table_ = std::move(table); }
  void add_problem(verify_finding found);
  void add_note(verify_finding found);
  // A message that vacuum removes.
  void add_garbage(garbage_kind kind, bool known, std::string key, const stored_message& message);
  // A part of a snapshot that was never finished, which vacuum removes.
  void add_unfinished(std::string what, const stored_message& message);
  // An older version of which it is known that nobody has it any more: no problem either, for lack of a remedy.
  void add_lost(const row_place& place);
  // A row that is there, and whose value is nowhere.
  void add_lost_row(std::string key);
  // A message of somebody else, where only ours count: no problem, nothing reads it.
  void add_foreign(std::string what, const stored_message& message);

  message_link link_to(base::channel_id channel, base::message_id message) const { return {guild_, channel, message}; }
  message_link link_to(const stored_message& message) const { return link_to(message.channel, message.id); }

 private:
  verify_report& report_;
  base::guild_id guild_;
  std::string table_;
};

}  // namespace dbcord::database
