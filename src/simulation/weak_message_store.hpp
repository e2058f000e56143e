#pragma once
// weak_message_store: a message store that breaks one rule on purpose, to show that the simulation would notice if the real
// one (or the database's reading of its answers) did. Lives in a simulated process, between database and store; the store
// outlives it. Test of the tests: nothing else uses it.

#include "database/message_store.hpp"
#include "simulation/scenario.hpp"

namespace dbcord::simulation {

class weak_message_store final : public database::message_store {
 public:
  template <class T>
  using answer = actor::task<base::result<T>>;
  using message = database::dated<database::stored_message>;
  using messages = database::dated<std::vector<database::stored_message>>;

  weak_message_store(database::message_store& real, weakness what) : real_(real), weakness_(what) {}

  base::user_id self() const override { return real_.self(); }
  base::guild_id guild() const override { return real_.guild(); }
  answer<message> post(base::channel_id channel, database::new_message m, database::call_options o) override;
  answer<void> remove_many(base::channel_id channel, std::vector<base::message_id> m, database::call_options o) override {
    return real_.remove_many(channel, std::move(m), o);
  }
  answer<messages> history_after(base::channel_id channel, base::message_id after, int limit,
                                 database::call_options o) override;
  answer<messages> history_before(base::channel_id channel, base::message_id before, int limit,
                                  database::call_options o) override {
    return real_.history_before(channel, before, limit, o);
  }
  answer<message> fetch(base::channel_id channel, base::message_id m, database::call_options o) override {
    return real_.fetch(channel, m, o);
  }
  answer<database::search_page> search(database::search_request r, database::call_options o) override {
    return real_.search(std::move(r), o);
  }
  answer<std::string> download(database::attachment_info a, database::call_options o) override {
    return real_.download(std::move(a), o);
  }
  answer<void> remove(base::channel_id channel, base::message_id m, database::call_options o) override {
    return real_.remove(channel, m, o);
  }
  answer<database::dated<std::vector<database::channel_info>>> channels(database::call_options o) override {
    return real_.channels(o);
  }
  answer<database::dated<database::channel_info>> create_channel(database::new_channel c,
                                                                 database::call_options o) override {
    return real_.create_channel(std::move(c), o);
  }
  answer<void> delete_channel(base::channel_id channel, database::call_options o) override {
    return real_.delete_channel(channel, o);
  }

 private:
  database::message_store& real_;
  weakness weakness_;
  std::optional<message> last_;  // an answer to make up others from
};

}  // namespace dbcord::simulation
