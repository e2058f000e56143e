#pragma once
// Discord's error answers (facts 1.8) as values. Pure data, any thread.

#include <boost/system/result.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dbcord::guild {

struct api_error {
  // Not an aggregate: result<T, api_error> would take a number for one.
  api_error() : api_error(400, 0, {}) {}
  api_error(int http_status, int json_code, std::string text, std::string form_errors = {},
            std::optional<std::chrono::milliseconds> wait = std::nullopt)
      : status(http_status),
        code(json_code),
        message(std::move(text)),
        errors(std::move(form_errors)),
        retry_after(wait) {}

  int status;
  int code;
  std::string message;
  std::string errors;                                    // JSON text of the nested `errors` object, or empty
  std::optional<std::chrono::milliseconds> retry_after;  // of a 429
  bool shared = false;                                   // of a 429: the limit is not the caller's own

  std::string body() const;
};

template <class T>
using outcome = boost::system::result<T, api_error>;

// boost::system::result finds this by argument-dependent lookup; reached only by a bug (value() on an error).
[[noreturn]] inline void throw_exception_from_error(const api_error& e, const boost::source_location&) {
  throw std::logic_error(e.message);
}

// The errors that have fixed texts (facts 1.10).
namespace errors {
api_error unauthorized();
api_error not_found();
api_error method_not_allowed();
api_error unknown_application();
api_error unknown_channel();
api_error unknown_guild();
api_error unknown_member();
api_error unknown_message();
api_error unknown_overwrite();
api_error unknown_role();
api_error unknown_user();
api_error unknown_emoji();
api_error unknown_webhook();
api_error too_many_pins();
api_error too_many_roles();
api_error invalid_role();
api_error too_many_reactions();
api_error unknown_interaction();
api_error unknown_command();
api_error too_many_channels();
api_error too_many_attachments();
api_error too_many_overwrites();
api_error too_large();
api_error already_acknowledged();
api_error missing_access();
api_error missing_permissions();
api_error not_the_author();
api_error empty_message();
api_error not_a_text_channel();
api_error wrong_channel_type();
api_error blocked_by_automod();
api_error bots_only();
api_error users_only();
api_error invalid_webhook_token();
api_error too_old_for_bulk_delete();
api_error bad_bulk_count();
api_error system_message();
api_error invalid_message_type();
api_error thread_archived();
api_error thread_exists();
api_error thread_locked();
api_error too_many_active_threads();
api_error too_many_thread_members();
api_error invalid_json();
api_error invalid_content_type();
api_error invalid_api_version();
}  // namespace errors

// Collects what is wrong with a form; `path` is the place in the request, with dots ("embeds.0.title").
class form_errors {
 public:
  void add(std::string_view path, std::string_view code, std::string_view message);
  void too_long(std::string_view path, std::size_t least, std::size_t most);
  void required(std::string_view path);
  bool empty() const { return found_.empty(); }
  // 400 with code 50035 and the nested errors.
  api_error take() const;

 private:
  struct entry {
    std::string path, code, message;
  };
  std::vector<entry> found_;
};

// One error at one place.
api_error form_error(std::string_view path, std::string_view code, std::string_view message);

}  // namespace dbcord::guild
