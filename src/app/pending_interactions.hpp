#pragma once
// Finds the replies among everything that a user's gateway session is told: interactions are known by their nonce until
// the guild names their id, and by the id from then on. Any thread; promises are set outside of the lock.

#include <boost/json/object.hpp>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "actor/promise.hpp"
#include "dbcord/base/result.hpp"

namespace dbcord::app {

using reply_promise = actor::promise<base::result<boost::json::object>>;
// Called with what the message says while the command is still at work. Must not block.
using progress_sink = std::function<void(const boost::json::object&)>;

class pending_interactions {
 public:
  // Before the request is sent; the reply may come before the request's own answer.
  reply_promise expect(std::string nonce, progress_sink progress);
  // Nobody waits any more.
  void forget(const std::string& nonce);
  // Every dispatch of the session; others than those about our interactions do nothing.
  void on_dispatch(const std::string& type, const boost::json::object& data);
  // The session was lost and with it the replies.
  void fail_all(const base::error& e);

 private:
  struct waiting {
    std::string id;
    reply_promise reply;
    progress_sink progress;
  };

  void learn_id(const boost::json::object& data);
  void failed(const boost::json::object& data);
  void choices(const boost::json::object& data);
  void form(const boost::json::object& data);
  std::optional<reply_promise> take(const std::string& nonce);
  void message(const boost::json::object& data);

  std::mutex mutex_;
  std::map<std::string, waiting> by_nonce_;
};

}  // namespace dbcord::app
