#include "simulation/loss_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace dbcord::simulation {
namespace {

class remains {
 public:
  remains(const lost_records& lost, const logged_content& logged) : lost_(lost), logged_(logged) {}

  void judge(const table_content& before, const table_content* after) {
    auto known = logged_.tables.find(before.name);
    if (known == logged_.tables.end()) return say("table {} was there, and no log record has made it", before.name);
    auto [id, created] = known->second;
    if (!after) {
      if (!lost_.has(created)) say("table {} is gone, and log record {}, which made it, is not lost", before.name, created);
      for (const auto& [key, row] : before.rows) {
        if (lost_.any && !lost_.has_row(id, row)) say("table {} is gone, and row {} lies in a message", before.name, key);
      }
      return;
    }
    for (const auto& [key, row] : before.rows) {
      auto now = after->rows.find(key);
      judge_row(before.name, id, row, now == after->rows.end() ? nullptr : &now->second);
    }
    for (const auto& [key, row] : after->rows) {
      if (!before.rows.contains(key)) judge_return(before.name, id, row);
    }
  }

  bool lost_drop_of(const std::string& name) const {
    auto its = logged_.tables.find(name);
    auto drops = its == logged_.tables.end() ? logged_.drops.end() : logged_.drops.find(its->second.first);
    return drops != logged_.drops.end() && std::any_of(drops->second.begin(), drops->second.end(), [this](std::uint64_t lsn) { return lost_.has(lsn); });
  }

  std::vector<std::string> end() {
    for (const auto& [lsn, fates] : fates_) {
      if (fates.size() > 1 && !lost_.any) say("of the rows that log record {} has written last, some have its versions and some do not", lsn);
    }
    return std::move(violations_);
  }

 private:
  template <class... Args>
  void say(fmt::format_string<Args...> format, Args&&... args) {
    violations_.push_back(fmt::format(format, std::forward<Args>(args)...));
  }

  static bool same(const database::row& a, const database::row& b) { return a.version == b.version && a.lsn == b.lsn && a.json == b.json; }

  const std::vector<logged_version>& versions(protocol::table_id table, const std::string& key) const {
    static const std::vector<logged_version> none;
    auto its = logged_.rows.find({table, key});
    return its == logged_.rows.end() ? none : its->second;
  }

  bool was_logged(protocol::table_id table, const database::row& row) const {
    const auto& all = versions(table, row.key);
    return std::any_of(all.begin(), all.end(), [&](const auto& v) { return v.lsn == row.lsn && v.version == row.version && v.json == row.json; });
  }

  void judge_row(const std::string& name, protocol::table_id table, const database::row& before, const database::row* now) {
    bool kept = now && same(before, *now);
    if (lost_.lsns.contains(before.lsn) && lost_.has_row(table, before)) fates_[before.lsn].insert(kept);
    if (kept) return;
    if (now && lost_.any && lost_.given_up.contains(now->lsn) && was_logged(table, *now)) return;
    auto shown = now ? fmt::format("version {} of LSN {} {}", now->version, now->lsn, now->json) : std::string("nothing");
    if (!lost_.has_row(table, before)) {
      auto why = lost_.has(before.lsn) ? "which stands in a message" : "which is not lost";
      say("{}/{} had version {} of log record {}, {}, and has {}", name, before.key, before.version, before.lsn, why, shown);
    } else if (now && (now->lsn >= before.lsn || !was_logged(table, *now))) {
      say("{}/{} had version {} of log record {}, which is lost, and has what it never had before: {}", name, before.key, before.version, before.lsn, shown);
    }
  }

  void judge_return(const std::string& name, protocol::table_id table, const database::row& now) {
    const auto& all = versions(table, now.key);
    bool undone = lost_.any || std::any_of(all.begin(), all.end(), [&](const auto& v) { return !v.json && lost_.lsns.contains(v.lsn) && v.lsn > now.lsn; });
    if (!undone || !was_logged(table, now)) {
      say("{}/{} was not there and has version {} of LSN {} {}", name, now.key, now.version, now.lsn, now.json);
    }
  }

  const lost_records& lost_;
  const logged_content& logged_;
  std::map<std::uint64_t, std::set<bool>> fates_;  // of rows whose newest version stood in a lost record alone: kept or not
  std::vector<std::string> violations_;
};

}  // namespace

std::vector<std::string> check_what_is_left(const std::vector<table_content>& before, const std::vector<table_content>& after, const lost_records& lost,
                                            const logged_content& logged) {
  remains left(lost, logged);
  auto named = [](const std::vector<table_content>& all, const std::string& name) {
    auto it = std::find_if(all.begin(), all.end(), [&](const auto& t) { return t.name == name; });
    return it == all.end() ? nullptr : &*it;
  };
  for (const auto& table : before) left.judge(table, named(after, table.name));
  auto violations = left.end();
  for (const auto& table : after) {
    if (!named(before, table.name) && !left.lost_drop_of(table.name)) violations.push_back("table " + table.name + " was not there, and is");
  }
  return violations;
}

std::vector<std::string> clashes_not_named(const std::vector<table_content>& left, std::string_view said) {
  std::vector<std::string> all;
  for (const auto& t : left) {
    for (std::string_view field : {"v", "q"}) {
      auto clashes = promises_unique(t, field) ? check_unique(t, field) : std::vector<std::string>();
      bool named = said.find(fmt::format("unique index on {} of table {} ", field, t.name)) != std::string_view::npos;
      if (!clashes.empty() && !named) all.push_back(std::move(clashes.front()));
    }
  }
  return all;
}

std::map<std::uint64_t, std::uint64_t> records_named_in(std::string_view sentence) {
  std::map<std::uint64_t, std::uint64_t> named;
  constexpr std::string_view mark = "log record", to = " to ";
  auto number = [&](std::size_t& at) {
    std::uint64_t n = 0;
    auto [end, ec] = std::from_chars(sentence.data() + at, sentence.data() + sentence.size(), n);
    at = static_cast<std::size_t>(end - sentence.data());
    return ec == std::errc{} ? n : 0;
  };
  for (auto at = sentence.find(mark); at != std::string_view::npos; at = sentence.find(mark, at)) {
    at += mark.size();
    bool several = sentence.substr(at).starts_with("s ");
    at += several ? 2 : 1;
    auto first = number(at), last = first;
    if (several && sentence.substr(at).starts_with(to)) last = number(at += to.size());
    if (first != 0) named[first] = std::max(named[first], last);
  }
  return named;
}

bool is_named(const std::map<std::uint64_t, std::uint64_t>& ranges, std::uint64_t lsn) {
  return std::any_of(ranges.begin(), ranges.end(), [lsn](const auto& r) { return r.first <= lsn && lsn <= r.second; });
}

}  // namespace dbcord::simulation
