#include "simulation/scenario.hpp"

#include <fmt/format.h>

namespace dbcord::simulation {

namespace {

double seconds(base::duration d) { return std::chrono::duration<double>(d).count(); }

}  // namespace

scenario draw_scenario(std::uint64_t seed, const scenario_overrides& fixed) {
  base::seeded_random random(seed * 0x9E3779B97F4A7C15ull + 1);
  scenario s;
  s.seed = seed;
  s.users = 2 + static_cast<int>(random.below(5));
  s.tables = 1 + static_cast<int>(random.below(2));
  s.keys = 2 + static_cast<int>(random.below(8));
  s.think = std::chrono::milliseconds(20 + random.below(500));
  s.rate_limits = random.below(2) == 0;
  s.fault_weight = static_cast<int>(random.below(4));
  bool crashes = random.below(3) != 0;
  auto crash_every = std::chrono::milliseconds(3'000 + random.below(20'000));
  bool guild_restarts = random.below(4) == 0;
  auto restart_every = std::chrono::milliseconds(5'000 + random.below(20'000));
  s.exclusive_by_lock = random.below(2) != 0;
  s.keep_session = random.below(2) == 0;
  bool stale_reads = random.below(2) == 0;
  bool rival = random.below(2) == 0;
  if (random.below(3) == 0) s.pause_every = std::chrono::milliseconds(5'000 + random.below(20'000));
  if (random.below(3) == 0) s.wall_skew = std::chrono::seconds(40);
  s.unique_index = random.below(2) == 0;
  if (random.below(4) != 0) s.checkpoint_tail = 3 + static_cast<int>(random.below(40));
  s.bank = random.below(2) == 0;
  s.client = random.below(2) == 0;
  s.client_looks = s.client && s.bank && random.below(2) == 0;
  s.client_presses = s.client && random.below(3) == 0;
  if (s.client_presses) {
    s.backlog_cap = 2'000 + random.below(4'000);
    s.memory_cap = 60'000 + random.below(100'000);
  }
  if (random.below(4) != 0) s.spell_every = std::chrono::milliseconds(6'000 + random.below(20'000));
  // Few people, long pauses, many crashes: what a process that has died left behind is then the last word.
  s.quiet = random.below(5) == 0;
  s.late_max = std::chrono::seconds(random.below(3) == 0 ? 60 : 2 + random.below(8));
  auto quiet_think = std::chrono::milliseconds(1'000 + random.below(4'000));
  if (random.below(4) == 0) s.hand_every = std::chrono::milliseconds(2'000 + random.below(8'000));
  if (s.quiet) {
    s.users = 2;
    s.think = quiet_think;
    s.client = s.client_looks = s.client_presses = false;
    s.backlog_cap = scenario().backlog_cap;
    s.memory_cap = scenario().memory_cap;
    if (s.spell_every == base::duration::zero()) s.spell_every = std::chrono::seconds(5);
    s.spell_every /= 2;
    s.length *= 2;
    crash_every /= 2;
    s.checkpoint_tail = 0;
  }
  // Of a generator of its own: so little memory that values are evicted.
  base::seeded_random little(seed * 0x9E3779B97F4A7C15ull + 2);
  if (little.below(2) == 0 && !s.client_presses) s.memory_cap = 20'000 + little.below(60'000);
  // And so few rows that a page is written for them.
  if (little.below(3) != 0) s.page_from = 2 + little.below(5);
  if (s.rate_limits && s.exclusive_by_lock && little.below(4) == 0) {
    s.tenth_of_limits = true;
    s.page_from = 2;  // a message in ten seconds: one for each row would take too long
  }
  // Of another one: guild search. What people delete it forgets at once, and dbcord is told a little later: not both in one run.
  base::seeded_random searching(seed * 0x9E3779B97F4A7C15ull + 3);
  s.search = searching.below(2) == 0 && s.hand_every == base::duration::zero() && !s.tenth_of_limits;
  s.search_delay = std::chrono::milliseconds(searching.below(2) == 0 ? searching.below(3'000) : searching.below(60'000));
  s.search_misses = searching.below(2) == 0 ? 0.01 : 0.2;
  if (s.search && searching.below(2) == 0) s.page_from = scenario().page_from;  // search knows nothing of rows in pages
  if (!s.exclusive_by_lock) {
    s.stale_reads = stale_reads;
    // With two of them in a third of those runs.
    base::seeded_random crowding(seed * 0x9E3779B97F4A7C15ull + 12);
    s.rivals = fixed.rivals.value_or(!rival ? 0 : crowding.below(3) == 0 ? 2 : 1);
    if (s.rivals > 1) {  // so that each of the three gets as far as to write
      s.lease = std::chrono::seconds(4);
      crash_every *= 3;
    }
    s.one_sided = s.rivals > 0 && little.below(2) == 0;
    s.length *= 2;
  }
  // In a quarter of the runs.
  base::seeded_random whole(seed * 0x9E3779B97F4A7C15ull + 4);
  s.whole_databases = whole.below(4) == 0 && !s.tenth_of_limits;
  if (s.whole_databases) s.upkeep_every = std::chrono::seconds(3);
  base::seeded_random within(seed * 0x9E3779B97F4A7C15ull + 5);
  s.guild_faults = within.below(4) == 0;
  // In half of the runs.
  base::seeded_random minting(seed * 0x9E3779B97F4A7C15ull + 10);
  s.ids_behind = std::chrono::milliseconds(minting.below(2) == 0 ? 300 : 0);
  // In a third of the runs; where somebody presses there may be no room for it.
  base::seeded_random altering(seed * 0x9E3779B97F4A7C15ull + 7);
  if (altering.below(3) == 0 && !s.client_presses) s.alter_every = std::chrono::milliseconds(1'000 + altering.below(6'000));
  // In a third of the runs.
  base::seeded_random showing(seed * 0x9E3779B97F4A7C15ull + 9);
  s.index_channels = showing.below(3) == 0;
  if (s.index_channels) s.upkeep_every = std::min<base::duration>(s.upkeep_every, std::chrono::seconds(6));
  // In three quarters of the runs in which nothing is evicted (a value may be lost with the record that alone has it) and the log is that of one database.
  // What an alteration still does after a loss is not in the model of what may be left.
  base::seeded_random losing(seed * 0x9E3779B97F4A7C15ull + 6);
  s.losses = losing.below(4) != 0 && s.alter_every == base::duration::zero() && !s.whole_databases && !s.tenth_of_limits && s.memory_cap == scenario().memory_cap;
  // In a quarter of the runs with checkpoints.
  base::seeded_random sparing(seed * 0x9E3779B97F4A7C15ull + 11);
  s.deltas = sparing.below(4) == 0 && s.checkpoint_tail > 0;
  // Where a lease is waited for few commands succeed.
  base::seeded_random threading(seed * 0x9E3779B97F4A7C15ull + 8);
  if (threading.below(s.exclusive_by_lock ? 2 : 4) == 0 && !s.whole_databases && !s.client_presses && !s.tenth_of_limits) s.thread_every = std::chrono::milliseconds(500 + threading.below(3'000));
  // In a quarter of the runs, and in half of those with limits.
  base::seeded_random moody(seed * 0x9E3779B97F4A7C15ull + 13);
  s.whims = moody.below(4) == 0;
  base::seeded_random cutting(seed * 0x9E3779B97F4A7C15ull + 14);
  if (cutting.below(2) == 0 && !s.tenth_of_limits) s.cut_every = std::chrono::milliseconds(8'000 + cutting.below(20'000));
  // In a third of the runs; of the long ones among them half have an import.
  base::seeded_random keeping(seed * 0x9E3779B97F4A7C15ull + 15);
  if (keeping.below(3) == 0 && !s.tenth_of_limits) s.chore_every = std::chrono::milliseconds(1'000 + keeping.below(5'000));
  bool bulk = keeping.below(2) == 0;
  base::seeded_random forgetting(seed * 0x9E3779B97F4A7C15ull + 16);
  s.nonces_forgotten = forgetting.below(5) == 0;
  // In a third of the runs in which a lease is waited for.
  base::seeded_random tidying(seed * 0x9E3779B97F4A7C15ull + 17);
  if (tidying.below(3) == 0 && !s.exclusive_by_lock) s.tidy_every = std::chrono::milliseconds(2'000 + tidying.below(20'000));
  // In half of the runs with clocks that are wrong they are wrong by days.
  base::seeded_random setting(seed * 0x9E3779B97F4A7C15ull + 18);
  if (setting.below(2) == 0 && s.wall_skew > base::duration::zero()) s.wall_skew = std::chrono::hours(72);
  if (fixed.crashes) crashes = *fixed.crashes;
  if (crashes) s.crash_every = crash_every;
  if (guild_restarts) s.guild_restart_every = restart_every;
  if (fixed.length) s.length = *fixed.length;
  if (fixed.fault_weight) s.fault_weight = *fixed.fault_weight;
  if (s.fault_weight == 0) s.guild_restart_every = {};
  if (fixed.rate_limits) s.rate_limits = *fixed.rate_limits;
  s.tenth_of_limits = s.tenth_of_limits && s.rate_limits;
  s.guild_faults = s.guild_faults && s.fault_weight > 0;
  s.nonces_forgotten = s.nonces_forgotten && s.fault_weight > 0;
  if (s.fault_weight == 0) s.ids_behind = {};
  s.whims = s.whims && s.fault_weight > 0;
  if (s.fault_weight == 0 || !s.rate_limits) s.cut_every = {};
  s.bulk_import = bulk && s.is_long() && s.chore_every > base::duration::zero() && !s.client_presses;  // there may be no room for its table, either
  // In a quarter of the runs imports are of several transactions, which wait for each other where queue or memory are short, fail one without the other and die in the
  // middle. Those of a bank need larger groups.
  base::seeded_random cut_up(seed * 0x9E3779B97F4A7C15ull + 19);
  auto small_group = 8 * (200 + cut_up.below(200));
  if (cut_up.below(2) == 0 && (!s.bank || s.bulk_import)) {
    s.group_cap = s.bulk_import ? 10 * small_group : small_group;
    s.imports *= 2;
  }
  // In a quarter of the runs, where there is room for them.
  base::seeded_random lengthening(seed * 0x9E3779B97F4A7C15ull + 21);
  s.long_texts = lengthening.below(4) == 0 && !s.client_presses && !s.cuts_imports();
  if (s.long_texts) s.memory_cap = std::max<std::size_t>(s.memory_cap, 80'000);
  // Each in a quarter of the runs.
  base::seeded_random expecting(seed * 0x9E3779B97F4A7C15ull + 22);
  s.preconditions = expecting.below(4) == 0;
  base::seeded_random remembering(seed * 0x9E3779B97F4A7C15ull + 23);
  s.looks_back = remembering.below(4) == 0;
  if (s.is_long()) {
    s.cut_longest = std::chrono::minutes(2);
    // In three quarters of the long runs things go well for a while in between: else most of the time processes start, and people wait.
    base::seeded_random calming(seed * 0x9E3779B97F4A7C15ull + 20);
    constexpr int calms[] = {1, 4, 8, 16};
    s.calm = calms[calming.below(std::size(calms))];
    for (auto* every : {&s.crash_every, &s.guild_restart_every, &s.pause_every, &s.spell_every}) *every *= s.calm;
  }
  if (s.fault_weight == 0 && !crashes) {
    s.pause_every = {};
    s.stale_reads = false;
    s.rivals = 0;
    s.spell_every = s.hand_every = s.tidy_every = {};
  }
  return s;
}

