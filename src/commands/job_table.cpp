#include "commands/job_table.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/code_points.hpp"

namespace dbcord::commands {
namespace {

std::string cut_text(std::string text, std::size_t most) {
  text.resize(base::first_bytes(text, most).size());
  return text;
}

std::shared_ptr<const job_details> details_of(const reply& outcome) {
  if (outcome.rows.empty() && outcome.files.empty()) return nullptr;
  auto kept = std::make_shared<job_details>();
  kept->rows_name = outcome.rows_name;
  auto room = job_table::details_bytes;
  auto fits = [&room](std::size_t bytes) {
    if (bytes > room) return false;
    room -= bytes;
    return true;
  };
  for (const auto& f : outcome.files) {
    if (fits(f.bytes.size())) kept->files.push_back(f);
  }
  for (std::size_t i = 0; i < outcome.rows.size(); ++i) {
    auto caption = i < outcome.captions.size() ? outcome.captions[i] : std::string();
    if (!fits(outcome.rows[i].size() + caption.size())) break;
    kept->rows.push_back(outcome.rows[i]);
    if (!outcome.captions.empty()) kept->captions.push_back(std::move(caption));
  }
  kept->rows_left_out = outcome.rows.size() - kept->rows.size();
  kept->files_left_out = outcome.files.size() - kept->files.size();
  return kept;
}

}  // namespace

job job_table::start(job j) {
  std::lock_guard lock(mutex_);
  j.id = ++last_;
  jobs_.push_back(j);
  auto done = std::count_if(jobs_.begin(), jobs_.end(), [](const job& other) { return other.outcome.has_value(); });
  if (static_cast<std::size_t>(done) > kept)
    jobs_.erase(std::find_if(jobs_.begin(), jobs_.end(), [](const job& other) { return other.outcome.has_value(); }));
  return j;
}

void job_table::finish(std::uint64_t id, const reply& outcome) {
  auto text = cut_text(outcome.text, outcome_bytes);
  auto details = details_of(outcome);
  std::lock_guard lock(mutex_);
  for (auto& j : jobs_) {
    if (j.id != id) continue;
    j.ok = outcome.ok;
    if (j.ok) complete_progress(j.progress);
    j.outcome = std::move(text);
    j.details = std::move(details);
    return;
  }
}

void job_table::forget(std::uint64_t id) {
  std::lock_guard lock(mutex_);
  std::erase_if(jobs_, [id](const job& j) { return j.id == id; });
}

bool job_table::cancel(std::uint64_t id) {
  std::lock_guard lock(mutex_);
  for (auto& j : jobs_) {
    if (j.id != id || j.outcome) continue;
    j.progress->cancelled = true;
    return true;
  }
  return false;
}

void job_table::cancel_all() {
  std::lock_guard lock(mutex_);
  for (auto& j : jobs_) {
    if (!j.outcome) j.progress->cancelled = true;
  }
}

std::optional<job> job_table::find(std::uint64_t id) const {
  std::lock_guard lock(mutex_);
  for (const auto& j : jobs_)
    if (j.id == id) return j;
  return std::nullopt;
}

std::vector<job> job_table::all() const {
  std::lock_guard lock(mutex_);
  return {jobs_.rbegin(), jobs_.rend()};
}

void complete_progress(const database::work_progress_ptr& p) {
  if (!p || p->cancelled) return;
  p->behind = nullptr;
  if (p->total > 0) p->done = p->total.load();
}

std::string progress_text(const database::work_progress& p) {
  std::uint64_t done = p.done, total = p.total;
  if (const char* behind = p.behind) return total == 0 ? std::string(behind) : fmt::format("{} of {} done; {}", std::min(done, total), total, behind);
  if (total == 0) return done == 0 ? std::string() : fmt::format("{} done", done);
  return fmt::format("{} %, {} of {}", std::min<std::uint64_t>(100, done * 100 / total), std::min(done, total), total);
}

}  // namespace dbcord::commands
