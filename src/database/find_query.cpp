#include "database/find_query.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/deliberate_bug.hpp"
#include "database/index_advice.hpp"
#include "database/row_access.hpp"
#include "database/row_input.hpp"
#include "dbcord/base/assert.hpp"
#include "protocol/row_fingerprints.hpp"
#include "protocol/search_tokens.hpp"

namespace dbcord::database {
namespace {

base::error wrong(std::string_view argument, const base::error& why) {
  return {errc::invalid_query, fmt::format("{}: {}", argument, why.message)};
}

std::optional<find_path> path_named(std::string_view via) {
  if (via.empty() || via == "auto") return find_path::automatic;
  if (via == "search") return find_path::search;
  if (via == "memory") return find_path::memory;
  return std::nullopt;
}

std::string_view first_name(std::string_view path) { return path.substr(0, path.find('.')); }

// Whether what is kept of a row whose value is evicted (table_state::kept_of) has all that the path may mean: a name may have dots, so of a longer path only the very
// same one is known.
bool is_kept(const table_indexes& indexes, std::string_view path) {
  const auto& all = indexes.definitions();
  bool is_member = path.find('.') == path.npos;
  return std::any_of(all.begin(), all.end(), [&](const auto& d) { return d.field == path || (is_member && first_name(d.field) == path); });
}

// Whether it is about a field of which memory may keep what it is, or what it is not.
bool looks_at(const protocol::predicate& where, const table_indexes& indexes) {
  if (where.kind() != protocol::predicate::junction::condition) {
    return std::any_of(where.parts().begin(), where.parts().end(), [&](const auto& part) { return looks_at(part, indexes); });
  }
  return !where.condition().fingerprints.empty() || is_kept(indexes, first_name(where.condition().path));
}

// Some members of an evicted row, as they are, and fingerprints of all others, unless there are none.
struct kept_of_row {
  protocol::json_node members;
  std::string_view fingerprints;
};

// Of a row with fingerprints no name has a dot, so a path means one place; else it is not certain that all that a path with dots may mean is kept.
std::optional<bool> known_of(const protocol::predicate& where, const kept_of_row& row) {
  const auto& condition = where.condition();
  bool has_fingerprints = !row.fingerprints.empty();
  if (row.members.find(has_fingerprints ? first_name(condition.path) : condition.path)) {
    if (!has_fingerprints && condition.path.find('.') != condition.path.npos) return std::nullopt;
    return where.matches(row.members);
  }
  bool is_out = has_fingerprints && !condition.fingerprints.empty() && !protocol::may_have(row.fingerprints, condition.fingerprints);
  return is_out ? std::optional(false) : std::nullopt;
}

// What is certain of it.
std::optional<bool> known_of_all(const protocol::predicate& where, const kept_of_row& row) {
  using junction = protocol::predicate::junction;
  if (where.kind() == junction::condition) return known_of(where, row);
  bool all = where.kind() == junction::all_of, unknown = false;
  for (const auto& branch : where.parts()) {
    auto known = known_of_all(branch, row);
    if (known && *known != all) return where.kind() == junction::any_of;
    unknown = unknown || !known;
  }
  if (unknown) return std::nullopt;
  return where.kind() != junction::any_of;
}

}  // namespace

base::result<find_query> find_query::parse(const find_request& request) {
  find_query q;
  auto where = protocol::predicate::parse(request.where_json);
  if (!where) return wrong("where_json", where.error());
  auto order = protocol::sort_order::parse(request.sort);
  if (!order) return wrong("sort", order.error());
  auto fields = protocol::projection::parse(request.fields);
  if (!fields) return wrong("fields", fields.error());
  auto via = path_named(request.via);
  if (!via) return base::error(errc::invalid_query, "the argument via must be auto, search or memory");
  q.where_ = std::move(*where);
  q.conditions_ = q.where_.conditions();
  q.order_ = std::move(*order);
  q.fields_ = std::move(*fields);
  q.limit_ = request.limit;
  q.skip_ = request.skip;
  q.after_ = request.after;
  q.before_ = request.before;
  q.byte_budget_ = request.byte_budget;
  q.count_only_ = request.count_only;
  q.explain_only_ = request.explain_only;
  q.via_ = *via;
  q.request_budget_ = request.request_budget;
  q.as_of_ = request.as_of;
  if (q.after_) {
    if (auto usable = check_key(*q.after_); !usable) return wrong("after", usable.error());
    if (q.sorts()) return base::error(errc::invalid_query, "after: rows behind a key are those in the order of keys; leave sort out, or use skip");
  }
  if (q.before_) {
    if (auto usable = check_key(*q.before_); !usable) return wrong("before", usable.error());
    if (q.sorts() || q.after_ || q.skip_ > 0)
      return base::error(errc::invalid_query, "before: the rows nearest before a key are counted from it, in the order of keys; leave sort, after and skip out");
  }
  if (q.as_of_ && q.via_ == find_path::search) {
    return base::error(errc::invalid_query, "the argument via:search finds rows as they are, not as_of another moment; leave one of the two out");
  }
  if (q.via_ == find_path::search && !q.search_key_in({})) {
    return base::error(errc::invalid_query, "the argument via:search needs a field in where_json that equals a text, a number, true or false, e.g. {\"role\": \"student\"}");
  }
  return q;
}

row_access find_query::access(const table_state& table) const { return {where_, table, after_, before_}; }

bool find_query::looks_at_digests(const row_access& access) const {
  const auto& table = access.table();
  return !table.alteration() && !access.is_exact() && looks_at(where_, table.indexes());
}

bool find_query::is_ruled_out_by(std::string_view digest, std::string_view fingerprints) const {
  auto members = protocol::parse_json(digest);
  return members && known_of_all(where_, {std::move(*members), fingerprints}) == std::optional(false);
}

std::vector<std::string> find_query::fields_to_index(const row_access& access, bool blind) const {
  return access.is_scan() ? ::dbcord::database::fields_to_index(where_, access.table(), blind) : std::vector<std::string>();
}

std::optional<find_query::search_key> find_query::search_key_in(base::channel_id channel) const {
  for (const auto* condition : where_.demanded()) {
    if (auto word = protocol::token_demanded(channel, *condition)) return search_key{condition->path, std::move(*word), channel};
  }
  return std::nullopt;
}

bool find_query::is_counted_by(const row_access& access) const {
  bool exact = access.is_exact() || base::has_bug(base::deliberate_bug::count_without_looking);
  return count_only_ && via_ != find_path::search && exact;
}

access_words find_query::access_words_of(const row_access& access) const {
  auto words = access.words();
  words.sorted = sorts();
  return words;
}

find_query::outcome find_query::run(const row_access& access, std::uint64_t most_work) const {
  std::uint64_t work = 0;
  outcome all;
  bool page_as_found = in_key_order();
  bool cut_as_found = page_as_found || base::has_bug(base::deliberate_bug::cut_before_sorting);
  bool certain = is_counted_by(access);
  bool all_resident = true;
  access.each([&](std::string_view key, const stored_row& row) {
    all.matched += certain;
    all_resident = all_resident && row.resident;
    if (certain) return;
    all.incomplete = all.incomplete || !row.resident;
    if (all.incomplete || all.too_long) return;
    work += work_of(row.json_size);
    all.too_long = work > most_work;
    if (all.too_long || !where_.matches(row.json)) return;
    auto position = all.matched++;
    if (count_only_) return;
    bool on_page = position >= skip_ && all.rows.size() < limit_;
    if (!cut_as_found || on_page) all.rows.push_back({key, row});
    constexpr std::size_t some = 256;
    if (backwards() && all.rows.size() >= 2 * limit_ + some) keep_last(all.rows);
  });
  auto words = access_words_of(access);
  all.plan = all_resident ? words.in_memory() : words.counted();
  if (page_as_found || all.incomplete || all.too_long) return all;
  return backwards() ? last_of(std::move(all)) : sorted(std::move(all));
}

void find_query::keep_last(std::vector<found>& rows) const {
  auto left = rows.size() - std::min(rows.size(), limit_);
  rows.erase(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(left));
}

find_query::outcome find_query::last_of(outcome all) const {
  keep_last(all.rows);
  std::reverse(all.rows.begin(), all.rows.end());
  return all;
}

find_query::outcome find_query::sorted(outcome all) const {
  struct entry {
    protocol::sort_order::key key;
    found row;
  };
  std::vector<entry> entries;
  entries.reserve(all.rows.size());
  for (auto& row : all.rows) {
    auto node = protocol::parse_json(row.row.json);
    DBCORD_ASSERT(node.has_value());
    entries.push_back({order_.key_of(*node), row});
  }
  std::stable_sort(entries.begin(), entries.end(), [this](const entry& a, const entry& b) { return order_.before(a.key, b.key); });
  all.rows.clear();
  for (std::size_t i = skip_; i < entries.size() && all.rows.size() < limit_; ++i) all.rows.push_back(entries[i].row);
  return all;
}

std::optional<std::vector<std::string>> find_query::sorted_keys(const row_access& access) const {
  if (backwards()) {
    std::vector<std::string> keys;
    access.each([&](std::string_view key, const stored_row&) { keys.emplace_back(key); });
    std::reverse(keys.begin(), keys.end());
    return keys;
  }
  const auto& table = access.table();
  if (table.alteration()) return std::nullopt;  // indexes see rows otherwise than finds do
  const auto& key_field = table.definition().primary_key;
  bool looks_at_key = false, looks_at_digest = false;
  for (const auto& term : order_.terms()) {
    bool kept = is_kept(table.indexes(), term.path), is_key = term.path == key_field && key_field.find('.') == key_field.npos;
    if (!kept && !is_key) return std::nullopt;
    looks_at_digest = looks_at_digest || !is_key;
    looks_at_key = looks_at_key || is_key;
  }
  bool known = true;
  struct entry {
    protocol::sort_order::key key;
    std::string_view row;
  };
  std::vector<entry> entries;
  access.each([&](std::string_view key, const stored_row& row) {
    known = known && (row.digest_complete || !looks_at_digest);
    if (!known) return;
    auto node = protocol::parse_json(row.indexed_fields());
    DBCORD_ASSERT(node.has_value());
    bool lacks_key = looks_at_key && !row.resident && !node->find(key_field);
    if (lacks_key && may_be_number(key)) known = false;
    if (lacks_key) node->set(key_field, protocol::json_node::make_string(std::string(key)));
    entries.push_back({order_.key_of(*node), key});
  });
  if (!known) return std::nullopt;
  std::stable_sort(entries.begin(), entries.end(), [this](const entry& a, const entry& b) { return order_.before(a.key, b.key); });
  std::vector<std::string> keys;
  keys.reserve(entries.size());
  for (const auto& e : entries) keys.emplace_back(e.row);
  return keys;
}

std::string find_query::shown(const std::string& json) const {
  if (fields_.everything()) return json;
  auto node = protocol::parse_json(json);
  DBCORD_ASSERT(node.has_value());
  return protocol::to_json(fields_.apply(*node));
}

std::size_t find_query::wanted() const {
  constexpr auto most = std::numeric_limits<std::size_t>::max();
  return limit_ > most - skip_ ? most : skip_ + limit_;
}

std::optional<std::size_t> find_query::enough() const {
  if (count_only_ || limit_ == 0) return std::nullopt;
  return wanted();
}

bool find_collector::is_full() const {
  auto enough = query_.enough();
  return in_order_ && enough && matched_ >= *enough;
}

void find_collector::consider(protocol::image_row row) {
  add_done(query_.progress(), 1);
  if (!query_.where_.matches(row.json)) return;
  auto position = matched_++;
  if (query_.count_only_ || query_.limit_ == 0) return;
  if (in_order_) return consider_for_page(std::move(row), position);
  protocol::sort_order::key key;
  if (!query_.backwards()) {
    auto node = protocol::parse_json(row.json);
    DBCORD_ASSERT(node.has_value());
    key = query_.order_.key_of(*node);
    if (bound_ && !query_.order_.before(key, *bound_)) return;
  }
  auto bytes = row.json.size();
  held_ += bytes;
  sorted_.push_back({std::move(key), std::move(row), bytes});
  constexpr std::size_t least = 256;
  bool many = sorted_.size() / 2 > std::max(query_.wanted(), least);
  bool large = held_ > query_.byte_budget_ && held_ - held_by_best_ > query_.byte_budget_ / 4;
  if (many || large) keep_best();
}

// Behind a row that the byte budget has no room for nothing is shown; the first one always is.
void find_collector::consider_for_page(protocol::image_row row, std::uint64_t position) {
  if (page_ended_ || position < query_.skip_ || rows_.size() >= query_.limit_) return;
  page_ended_ = held_ + row.json.size() > query_.byte_budget_ && !rows_.empty();
  if (page_ended_) return;
  held_ += row.json.size();
  rows_.push_back(std::move(row));
}

// Rows come in the order of their keys, so a stable sort leaves equal ones in it. Whatever comes later, no row gets nearer to the beginning, and before those on the page
// there are never fewer bytes: what is cut off here would be cut off in the end.
void find_collector::keep_best() {
  auto before = [this](const sorted_row& a, const sorted_row& b) { return query_.backwards() ? a.row.key > b.row.key : query_.order_.before(a.key, b.key); };
  auto fresh = sorted_.begin() + static_cast<std::ptrdiff_t>(best_);
  std::stable_sort(fresh, sorted_.end(), before);
  std::inplace_merge(sorted_.begin(), fresh, sorted_.end(), before);
  if (sorted_.size() > query_.wanted()) {
    sorted_.resize(query_.wanted());
    bound_ = sorted_.back().key;
  }
  std::size_t on_page = 0;
  for (std::size_t i = query_.skip_; i < sorted_.size(); ++i) {
    if (i > query_.skip_ && on_page + sorted_[i].bytes > query_.byte_budget_) {
      bound_ = std::move(sorted_[i].key);
      sorted_.resize(i);
      break;
    }
    on_page += sorted_[i].bytes;
  }
  let_go_of_skipped(on_page);
  best_ = sorted_.size();
  held_ = 0;
  for (const auto& s : sorted_) held_ += s.row.json.size();
  held_by_best_ = held_;
}

// A row that is skipped may still come onto the page, when enough others come before it: those are the last to be let go of that are next to it.
void find_collector::let_go_of_skipped(std::size_t on_page) {
  auto room = query_.byte_budget_ - std::min(query_.byte_budget_, on_page);
  for (auto i = std::min(query_.skip_, sorted_.size()); i-- > 0;) {
    auto& [key, row, bytes] = sorted_[i];
    room -= std::min(room, bytes);
    if (room > 0) continue;
    row.json = std::string();
    row.resident = false;
    row.json_size = bytes;
  }
}

std::vector<protocol::image_row> find_collector::page() {
  if (in_order_ || query_.count_only_) return std::move(rows_);
  keep_best();
  for (std::size_t i = query_.skip_; i < sorted_.size(); ++i) rows_.push_back(std::move(sorted_[i].row));
  sorted_.clear();
  return std::move(rows_);
}

}  // namespace dbcord::database