guild::rate_table tenth_of(guild::rate_table limits) {
  for (auto& figure : limits.figures) figure.window *= 10;
  limits.global_a_second /= 10;
  return limits;
}

guild::fault_plan faults_within(const scenario& s) {
  guild::fault_plan plan;
  plan.seed = s.seed;
  if (s.ids_behind > base::duration::zero()) plan.id_behind = 0.2;
  plan.id_behind_max = s.ids_behind;
  if (s.deltas || s.nonces_forgotten) plan.blocked_words = {R"("operations")"};  // so that commit groups, small as they are, go as files
  if (s.nonces_forgotten) {
    plan.nonce_forgotten = s.answers_lost ? 0.9 : 0.5;
    plan.upload_cut = s.answers_lost ? 0.4 : 0.1;
  }
  if (s.whims) {
    plan.limited_hidden = 0.01;
    plan.body_slow = 0.02;
    plan.body_bytes_a_second = 200 + s.seed % 5 * 500;
    plan.reconnect_every = s.calm * std::chrono::seconds(15);
    plan.invalidate_every = s.calm * std::chrono::seconds(25);
  }
  if (!s.guild_faults) return plan;
  plan.content_refused = 0.01;
  plan.upload_cut = std::max(plan.upload_cut, 0.05);
  plan.event_dropped = plan.event_doubled = plan.event_late = 0.02;
  plan.body_cut = 0.01;
  plan.search_lost = 0.05;
  if (s.stale_reads) {
    plan.visible_late = 0.05;
    plan.visible_late_max = s.staleness;
  }
  return plan;
}

