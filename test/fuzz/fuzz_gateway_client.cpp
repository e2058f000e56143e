// The client's side of the gateway: whatever frames a server sends, in whatever order, the session goes on or fails with a
// reason. Input: a frame a line; a line "!N" is a close with code N, "~" lets time pass.

#include <charconv>

#include "dbcord/base/random.hpp"
#include "fuzz/fuzz_input.hpp"
#include "protocol/gateway_saved_session.hpp"
#include "protocol/gateway_session.hpp"

using namespace dbcord;

namespace {

class driver {
 public:
  driver() : random_(1), session_(options(), random_) { take(session_.start(time_)); }

  void line(std::string_view text) {
    if (text.starts_with('!')) {
      int code = 0;
      std::from_chars(text.data() + 1, text.data() + text.size(), code);
      take(session_.closed(code, time_));
    } else if (text == "~") {
      pass();
    } else {
      take(session_.received(text, time_));
    }
  }

 private:
  static protocol::gateway_session_options options() {
    protocol::gateway_session_options o;
    o.url = "ws://127.0.0.1";
    o.token = "token";
    return o;
  }

  void pass() {
    auto next = session_.next_timer();
    auto step = next ? std::max(*next - time_.now, base::duration::zero()) : base::duration(std::chrono::seconds(1));
    time_.now += step;
    time_.wall += std::chrono::duration_cast<base::system_time::duration>(step);
    take(session_.timer(time_));
  }

  void take(protocol::gateway_session::actions actions) {
    fuzz::promise(!failed_ || actions.empty(), "nothing follows a failure");
    for (auto& action : actions) {
      if (std::holds_alternative<protocol::gateway_do::open>(action)) opened_ = true;
      if (std::holds_alternative<protocol::gateway_do::fail>(action)) failed_ = true;
    }
    if (std::exchange(opened_, false)) take(session_.connected(time_));
  }

  base::seeded_random random_;
  protocol::gateway_time time_;
  protocol::gateway_session session_;
  bool opened_ = false;
  bool failed_ = false;
};

}  // namespace

DBCORD_FUZZ_TARGET(fuzz_gateway_client, data, size) {
  auto rest = fuzz::text_of(data, size);
  if (auto saved = protocol::parse_saved_session(rest)) {
    fuzz::promise(protocol::parse_saved_session(protocol::to_json(*saved)).has_value(), "a saved session survives writing");
  }
  driver d;
  while (!rest.empty()) d.line(fuzz::take_line(rest));
  return 0;
}
