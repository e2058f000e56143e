#pragma once
// doctor_trial: what must be tried to be known, in a private category made for it: that text comes back unaltered, that a repeated
// nonce makes no second message, how late a channel's history is, whether ids and Date agree, attachments, deletion, search.
//
// Owned by examine(), used once, one coroutine.

#include "discord/doctor.hpp"
#include "discord/rest_message_store.hpp"

namespace dbcord::discord {

class doctor_trial {
 public:
  doctor_trial(const doctor_context& context, rest_message_store& store, base::steady_time deadline)
      : context_(context), store_(store), deadline_(deadline) {}

  actor::task<void> run();

 private:
  actor::task<bool> make_channels();
  actor::task<void> remove_channels();
  actor::task<void> privacy();
  actor::task<void> text();
  actor::task<void> nonce();
  actor::task<void> history();
  // How long the message was missing from the channel's history; empty: it could not be found out (reported).
  actor::task<std::optional<base::duration>> staleness_of(base::message_id message, base::steady_time posted);
  actor::task<void> attachment();
  actor::task<void> deletion();
  actor::task<void> search();

  actor::task<base::result<database::dated<database::stored_message>>> post(std::string content, std::string nonce);
  database::call_options options() const { return {database::priority::maintenance, deadline_}; }
  void say(std::string check, enum verdict v, std::string sentence) const { context_.found({std::move(check), v, std::move(sentence)}); }
  void failed(std::string check, const base::error& e) const { say(std::move(check), verdict::failed, e.message); }

  const doctor_context& context_;
  rest_message_store& store_;
  base::steady_time deadline_;
  base::channel_id category_, channel_;
};

}  // namespace dbcord::discord
