#include "simulation/bot_program.hpp"

#include <algorithm>

#include "database/database_administration.hpp"

namespace dbcord::simulation {

namespace {

constexpr base::duration start_limit = std::chrono::minutes(5);
constexpr base::duration stop_limit = std::chrono::seconds(20);

discord::scheduler_options rest_options(const bot_setup& setup, discord::server_clock& clock) {
  discord::scheduler_options options;
  options.api_url = setup.api_url;
  options.token = "Bot " + setup.token;
  options.clock = &clock;
  return options;
}

}  // namespace

bot_program::bot_program(const actor::environment& env, network& net, bot_setup setup, bot_observer& observer)
    : clock_(env.clock, env.log),
      env_{env.context, clock_, env.timers, env.random, env.log},
      setup_(std::move(setup)),
      observer_(observer),
      transport_(env_, net, setup_.name),
      scheduler_(env_, transport_, rest_options(setup_, clock_)),
      client_(env_, scheduler_),
      interactions_(env_, scheduler_) {}

bot_program::~bot_program() = default;

bool bot_program::has_jobs() const {
  if (!bot_) return false;
  auto jobs = bot_->jobs().all();
  return std::any_of(jobs.begin(), jobs.end(), [](const auto& j) { return !j.outcome; });
}

actor::task<void> bot_program::run() {
  auto started = co_await start();
  if (!started) observer_.bot_exits(started.error().message);
}

actor::task<base::result<void>> bot_program::start() {
  auto deadline = env_.after(start_limit);
  auto self = co_await client_.me(deadline);
  if (!self) co_return self.error();
  store_.emplace(env_, scheduler_, discord::store_identity{setup_.guild, self->id});
  database::message_store* store = &*store_;
  if (setup_.weak_spot != weakness::none) store = &weak_store_.emplace(*store_, setup_.weak_spot);
  setup_.engine.on_fenced = [this](base::error e) {
    *yielded_ = true;
    observer_.bot_fenced(e.message);
  };
  engine_ = database::make_engine(env_, *store, setup_.engine);
  engine_->administration().keep_threads_in(threads_.emplace(scheduler_, setup_.guild));
  auto opened = co_await engine_->open(deadline);
  if (!opened) co_return opened.error();
  bot::bot_options options;
  options.self = self->id;
  options.dispatch.guild = setup_.guild;
  options.dispatch.yielded = yielded_;
  options.gateway.token = setup_.token;
  options.gateway.saved = setup_.saved;
  options.gateway.identify_interval = base::duration::zero();
  bot::bot_events& events = *this;
  bot_ = std::make_unique<bot::bot>(env_, client_, interactions_, transport_, *engine_, std::move(options), events);
  co_return co_await bot_->start(deadline);
}

// The order that bot.hpp asks for.
actor::task<void> bot_program::stop() {
  auto deadline = env_.after(stop_limit);
  if (bot_) co_await bot_->stop(deadline);
  if (engine_) co_await engine_->close(deadline);
  if (bot_) co_await bot_->join(deadline);
  co_await scheduler_.stop(env_.after(stop_limit));
}

void bot_program::on_ready() { observer_.bot_ready(); }
void bot_program::on_session(const protocol::gateway_saved_session& saved) { observer_.session_saved(saved); }
void bot_program::on_fatal(base::error e) { observer_.bot_exits("gateway: " + e.message); }

}  // namespace dbcord::simulation
