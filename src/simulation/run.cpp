#include "simulation/run.hpp"

#include <algorithm>

#include "simulation/bug_scope.hpp"
#include "simulation/caps_watch.hpp"
#include "simulation/index_channel_checks.hpp"
#include "simulation/linearizability.hpp"
#include "simulation/loss_trial.hpp"
#include "simulation/mishaps.hpp"
#include "simulation/other_workloads.hpp"
#include "simulation/run_report.hpp"
#include "simulation/store_checks.hpp"
#include "simulation/verification_reply.hpp"
#include "simulation/version_checks.hpp"
#include "simulation/workload.hpp"

namespace dbcord::simulation {
namespace {

constexpr base::duration set_up_limit = std::chrono::minutes(5);
constexpr base::duration usual_settle_limit = std::chrono::minutes(10);
constexpr base::duration show_limit = std::chrono::minutes(11);  // after failures a channel is written again ten minutes later at most
constexpr int most_unanswered = 30;
constexpr int refusals_that_last = 20;  // on end: what could be forgotten would have been

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
        rivals_(world_, guild_, network_, trace_, s, bot_),
        workload_(world_, trace_, s, users_),
        others_(world_, guild_, trace_, s),
        mishaps_(world_, guild_, network_, trace_, scenario_, bot_, rivals_, random_),
        caps_(world_, scenario_, rivals_.all_and_bot()) {}

  run_report execute() {
    trace_.line(describe(scenario_));
    if (scenario_.tenth_of_limits) network_.tenth_of_limits();
    try {
      set_up();
      work();
      settle();
      verify();
      if (scenario_.losses) lose();
    } catch (const std::exception& e) {
      violate("progress", e.what());
    }
    return report();
  }

 private:
  static const base::steady_time& now_of(world& w) { return w.now_reference(); }

  static guild::core_options guild_options(const scenario& s) {
    guild::core_options options;
    options.rate_limits = s.rate_limits;
    if (s.tenth_of_limits) options.limits = tenth_of(options.limits);
    options.search_delay = std::chrono::duration_cast<std::chrono::milliseconds>(s.search_delay);
    options.search_misses_per_million = static_cast<std::uint32_t>(s.search_misses * 1'000'000);
    return options;
  }

  // Each violation begins with the checker that found it.
  void violate(std::string_view checker, std::string_view what) {
    violations_.push_back(fmt::format("{}: {}", checker, what));
    trace_.say("VIOLATION {}", violations_.back());
  }
  void violate(std::string_view checker, const std::vector<std::string>& what) {
    for (const auto& v : what) violate(checker, v);
  }

  // What is still to be written at a tenth of the limits takes that much longer.
  base::duration settle_limit() const { return scenario_.tenth_of_limits ? 6 * usual_settle_limit : usual_settle_limit; }

  void await(const char* what, const std::function<bool()>& done, base::duration limit) {
    if (world_.run_until(done, limit)) return;
    throw given_up(fmt::format("did not come about in time: {}", what));
  }

  void await_ready() {
    await("the bot is ready", [this] { return bot_.ready(); }, settle_limit());
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
      for (std::string_view field : {"v", "q"}) {
        command("dbc_index_create", {text_option("database", database_name), text_option("table", "t" + std::to_string(t)),
                                     text_option("field", field), flag_option("unique")});
      }
    }
    command("dbc_insert", {text_option("database", database_name), text_option("table", "t0"), text_option("key", "last"),
                           text_option("value_json", R"({"v":-1})")});  // deleted after the work: that goes even where memory is full
    if (scenario_.bank) {
      for (auto& c : bank::opening()) command(std::move(c));
    }
    if (scenario_.client) set_up_clients();
    for (auto& c : others_.opening(scenario_)) command(std::move(c));
  }

  void set_up_clients() {
    command("dbc_table_create", {text_option("database", database_name), text_option("table", client_table), text_option("pk", "id")});
    for (const auto* of : rivals_.all_and_bot()) {
      command("dbc_insert", {text_option("database", database_name), text_option("table", client_table), text_option("key", of->ledger().name),
                             text_option("value_json", R"({"n":0})")});
    }
    rivals_.rest_clients(false);
    if (scenario_.rivals > 0) rivals_.read_each_other();
  }

