#pragma once
// What a failed call to Discord means, as database::store_errc with one sentence for people; Discord's own
// code and text stand in `detail`. Pure, any thread.

#include <string>
#include <string_view>

#include "discord/refused_request.hpp"
#include "discord/request_scheduler.hpp"

namespace dbcord::discord {

// {"code": 50013, "message": "Missing Permissions", "errors": {…}}; code 0 when the body is no such object.
struct api_error_body {
  int code = 0;
  std::string message;
  std::string inner;  // first code inside `errors`, e.g. "BASE_TYPE_MAX_LENGTH", and its path
};
api_error_body read_api_error(std::string_view body);

inline bool succeeded(const rest_response& r) {
  return r.status >= 200 && r.status < 300;
}

// Of an answer that is not 2xx. `what` names the failed action: "writing the message".
base::error translate(const rest_response& r, std::string_view what);
// The same of a request that a permission may be missing for: then the sentence names it.
base::error translate(const rest_response& r, std::string_view what, const refused_request& request);
// Of a send() that failed. base::errc::stopping stays as it is.
base::error translate(const base::error& e, std::string_view what);
// Of a request that only reads: whether it was carried out makes no difference, so store_errc::unknown becomes not_done.
base::error of_reading(base::error e, std::string_view what);
// Of an answer that is 2xx and makes no sense.
base::error unreadable(database::store_errc code, std::string_view what);

}  // namespace dbcord::discord
