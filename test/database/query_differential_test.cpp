// 10,000 random queries on random rows, which change in between, with indexes that come and go, unique ones among them, over kills and restarts: every answer, in any order
// and with any fields, is that of a naive evaluator over a plain map. So is whether a write or an index is refused since two rows would share a value.

#include <boost/json/parse.hpp>

#include "database/database_fixture.hpp"
#include "database/naive_query.hpp"
#include "database/naive_shape.hpp"
#include "database/storage_upkeep.hpp"
#include "support/tried_points.hpp"

using namespace dbcord;
using namespace dbcord::test;

namespace {

constexpr int rounds = 40;
constexpr int queries_a_round = 250;
constexpr std::uint64_t keys = 60;
constexpr int integer_keys = 20;

// Where every query takes longer since values are read: every second round is asked about, under a sanitizer every ninth; all of them change rows.
tried_points every_second_round(int first) { return is_sanitized ? tried_points{3 * points_to_try().first, 9} : tried_points{first, 2}; }

struct differential_fixture : database_fixture {
  explicit differential_fixture(const guild::core_options& how = guild_options(false)) : database_fixture(how) {}

  int elsewhere = 0;  // finds that read rows from their messages or the log
  int ruled_out = 0;  // of those, finds that have read only some, since memory told of the others that they do not match
  int by_search = 0;  // finds through guild search
  int ended_early = 0;  // finds whose page was full before all was read
  int sorted_early = 0;  // of those, finds that ask for an order
  int backwards_early = 0;  // and those that ask for what is before a key
  int limited = 0;    // finds that read and may have ended early: with an end that their page may reach
  int paged = 0;      // rounds in which rows lay in pages
  int refused = 0;    // writes that a unique index stood against
  int made_unique = 0;
  bool searches = false;
  bool some_large = false;  // rows whose values lie in files of their own
  bool mixes_layouts = false;  // rows of some rounds lie in pages, those of others in messages of their own
  bool unique_u = false;    // there is a unique index on u
  base::seeded_random random{20261123};
  std::map<std::string, json::object> model;

