#include "simulation/run.hpp"

#include <algorithm>

#include "simulation/linearizability.hpp"
#include "simulation/store_checks.hpp"
#include "simulation/workload.hpp"

namespace dbcord::simulation {

namespace {

constexpr base::duration set_up_limit = std::chrono::minutes(5);
constexpr base::duration settle_limit = std::chrono::minutes(10);

// A promise that is plainly broken: no use in going on.
struct given_up : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class run {
 public:
  run(const scenario& s, trace::sink show)
      : scenario_(s),
        random_(s.seed ^ 0x5EED),
        world_(s.seed),
        trace_(now_of(world_), std::move(show)),
        guild_(world_, trace_, guild_options(s)),
        network_(world_, guild_, trace_),
        bot_(world_, guild_, network_, trace_, s),
        rival_(world_, guild_, network_, trace_, s, "rival"),
        workload_(world_, trace_, s, users_) {}

  run_report execute() {
    trace_.line(describe(scenario_));
    try {
      set_up();
      work();
      settle();
      verify();
    } catch (const std::exception& e) {
      violate(e.what());
    }
    return report();
  }

 private:
  static const base::steady_time& now_of(world& w) { return w.now_reference(); }

  static guild::core_options guild_options(const scenario& s) {
    guild::core_options options;
    options.rate_limits = s.rate_limits;
    return options;
  }

  void violate(std::string what) {
    trace_.say("VIOLATION {}", what);
    violations_.push_back(std::move(what));
  }
  void violate(const std::vector<std::string>& what) {
    for (const auto& v : what) violate(v);
  }

  void await(const char* what, const std::function<bool()>& done, base::duration limit) {
    if (world_.run_until(done, limit)) return;
    if (done()) return;
    throw given_up(fmt::format("did not come about in time: {}", what));
  }

  void await_ready() {
    await("the bot is ready", [this] { return bot_.ready(); }, settle_limit);
  }

  void set_up() {
    for (int i = 0; i < scenario_.users; ++i) {
      users_.push_back(std::make_unique<simulated_user>(world_, guild_, fmt::format("user{}", i)));
    }
    await("every user is online", [this] {
      return std::all_of(users_.begin(), users_.end(), [](auto& u) { return u->online(); });
    }, set_up_limit);
    bot_.start();
    await("the bot is ready", [this] { return bot_.ready(); }, set_up_limit);
    command("dbc_init", {text_option("database", database_name)});
    for (int t = 0; t < scenario_.tables; ++t) {
      command("dbc_table_create", {text_option("database", database_name), text_option("table", "t" + std::to_string(t)),
                                   text_option("pk", "id")});
      if (!scenario_.unique_index) continue;
      command("dbc_index_create", {text_option("database", database_name), text_option("table", "t" + std::to_string(t)),
                                   text_option("field", "v"), {{"name", "unique"}, {"type", 5}, {"value", true}}});
    }
  }

  // Without faults, so it must succeed.
  void command(std::string name, std::vector<boost::json::object> options) {
    slash_command c;
    c.name = std::move(name);
    for (auto& o : options) c.options.push_back(std::move(o));
    auto told = std::make_shared<std::optional<user_reply>>();
    auto what = c.name;
    users_[0]->send(std::move(c), set_up_limit, [told](user_reply r) { *told = std::move(r); });
    await(what.c_str(), [told] { return told->has_value(); }, set_up_limit + std::chrono::seconds(1));
    bool done = (*told)->what == user_reply::kind::answered && !(*told)->text.starts_with("\xE2\x9D\x8C");
    if (!done) throw given_up(what + " failed: " + (*told)->text);
  }

  void work() {
    trace_.line("the work begins");
    working_ = true;
    network_.plan = plan_of_weight(scenario_.fault_weight);
    if (scenario_.stale_reads) {
      network_.plan.stale_history = 0.5;
      network_.plan.stale_max = scenario_.staleness;
    }
    bot_.allow_crashes(true);
    if (scenario_.rival) {
      network_.share_token();
      rival_.allow_crashes(true);
      world_.after(draw_up_to(scenario_.length / 4, random_), [this] {
        if (working_) rival_.start();
      });
    }
    workload_.start();
    plan_guild_restart();
    world_.run_for(scenario_.length);
    trace_.line("the work ends");
    workload_.stop();
    working_ = false;
    await("every user has an answer", [this] { return workload_.idle(); }, settle_limit);
  }

  void plan_guild_restart() {
    if (scenario_.guild_restart_every <= base::duration::zero()) return;
    world_.after(draw_exponential(scenario_.guild_restart_every, random_), [this] {
      if (!working_) return;
      guild_.restart();
      network_.process_started();  // what the guild counted is forgotten too
      plan_guild_restart();
    });
  }

  void settle() {
    trace_.line("no more faults");
    network_.plan = {};
    bot_.allow_crashes(false);
    end_rivalry();
    await("late requests arrive", [this] { return network_.travelling() == 0; }, settle_limit);
    await_ready();
    read_everything();
    await_materialised(world_, bot_, settle_limit, violations_);
  }

  // Whoever of the two has lost the database does not get it back by itself: both end, one starts.
  void end_rivalry() {
    rival_.allow_crashes(false);
    if (!scenario_.rival) return;
    rival_.end();
    bot_.end();
    bot_.start();
  }

  void read_everything() {
    auto done = std::make_shared<bool>(false);
    workload_.read_everything([done] { *done = true; });
    await("every key is read", [done] { return *done; }, settle_limit);
  }

  // The product's own verification must agree with ours.
  void verify_by_command() {
    for (int t = 0; t < scenario_.tables; ++t) {
      command("dbc_verify", {text_option("database", database_name), text_option("table", "t" + std::to_string(t))});
    }
  }

  void verify() {
    verify_by_command();
    auto before = memory_of(world_, bot_, violations_);
    violate(check_messages(guild_, before));
    if (!bot_.stop()) violate("the bot did not stop in time");
    trace_.line("a clean restart");
    bot_.start();
    await_ready();
    auto after = memory_of(world_, bot_, violations_);
    violate(compare(before, after));
    read_everything();
    if (!bot_.stop()) violate("the bot did not stop in time");
    violate(workload_.violations());
    violate(network_.violations());
    violate(check_linearizability(workload_.operations(), &inconclusive_));
  }

  run_report report() {
    run_report r;
    r.violations = violations_;
    r.trace_hash = trace_.hash();
    r.trace_lines = trace_.lines();
    for (const auto& op : workload_.operations()) {
      ++r.operations;
      r.unknown += op.outcome == operation_outcome::unknown;
      r.acknowledged += op.outcome == operation_outcome::done;
      r.refused += op.outcome == operation_outcome::refused;
    }
    r.crashes = bot_.crashes() + rival_.crashes();
    r.starts = bot_.starts() + rival_.starts();
    r.requests = network_.stats().requests;
    r.faults = network_.stats().faults;
    r.gateway_drops = network_.stats().drops;
    r.limited = network_.stats().limited;
    r.inconclusive_keys = inconclusive_;
    r.virtual_time = world_.now() - steady_origin;
    return r;
  }

  scenario scenario_;
  base::seeded_random random_;
  world world_;
  trace trace_;
  simulated_guild guild_;
  network network_;
  supervisor bot_;
  supervisor rival_;
  std::vector<std::unique_ptr<simulated_user>> users_;
  workload workload_;
  std::vector<std::string> violations_;
  std::uint64_t inconclusive_ = 0;
  bool working_ = false;
};

}  // namespace

run_report run_scenario(const scenario& s, trace::sink show) { return run(s, std::move(show)).execute(); }

}  // namespace dbcord::simulation