  // Given again until it is done, also by an earlier attempt that was not answered.
  void write_until_done(std::string key) {
    auto done = std::make_shared<bool>(false);
    ask_for(key, done);
    await("a last row is written", [done] { return *done; }, settle_limit());
  }

  void ask_for(std::string key, std::shared_ptr<bool> done) {
    slash_command c;
    c.name = "dbc_delete";
    c.options.push_back(text_option("database", database_name));
    c.options.push_back(text_option("table", "t0"));
    c.options.push_back(text_option("key", key));
    users_[0]->send(std::move(c), set_up_limit, [this, key, done](user_reply r) {
      bool written = r.what == user_reply::kind::answered && (r.text.starts_with("Deleted ") || r.text.find("has no row with key") != std::string::npos);
      if (written) {
        *done = true;
      } else {
        world_.after(std::chrono::seconds(1), [this, key, done] { ask_for(key, done); });
      }
    });
  }

  // Without faults, so it must succeed.
  // Answers the reply's text.
  std::string command(std::string name, std::vector<boost::json::object> options) {
    slash_command c;
    c.name = std::move(name);
    for (auto& o : options) c.options.push_back(std::move(o));
    return command(std::move(c));
  }

  std::string command(slash_command c) {
    auto told = answer_to(c);
    bool done = told.what == user_reply::kind::answered && !told.text.starts_with("\xE2\x9D\x8C");
    return done ? told.text : throw given_up(c.name + " failed: " + told.text);
  }

  user_reply answer_to(const slash_command& c) {
    auto told = std::make_shared<std::optional<user_reply>>();
    users_[0]->send(c, set_up_limit, [told](user_reply r) { *told = std::move(r); });
    await(c.name.c_str(), [told] { return told->has_value(); }, set_up_limit + std::chrono::seconds(1));
    // Afterwards only what reads is asked; the bot may just have lost its gateway connection.
    bool unanswered = settling_ && (*told)->what != user_reply::kind::answered && unanswered_ < most_unanswered;
    if (!unanswered) return **told;
    ++unanswered_;
    world_.run_for(std::chrono::seconds(1));
    return answer_to(c);
  }

  void work() {
    trace_.line("the work begins");
    working_ = true;
    network_.plan = plan_of_weight(scenario_.fault_weight);
    network_.plan.drop_every *= scenario_.calm;
    network_.plan.late_max = scenario_.late_max;
    if (scenario_.stale_reads) {
      network_.plan.stale_history = 0.5;
      network_.plan.stale_max = scenario_.staleness;
    }
    if (scenario_.guild_faults || scenario_.whims || scenario_.ids_behind > base::duration::zero() || scenario_.deltas || scenario_.nonces_forgotten) guild_.set_faults(faults_within(scenario_));
    bot_.allow_crashes(true);
    if (scenario_.rivals > 0) {
      network_.share_token();
      rivals_.allow_crashes(true);
      for (const auto& r : rivals_.own()) {
        world_.after(draw_up_to(scenario_.length / 4, random_), [this, &r] {
          if (working_) r->start();
        });
      }
    }
    workload_.start();
    others_.start();
    mishaps_.start();
    caps_.start();
    world_.run_for(scenario_.length);
    trace_.line("the work ends");
    workload_.stop();
    rivals_.rest_clients(true);
    others_.stop();
    mishaps_.stop();
    working_ = false;
    await("every user has an answer", [this] { return workload_.idle() && others_.idle(); }, settle_limit());
  }

  void settle() {
    trace_.line("no more faults");
    settling_ = true;
    mishaps_.end();
    bot_.allow_crashes(false);
    end_rivalry();
    await("late requests arrive", [this] { return network_.travelling() == 0; }, settle_limit());
    await_ready();
    await("every database is open", [this] { return all_open(); }, settle_limit());
    await("long work is done", [this] { return !bot_.program()->has_jobs(); }, settle_limit());
    // Acknowledged only when everything before it in the log is decided: what users have given up must not happen after our look.
    write_until_done("last");
    read_everything();
    if (scenario_.client) await_last_answer();
    if (others_.alterations) await_altered();
    if (scenario_.hand_every > base::duration::zero()) repair();
    violate("messages", await_materialised(world_, bot_, settle_limit()));
    cache_ = cache_of(world_, bot_);
  }

