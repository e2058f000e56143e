#pragma once
// simulated_user: a person's client, straight on the guild (no faults on this side): a gateway session of its own, sends slash
// commands by POST /interactions and waits for their replies. It does not live in a process; it acts in events of the
// world. Owned by the run; the guild outlives it. One thread (the world's).
//
// Every command is answered exactly once: with the reply's message, or with what went wrong instead.

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "discord/multipart.hpp"
#include "simulation/simulated_guild.hpp"

namespace dbcord::simulation {

struct user_reply {
  enum class kind {
    answered,     // `message`
    failed,       // the guild says that the bot did not answer in time
    not_accepted, // the guild refused the interaction: `text` is its answer
    given_up      // nothing came in time, or the session was lost; whatever was asked may still happen
  };
  kind what = kind::given_up;
  boost::json::object message;
  std::string text;
  std::string interaction;  // its id, if the guild has named it
};

struct slash_command {
  std::string name;
  boost::json::array options;  // of type 11 with value "0", "1", …: the file of that number
  std::vector<discord::file_part> files;
};

// Longer than any command of the runs may take to answer.
inline constexpr base::duration command_patience = std::chrono::seconds(75);

// {"type":3,"name":name,"value":value}
boost::json::object text_option(std::string_view name, std::string_view value);
boost::json::object integer_option(std::string_view name, std::int64_t value);
boost::json::object flag_option(std::string_view name, bool value = true);
boost::json::object file_option(std::string_view name, int number);

class simulated_user final : public frame_sink {
 public:
  using reply_handler = base::unique_function<void(user_reply)>;

  simulated_user(world& w, simulated_guild& guild, std::string name);
  ~simulated_user() override;

  const std::string& name() const { return name_; }
  bool online() const { return !session_.empty(); }
  // The guild shows this command to people.
  bool sees_command(std::string_view command);
  // What is attached to a reply: bytes by name.
  std::map<std::string, std::string> files_of(const user_reply& reply);
  void send(slash_command command, base::duration patience, reply_handler answered);
  // A request by this person, at once.
  guild::http_response request(std::string method, std::string path, std::string body = {},
                               std::string content_type = "application/json");
  std::size_t waiting() const { return pending_.size(); }

 private:
  struct pending {
    std::string id;  // of the interaction, once the guild has named it
    actor::timer_service::timer_id patience = 0;
    reply_handler answered;
  };

  void take(guild::outgoing_frame frame) override;
  bool may_concern(std::string_view type, std::string_view text) const;
  void read(const std::string& text);
  void connect();
  void lost();
  void hello(const boost::json::object& data);
  void heartbeat();
  void say(std::string text);
  void dispatch(std::string_view type, const boost::json::object& data);
  void message(const boost::json::object& data);
  void finish(const std::string& nonce, user_reply reply);

  world& world_;
  simulated_guild& guild_;
  std::string name_;
  base::seeded_random random_;
  guild::connection_id connection_ = 0;
  std::uint64_t generation_ = 0;  // of the connection; events of older ones are void
  base::duration heartbeat_every_{};
  std::string session_;
  std::int64_t sequence_ = 0;
  std::map<std::string, pending> pending_;  // by nonce
  std::map<std::string, boost::json::object, std::less<>> commands_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace dbcord::simulation