bad_spell draw_spell(const fault_plan& usual, bool long_ones, base::random_source& random) {
  bad_spell spell;
  spell.plan = usual;
  auto& plan = spell.plan;
  constexpr std::uint64_t kinds = 10, first_of_loss = 3, of_loss = 4;
  auto kind = random.below(kinds + of_loss);  // losses of answers twice as often
  constexpr base::duration outage = std::chrono::minutes(1);  // longer than people wait
  switch (kind < kinds ? kind : first_of_loss + kind - kinds) {
    case 0:
      spell.name = "nobody reaches Discord";
      if (long_ones) spell.longest = outage;
      plan.connect_refused = 1;
      plan.open_refused = 1;
      spell.drops_gateway = true;
      break;
    case 1:
      spell.name = "REST is down";
      if (long_ones) spell.longest = outage;
      plan.error_before = 1;
      break;
    case 2:
      spell.name = "the gateway is down";
      if (long_ones) spell.longest = outage;
      plan.open_refused = 1;
      spell.drops_gateway = true;
      break;
    case 3:
      spell.name = "answers are lost";
      plan.reset_after = 0.3;
      plan.error_after = 0.3;
      break;
    case 4:
      spell.name = "requests arrive late";
      plan.applied_late = 0.5;
      plan.reset_after = 0.1;
      break;
    case 5: return answers_lost_and_requests_refused(usual);
    case 6:
      spell.name = "answers are lost and permissions as well";
      plan.reset_after = 0.4;
      plan.applied_late = 0.1;
      plan.forbidden = 0.4;
      break;
    case 7:
      spell.name = "a permission is missing";
      plan.forbidden = 1;
      break;
    case 8:
      spell.name = "history is not shown";
      plan.history_empty = random.below(3) == 0 ? 1 : 0.8;
      spell.longest = std::chrono::seconds(30);
      break;
    default:
      spell.name = "REST flaps";
      plan.error_before = 0.5;
  }
  return spell;
}

