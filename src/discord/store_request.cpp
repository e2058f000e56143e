#include "discord/store_request.hpp"

namespace dbcord::discord {

rest_request store_request(std::string method, std::string route, std::string top_level, std::string path, const database::call_options& options) {
  rest_request r;
  r.method = std::move(method);
  r.route = std::move(route);
  r.top_level = std::move(top_level);
  r.path = std::move(path);
  r.level = options.level;
  r.deadline = options.deadline;
  return r;
}

}  // namespace dbcord::discord
