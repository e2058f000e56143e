#include "simulation/past_reader.hpp"

#include <algorithm>

#include "simulation/workload.hpp"

namespace dbcord::simulation {
namespace {

constexpr std::uint64_t past_seed = 0x9A57;  // what people do besides does not depend on what they ask of the past
constexpr std::uint64_t most_versions = 12;
constexpr std::size_t lately = 40;  // what is older is often given up in long runs
constexpr std::uint64_t ahead = 4;  // of the newest LSN that was told: by then it may be there

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

}  // namespace

past_reader::past_reader(world& w, trace& t, const scenario& s)
    : world_(w), trace_(t), random_(s.seed ^ past_seed), looks_back_(s.looks_back), cuts_files_(s.cuts_files()) {}

past_reader::~past_reader() { *alive_ = false; }

void past_reader::ask(simulated_user& user, const std::string& table, const std::string& key, std::function<void()> then) {
  if (newest_told_ == 0 || random_.below(4) == 0) return ask_for_history(user, {table, key}, std::move(then));
  past_read about{table, key};
  about.lsn = draw_lsn();
  about.newest_told = newest_told_;
  ask_as_of(user, std::move(about), std::move(then));
}

// With less memory than usual older versions make room for rows. Where there is another database, too, nobody knows whose records are whose.
std::vector<std::string> past_reader::check(const network& net, const scenario& s, past_excuses excuses) {
  if (s.whole_databases || (reads_.empty() && histories_.empty())) return {};
  excuses.versions_go = excuses.versions_go || s.memory_cap < scenario().memory_cap;
  excuses.messages_go = excuses.messages_go || s.cuts_files();
  return check_past(reads_, histories_, net.log_content(), net.records_that_count(), excuses, &figures_);
}

std::uint64_t past_reader::draw_lsn() {
  auto dice = random_.below(5);
  if (dice < 2) return told_[told_.size() - 1 - random_.below(std::min(told_.size(), lately))];
  if (dice == 4) return newest_told_ + 1 + random_.below(ahead);
  return newest_told_ - random_.below(dice == 2 ? std::min<std::uint64_t>(newest_told_, lately) : newest_told_);
}

void past_reader::ask_for_history(simulated_user& user, past_history about, std::function<void()> then) {
  auto command = table_command("dbc_history", about.table);
  command.options.push_back(text_option("key", about.key));
  command.options.push_back(integer_option("limit", static_cast<std::int64_t>(1 + random_.below(most_versions))));
  trace_.say("{} asks for the history of {}/{}", user.name(), about.table, about.key);
  user.send(std::move(command), command_patience, [this, alive = alive_, about = std::move(about), then = std::move(then)](const user_reply& reply) mutable {
    if (!*alive) return;
    read_history(reply, about);
    trace_.say("the history of {}/{}: {}", about.table, about.key, first_line(reply.text));
    for (const auto& v : about.versions) {
      told_.push_back(v.lsn);
      newest_told_ = std::max(newest_told_, v.lsn);
    }
    histories_.push_back(std::move(about));
    then();
  });
}

void past_reader::ask_as_of(simulated_user& user, past_read about, std::function<void()> then) {
  auto command = table_command("dbc_get", about.table);
  command.options.push_back(text_option("key", about.key));
  command.options.push_back(text_option("as_of", std::to_string(about.lsn)));
  trace_.say("{} asks for {}/{} as of {}", user.name(), about.table, about.key, about.lsn);
  user.send(std::move(command), command_patience, [this, alive = alive_, &user, about = std::move(about), then = std::move(then)](const user_reply& reply) mutable {
    if (!*alive) return;
    bool filed = has_rows_in_files(reply);
    read_past(reply, filed ? user.files_of(reply) : reply_files(), about);
    if (filed && cuts_files_ && !about.strange.empty()) about.answer = past_answer::none, about.strange.clear();  // then a file tells nothing
    about.answered = world_.now();
    trace_.say("{}/{} as of {}: {}", about.table, about.key, about.lsn, first_line(reply.text));
    reads_.push_back(std::move(about));
    then();
  });
}

}  // namespace dbcord::simulation
