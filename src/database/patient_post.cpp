#include "database/patient_post.hpp"

#include <algorithm>

#include "actor/event.hpp"
#include "database/store_refusal.hpp"

namespace dbcord::database {
namespace {

using namespace std::chrono_literals;
constexpr base::duration post_request_time = 2min;  // 8 MiB at low priority
constexpr base::duration post_retry_pause = 2s;
constexpr int post_attempts_max = 10;

}  // namespace

actor::task<base::result<base::message_id>> post_patiently(const actor::environment& env, message_store& store, base::channel_id channel,
                                                           new_message message, base::steady_time deadline, std::function<bool()> given_up) {
  for (int attempt = 1;; ++attempt) {
    auto copy = message;
    copy.nonce = env.random.token(20);
    call_options options{priority::maintenance, std::min(deadline, env.after(post_request_time))};
    auto sent = co_await store.post(channel, std::move(copy), options);
    if (sent) co_return sent->value.id;
    if (!may_pass(sent.error()) || attempt == post_attempts_max || (given_up && given_up()) || env.now() + post_retry_pause >= deadline) co_return sent.error();
    co_await actor::sleep_for(env, post_retry_pause);
  }
}

}  // namespace dbcord::database