  json::object draw_row(const std::string& key) {
    json::object row;
    if (key.starts_with("k")) row["id"] = json::string(key);
    else row["id"] = std::stoi(key);
    for (auto field : {"a", "b"}) {
      if (random.below(4) != 0) row[field] = naive_query::draw_scalar(random);
    }
    json::array tags;
    for (auto n = random.below(4); n > 0; --n) {
      auto tag = naive_query::draw_scalar(random);
      if (!tag.is_null()) tags.push_back(std::move(tag));
    }
    if (random.below(3) != 0) row["tags"] = std::move(tags);
    if (random.below(3) != 0) row["o"] = json::object{{"n", naive_query::draw_scalar(random)}, {"t", json::string(naive_query::draw_text(random))}};
    if (random.below(3) != 0) row["u"] = random.below(6) == 0 ? naive_query::draw_scalar(random) : json::value(json::string(naive_query::draw_text(random) + key));
    if (random.below(5) == 0) row["d.o"] = naive_query::draw_scalar(random);  // of such a row memory keeps no fingerprints
    if (some_large && random.below(2) == 0) row["z"] = json::string(std::string(2'500, 'z'));
    return row;
  }

  static bool is_one(const json::value* value) { return value && !value->is_null(); }
  // Of a unique index: another row has the value.
  bool is_taken(const json::value* u, const std::string& key) const {
    return is_one(u) && std::any_of(model.begin(), model.end(), [&](const auto& other) {
      const auto* theirs = other.second.if_contains("u");
      return other.first != key && is_one(theirs) && naive_query::holds({{"u", *u}}, other.second);
    });
  }
  // Of one of the rows, or null.
  json::value some_u() {
    if (model.empty()) return nullptr;
    auto row = std::next(model.begin(), static_cast<std::ptrdiff_t>(random.below(model.size())));
    const auto* u = row->second.if_contains("u");
    return u ? *u : json::value();
  }
  bool some_share() const {
    return std::any_of(model.begin(), model.end(), [this](const auto& row) { return is_taken(row.second.if_contains("u"), row.first); });
  }
  void change_rows() {
    if (mixes_layouts) {
      auto layout = random.below(2) == 0 ? protocol::table_layout::rows : protocol::table_layout::pages;
      BOOST_REQUIRE(run(stack->engine->storage().set_layout("prod", "users", layout, context())).has_value());
    }
    for (int i = 0; i < 15; ++i) {
      auto drawn = static_cast<int>(random.below(keys));
      auto key = drawn < integer_keys ? std::to_string(drawn - 5) : "k" + std::to_string(drawn);
      auto there = model.find(key);
      if (there == model.end()) {
        auto row = draw_row(key);
        if (unique_u && random.below(3) == 0) row["u"] = some_u();
        bool taken = unique_u && is_taken(row.if_contains("u"), key);
        refused += taken;
        BOOST_REQUIRE(insert(key, json::serialize(row)).has_value() == !taken);
        if (!taken) model[key] = std::move(row);
      } else if (random.below(3) == 0) {
        BOOST_REQUIRE(remove(key).has_value());
        model.erase(there);
      } else {
        std::string field = random.below(4) == 0 ? "u" : "a";
        auto value = field == "u" && random.below(2) == 0 ? some_u() : naive_query::draw_scalar(random);
        bool taken = unique_u && field == "u" && is_taken(&value, key);
        refused += taken;
        BOOST_REQUIRE(update(key, json::serialize(json::object{{field, value}})).has_value() == !taken);
        if (taken) continue;
        if (value.is_null()) there->second.erase(field);
        else there->second[field] = std::move(value);
      }
    }
  }

  void make_unlike() {
    for (auto& [key, row] : model) {
      if (!is_taken(row.if_contains("u"), key)) continue;
      BOOST_REQUIRE(update(key, json::serialize(json::object{{"u", "only " + key}})).has_value());
      row["u"] = json::string("only " + key);
    }
  }
  void change_unique_index() {
    if (unique_u) {
      BOOST_REQUIRE(run(stack->engine->drop_index("prod", "users", "u", context())).has_value());
      unique_u = false;
      return;
    }
    if (random.below(2) == 0) make_unlike();
    auto made = run(stack->engine->create_index("prod", "users", "u", true, context()));
    BOOST_TEST(made.has_value() == !some_share());
    unique_u = made.has_value();
    made_unique += unique_u;
    if (!made) (void)run(stack->engine->drop_index("prod", "users", "u", context()));  // it may be there, failed
  }
  void change_indexes() {
    static const char* fields[] = {"a", "b", "tags", "o.n", "o.t"};
    std::string field = fields[random.below(std::size(fields))];
    auto made = run(stack->engine->create_index("prod", "users", field, false, context()));
    if (!made) BOOST_REQUIRE(run(stack->engine->drop_index("prod", "users", field, context())).has_value());
  }

  // "k1{a:1} k7{} of 5"
  using key_before = std::optional<std::string>;
  std::string expected(const json::object& query, const naive_shape& shape, std::size_t skip, std::size_t limit, const key_before& after, const key_before& before) const {
    std::vector<naive_shape::found_row> rows;
    for (const auto& [key, row] : model) {
      if ((!after || key > *after) && (!before || key < *before) && naive_query::holds(query, row)) rows.emplace_back(key, &row);
    }
    shape.order(rows);
    std::string shown;
    if (before) skip = rows.size() - std::min(rows.size(), limit);
    for (auto i = skip; i < std::min(rows.size(), skip + limit); ++i) shown += rows[i].first + shape.shown(*rows[i].second) + " ";
    return shown + "of " + std::to_string(rows.size());
  }
  std::string found(const json::object& query, const naive_shape& shape, std::size_t skip, std::size_t limit, const key_before& after, const key_before& before, const std::string& right) {
    database::find_request request;
    request.after = after;
    request.before = before;
    request.where_json = json::serialize(query);
    request.sort = shape.sort();
    request.fields = shape.fields();
    request.skip = skip;
    request.limit = limit;
    if (searches) request.via = "search";
    auto answer = run(stack->engine->find("prod", "users", request, reading()));
    if (!answer && answer.error().message.starts_with("the argument via:search needs")) {
      request.via.clear();
      answer = run(stack->engine->find("prod", "users", request, reading()));
    }
    if (!answer) return answer.error().message;
    by_search += answer->plan.starts_with("guild search for");
    elsewhere += answer->plan.find("read from") != std::string::npos;
    ruled_out += answer->plan.find(" ruled out in memory; ") != std::string::npos;
    std::string shown;
    limited += answer->plan.find("read from") != std::string::npos && limit < std::stoull(right.substr(right.rfind(' ') + 1));
    for (const auto& r : answer->rows) shown += r.key + naive_shape::text_of(json::parse(r.json)) + " ";
    if (!answer->not_all_seen) return shown + "of " + std::to_string(answer->matched);
    ++ended_early;
    sorted_early += !shape.sort().empty();
    backwards_early += before.has_value();
    auto all = right.substr(right.rfind(' ') + 1);
    bool fits = answer->matched >= skip + limit && answer->matched <= std::stoull(all);
    return shown + "of " + (fits ? all : "at least " + std::to_string(answer->matched));
  }
  json::object with_equality(json::object query) {
    static const char* fields[] = {"a", "b", "tags", "o.n", "o.t", "id", "u"};
    json::object equality{{fields[random.below(std::size(fields))], naive_query::draw_scalar(random)}};
    return {{"$and", json::array{std::move(equality), std::move(query)}}};
  }
  json::object with_bounds(json::object query) {
    auto bounds = naive_query::draw_bounds(random);
    if (random.below(2) == 0) return bounds;
    return {{"$and", json::array{std::move(bounds), std::move(query)}}};
  }
  // About three quarters of the memory, so that no value stays for long: at first fingerprints do, until older versions and indexes need their room.
  void add_ballast() {
    BOOST_REQUIRE(run(stack->engine->create_table("prod", "ballast", "id", context())).has_value());
    auto fixed = [this] { return run(stack->engine->administration().figures("prod", reading()))->memory.fixed; };
    for (int begun = 0; fixed() < options.memory_cap / 4 * 3 - 35'000; begun += 45) {
      std::vector<database::new_row> ballast;
      for (int i = begun; i < begun + 45; ++i) ballast.push_back({std::string(240, 'x') + std::to_string(i), "{}"});
      auto put = run(stack->engine->import("prod", "ballast", std::move(ballast), context()));
      BOOST_REQUIRE(put.has_value());
      BOOST_REQUIRE(put->refused.empty());
    }
  }
  // Asks 10,000 queries while rows and indexes change, over kills; or those of some rounds.
  void compare(tried_points points = {}) {
    int asked = 0, wrong = 0, rounds_asked = 0;
    for (int round = 0; round < rounds; ++round) {
      change_rows();
      if (round % 2 == 1) change_indexes();
      if (round % 4 == 2) change_unique_index();
      if (round % 5 == 4) restart();
      if (searches && round % 4 == 1) world.run_for(100s);
      if (round % points.step != points.first) continue;
      ++rounds_asked;
      paged += run(stack->engine->inspect_table("prod", "users", reading()))->pages > 0;
      for (int i = 0; i < queries_a_round && wrong < 5; ++i, ++asked) {
        auto query = naive_query::draw(random).to_json();
        if (random.below(4) < (searches ? 3u : 1u)) query = with_equality(std::move(query));
        else if (random.below(3) == 0) query = with_bounds(std::move(query));
        std::size_t skip = random.below(4) == 0 ? random.below(10) : 0, limit = random.below(3) == 0 ? random.below(10) + 1 : 1'000;
        auto shape = naive_shape::draw(random);
        // Of every fifth that goes by keys: only what is behind one of them.
        bool goes_on = shape.sort().empty() && i % 5 == 0 && !model.empty();
        auto after = goes_on ? key_before(std::next(model.begin(), i % static_cast<int>(model.size()))->first) : std::nullopt;
        // Of every other fifth: what is before one.
        bool goes_back = shape.sort().empty() && skip == 0 && i % 5 == 1 && !model.empty();
        auto before = goes_back ? key_before(std::next(model.begin(), i % static_cast<int>(model.size()))->first) : std::nullopt;
        auto right = expected(query, shape, skip, limit, after, before);
        auto got = found(query, shape, skip, limit, after, before, right);
        if (got == right) continue;
        ++wrong;
        BOOST_ERROR("round " << round << ": " << json::serialize(query) << ", sort \"" << shape.sort() << "\", fields \"" << shape.fields() << "\", after \""
                             << after.value_or("") << "\", before \"" << before.value_or("") << "\", limit " << limit << " found " << got << " instead of " << right);
      }
    }
    BOOST_TEST_MESSAGE(elsewhere << " read, of " << ruled_out << " some rows were ruled out, " << by_search << " through search; " << limited << " read and have a page that fills, " << ended_early << " ended early, "
                                 << sorted_early << " of them sorted, " << backwards_early << " backwards; " << made_unique << " unique indexes, " << refused << " writes refused; rows in pages in " << paged
                                 << " rounds");
    BOOST_TEST(asked == rounds_asked * queries_a_round);
    BOOST_TEST(rounds_asked >= rounds / points.step);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(query_differential, differential_fixture)

BOOST_AUTO_TEST_CASE(ten_thousand_random_queries_find_what_a_naive_evaluator_finds) {
  create();
  compare();
  BOOST_TEST(made_unique > 1);
  BOOST_TEST(refused > 5);
}

BOOST_AUTO_TEST_CASE(so_they_do_when_values_are_evicted_and_read_again) {
  options.memory_cap = 2 * 1024 * 1024;
  some_large = true;
  create();
  add_ballast();
  auto points = every_second_round(1);
  compare(points);
  BOOST_TEST(elsewhere > 2'000 / points.step);
  BOOST_TEST(ruled_out > 500 / points.step);
  BOOST_TEST(ended_early > 100 / points.step);
  BOOST_TEST(sorted_early > 20 / points.step);
}

BOOST_AUTO_TEST_CASE(so_they_do_when_rows_lie_in_pages_and_values_are_read_from_there) {
  options.memory_cap = 2 * 1024 * 1024;
  options.page_from = 2;
  some_large = true;
  create();
  add_ballast();
  auto points = every_second_round(0);
  compare(points);
  BOOST_TEST(paged >= rounds / points.step / 2);
  BOOST_TEST(elsewhere > 2'000 / points.step);
  BOOST_TEST(ruled_out > 500 / points.step);
  BOOST_TEST(ended_early > 100 / points.step);
  BOOST_TEST(sorted_early > 20 / points.step);
}

struct lossy_search_fixture : differential_fixture {
  lossy_search_fixture() : differential_fixture(late_and_lossy()) { searches = true; }
  static guild::core_options late_and_lossy() {
    auto how = guild_options(false);
    how.search_delay = 60s;
    how.search_misses_per_million = 50'000;
    return how;
  }
};

BOOST_FIXTURE_TEST_CASE(so_they_do_through_guild_search_that_is_late_and_loses_messages, lossy_search_fixture) {
  options.page_from = 1'000'000;
  create();
  compare(points_to_try());
  BOOST_TEST(by_search > 2'000 / points_to_try().step);
}

BOOST_FIXTURE_TEST_CASE(so_they_do_through_guild_search_when_values_are_evicted_and_some_lie_in_pages_and_files, lossy_search_fixture) {
  options.memory_cap = 2 * 1024 * 1024;
  some_large = true;
  mixes_layouts = true;
  create();
  add_ballast();
  auto points = every_second_round(0);
  compare(points);
  BOOST_TEST(by_search > 2'000 / points.step);
  BOOST_TEST(paged >= rounds / 4 / points.step);
}

BOOST_AUTO_TEST_SUITE_END()
