#include "simulation/supervisor.hpp"

#include <utility>

#include "simulation/chore_workload.hpp"
#include "simulation/workload.hpp"

namespace dbcord::simulation {

namespace {

constexpr base::duration restart_pause_max = std::chrono::seconds(4);
constexpr base::duration long_restart_pause_max = std::chrono::seconds(30);  // longer than a lease
constexpr base::duration short_pause = std::chrono::seconds(4);
constexpr base::duration long_pause = std::chrono::seconds(30);
// A rival whose claim the holder has answered just before its machine stopped waits for nothing, starts again, and has to wait for the lease then: within that and this.
constexpr base::duration longest_claim = std::chrono::seconds(20);
constexpr base::duration minute = std::chrono::minutes(1);  // what is longer than any lease, and any heartbeat
constexpr base::duration beyond_a_minute = std::chrono::seconds(30);
constexpr std::uint64_t fuse_max = 60;  // handlers between the moment that was drawn and the crash

}  // namespace

supervisor::supervisor(world& w, simulated_guild& guild, network& net, trace& t, const scenario& s,
                       std::string name)
    : world_(w),
      guild_(guild),
      net_(net),
      trace_(t),
      scenario_(s),
      name_(std::move(name)),
      random_(w.random().next()) {
  ledger_.name = name_;
  ledger_.resting = true;  // until its counter is there
}

supervisor::~supervisor() { end(); }

void supervisor::end() {
  wanted_ = false;
  bury();
}

void supervisor::start() {
  wanted_ = true;
  ending_ = false;
  ++generation_;
  bot_setup setup;
  setup.name = fmt::format("{}{}", name_, ++start_count_);
  setup.api_url = guild_.options().public_url + "/api/v10";
  auto credentials = guild_.credentials();
  setup.token = credentials.bot_token;
  setup.guild = credentials.guild;
  setup.engine.exclusive_by_lock = scenario_.exclusive_by_lock;
  if (scenario_.seed % 2 == 0) setup.engine.index_at_once = 0;
  if (scenario_.seed % 4 >= 2) setup.engine.altered_at_once = 1;
  setup.engine.take_over = scenario_.rivals > 0 && scenario_.seed / 6 % 2 == 1 && start_count_ % 3 == 0;  // of a holder that is well, too
  setup.engine.group_cap = scenario_.group_cap;
  setup.weak_spot = scenario_.weak_spot;
  setup.engine.lease = scenario_.lease;
  setup.engine.staleness = scenario_.staleness;
  setup.engine.backlog_cap = scenario_.backlog_cap;
  setup.engine.memory_cap = scenario_.memory_cap;
  if (scenario_.database_has_own_cap()) {
    setup.engine.database_memory_cap = scenario_.memory_cap;
    setup.engine.memory_cap *= 2;
  }
  setup.engine.page_from = scenario_.page_from;
  setup.engine.checkpoints.enabled = scenario_.checkpoint_tail > 0;
  setup.engine.checkpoints.tail_messages = static_cast<std::size_t>(scenario_.checkpoint_tail);
  setup.engine.checkpoints.close_messages = 1;
  setup.engine.checkpoints.segment_messages = static_cast<std::size_t>(std::max(1, scenario_.checkpoint_tail));  // so that it rolls often
  setup.engine.checkpoints.share = 1000;  // rows are few and small: every tail is worth a checkpoint
  if (scenario_.deltas) {
    setup.engine.checkpoints.share = 0;  // none is, but for the first
    setup.engine.checkpoints.tail_files = 2;
    if (scenario_.seed % 4 < 2) setup.engine.checkpoints.part_bytes = 2'000;  // a few records fill a delta
  }
  if (accept_loss_) setup.engine.accept_loss = {std::string(database_name)};
  if (scenario_.keep_session) setup.saved = saved_;
  trace_.say("{} starts", setup.name);
  log_ = std::make_unique<trace_logger>(trace_, setup.name);
  auto skew = draw_up_to(2 * scenario_.wall_skew, random_) - scenario_.wall_skew;
  process_ = &world_.start(setup.name, log_.get(), skew);
  net_.process_started();
  program_ = &process_->make<bot_program>(process_->env(), net_, std::move(setup), static_cast<bot_observer&>(*this));
  process_->spawn(program_->run());
  plan_crash();
  if (crash_count_ == 1 && scenario_.crash_start_at > 0) crash_behind(scenario_.crash_start_at);
  plan_pause();
}

void supervisor::plan_pause() {
  if (scenario_.pause_every <= base::duration::zero()) return;
  auto kind = random_.below(12);
  bool minutes_long = kind < 2 && scenario_.is_long();
  bool clocks_as_well = scenario_.machines_stop || (kind % 2 == 1 && !scenario_.client);  // what is embedded has no answer of Discord's to go by
  auto length = minutes_long ? minute + draw_up_to(beyond_a_minute, random_) : draw_up_to(kind >= 4 ? short_pause : long_pause, random_);
  if (scenario_.machines_stop) length = scenario_.lease + longest_claim + draw_up_to(short_pause, random_);
  world_.after(draw_exponential(scenario_.pause_every, random_), [this, generation = generation_, length, clocks_as_well] {
    if (generation != generation_ || !process_) return;
    if (crashes_) {
      trace_.say("{} is stopped for {:.3f} s{}", process_->name(), std::chrono::duration<double>(length).count(), clocks_as_well ? ", and its clocks" : "");
      ++pauses_.all;
      pauses_.long_ones += length >= minute;
      world_.pause_until(*process_, world_.now() + length, clocks_as_well);
    }
    plan_pause();
  });
}

// At a random time, and then after a random number of handlers: any point of the process's work can be hit.
void supervisor::plan_crash() {
  if (scenario_.crash_every <= base::duration::zero()) return;
  auto when = draw_exponential(scenario_.crash_every, random_);
  auto fuse = 1 + random_.below(fuse_max);
  world_.after(when, [this, generation = generation_, fuse] {
    if (generation != generation_ || !process_) return;
    if (!crashes_) return plan_crash();
    crash_behind(fuse);
  });
}

void supervisor::crash_behind(std::uint64_t handlers) {
  world_.set_fuse(*process_, handlers, [this] {
    if (crashes_) crash();
  });
}

void supervisor::allow_crashes(bool yes) {
  crashes_ = yes;
  if (yes && process_ && scenario_.crash_at > 0) crash_behind(scenario_.crash_at);
}

void supervisor::crash() {
  if (!process_) return;
  trace_.say("{} crashes", process_->name());
  ++crash_count_;
  bury();
  start_later();
}

// Where three processes compete each of them takes over now and then.
void supervisor::start_later() {
  auto most = scenario_.rivals > 1 ? long_restart_pause_max : restart_pause_max;
  world_.after(draw_up_to(most, random_), [this] {
    if (!process_ && wanted_) start();
  });
}

void supervisor::bury() {
  if (process_) {
    net_.on_written.erase(process_->name());
    world_.kill(*process_);
  }
  process_ = nullptr;
  program_ = nullptr;
  ready_ = false;
  ++generation_;
}

bool supervisor::stop() {
  wanted_ = false;
  if (!process_) return true;
  trace_.say("{} is told to stop", process_->name());
  if (std::exchange(ending_, true)) return world_.run_until([this] { return !process_; }, std::chrono::minutes(2));  // it ends already
  auto ended = std::make_shared<bool>(false);
  process_->spawn([](bot_program& p, std::shared_ptr<bool> ended) -> actor::task<void> {
    co_await p.stop();
    *ended = true;
  }(*program_, ended));
  bool in_time = world_.run_until([ended] { return *ended; }, std::chrono::minutes(2));
  bury();
  return in_time;
}

void supervisor::bot_ready() {
  trace_.say("{} is ready", process_->name());
  if (!ready_) start_client();
  ready_ = ever_ready_ = true;
}

void supervisor::start_client() {
  if (!scenario_.client) return;
  client_options options;
  options.looks = scenario_.client_looks && name_ == "bot";
  options.presses = scenario_.client_presses;
  options.promised = caps_of(scenario_);
  options.other = other_;
  ledger_.short_of_memory = 0;  // what the last process was refused says nothing about this one, to which the log has brought back versions
  auto& client = process_->make<embedded_client>(process_->env(), *program_->engine(), ledger_, options);
  process_->spawn(client.run());
  if (!options.looks) return;
  process_->spawn(client.watch());
  net_.on_written[process_->name()] = [&client] { client.stir(); };
}

void supervisor::session_saved(const protocol::gateway_saved_session& saved) { saved_ = saved; }

void supervisor::bot_fenced(const std::string& why) {
  world_.after({}, [this, why, generation = generation_] {
    if (generation != generation_ || !process_ || std::exchange(ending_, true)) return;  // said once for each database
    process_->spawn([](bot_program& p, supervisor& self, std::string why) -> actor::task<void> {
      co_await p.stop();
      self.bot_exits(why);
    }(*program_, *this, why));
  });
}

void supervisor::bot_exits(const std::string& why) {
  trace_.say("{} gives up: {}", process_->name(), why);
  exits_.push_back(why);
  world_.after({}, [this, generation = generation_] {
    if (generation != generation_) return;
    bury();
    start_later();
  });
}

}  // namespace dbcord::simulation
