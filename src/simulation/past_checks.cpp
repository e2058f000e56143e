#include "simulation/past_checks.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/number_text.hpp"
#include "bot/message_rendering.hpp"
#include "database/row_history.hpp"

namespace dbcord::simulation {
namespace {

bool says(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

// Nobody was shown anything, or Discord did not answer the bot in time: that says nothing of the past.
bool tells_nothing(const user_reply& reply) {
  if (reply.what != user_reply::kind::answered || says(reply.text, "Discord refuses to show")) return true;
  if (bot::is_failure(reply.text) && says(reply.text, "is still being found out")) return true;
  bool gone = says(reply.text, "dropped with its segment") || says(reply.text, "the log record does not hold it");
  return bot::is_failure(reply.text) && says(reply.text, "cannot be read: ") && !gone;
}

past_answer kind_of_refusal(std::string_view text) {
  if (says(text, " had no row with key ")) return past_answer::absent;
  if (says(text, " keeps no versions of this row from so long ago")) return past_answer::too_long_ago;
  if (says(text, "so nothing is known of")) return past_answer::yet_to_come;
  return says(text, " is lost: ") || says(text, "cannot be read: ") ? past_answer::lost : past_answer::none;
}

// "- version 3, 2026-11-23T12:00:00Z, LSN 57: written by …"
std::optional<shown_version> version_in(std::string_view caption) {
  auto version = base::number_after(caption, "- version "), lsn = base::number_after(caption, ", LSN ");
  if (!version || !lsn) return std::nullopt;
  auto what = caption.substr(std::min(caption.size(), caption.find(fmt::format(", LSN {}: ", *lsn))));
  bool deleted = says(what, ": deleted");
  return deleted || says(what, ": written") ? std::optional(shown_version{*version, *lsn, deleted}) : std::nullopt;
}

class past_judge {
 public:
  past_judge(const logged_content& logged, const std::set<std::string>& counting, past_excuses excuses, past_figures& figures)
      : excuses_(excuses), figures_(figures) {
    for (const auto& [name, made] : logged.tables) names_[made.first] = name;
    for (const auto& [of, all] : logged.rows) note(of, all, counting);
  }

  void judge(const past_read& r) {
    if (!r.strange.empty()) return say(r, r.strange);
    const auto& all = versions_of(r.table, r.key);
    auto end = std::find_if(all.begin(), all.end(), [&](const logged_version& v) { return v.lsn > r.lsn; });
    const auto* then = end == all.begin() ? nullptr : &*std::prev(end);
    const auto* there = then && then->json ? then : nullptr;
    bool superseded = std::any_of(end, all.end(), [&](const logged_version& v) { return v.when <= r.answered; });
    bool answered = r.answer == past_answer::row || r.answer == past_answer::absent;
    figures_.answered += answered;
    figures_.of_older += answered && superseded;
    figures_.refused += !answered && r.answer != past_answer::none;
    figures_.too_long_ago += r.answer == past_answer::too_long_ago;
    switch (r.answer) {
      case past_answer::none: return;
      case past_answer::row: return judge_row(r, there);
      case past_answer::absent:
        if (there) say(r, fmt::format("it is told that there was no row, and it had version {} of LSN {}", there->version, there->lsn));
        return;
      case past_answer::too_long_ago:
        if (r.known_from <= r.lsn) return say(r, "it is refused, and all is known from before, it says: " + r.told);
        if (there && !superseded) return say(r, fmt::format("it is refused, and version {} of LSN {} was the newest: {}", there->version, there->lsn, r.told));
        if (!excuses_.versions_go && !outgrown_.contains(r.table)) say(r, "it is refused, and no version can have been given up: " + r.told);
        return;
      case past_answer::yet_to_come:
        if (r.lsn <= r.newest_told) say(r, fmt::format("it is told that this is yet to come, and LSN {} was told before: {}", r.newest_told, r.told));
        return;
      case past_answer::lost:
        if (!excuses_.messages_go) say(r, "it is told that it is lost, and nothing was deleted or damaged: " + r.told);
    }
  }

  void judge(const past_history& h) {
    auto wrong = [&](std::string what) { violations_.push_back(fmt::format("the history of {}/{} {}", h.table, h.key, what)); };
    if (!h.strange.empty()) return wrong(h.strange);
    figures_.histories += !h.versions.empty();
    const auto& all = versions_of(h.table, h.key);
    auto behind = all.end();
    for (const auto& shown : h.versions) {
      auto same = [&](const logged_version& v) { return v.lsn == shown.lsn && v.version == shown.version && !v.json == shown.deleted; };
      auto it = std::find_if(all.begin(), all.end(), same);
      auto which = fmt::format("version {} of LSN {}{}", shown.version, shown.lsn, shown.deleted ? ", a deletion" : "");
      if (it == all.end()) return wrong(fmt::format("shows {}, which no record that counts has", which));
      bool next_older = behind == all.end() || std::next(it) == behind;
      if (!next_older) return wrong(fmt::format("shows {} as what was there before version {} of LSN {}", which, behind->version, behind->lsn));
      behind = it;
    }
  }

  std::vector<std::string> end() { return std::move(violations_); }

 private:
  using key_of_row = std::pair<std::string, std::string>;

  // What counts, in the order of the log. A record that was sent again after its nonce had been forgotten is there twice.
  void note(const std::pair<protocol::table_id, std::string>& of, const std::vector<logged_version>& written, const std::set<std::string>& counting) {
    auto name = names_.find(of.first);
    if (name == names_.end()) return;
    auto& all = rows_[{name->second, of.second}];
    for (const auto& v : written) {
      auto same = [&](const logged_version& other) { return other.lsn == v.lsn && other.version == v.version; };
      if (counting.contains(v.record) && std::none_of(all.begin(), all.end(), same)) all.push_back(v);
    }
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.lsn < b.lsn; });
    if (all.size() > database::history_limits().versions) outgrown_.insert(name->second);
  }

