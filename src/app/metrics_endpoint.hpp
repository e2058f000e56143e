#pragma once
// metrics_endpoint: answers GET /metrics with a bot's figures, on threads of its own. Owned by serve; destroyed before what `collect`
// uses. Failure: open() answers one sentence when the address cannot be listened on.

#include <functional>
#include <memory>
#include <string_view>

#include "app/bot_figures.hpp"

namespace dbcord::app {

class metrics_endpoint {
 public:
  // Called on the endpoint's threads; may block for a moment. Empty: not ready.
  using collector = std::function<std::optional<bot_figures>()>;

  static base::result<std::unique_ptr<metrics_endpoint>> open(std::string_view address, collector collect);
  ~metrics_endpoint();

  std::string url() const;  // with the port that the system chose if the address had 0

 private:
  struct parts;
  explicit metrics_endpoint(std::unique_ptr<parts> p);
  std::unique_ptr<parts> parts_;
};

}  // namespace dbcord::app
