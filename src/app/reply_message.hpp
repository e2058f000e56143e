#pragma once
// Reads a reply: a message object as the gateway tells it. Pure, any thread.

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dbcord::app {

struct reply_attachment {
  std::string filename;
  std::string url;
  std::uint64_t size = 0;
};

// Of the interaction that the message answers; empty if it answers none.
std::string interaction_of(const boost::json::object& message);
// The bot is still at it: the deferred answer's placeholder (flag LOADING), or a progress report.
bool is_unfinished(const boost::json::object& message);
bool is_failure(const boost::json::object& message);
// Nothing was done: it asks whether it is to be, with a button that does it.
bool asks_first(const boost::json::object& message);
// How far the work is that an unfinished message tells of: done and all; empty if it does not say.
struct told_progress {
  std::uint64_t done = 0;
  std::uint64_t all = 0;
};
std::optional<told_progress> progress_of(const boost::json::object& message);
// The job that an unfinished message tells of.
std::optional<std::int64_t> job_of(const boost::json::object& message);
// The job as which a command goes on that the message is not told of any more.
struct job_reference {
  std::int64_t number = 0;
  std::string command;  // "dbc_vacuum prod"
};
std::optional<job_reference> goes_on_as(const boost::json::object& message);
// What the reply to /dbc_jobs says of that job.
struct job_report {
  enum class kind { at_work, done, unknown, unclear };  // unclear: something else was answered
  kind is = kind::unclear;
  boost::json::object answer;  // done: what the command itself would have been answered; at work: a message of work in progress
};
job_report report_of_job(boost::json::object reply, const job_reference& job);
// A form, as text for those who cannot fill it in: what stands in it, and which argument to give instead. A failed reply.
boost::json::object form_as_message(const boost::json::object& form);
// Content and embeds as text; without colours and other control characters.
std::string text_of(const boost::json::object& message);
std::vector<reply_attachment> attachments_of(const boost::json::object& message);

// The values of an autocompletion's choices that are texts.
std::vector<std::string> choices_of(const boost::json::object& response);

// Empty if absent or no string.
std::string string_member(const boost::json::object& object, std::string_view name);

}  // namespace dbcord::app