  // Which messages are superseded is kept in mind, and counts as memory: a long run writes so many that they alone fill a small cap, and then no write makes room.
  // Vacuum does; behind it the answer must come.
  void await_last_answer() {
    const auto& l = bot_.ledger();
    auto answered = [&l] { return l.asked == l.acknowledged; };
    await("the embedded client has an answer", [&] { return answered() || l.short_of_memory >= refusals_that_last; }, settle_limit());
    if (answered()) return;
    violate("memory", check_nothing_forgettable(memory(), scenario_.memory_cap));
    trace_.line("vacuum, since memory is full");
    command("dbc_vacuum", {text_option("database", database_name)});
    await("the embedded client has its last answer", answered, settle_limit());
  }

  void await_altered() {
    for (auto until = world_.now() + settle_limit(); world_.now() < until; world_.run_for(std::chrono::seconds(1))) {
      for (const auto& table : memory()) {
        if (table.name == altered_table && alteration_workload::settled(table)) return;
      }
    }
    violate("alterations", "an alteration of columns does not come to its end");
  }

  // But for those that are open and not whole.
  bool all_open() {
    if (!bot_.program()) return false;
    auto failed = bot_.program()->engine()->failed();
    return std::all_of(failed.begin(), failed.end(), [](const auto& why) { return why.find("restore was interrupted") != std::string::npos; });
  }

  // Whoever has lost the database does not get it back by itself: all end, one starts.
  void end_rivalry() {
    rivals_.allow_crashes(false);
    if (scenario_.rivals == 0) return;
    rivals_.end();
    bot_.end();
    bot_.start();
  }

  void read_everything() {
    auto done = std::make_shared<bool>(false);
    workload_.read_everything([done] { *done = true; });
    await("every key is read", [done] { return *done; }, settle_limit());
  }

  // What was deleted while nobody was told is found by verification, and mended.
  void repair() {
    for (const auto& t : memory()) {
      auto c = table_command("dbc_verify", t.name);
      c.options.push_back(flag_option("repair"));
      (void)answer_to(c);  // what stays broken is found below
    }
  }

  // The product's own verification must agree with ours.
  void verify_by_command() {
    for (int t = 0; t < scenario_.tables; ++t) {
      auto told = all_told(guild_, answer_to(table_command("dbc_verify", "t" + std::to_string(t))));
      bool left = tells_only_of_what_is_incomplete(told, false, scenario_.cuts_files()) && told.find("orphan") == std::string::npos;
      if (!left && !tells_that_all_is_well(told, mishaps_.deleted_by_hand())) violate("verification", told);
    }
  }

  std::vector<table_content> restarted(bool killed, const std::vector<table_content>& before) {
    // Else older versions have made room for rows, and the log brings them back; or a start finds, or misses, what people have deleted.
    bool histories = scenario_.memory_cap == scenario().memory_cap && mishaps_.deleted_by_hand().messages.empty();
    auto versions = histories ? versions_in(before) : known_versions();
    killed ? bot_.end() : stop_cleanly();
    trace_.line(killed ? "killed at the end" : "a clean restart");
    bot_.start();
    await_ready();
    violate("restart", await_materialised(world_, bot_, settle_limit()));
    auto after = memory();
    violate("restart", compare(before, after, {killed, histories, others_.chores ? others_.chores->copy_at_work() : std::string()}));
    if (histories) violate("restart", compare_versions(versions, versions_in(after)));
    return after;
  }

  known_versions versions_in(const std::vector<table_content>& tables) {
    std::vector<std::string> violations;
    auto known = some_versions(world_, bot_, tables, violations);
    violate("histories", violations);
    return known;
  }