bad_spell answers_lost_and_requests_refused(const fault_plan& usual) {
  bad_spell spell{"answers are lost and requests refused"};
  spell.plan = usual;
  spell.plan.reset_after = spell.plan.connect_refused = 0.35;
  return spell;
}

bad_spell answers_to_files_are_lost(const fault_plan& usual) {
  bad_spell spell{"answers to files are lost"};
  spell.plan = usual;
  spell.plan.only_files = true;
  spell.plan.reset_after = 0.5;
  return spell;
}

bad_spell requests_arrive_late(const fault_plan& usual) {
  bad_spell spell{"requests arrive late"};
  spell.plan = usual;
  spell.plan.applied_late = 0.6;
  return spell;
}

bad_spell answers_lost_and_permission_missing(const fault_plan& usual) {
  bad_spell spell{"answers are lost, and a permission is missing"};
  spell.plan = usual;
  spell.plan.reset_after = spell.plan.forbidden = 0.3;
  return spell;
}

bad_spell draw_one_sided_spell(const fault_plan& usual, base::random_source& random) {
  bad_spell spell;
  spell.plan = usual;
  switch (random.below(4)) {
    case 0:
    case 1:
      spell.name = "history is not shown";
      spell.plan.history_empty = random.below(3) == 0 ? 0.8 : 1;
      spell.longest = std::chrono::seconds(40);
      break;
    case 2:
      spell.name = "a permission is missing";
      spell.plan.forbidden = 1;
      spell.longest = std::chrono::seconds(15);
      break;
    default: spell = answers_lost_and_requests_refused(usual);
  }
  return spell;
}

