#include "simulation/loss_trial.hpp"

#include <algorithm>

#include "protocol/checkpoint_manifest.hpp"
#include "protocol/row_message.hpp"
#include "protocol/row_page.hpp"
#include "simulation/log_view.hpp"
#include "simulation/workload.hpp"

namespace dbcord::simulation {
namespace {

using namespace std::chrono_literals;
constexpr std::uint64_t loss_seed = 0x1055;  // what the run draws before does not depend on this one
constexpr base::duration answer_limit = 2min;
constexpr base::duration open_limit = 10min;
constexpr int most_attempts = 20;
constexpr std::uint64_t first_value = 1'000'000;  // beyond what the workload writes: the index on v is unique

}  // namespace

std::string_view name(hand_loss what) {
  static constexpr std::string_view names[] = {"a record", "records", "an old record", "a roll", "a checkpoint", "every checkpoint", "claims", "the newest segment", "an old segment", "a table's channel",
                                                "the control channel", "the catalog", "the channel of checkpoints"};
  return names[static_cast<int>(what)];
}

loss_trial::loss_trial(world& w, simulated_guild& guild, network& net, trace& t, const scenario& s, supervisor& bot, simulated_user& person)
    : world_(w), guild_(guild), network_(net), trace_(t), scenario_(s), bot_(bot), person_(person), random_(s.seed ^ loss_seed), bank_(w, random_) {}

void loss_trial::run() {
  for (int i = 0; i < rounds && violations_.empty(); ++i) round(static_cast<hand_loss>(random_.below(static_cast<std::uint64_t>(hand_loss::count))));
  if (!violations_.empty()) return;
  start(false);
  move_into_fresh_channels();
  for (const auto& u : await_materialised(world_, bot_, open_limit)) violate("{}", u);
  for (const auto& v : check_messages(guild_, content("at the end"), given_up_)) violate("at the end: {}", v);
  end(true);
}

// ---- what happens ----

void loss_trial::round(hand_loss kind) {
  auto& figures = report_[kind];
  ++figures.drawn;
  start(false);
  work(1 + static_cast<int>(random_.below(6)));
  if (random_.below(2) == 0) world_.run_for(draw_up_to(20s, random_));  // so that rows become messages
  look();
  bool running = random_.below(2) == 0;
  if (!running) end(random_.below(2) == 0);
  auto done = commit(kind, running && has_t0());
  trace_.say("somebody deletes {} while the bot is {}: {}", name(kind), running ? "up" : "down", done ? done->what : "there is nothing of the kind");
  if (!done) {
    ++figures.impossible;
    end(true);
    return;
  }
  if (running) {
    if (random_.below(2) == 0) world_.run_for(draw_up_to(20s, random_));
    bool may_work = kind != hand_loss::control;  // without claims to look at nothing can be acknowledged
    if (may_work) work(1 + static_cast<int>(random_.below(4)));
    if (may_work) look();
    done->ended_in_order = random_.below(2) == 0;
    end(done->ended_in_order);
  }
  start(false);
  judge(kind, *done);
  end(true);
}

void loss_trial::start(bool accept) {
  bot_.accept_loss(accept);
  bot_.start();
  if (!world_.run_until([this] { return bot_.ready(); }, open_limit)) throw std::runtime_error("a bot is not ready after a deletion by hand");
  bot_.accept_loss(false);
}

void loss_trial::end(bool cleanly) {
  if (!bot_.running()) return;
  if (!cleanly) {
    trace_.line("the bot is killed");
    return bot_.end();
  }
  if (!bot_.stop()) violate("the bot did not stop in time");
}

// Given again while nobody answers: nothing else goes wrong here.
user_reply loss_trial::ask(slash_command command) {
  for (int attempt = 1;; ++attempt) {
    auto told = std::make_shared<std::optional<user_reply>>();
    auto copy = command;
    person_.send(std::move(copy), answer_limit, [told](user_reply r) { *told = std::move(r); });
    world_.run_until([told] { return told->has_value(); }, answer_limit + 1s);
    if (*told && (*told)->what == user_reply::kind::answered) return std::move(**told);
    if (attempt == most_attempts) throw std::runtime_error(command.name + " is not answered");
    world_.run_for(1s);
  }
}

void loss_trial::work(int writes) {
  for (int i = 0; i < writes; ++i) {
    if (scenario_.bank && random_.below(3) == 0) {
      (void)ask(bank_.transfer());  // what it changes is looked at with the other rows
    } else {
      write(++written_);
    }
  }
}

// Its creation may be lost.
bool loss_trial::has_t0() const {
  return std::any_of(before_.begin(), before_.end(), [](const auto& t) { return t.name == "t0"; });
}

void loss_trial::write(std::size_t n) {
  auto command = table_command("dbc_insert", "t0");
  auto key = fmt::format("late{}", n);
  command.options.push_back(text_option("key", key));
  command.options.push_back(text_option("value_json", fmt::format(R"({{"v":{}}})", first_value + n)));
  auto reply = ask(std::move(command));
  trace_.say("{}: {}", key, reply.text.substr(0, reply.text.find('\n')));
  if (reply.text.starts_with("Inserted ")) acknowledged_[key] = first_value + n;
}

// What it holds from now on must be there, or be named as lost.
void loss_trial::look() {
  std::vector<std::string> unreadable;
  auto now = memory_of(world_, bot_, unreadable);
  if (!unreadable.empty() && acknowledged_.empty()) return;  // reads are refused, and nothing was acknowledged since
  for (const auto& u : unreadable) violate("{}", u);
  auto t0 = std::find_if(now.begin(), now.end(), [](const auto& t) { return t.name == "t0"; });
  for (const auto& [key, value] : acknowledged_) {
    auto row = t0 == now.end() ? nullptr : t0->rows.contains(key) ? &t0->rows.at(key) : nullptr;
    bool right = row && row->json.find(fmt::format("\"v\":{}", value)) != std::string::npos;
    if (!right) violate("row {} was acknowledged and is {}", key, row ? row->json : "not there");
  }
  acknowledged_.clear();
  before_ = std::move(now);
}

// ---- what is deleted ----

// `followed`: something will be logged behind it.
std::optional<loss_trial::deed> loss_trial::commit(hand_loss kind, bool followed) {
  auto done = delete_some(kind, followed);
  if (!done) return done;
  done->lost.any = nothing_tells_the_beginning();
  done->told = bot_.running() && scenario_.checkpoint_tail > 0 && !done->lost.lsns.empty();
  return done;
}

// Then the tables' channels are all that is left of it.
bool loss_trial::nothing_tells_the_beginning() {
  for (const auto& channel : channels_of(guild_, protocol::channel_role::checkpoints)) {
    for (const auto& m : messages_in(guild_, channel.id)) {
      if (protocol::decode_manifest_header(m.content)) return false;
    }
  }
  for (const auto& channel : channels_of(guild_, protocol::channel_role::log)) {
    for (const auto& m : messages_in(guild_, channel.id)) {
      auto header = protocol::decode_header(m.content);
      if (header && header->lsn == 1) return false;
    }
  }
  return true;
}

std::optional<loss_trial::deed> loss_trial::delete_some(hand_loss kind, bool followed) {
  switch (kind) {
    case hand_loss::checkpoint: return delete_checkpoints(false);
    case hand_loss::checkpoints: return delete_checkpoints(true);
    case hand_loss::table: return delete_table();
    case hand_loss::claims: return delete_claims();
    case hand_loss::segment: return delete_segment(true, followed);
    case hand_loss::old_segment: return delete_segment(false, followed);
    case hand_loss::control: return delete_channel_of(protocol::channel_role::control);
    case hand_loss::catalog: return delete_channel_of(protocol::channel_role::catalog);
    case hand_loss::checkpoint_channel: return delete_channel_of(protocol::channel_role::checkpoints);
    default: return delete_records(kind, followed);
  }
}

// Of the newest record only rows in messages tell that it was there (README of database), so without one it is spared where nothing is written behind it any more.
std::optional<loss_trial::deed> loss_trial::delete_records(hand_loss kind, bool followed) {
  auto all = log_chain_in(guild_);
  bool told = false;  // the newest one, by its rows
  auto newest_lsn = all.empty() ? 0 : all.back().header.lsn;
  if (!followed && !all.empty()) {
    auto rows = rows_in_messages();
    told = std::any_of(rows.begin(), rows.end(), [=](const auto& row) { return std::get<2>(row) == newest_lsn; });
    if (!told) all.pop_back();
  }
  std::vector<logged_record> eligible = all;
  if (kind == hand_loss::roll) std::erase_if(eligible, [](const logged_record& r) { return r.header.kind != protocol::record_kind::roll; });
  if (eligible.empty()) return std::nullopt;
  // One of the newest, mostly behind the newest checkpoint; or any.
  constexpr std::uint64_t newest = 8;
  auto span = kind == hand_loss::old_record ? eligible.size() : std::min<std::size_t>(eligible.size(), newest);
  auto first = eligible.size() - 1 - random_.below(span);
  bool newest_one = told && kind != hand_loss::roll && random_.below(2) == 0;
  if (newest_one) first = eligible.size() - 1;
  std::size_t many = kind == hand_loss::records ? 2 + random_.below(3) : 1;
  world_.run_for(2s);  // nobody is faster: what is written next is clearly younger (record_order)
  deed done;
  for (auto i = first; i < std::min(eligible.size(), first + many); ++i) {
    const auto& r = eligible[i];
    if (!delete_message(guild_, r.channel, r.message)) continue;
    for (auto copy : r.copies) (void)delete_message(guild_, r.channel, copy);  // as long as one is whole nothing is lost
    done.lost.lsns.insert(r.header.lsn);
    done.what += fmt::format("{}{} {} (message {})", done.what.empty() ? "" : ", ", protocol::to_string(r.header.kind), r.header.lsn, r.message.value);
  }
  if (!followed && done.lost.lsns.contains(newest_lsn)) done.end_of_log = newest_lsn;
  return done.lost.lsns.empty() ? std::nullopt : std::optional(std::move(done));
}

// The channel itself, or all messages that stand in it.
loss_trial::removal loss_trial::remove_channel(base::channel_id channel) {
  if (random_.below(2) == 0) return delete_channel(guild_, channel) ? removal::deleted : removal::none;
  world_.run_for(3s);  // what is younger than a listing may be behind looks hidden
  auto present = channels_in(guild_);
  bool dropped = std::none_of(present.begin(), present.end(), [&](const seen_channel& c) { return c.id == channel; });
  if (dropped) return removal::none;  // by the log, meanwhile
  auto done = removal::none;
  for (auto shown = messages_in(guild_, channel); !shown.empty(); shown = messages_in(guild_, channel)) {
    for (const auto& m : shown) {
      if (!delete_message(guild_, channel, m.id)) return removal::none;
      done = removal::emptied;
    }
  }
  return done;
}

std::optional<loss_trial::deed> loss_trial::delete_segment(bool newest, bool followed) {
  auto all = log_chain_in(guild_);
  if (all.empty()) return std::nullopt;
  // Behind a roll the log goes on elsewhere: what stands before it is needed only until a checkpoint has it, and what stands behind it nobody can say.
  const auto& tip = all.back();
  bool rolled = tip.header.kind == protocol::record_kind::roll;
  auto victim = newest && rolled && random_.below(2) == 0 ? tip.roll_to : tip.channel;
  if (!newest) {
    std::vector<base::channel_id> others;
    for (const auto& c : channels_of(guild_, protocol::channel_role::log)) {
      bool next = messages_in(guild_, c.id).empty();  // the roll that leads there may be on its way
      if (c.id != tip.channel && c.id != tip.roll_to && !next) others.push_back(c.id);
    }
    if (others.empty()) return std::nullopt;
    victim = others[random_.below(others.size())];
  }
  deed done;
  for (const auto& m : messages_in(guild_, victim)) {  // what stood before a loss that was accepted, too: no chain reaches it
    if (auto header = protocol::decode_header(m.content)) done.lost.lsns.insert(header->lsn);
  }
  auto how = remove_channel(victim);
  if (how == removal::none) return std::nullopt;
  done.channels.insert(victim);
  bool shows = how == removal::emptied && followed;  // what comes next stands on what is gone
  done.newest_segment = newest && !shows && (!rolled || victim == tip.roll_to);
  done.what = fmt::format("{}channel {}", how == removal::emptied ? "the messages of " : "", victim.value);
  return done;
}

// The newest manifest, or all that stands there.
std::optional<loss_trial::deed> loss_trial::delete_checkpoints(bool all) {
  deed done;
  for (const auto& channel : channels_of(guild_, protocol::channel_role::checkpoints)) {
    for (const auto& m : messages_in(guild_, channel.id)) {
      bool manifest = protocol::decode_manifest_header(m.content).has_value();
      bool chosen = all || (manifest && done.what.empty());
      if (chosen && delete_message(guild_, channel.id, m.id)) done.what += fmt::format("{}message {}", done.what.empty() ? "" : ", ", m.id.value);
    }
  }
  return done.what.empty() ? std::nullopt : std::optional(std::move(done));
}

std::optional<loss_trial::deed> loss_trial::delete_claims() {
  deed done;
  bool all = random_.below(2) == 0;
  for (const auto& channel : channels_of(guild_, protocol::channel_role::control)) {
    for (const auto& m : messages_in(guild_, channel.id)) {  // the newest first: that of the process that is up
      bool chosen = all || done.what.empty();
      if (chosen && delete_message(guild_, channel.id, m.id)) done.what += fmt::format("{}message {}", done.what.empty() ? "" : ", ", m.id.value);
    }
  }
  return done.what.empty() ? std::nullopt : std::optional(std::move(done));
}

// All its rows are in memory, in checkpoints or in the log.
std::optional<loss_trial::deed> loss_trial::delete_table() {
  auto all = channels_of(guild_, protocol::channel_role::table);
  if (all.empty()) return std::nullopt;
  auto victim = all[random_.below(all.size())];
  if (!delete_channel(guild_, victim.id)) return std::nullopt;
  homeless_.insert(protocol::decode_topic(victim.topic)->object);
  deed done;
  done.what = fmt::format("channel {} ({})", victim.id.value, victim.name);
  return done;
}

std::optional<loss_trial::deed> loss_trial::delete_channel_of(protocol::channel_role role) {
  auto all = channels_of(guild_, role);
  if (all.empty()) return std::nullopt;
  deed done;
  bool deleted = false;
  for (const auto& c : all) {  // a database that was made by two processes may have more than one
    auto how = remove_channel(c.id);
    if (how == removal::none) continue;
    deleted = deleted || how == removal::deleted;
    done.what += fmt::format("{}{}channel {}", done.what.empty() ? "" : ", ", how == removal::emptied ? "the messages of " : "", c.id.value);
  }
  if (done.what.empty()) return std::nullopt;
  // Claims are made anew each time; a catalog without its messages names no database.
  bool needed = role == protocol::channel_role::catalog || (role == protocol::channel_role::control && deleted);
  done.stands_in_the_way = needed && !scenario_.exclusive_by_lock;
  return done;
}

// As people are told to do. Twice: a table whose channel is deleted while it moves has its rows in two. A table whose move into its channel was lost has none either.
void loss_trial::move_into_fresh_channels() {
  for (const auto& t : content("before tables move")) {
    if (!is_there(guild_, t.channel)) homeless_.insert(t.name);
  }
  for (const auto& table : homeless_) {
    for (int i = 0; i < 2; ++i) {
      auto command = table_command("dbc_vacuum", table);
      command.options.push_back(flag_option("full"));
      trace_.line(ask(std::move(command)).text);
    }
  }
}

// ---- what comes of it ----

std::vector<table_content> loss_trial::content(std::string_view when) {
  std::vector<std::string> unreadable;
  auto now = memory_of(world_, bot_, unreadable);
  for (const auto& u : unreadable) violate("{}: {}", when, u);
  return now;
}

// All that it held, and it takes writes.
void loss_trial::expect_whole(std::string_view when) {
  for (const auto& v : compare(before_, content(when), {false, false})) violate("{}: {}", when, v);
  if (!has_t0()) return;
  write(++written_);
  if (acknowledged_.empty()) violate("{} it takes no writes", when);
  look();
}

void loss_trial::judge(hand_loss kind, const deed& done) {
  gone_.insert(done.lost.lsns.begin(), done.lost.lsns.end());
  gone_channels_.insert(done.channels.begin(), done.channels.end());
  if (done.stands_in_the_way) return judge_not_open(kind, done);
  auto summary = summary_of(world_, bot_);
  if (!summary) return violate("after {} was deleted the database is not open: {}", name(kind), summary.error().message);
  trace_.say("the database is {}; the checkpoint it began with is of LSN {}", summary->state, summary->opened_from_lsn);
  bool behind = gone_.upper_bound(summary->opened_from_lsn) != gone_.end();
  bool missed = (done.newest_segment && !(done.told && summary->state == "open")) || behind;
  if (summary->state == "open") {
    if (missed) violate("{} ({}) was deleted, the log is read from LSN {} on, and nothing is said of it", name(kind), done.what, summary->opened_from_lsn);
    expect_whole("after a harmless deletion");
    ++report_[kind].harmless;
    return;
  }
  if (done.told && done.ended_in_order && done.channels.empty())
    return violate("{} ({}) was deleted under the eyes of a process that ended in order, and the database is {}", name(kind), done.what, summary->state);
  // A checkpoint of the newest record, which no record names yet.
  bool end_unknown = done.end_of_log != 0 && done.end_of_log == summary->opened_from_lsn &&
                     summary->state.find(fmt::format("behind record {} ", done.end_of_log)) != std::string::npos;
  if (!missed && !done.lost.any && !end_unknown) return violate("{} ({}) was deleted, which is not needed, and the database is {}", name(kind), done.what, summary->state);
  lost_records lost{gone_, done.lost.any, rows_in_messages(), given_up_};
  judge_read_only(lost, summary->state, summary->opened_from_lsn);
  ++report_[kind].read_only;
}

std::set<std::tuple<protocol::table_id, std::string, std::uint64_t>> loss_trial::rows_in_messages() {
  std::set<std::tuple<protocol::table_id, std::string, std::uint64_t>> all;
  for (const auto& channel : channels_of(guild_, protocol::channel_role::table)) {
    for (const auto& m : messages_in(guild_, channel.id)) {
      if (auto row = protocol::decode_row(m.content)) all.emplace(row->table, row->key, row->lsn);
      auto page = protocol::decode_page(m.content);
      for (unsigned part = 1; page && part <= page->parts.size(); ++part) {
        auto slots = part_of_page(m, *page, part);
        for (std::size_t i = 0; slots && i < slots->size(); ++i) all.emplace(page->table, (*slots)[i].key, (*slots)[i].lsn);
      }
    }
  }
  return all;
}

void loss_trial::judge_not_open(hand_loss kind, const deed& done) {
  auto summary = summary_of(world_, bot_);
  if (summary) return violate("{} ({}) was deleted, and the database is {} though others may be at work", name(kind), done.what, summary->state);
  if (summary.error().message.find("--accept-loss") == std::string::npos) violate("of {} it is said: {}", name(kind), summary.error().message);
  end(random_.below(2) == 0);
  start(true);
  expect_whole("after channels were made anew");
  end(random_.below(2) == 0);
  start(false);
  expect_whole("at the start after channels were made anew");
  ++report_[kind].read_only;
}

void loss_trial::judge_read_only(const lost_records& lost, const std::string& state, std::uint64_t opened_from) {
  if (!state.starts_with("read-only: ")) return violate("the database is {}", state);
  bool channel_named = std::any_of(gone_channels_.begin(), gone_channels_.end(), [&](auto c) { return state.find("channel " + c.str()) != std::string::npos; });
  auto named = records_named_in(state);
  for (auto lsn : lost.lsns) {
    if (lsn > opened_from && !is_named(named, lsn) && !channel_named) violate("log record {} is lost, and what is said is: {}", lsn, state);
  }
  auto left = content("read-only");
  for (const auto& v : check_what_is_left(before_, left, lost, network_.log_content())) violate("read-only: {}", v);
  for (const auto& v : clashes_not_named(left, state)) violate("read-only: {}, and what is said is: {}", v, state);
  write(++written_);
  if (!acknowledged_.empty()) return violate("a write to a read-only database was acknowledged");
  end(random_.below(2) == 0);
  start(true);
  auto summary = summary_of(world_, bot_);
  if (!summary || summary->state != "open") return violate("the loss was accepted, and the database is {}", summary ? summary->state : summary.error().message);
  if (summary->losses.empty()) violate("the loss was accepted, and nothing is told of it");
  std::string said;
  for (const auto& loss : summary->losses) said += loss + "; ";
  for (const auto& v : clashes_not_named(left, said)) violate("accepted: {}, and what is said is: {}", v, said);
  for (const auto& [row, versions] : network_.log_content().rows) {
    for (const auto& v : versions) {
      bool found = lost.in_messages.contains({row.first, row.second, v.lsn});
      if (lost.has(v.lsn) && !found) given_up_.insert(v.lsn);
    }
  }
  auto rest = content("after an accepted loss");
  for (const auto& v : check_what_is_left(before_, rest, lost, network_.log_content())) violate("after an accepted loss: {}", v);
  for (const auto& v : clashes_not_named(rest, {})) violate("after an accepted loss {}, and the index has not failed", v);
  before_ = std::move(rest);
  expect_whole("after an accepted loss");
  end(random_.below(2) == 0);
  start(false);
  auto again = summary_of(world_, bot_);
  if (!again || again->state != "open") return violate("after an accepted loss the next start is {}", again ? again->state : again.error().message);
  expect_whole("at the start after an accepted loss");
}

}  // namespace dbcord::simulation
