#include "database/find_plan.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/enumeration.hpp"
#include "database/row_access.hpp"

namespace dbcord::database {
namespace {

// Search has to save this much, since how many pages its hits take is known for certain only then.
constexpr std::uint64_t worth_while = 2;
// So many rows are read without a word of what would spare it.
constexpr std::uint64_t unread_unnoticed = 1'000;
constexpr std::uint64_t sample_rows = 1'000;  // in memory, from which it is guessed how many match

std::string counted(std::uint64_t n, std::string_view what) { return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s"); }

std::string budget_of(std::size_t requests, const find_cost& cost) {
  auto text = counted(requests, "request");
  if (cost.downloads > 0) text += fmt::format(" ({} downloads count as one)", find_cost::files_a_request);
  return text;
}

std::string_view sources(std::uint64_t rows, const find_cost& cost) {
  if (cost.is_none()) return "what is at hand of pages and the log";
  return rows == 1 ? "its message or the log" : "their messages or the log";
}

bool is_to_be_read(const find_plan& plan, const find_query& query, const stored_row& row) {
  return !row.resident && !(plan.by_digests && query.is_ruled_out_by(row.digest, row.fingerprints));
}

// What is read in the order asked for may end early, but takes more if it does not: what lies together may be far apart in that order.
void consider_sorted(find_plan& plan, const find_query& query, const row_access& access, read_estimate estimate, bool certain) {
  if (plan.candidates > find_query::sorted_most) return;
  auto keys = query.sorted_keys(access);
  if (!keys) return;
  auto met = certain ? std::min(*query.enough(), keys->size()) : keys->size();
  for (std::size_t i = 0; i < met; ++i) {
    const auto& key = (*keys)[i];
    auto row = *access.table().rows().find(key);
    estimate.add(row, key.size(), is_to_be_read(plan, query, row));
  }
  auto cost = estimate.cost(*plan.spread);
  auto all = plan.reading.charged(), at_most = certain ? all : all * 5 / 4 + 2;
  bool reads_all = all <= query.request_budget();  // else the end may come early enough, or it is refused
  bool too_many = reads_all ? cost.charged() > std::min<std::uint64_t>(at_most, query.request_budget()) : certain && cost.charged() > at_most;
  if (too_many) return;
  plan.sorted = std::move(*keys);
  plan.in_order = true;
  plan.unread = estimate.rows();
  plan.may_end_early = !certain;
  plan.reading = cost;
}

}  // namespace

bool is_searchable(const search_sightings::view& seen, base::message_id message, unsigned part) {
  return part == 0 && message && seen.shows(message);
}

find_plan plan_find(const find_query& query, const row_access& access, const search_sightings::view& seen, std::size_t slice,
                    value_reader::kept_sources kept) {
  const auto& table = access.table();
  find_plan plan;
  plan.words = query.access_words_of(access);
  plan.by_digests = query.looks_at_digests(access);
  plan.key = query.search_key_in(table.definition().channel);
  bool considers_search = plan.key && query.via() != find_path::memory;  // of many rows an estimate takes longer than all else here
  read_estimate all(slice, kept), rest(slice, kept);
  plan.in_order = query.in_key_order();
  auto enough = plan.in_order ? query.enough() : std::nullopt;
  bool certain = access.is_exact(), counts = query.is_counted_by(access);
  std::vector<std::uint64_t> met;
  std::uint64_t found = 0, sampled = 0, matching = 0, own = 0, possible = 0, blind = 0, sample_work = 0;
  access.each([&](std::string_view key, const stored_row& row) {
    bool to_read = !counts && is_to_be_read(plan, query, row);
    ++plan.candidates;
    bool is_out = !counts && !row.resident && !to_read;
    plan.ruled_out += is_out;
    blind += to_read && row.fingerprints.empty();
    plan.in_pages += row.part != 0;
    plan.unread_in_pages += row.part != 0 && to_read;
    bool is_own = row.row_message && row.part == 0;
    own += is_own;
    if (row.row_message && (met.empty() || met.back() != row.row_message.value)) met.push_back(row.row_message.value);
    if (considers_search) rest.add(row, key.size(), to_read && !is_searchable(seen, row.row_message, row.part));
    bool in_sample = !certain && row.resident && sampled < sample_rows && sample_work < find_query::work_at_once;
    if (in_sample) sample_work += query.work_of(row.json_size);
    bool matches = certain || (in_sample && query.matches(row.json));
    sampled += in_sample;
    matching += in_sample && matches;
    possible += is_own && !is_out && (matches || !in_sample);
    if (enough && found >= *enough) return;
    all.add(row, key.size(), to_read);
    found += matches;
  });
  auto others = table.garbage().size() + table.history().messages() + table.garbage().pages().size();
  auto messages = plan.candidates == 0 ? others : table.rows().size() * own / plan.candidates + others;
  plan.unread = all.rows();
  if (plan.unread + rest.rows() <= 1) met.clear();  // there is nothing to tell apart
  plan.spread = std::make_shared<const message_spread>(message_spread::of(table, std::move(met), messages));
  bool is_part = query.enough() && *query.enough() < plan.candidates;
  plan.may_end_early = plan.in_order && is_part && !certain;
  plan.reading = all.cost(*plan.spread);
  plan.pace = all.pace();
  if (plan.unread > 0 && !plan.in_order && is_part) consider_sorted(plan, query, access, read_estimate(slice, kept), certain);
  if (plan.unread > unread_unnoticed) plan.fields_to_index = query.fields_to_index(access, blind > unread_unnoticed);
  plan.unseen = rest.rows();
  auto hits = certain ? own : sampled > 0 ? std::min(possible, own * matching / sampled) : 0;
  plan.searching = rest.cost(*plan.spread);
  plan.searching.searches = hits / search_request::page_size + 1;
  bool too_dear = plan.may_end_early && plan.searching.charged() > query.request_budget();
  bool cheaper = plan.searching.charged() * worth_while <= plan.reading.charged() && !too_dear;
  plan.by_search = considers_search && (query.via() == find_path::search || (query.via() == find_path::automatic && cheaper));
  return plan;
}

find_plan plan_past_find(const find_query& query, const table_state& table, const past_rows& past, std::size_t slice, value_reader::kept_sources kept) {
  find_plan plan;
  read_estimate estimate(slice, std::move(kept));
  plan.in_order = query.in_key_order();
  auto enough = plan.in_order ? query.enough() : std::nullopt;
  bool certain = query.wants_everything(), counts = certain && query.count_only();
  std::vector<std::uint64_t> met;
  std::uint64_t found = 0;
  past.each(table, [&](std::string_view key, const stored_row& row) {
    ++plan.candidates;
    if (row.row_message && (met.empty() || met.back() != row.row_message.value)) met.push_back(row.row_message.value);
    if (enough && found >= *enough) return;
    estimate.add(row, key.size(), !counts && !row.resident);
    found += certain;
  });
  auto messages = table.rows().size() + table.garbage().size() + table.history().messages() + table.garbage().pages().size();
  plan.unread = estimate.rows();
  if (plan.unread <= 1) met.clear();  // there is nothing to tell apart
  plan.spread = std::make_shared<const message_spread>(message_spread::of(table, std::move(met), messages));
  plan.may_end_early = plan.in_order && query.enough() && *query.enough() < plan.candidates && !certain;
  plan.reading = estimate.cost(*plan.spread);
  plan.pace = estimate.pace();
  auto by_keys = past.keys().text();
  auto which = by_keys.empty() ? fmt::format("scan of {}", counted(plan.candidates, "row")) : by_keys;
  plan.words = {fmt::format("as of LSN {}, {}", past.lsn(), which), by_keys.empty(), query.sorts()};
  return plan;
}

std::size_t find_plan::leave_out_ruled_out(const find_query& query, std::vector<protocol::image_row>& rows) const {
  if (!by_digests) return 0;
  return std::erase_if(rows, [&](const auto& row) { return !row.resident && query.is_ruled_out_by(row.json, row.fingerprints); });
}

std::string find_plan::text_of_looking() const { return ruled_out == 0 ? words.bare() : fmt::format("{}, {} ruled out in memory", words.bare(), ruled_out); }

std::string find_plan::advice(std::uint64_t read) const {
  return !fields_to_index.empty() && read > unread_unnoticed ? fmt::format("; {} would tell which rows to read", indexes_advised()) : std::string();
}

std::string find_plan::indexes_advised() const { return fmt::format("{} on {}", fields_to_index.size() == 1 ? "an index" : "indexes", base::enumeration(fields_to_index)); }

std::string find_plan::text() const {
  if (!by_search && unread == 0) return words.in_memory();
  if (!by_search) {
    return fmt::format("{}; {}{} {} read from {}, {}{}", text_of_looking(), may_end_early ? "until enough match, up to " : "", counted(unread, "row"),
                       unread == 1 ? "is" : "are", sources(unread, reading), reading.estimated_text(pace), advice(unread));
  }
  auto plan = fmt::format("guild search for {}, {}", key->field, searching.estimated_text(pace));
  auto late = unseen - unread_in_pages;
  if (late > 0) plan += fmt::format("; {} not yet seen in search {} read as well", counted(late, "row"), late == 1 ? "is" : "are");
  if (in_pages > 0) {
    plan += fmt::format("; {} in pages cannot be searched and {} {}", counted(in_pages, "row"), in_pages == 1 ? "is" : "are",
                        unread_in_pages == 0 ? "looked at in memory" : unread_in_pages == in_pages ? "read" : "read or looked at in memory");
  }
  return plan;
}

std::string find_plan::text_of_reading(std::uint64_t rows, const find_cost& taken) const {
  if (rows == 0) return words.in_memory(taken);
  return fmt::format("{}; {} {} read from {}, {}{}", text_of_looking(), counted(rows, "row"), rows == 1 ? "was" : "were", sources(rows, taken), taken.text(),
                     advice(rows));
}

std::string find_plan::budget_text(std::size_t requests) const {
  if (cost().charged() <= requests) return "";
  if (ends_early()) return fmt::format("; it is refused if not enough match within {}", budget_of(requests, cost()));
  return fmt::format("; it is refused, since it may take {}", budget_of(requests, cost()));
}

std::string find_plan::what_to_do() const {
  return fmt::format("make {}, or ask for fewer rows", fields_to_index.empty() ? "an index on a field that where_json compares" : indexes_advised());
}

std::optional<base::error> find_plan::over_budget(std::size_t requests) const {
  if (cost().charged() <= requests) return std::nullopt;
  return base::error(errc::limit_reached, fmt::format("this find would take {}, for {} not in memory, and may take {}; {} by their keys", cost().estimated_text(pace),
                                                      counted(by_search ? unseen : unread, "row"), budget_of(requests, cost()), what_to_do()));
}

base::error find_plan::budget_used_up(const find_cost& taken, std::uint64_t found, std::optional<std::size_t> enough) const {
  if (!enough) return {errc::limit_reached, fmt::format("this find has taken {}, and may take no more; {} by their keys", taken.text(), what_to_do())};
  return {errc::limit_reached, fmt::format("this find has found {} of the {} that it needs with {}, and may take no more; {} by their keys or by limit", found,
                                           counted(*enough, "row"), taken.text(), what_to_do())};
}

}  // namespace dbcord::database