  const std::vector<logged_version>& versions_of(const std::string& table, const std::string& key) const {
    static const std::vector<logged_version> none;
    auto it = rows_.find({table, key});
    return it == rows_.end() ? none : it->second;
  }

  void judge_row(const past_read& r, const logged_version* there) {
    auto shown = fmt::format("version {} {} is shown", r.version, describe(r.seen));
    if (!there) return say(r, shown + ", and there was no row");
    auto was = parse_row(*there->json);
    bool same = was && was->fields == r.seen && r.version == there->version;
    if (!same) say(r, fmt::format("{}, and it had version {} of LSN {}: {}", shown, there->version, there->lsn, *there->json));
  }

  void say(const past_read& r, const std::string& what) { violations_.push_back(fmt::format("{}/{} as of {}: {}", r.table, r.key, r.lsn, what)); }

  past_excuses excuses_;
  past_figures& figures_;
  std::map<protocol::table_id, std::string> names_;
  std::map<key_of_row, std::vector<logged_version>> rows_;
  std::set<std::string> outgrown_;  // tables in which a row had more versions than are kept: what is forgotten with it is forgotten of rows that are gone, too
  std::vector<std::string> violations_;
};

}  // namespace

void read_past(const user_reply& reply, const reply_files& files, past_read& into) {
  if (tells_nothing(reply)) return;
  bool failed = bot::is_failure(reply.text);
  if (failed) into.told = reply.text;
  into.answer = failed ? kind_of_refusal(reply.text) : past_answer::row;
  if (into.answer == past_answer::too_long_ago) into.known_from = base::number_after(reply.text, "the first LSN of which all is known is ").value_or(0);
  if (failed && into.answer != past_answer::none) return;
  auto meaning = read_reply("dbc_get", reply, files);
  into.strange = meaning.strange;
  bool in_the_present = meaning.outcome == operation_outcome::refused_absent || meaning.outcome == operation_outcome::refused_version;
  if (failed && in_the_present) into.strange = "an answer that is not about the past: " + reply.text;
  if (failed || !meaning.strange.empty()) return;
  bool whole = says(reply.text, fmt::format(" as of `{}`", into.lsn)) && meaning.version && meaning.rows.front().key == into.key;
  if (!whole) into.strange = "it does not show this row, as of then, with its version: " + reply.text;
  into.version = meaning.version.value_or(0);
  into.seen = meaning.rows.front().fields;
}

void read_history(const user_reply& reply, past_history& into) {
  if (tells_nothing(reply)) return;
  if (bot::is_failure(reply.text)) {
    if (kind_of_refusal(reply.text) == past_answer::none) into.strange = read_reply("dbc_history", reply).strange;
    return;
  }
  for (std::string_view rest = reply.text; !rest.empty();) {
    auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (!line.starts_with("- version ")) continue;
    auto shown = version_in(line);
    if (!shown) into.strange = "shows a version of which not all is told: " + std::string(line);
    else into.versions.push_back(*shown);
  }
}

std::vector<std::string> check_past(const std::vector<past_read>& reads, const std::vector<past_history>& histories, const logged_content& logged,
                                    const std::set<std::string>& counting, past_excuses excuses, past_figures* figures) {
  past_figures counted;
  past_judge judge(logged, counting, excuses, counted);
  for (const auto& r : reads) judge.judge(r);
  for (const auto& h : histories) judge.judge(h);
  if (figures) *figures += counted;
  return judge.end();
}

}  // namespace dbcord::simulation
