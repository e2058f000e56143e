#include "app/bot_process.hpp"

#include <fmt/format.h>

#include "app/session_file.hpp"
#include "database/database_administration.hpp"

namespace dbcord::app {
namespace {

constexpr base::duration first_limit = std::chrono::seconds(3);   // until it is said that nobody answers
constexpr base::duration step_limit = std::chrono::seconds(20);   // one request or a few
constexpr base::duration open_limit = std::chrono::minutes(10);   // reads the log of every database
constexpr base::duration retry_pause = std::chrono::seconds(2);
constexpr base::duration dates_expected = std::chrono::seconds(5);  // of a start, until it is said that no answer has one
constexpr base::duration last_moment = std::chrono::seconds(1);    // for what the scheduler has just refused

discord::scheduler_options rest_options(const bot_settings& settings, discord::server_clock& clock, std::function<void(base::error)> on_unauthorized) {
  discord::scheduler_options options;
  options.api_url = settings.api_url;
  options.token = "Bot " + settings.token;
  options.clock = &clock;
  options.on_unauthorized = std::move(on_unauthorized);
  return options;
}

// What another attempt may mend.
bool is_transient(const base::error& e) {
  using database::store_errc;
  return e.code == discord::transport_errc::not_sent || e.code == discord::transport_errc::interrupted ||
         e.code == store_errc::busy || e.code == store_errc::unknown || e.code == store_errc::not_done ||
         e.code == database::errc::unavailable || e.code == base::errc::timeout || e.code == base::errc::overloaded;
}

base::error explained(const base::error& e) {
  if (e.code == database::store_errc::unauthorized || e.code == discord::gateway_errc::authentication_failed)
    return {e.code, "the bot token is wrong or was revoked; put the right one into DISCORD_BOT_TOKEN and start again", e.detail};
  return e;
}

}  // namespace

bot_process::bot_process(const actor::environment& env, bot_settings settings, process_events& events)
    : clock_(env.clock, env.log), env_{env.context, clock_, env.timers, env.random, env.log}, settings_(std::move(settings)), events_(events), net_(env_),
      scheduler_(env_, net_, rest_options(settings_, clock_, [this](base::error e) { token_refused(std::move(e)); })),
      client_(env_, scheduler_), interactions_(env_, scheduler_), watch_(env_, "watch over the start") {}

bot_process::~bot_process() = default;

actor::task<void> bot_process::run() {
  auto started = co_await start();
  if (!started && !stopping_) events_.failed(explained(started.error()));
  run_done_.set(true);
}

actor::task<base::result<void>> bot_process::start() {
  auto self = co_await find_self();
  if (!self) co_return self.error();
  store_.emplace(env_, scheduler_, discord::store_identity{settings_.guild, *self});
  database::engine_options options;
  options.exclusive_by_lock = settings_.local;
  options.memory_cap = settings_.memory_cap;
  options.database_memory_cap = settings_.database_memory_cap;
  options.lease = settings_.lease;
  options.staleness = settings_.staleness;
  options.on_fenced = [this](base::error e) {
    *yielded_ = true;
    events_.failed(std::move(e));
  };
  options.accept_loss = settings_.accept_loss;
  options.take_over = settings_.take_over;
  options.descriptor = settings_.descriptor;
  options.create_missing = settings_.create_missing;
  engine_ = database::make_engine(env_, *store_, options);
  engine_->administration().keep_threads_in(threads_.emplace(scheduler_, settings_.guild));
  watch_.spawn(env_.make_strand(), tell_if_no_answer_is_dated());
  auto opened = co_await open_engine();
  opened_.notify();
  co_await watch_.join(base::steady_time::max());
  if (!opened) co_return opened;
  co_return co_await start_bot(*self);
}

actor::task<base::result<base::user_id>> bot_process::find_self() {
  for (;;) {
    auto self = co_await client_.me(env_.after(unreachable_said_ ? step_limit : first_limit));
    if (self) co_return self->id;
    bool again = co_await wait_out(self.error());
    if (!again) co_return self.error();
  }
}

actor::task<base::result<void>> bot_process::open_engine() {
  for (;;) {
    auto opened = co_await engine_->open(env_.after(open_limit));
    if (opened) co_return opened;
    bool again = co_await wait_out(opened.error());
    if (!again) co_return opened.error();
  }
}

// Who may write is decided by Discord's clock, never by ours: without it a database is not opened, however long that takes.
actor::task<void> bot_process::tell_if_no_answer_is_dated() {
  bool over = co_await opened_.wait_until(env_, env_.after(dates_expected));
  if (over || stopping_ || clock_.is_known()) co_return;
  env_.log.warning("no answer says what time it is (header Date); databases are opened only by Discord's clock, so this waits for one", {{"api", settings_.api_url}});
  events_.waits_for(fmt::format("an answer of {} that says what time it is (header Date); databases are opened only by Discord's clock", settings_.api_url));
}

actor::task<base::result<void>> bot_process::start_bot(base::user_id self) {
  bot::bot_options options;
  options.self = self;
  options.dispatch.guild = settings_.guild;
  options.dispatch.yielded = yielded_;
  options.gateway.token = settings_.token;
  options.gateway.saved = read_session_file(settings_.session_file);
  if (settings_.local) options.gateway.identify_interval = base::duration::zero();
  bot::bot_events& events = *this;
  bot_ = std::make_unique<bot::bot>(env_, client_, interactions_, net_, *engine_, std::move(options), events);
  for (;;) {
    auto started = co_await bot_->start(env_.after(step_limit));
    if (started) co_return started;
    bool again = co_await wait_out(started.error());
    if (!again) co_return started.error();
  }
}

actor::task<bool> bot_process::wait_out(const base::error& e) {
  if (stopping_ || !is_transient(e)) co_return false;
  if (!unreachable_said_)
    env_.log.warning("guild does not answer, trying again until it does", {{"api", settings_.api_url}, {"error", e.message}});
  unreachable_said_ = true;
  co_await stop_requested_.wait_until(env_, env_.after(retry_pause));
  co_return !stopping_;
}

// The order that bot.hpp asks for.
actor::task<void> bot_process::stop(base::steady_time deadline) {
  stopping_ = true;
  stop_requested_.notify();
  if (!run_done_.is_set()) co_await scheduler_.stop(env_.now());  // what start() waits for fails now
  co_await run_done_.get();
  if (bot_) co_await bot_->stop(deadline);
  if (engine_) co_await engine_->close(deadline);
  if (bot_) co_await bot_->join(deadline);
  co_await scheduler_.stop(deadline);
  // Whoever waited for Discord has an answer now. What goes on nevertheless is cut off (supervisor), rather than destroyed under its feet.
  if (bot_) co_await bot_->join(base::steady_time::max());
  if (engine_ && env_.now() >= deadline) co_await engine_->close(env_.after(last_moment));
}

void bot_process::on_ready() {
  if (!was_ready_.exchange(true)) events_.ready();
}

void bot_process::on_session(const protocol::gateway_saved_session& saved) {
  auto written = write_session_file(settings_.session_file, saved);
  if (!written) env_.log.warning("gateway session not kept", {{"error", written.error().message}});
}

void bot_process::on_fatal(base::error e) { events_.failed(explained(e)); }

// Before that the start fails by it.
void bot_process::token_refused(base::error e) {
  if (was_ready_) events_.failed(explained(e));
}

}  // namespace dbcord::app