  void verify() {
    auto before = memory();
    if (scenario_.index_channels) violate("index channels", await_index_channels(world_, guild_, bot_, before, false, show_limit));
    if (scenario_.index_channels) repair();  // pages that were applied late are found by verification only
    verify_by_command();
    violate("messages", check_messages(guild_, before));
    await_dropped();
    violate("drop", others_.upkeep.violations(*bot_.program()->engine()));
    if (others_.chores) violate("chores", others_.chores->check(before));
    if (others_.threads) violate("threads", others_.threads->check(network_.log_content()));
    for (const auto& table : before) {
      if (scenario_.unique_index && table.name.starts_with("t")) violate("unique", check_unique(table, "q"));
      if (table.name == client_table) violate("counter", check_counters(table, rivals_.all_and_bot()));
      if (table.name == altered_table && others_.alterations) violate("alterations", others_.alterations->check(table));
    }
    (void)restarted(true, before);
    auto after = restarted(false, memory());
    if (scenario_.index_channels) violate("index channels", await_index_channels(world_, guild_, bot_, after, true, show_limit));
    read_everything();
    stop_cleanly();
    violate("caps", caps_.violations());
    violate("replies", workload_.violations());
    if (others_.alterations) violate("alterations", others_.alterations->violations());
    violate("transactions", workload_.accounts().violations());
    for (const auto* of : rivals_.all_and_bot()) violate("embedded client", of->ledger().violations);
    violate("limits", network_.violations());
    violate("log", network_.log_violations());
    auto operations = workload_.operations();
    if (others_.chores) {
      violate("chores", others_.chores->violations());
      operations.insert(operations.end(), others_.chores->seen().begin(), others_.chores->seen().end());
    }
    violate("snapshots", check_snapshots(operations));
    violate("counts", workload_.count_violations());
    if (!scenario_.whole_databases) violate("imports", check_imports(workload_.imports(), network_.log_content(), network_.records_that_count()));
    past_excuses excuses{others_.upkeep.limits_histories(), !mishaps_.deleted_by_hand().messages.empty()};
    violate("past", workload_.past().check(network_, scenario_, excuses));
    violate("linearizability", check_linearizability(operations, &inconclusive_));
  }

  // Only what is well can be judged by what it makes of a loss.
  void lose() {
    if (!violations_.empty()) return;
    trace_.line("people delete by hand");
    loss_trial trial(world_, guild_, network_, trace_, scenario_, bot_, *users_[0]);
    try {
      trial.run();
    } catch (const std::exception& e) {
      violate("loss", e.what());
    }
    violate("loss", trial.violations());
    losses_ = trial.report();
  }

  // A process leaves the channels alone until nobody can be shown the catalog as it was.
  void await_dropped() {
    for (auto until = world_.now() + scenario_.staleness + std::chrono::seconds(30); world_.now() < until;) {
      if (check_dropped(guild_).empty()) return;
      world_.run_for(std::chrono::seconds(1));
    }
    violate("drop", check_dropped(guild_));
  }

  std::vector<table_content> memory() {
    std::vector<std::string> unreadable;
    auto content = memory_of(world_, bot_, unreadable);
    violate("memory", unreadable);
    return content;
  }

  void stop_cleanly() {
    if (!bot_.stop()) violate("progress", "the bot did not stop in time");
  }

  run_report report() {
    run_report r;
    r.violations = violations_;
    r.trace_hash = trace_.hash();
    r.trace_lines = trace_.lines();
    r.steps = world_.steps();
    r.losses = losses_;
    count_others(r, others_);
    count_work(r, workload_);
    r.cap_looks = caps_.looks();
    count_processes(r, rivals_);
    count_requests(r, network_);
    r.guild_faults = guild_.faults_drawn();
    r.limits_cut = mishaps_.cuts();
    r.cache = cache_;
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
  rivals rivals_;
  std::vector<std::unique_ptr<simulated_user>> users_;
  workload workload_;
  other_workloads others_;
  mishaps mishaps_;
  caps_watch caps_;
  std::vector<std::string> violations_;
  std::uint64_t inconclusive_ = 0;
  loss_report losses_;
  database::cache_figures cache_;
  int unanswered_ = 0;  // commands after the work
  bool working_ = false;
  bool settling_ = false;
};

}  // namespace

run_report run_scenario(const scenario& s, trace::sink show) {
  bug_scope scope(s.bug);
  return run(s, std::move(show)).execute();
}

}  // namespace dbcord::simulation
