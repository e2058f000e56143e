#include "discord/interaction_client.hpp"

#include <boost/json/serialize.hpp>

#include "discord/api_error.hpp"
#include "discord/json_read.hpp"

namespace dbcord::discord {
namespace {

namespace json = boost::json;
using actor::task;
using base::result;
using database::store_errc;

class interaction_error_names final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "dbcord.interaction"; }
  std::string message(int value) const override {
    switch (static_cast<interaction_errc>(value)) {
      case interaction_errc::expired:
        return "the interaction has expired";
      case interaction_errc::already_acknowledged:
        return "the interaction was answered already";
    }
    return "unknown interaction error";
  }
};

void forbid_mentions(json::object& message) {
  if (!message.contains("allowed_mentions"))
    message["allowed_mentions"] = json::object{{"parse", json::array()}};
}

void name_files(json::object& message, const std::vector<file_part>& files) {
  if (files.empty() || message.contains("attachments")) return;
  json::array list;
  for (std::size_t n = 0; n < files.size(); ++n) {
    json::object entry;
    entry["id"] = n;
    entry["filename"] = files[n].filename;
    list.push_back(std::move(entry));
  }
  message["attachments"] = std::move(list);
}

void fill_body(rest_request& r, const json::object& payload, const std::vector<file_part>& files,
               base::random_source& random) {
  auto text = json::serialize(payload);
  if (files.empty()) {
    r.body = std::move(text);
    r.headers.emplace_back("Content-Type", "application/json");
    return;
  }
  auto form = make_multipart(text, files, random);
  r.body = std::move(form.body);
  r.headers.emplace_back("Content-Type", std::move(form.content_type));
}

rest_request interaction_request(std::string method, std::string route, std::string top_level,
                                 std::string path, base::steady_time deadline) {
  rest_request r;
  r.method = std::move(method);
  r.route = std::move(route);
  r.top_level = std::move(top_level);
  r.path = std::move(path);
  r.level = database::priority::callback;
  r.deadline = deadline;
  r.authenticated = false;
  r.exempt_from_global = true;
  return r;
}

base::error refused(const rest_response& answer, std::string_view what) {
  auto e = translate(answer, what);
  switch (read_api_error(answer.body).code) {
    case 10015:  // unknown webhook
    case 10062:  // unknown interaction
    case 50027:  // invalid webhook token
      return {interaction_errc::expired, "The interaction has expired; type the command again.", e.detail};
    case 40060:
      return {interaction_errc::already_acknowledged, "The interaction was answered already.", e.detail};
    default:
      return e;
  }
}

// The transport's code is kept: the bot repeats what never reached Discord, and not what Discord refused.
base::error failed(const base::error& e, std::string_view what) {
  auto translated = translate(e, what);
  if (e.code.category() == transport_category()) translated.code = e.code;
  return translated;
}

task<result<json::object>> message_call(request_scheduler* scheduler, rest_request r, std::string_view what) {
  auto answer = co_await scheduler->send(std::move(r));
  if (!answer) co_return failed(answer.error(), what);
  if (!succeeded(*answer)) co_return refused(*answer, what);
  auto message = parse_object(answer->body);
  if (!message) co_return unreadable(store_errc::unknown, what);
  co_return std::move(*message);
}

}  // namespace

const boost::system::error_category& interaction_category() noexcept {
  static const interaction_error_names instance;
  return instance;
}

task<result<void>> interaction_client::respond(base::interaction_id id, std::string token, callback_type type,
                                               json::object data, std::vector<file_part> files,
                                               base::steady_time deadline) {
  static constexpr std::string_view what = "Answering the command";
  bool message = type == callback_type::message || type == callback_type::update_message;
  if (message) forbid_mentions(data);
  name_files(data, files);
  json::object payload;
  payload["type"] = static_cast<int>(type);
  if (!data.empty()) payload["data"] = std::move(data);
  auto r = interaction_request("POST", "/interactions/{}/{}/callback", id.str(),
                               "/interactions/" + id.str() + "/" + token + "/callback", deadline);
  fill_body(r, payload, files, env_.random);
  auto answer = co_await scheduler_.send(std::move(r));
  if (!answer) co_return failed(answer.error(), what);
  if (!succeeded(*answer)) co_return refused(*answer, what);
  co_return result<void>();
}

// An edit says what the message shall be: repeating it is harmless.
task<result<json::object>> interaction_client::edit_original(base::application_id application,
                                                             std::string token, json::object payload,
                                                             std::vector<file_part> files,
                                                             base::steady_time deadline) {
  static constexpr std::string_view what = "Editing the reply";
  forbid_mentions(payload);
  name_files(payload, files);
  auto key = application.str() + "/" + token;
  auto r = interaction_request("PATCH", "/webhooks/{}/{}/messages/@original", key,
                               "/webhooks/" + key + "/messages/@original", deadline);
  r.leave_time_for_another = true;
  fill_body(r, payload, files, env_.random);
  auto again = r;
  auto first = co_await message_call(&scheduler_, std::move(r), what);
  bool ambiguous = first.has_error() && is_ambiguous(first.error());
  if (!ambiguous) co_return std::move(first);
  auto second = co_await message_call(&scheduler_, std::move(again), what);
  co_return std::move(second);
}

task<result<json::object>> interaction_client::follow_up(base::application_id application, std::string token,
                                                         json::object payload, std::vector<file_part> files,
                                                         base::steady_time deadline) {
  forbid_mentions(payload);
  name_files(payload, files);
  auto key = application.str() + "/" + token;
  auto r = interaction_request("POST", "/webhooks/{}/{}", key, "/webhooks/" + key, deadline);
  fill_body(r, payload, files, env_.random);
  auto message = co_await message_call(&scheduler_, std::move(r), "Sending the follow-up");
  co_return std::move(message);
}

task<result<json::object>> interaction_client::get_original(base::application_id application,
                                                            std::string token, base::steady_time deadline) {
  auto key = application.str() + "/" + token;
  auto r = interaction_request("GET", "/webhooks/{}/{}/messages/@original", key,
                               "/webhooks/" + key + "/messages/@original", deadline);
  auto message = co_await message_call(&scheduler_, std::move(r), "Reading the reply");
  co_return std::move(message);
}

}  // namespace dbcord::discord
