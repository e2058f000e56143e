#pragma once
// One request on its way through the routes, and the answer. Views into the driver's http_request, which
// outlives them; one caller at a time.

#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "guild/api_error.hpp"
#include "guild/core.hpp"
#include "guild/model.hpp"
#include "guild/query_string.hpp"

namespace dbcord::guild {

// Case-insensitive; empty if absent.
std::string_view find_header(const http_request& request, std::string_view name);

struct call {
  const http_request& request;
  query_string query;
  std::vector<std::string> parameters;  // what stood for {…} in the route, decoded
  const user* caller = nullptr;         // null on routes that need no token

  bool by_bot() const { return caller && caller->bot; }
  // A parameter that is no number is a form error named `field`.
  template <class Id>
  outcome<Id> id(std::size_t index, std::string_view field) const {
    auto parsed = base::parse_id<Id>(parameters[index]);
    if (!parsed) return bad_snowflake(field, parameters[index]);
    return *parsed;
  }
  static api_error bad_snowflake(std::string_view field, std::string_view text);
};

struct reply {
  int status = 200;
  std::string body;
  std::string content_type = "application/json";

  static reply json(std::string body, int status = 200) {
    return {status, std::move(body), "application/json"};
  }
  static reply empty() { return {204, {}, {}}; }
};

struct uploaded_file {
  int index = 0;  // n of files[n]
  std::string filename;
  std::string_view bytes;
};

// The attachment that a file becomes, its id still missing (facts 3.10).
attachment describe_upload(const uploaded_file& file);

// The body of a request: JSON, or multipart with payload_json and files (facts 1.7).
struct request_form {
  boost::json::value payload;
  std::vector<uploaded_file> files;
};

// An empty body counts as {}.
outcome<request_form> read_form(const http_request& request);
// A body that must be a JSON object.
outcome<boost::json::object> read_object(const http_request& request);

}  // namespace dbcord::guild
