#include "simulation/network.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "dbcord/base/time_text.hpp"
#include "simulation/gateway_link.hpp"

namespace dbcord::simulation {

namespace {

constexpr std::size_t shown = 160;  // characters of a body in the trace

std::string target_of(std::string_view url) {
  auto scheme = url.find("://");
  auto path = url.find('/', scheme == std::string_view::npos ? 0 : scheme + 3);
  return path == std::string_view::npos ? "/" : std::string(url.substr(path));
}

discord::http_response to_client(guild::http_response response) {
  discord::http_response answer;
  answer.status = response.status;
  answer.headers = std::move(response.headers);
  answer.body = std::move(response.body);
  return answer;
}

bool writes_message(const guild::http_request& r) {
  return r.method == "POST" && r.target.ends_with("/messages");
}

bool writes_file(const guild::http_request& r) {
  return writes_message(r) && r.body.starts_with("--");  // of several parts
}

std::string header_of(const discord::http_response& response, std::string_view name) {
  auto it = std::find_if(response.headers.begin(), response.headers.end(), [&](const auto& h) { return h.first == name; });
  return it == response.headers.end() ? std::string() : it->second;
}

// The bucket, and the channel, guild or webhook that it is counted for.
std::string window_of(std::string_view target, const discord::http_response& response) {
  static constexpr std::string_view root = "/api/v10/";
  if (target.starts_with(root)) target.remove_prefix(root.size());
  auto of = target.substr(0, target.find('/', target.find('/') + 1));
  return header_of(response, "X-RateLimit-Bucket") + " " + std::string(of);
}

network::answer failure(discord::transport_errc code, const char* text) { return base::error(code, text); }

}  // namespace

struct network::exchange {
  std::uint64_t number = 0;
  std::string who;
  guild::http_request request;
  base::steady_time deadline;
  fate what = fate::served;
  actor::promise<answer> reply;
};

network::network(world& w, simulated_guild& guild, trace& t)
    : world_(w), guild_(guild), trace_(t), random_(w.random().next()) {}

network::~network() = default;

void network::travel(base::duration d, base::unique_function<void()> event) {
  ++travelling_;
  world_.after(d, [this, event = std::move(event)]() mutable {
    --travelling_;
    event();
  });
}

void network::send(const std::string& who, discord::http_request request, base::duration patience,
                   actor::promise<answer> reply) {
  if (patience <= base::duration::zero()) {
    reply.set(failure(discord::transport_errc::not_sent, "the deadline had passed"));
    return;
  }
  auto x = std::make_shared<exchange>();
  x->number = ++last_request_;
  x->who = who;
  x->deadline = patience > base::steady_time::max() - world_.now() ? base::steady_time::max() : world_.now() + patience;
  x->reply = std::move(reply);
  bool effect = request.method != "GET";
  x->request.method = std::move(request.method);
  x->request.target = target_of(request.url);
  x->request.headers = std::move(request.headers);
  x->request.body = std::move(request.body);
  const auto& faults = plan_for(who);
  bool spared = (faults.only_messages && !writes_message(x->request)) || (faults.only_files && !writes_file(x->request));
  x->what = spared ? fate::served : draw_fate(faults, effect, random_);
  ++stats_.requests;
  trace_.say("{} #{} {} {} {} {}", who, x->number, name(x->what), x->request.method, x->request.target,
             x->request.body.substr(0, shown));
  if (x->what != fate::served) {
    ++stats_.faults;
    blind();
    bool lost = x->what == fate::reset_after || x->what == fate::error_after || x->what == fate::applied_late || x->what == fate::answer_never;
    if (lost && on_lost && writes_message(x->request)) on_lost(who);
  }
  carry(std::move(x));
}

void network::carry(std::shared_ptr<exchange> x) {
  switch (x->what) {
    case fate::connect_refused:
      return travel(latency(), [x] {
        x->reply.set(failure(discord::transport_errc::not_sent, "connection refused"));
      });
    case fate::reset_before:
      return travel(latency(), [x] {
        x->reply.set(failure(discord::transport_errc::interrupted, "connection reset"));
      });
    case fate::applied_late:
      return give_up(std::move(x));
    default:
      return travel(latency(), [this, x] { serve(x); });
  }
}

// The client hears of a reset, or of nothing until its deadline; the guild applies the request afterwards.
void network::give_up(std::shared_ptr<exchange> x) {
  auto gives_up = x->deadline;
  if (random_.unit() < 0.7) {
    auto reset = latency();
    gives_up = world_.now() + reset;
    travel(reset, [x] { x->reply.set(failure(discord::transport_errc::interrupted, "connection reset")); });
  }
  travel(gives_up - world_.now() + draw_up_to(plan_for(x->who).late_max, random_), [this, x] { apply(x); });
}

void network::serve(std::shared_ptr<exchange> x) {
  switch (x->what) {
    case fate::error_before:
    case fate::error_after: {
      if (x->what == fate::error_after) apply(x);
      static constexpr int statuses[] = {500, 502, 503};
      discord::http_response broken;
      broken.status = statuses[random_.below(3)];
      broken.headers = {{"Content-Type", "text/html"}, {"Date", base::to_http_date(world_.wall_now())}};
      broken.body = "<html><body>upstream trouble</body></html>";
      return travel(latency(), [x, broken = std::move(broken)]() mutable { x->reply.set(std::move(broken)); });
    }
    case fate::rate_limited: {
      discord::http_response limited;
      limited.status = 429;
      limited.headers = {{"Content-Type", "application/json"}, {"Via", "1.1 google"}, {"Retry-After", "1"},
                         {"X-RateLimit-Scope", "shared"},     {"Date", base::to_http_date(world_.wall_now())}};
      limited.body = R"({"message":"The resource is being rate limited.","retry_after":0.5,"global":false})";
      return travel(latency(), [x, limited = std::move(limited)]() mutable { x->reply.set(std::move(limited)); });
    }
    case fate::forbidden: {
      bool callback = x->request.target.find("/interactions/") != std::string::npos || x->request.target.find("/webhooks/") != std::string::npos;
      if (callback) return apply(std::move(x));  // an interaction's token is its permission
      discord::http_response refused;
      refused.status = 403;
      refused.headers = {{"Content-Type", "application/json"}, {"Date", base::to_http_date(world_.wall_now())}};
      refused.body = R"({"message":"Missing Permissions","code":50013})";
      return travel(latency(), [x, refused = std::move(refused)]() mutable { x->reply.set(std::move(refused)); });
    }
    case fate::reset_after:
      apply(x);
      return travel(latency(), [x] {
        x->reply.set(failure(discord::transport_errc::interrupted, "connection reset"));
      });
    default:
      return apply(std::move(x));
  }
}

void network::apply(std::shared_ptr<exchange> x) {
  auto served = guild_.request(x->request);
  auto how = served.delivery;  // faults of the guild's own
  auto response = to_client(std::move(served));
  trace_.say("guild #{} -> {} {}", x->number, response.status, response.body.substr(0, shown));
  watch_limits(*x, response);
  bool forgotten = writes_message(x->request) && guild_.forgot_nonce();
  if (response.status / 100 == 2) log_watch_.applied(x->who, x->number, x->request, response.body, forgotten, world_.now());
  make_stale(*x, response);
  if (x->what != fate::served) return blind();
  auto back = latency();
  back += how.delay;
  if (how.bytes_a_second != 0) back += std::chrono::seconds(response.body.size() / how.bytes_a_second);
  bool too_late = world_.now() + back >= x->deadline;
  if (too_late || how.silent) blind();
  if (how.silent) return;
  if (too_late) return travel(x->deadline - world_.now(), [] {});  // by then its client has closed the connection, however much is still to come
  if (how.broken || how.cut_after) {
    blind();
    return travel(back, [x] { x->reply.set(failure(discord::transport_errc::interrupted, "connection reset")); });
  }
  travel(back, [this, x, response = std::move(response)]() mutable {
    x->reply.set(std::move(response));
    auto watcher = on_written.find(x->who);
    bool told = writes_message(x->request) || x->request.target.ends_with("/callback");
    if (watcher != on_written.end() && told) watcher->second();
  });
}

// History reads promise nothing but that they catch up (facts 1.6): what is newer than some moment is not shown yet.
void network::make_stale(const exchange& x, discord::http_response& response) {
  bool history = x.request.method == "GET" && x.request.target.find("/messages?") != std::string::npos;
  if (!history || response.status != 200) return;
  const auto& faults = plan_for(x.who);
  if (faults.history_empty > 0 && random_.unit() < faults.history_empty) {
    trace_.say("guild #{} shows no messages", x.number);
    response.body = "[]";
    return;
  }
  if (faults.stale_max <= base::duration::zero()) return;
  if (random_.unit() >= faults.stale_history) return;
  auto shown_until = world_.wall_now() - draw_up_to(faults.stale_max, random_);
  boost::json::array shown_messages;
  auto list = boost::json::parse(response.body).as_array();
  for (auto& m : list) {
    auto id = base::parse_id<base::message_id>(m.as_object().at("id").as_string());
    if (id && base::created_at(*id) <= shown_until) shown_messages.push_back(std::move(m));
  }
  if (shown_messages.size() == list.size()) return;
  trace_.say("guild #{} shows {} of {} messages", x.number, shown_messages.size(), list.size());
  response.body = boost::json::serialize(shown_messages);
}

void network::watch_limits(const exchange& x, const discord::http_response& response) {
  if (response.status != 429) return;
  ++stats_.limited;
  if (guild_.refused_by_fault()) return note_false_headers(x, response);
  if (x.what == fate::applied_late) return;  // nobody could know when it would arrive
  if (world_.now() < blind_until_) return;
  auto is_global = [](const auto& h) { return h.first == "X-RateLimit-Global"; };
  if (global_untold_ && std::any_of(response.headers.begin(), response.headers.end(), is_global)) return;
  auto misled = misled_until_.find(window_of(x.request.target, response));
  if (misled != misled_until_.end() && world_.now() < misled->second) return;
  ++stats_.limited_foreseeable;
  violations_.push_back(fmt::format("429 that headers had foretold: {} #{} {} {}", x.who, x.number,
                                    x.request.method, x.request.target));
}

// The guild refused although its headers, those of this answer too, say that something remains: whoever believes them may be refused again in this window.
void network::note_false_headers(const exchange& x, const discord::http_response& response) {
  ++stats_.limited_by_fault;
  auto remaining = header_of(response, "X-RateLimit-Remaining"), ends = header_of(response, "X-RateLimit-Reset-After");
  if (remaining != "1" || ends.empty()) return;  // more than one is never shown but if it is true
  auto left = std::chrono::duration<double>(std::strtod(ends.c_str(), nullptr));
  misled_until_[window_of(x.request.target, response)] = world_.now() + std::chrono::ceil<std::chrono::milliseconds>(left);
}

void network::drop_links() {
  std::vector<std::shared_ptr<gateway_link>> all;
  for (const auto& [key, link] : links_) all.push_back(link);
  // Not in the order of their addresses: runs must repeat.
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a->id() < b->id(); });
  for (const auto& link : all) link->lose();
}

void network::open(const std::string& who, std::string url,
                   actor::promise<base::result<std::unique_ptr<discord::event_stream>>> reply) {
  bool refused = random_.unit() < plan.open_refused;
  auto question = url.find('?');
  auto query = question == std::string::npos ? std::string() : url.substr(question + 1);
  trace_.say("{} opens {}{}", who, url, refused ? " (refused)" : "");
  travel(latency(), [this, who, query, refused, reply] {
    if (refused) {
      reply.set(base::error(discord::transport_errc::not_sent, "connection refused"));
      return;
    }
    auto link = std::make_shared<gateway_link>(*this, who);
    link->connect(query);
    reply.set(std::make_unique<simulated_stream>(std::move(link)));
  });
}

}  // namespace dbcord::simulation