std::string describe(const scenario& s) {
  return fmt::format(
      "seed {}: {:.0f} s, {} users, {} tables of {} keys, think {:.3f} s, limits {}, faults {}, crash every {:.1f} s, "
      "guild restart every {:.1f} s, pause every {:.1f} s, spell every {:.1f} s, deleted by hand every {:.1f} s, claims every {:.1f} s, columns altered every {:.1f} s, threads every {:.1f} s, chores every {:.1f} s{}{}, {}{}{}{}{}{}{}{}{}, checkpoint every {}{}{}, clock skew {:.0f} s, session {}, {} bytes of memory, pages of {} rows{}{}{}{}",
      s.seed, seconds(s.length), s.users, s.tables, s.keys, seconds(s.think), !s.rate_limits ? "off" : s.tenth_of_limits ? "a tenth" : s.cut_every > base::duration::zero() ? "a tenth at times" : "on",
      s.fault_weight, seconds(s.crash_every), seconds(s.guild_restart_every), seconds(s.pause_every), seconds(s.spell_every), seconds(s.hand_every), seconds(s.tidy_every), seconds(s.alter_every), seconds(s.thread_every), seconds(s.chore_every), s.bulk_import ? " with an import" : "", s.cuts_imports() ? fmt::format(", groups of {} bytes", s.group_cap) : std::string(),
      s.exclusive_by_lock ? "lock" : "lease", s.stale_reads ? ", stale reads" : "", s.rivals == 0 ? "" : s.rivals == 1 ? ", rival" : ", two rivals", s.one_sided ? ", one-sided spells" : "", s.unique_index ? ", unique index" : "",
      s.bank ? ", bank" : "", s.client ? ", client" : "", s.client_looks ? " that looks" : "", s.client_presses ? " that presses" : "",
      s.checkpoint_tail, s.deltas ? " but hardly ever due" : "", s.nonces_forgotten ? ", nonces forgotten" : "", seconds(s.wall_skew),
      s.keep_session ? "kept" : "forgotten", s.memory_cap, s.page_from, s.guild_faults && s.whims ? ", faults of the guild's own and its whims" : s.guild_faults ? ", faults of the guild's own" : s.whims ? ", whims of the guild" : "",
      s.index_channels ? ", channels of indexes" : "", s.losses ? ", deletions by hand afterwards" : "",
      s.search ? fmt::format(", search {:.1f} s late without {:.0f} %", seconds(s.search_delay), 100 * s.search_misses) : std::string()) + (s.long_texts ? ", long texts" : "") + (s.preconditions ? ", preconditions" : "") + (s.looks_back ? ", the past" : "");
}

}  // namespace dbcord::simulation
