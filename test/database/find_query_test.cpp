// Finds over one table's state: plans, order, pages, shown fields; and that every plan gives what a plain scan gives.

#include "database/find_query.hpp"

#include <boost/test/unit_test.hpp>

#include "database/key_plan.hpp"
#include "database/row_access.hpp"
#include "dbcord/base/random.hpp"
#include "protocol/canonical_value.hpp"

namespace dbcord::database {

namespace {

struct find_query_fixture {
  table_state table{{1, "t", "id", {}}, "db"};

  void put(const std::string& key, const std::string& json) {
    table.replay(protocol::put_row{1, key, 1, protocol::to_json(*protocol::parse_json(json))}, 1, base::message_id{1});
  }

  // "a,b of 5 [plan]"
  std::string find(find_request request) {
    auto query = find_query::parse(request);
    BOOST_TEST_REQUIRE(query.has_value(), request.where_json);
    auto access = query->access(table);
    auto outcome = query->run(access);
    std::string text;
    for (auto& f : outcome.rows) text += (text.empty() ? "" : ",") + std::string(f.key);
    plan = outcome.plan;
    BOOST_TEST(query->access_words_of(access).in_memory() == plan);
    return text + " of " + std::to_string(outcome.matched);
  }
  std::string find(std::string where) {
    find_request request;
    request.where_json = std::move(where);
    return find(std::move(request));
  }
  std::size_t looked_at(std::string where) {
    find_request request;
    request.where_json = std::move(where);
    std::size_t n = 0;
    find_query::parse(request)->access(table).each([&](std::string_view, const stored_row&) { ++n; });
    return n;
  }
  void add_index(std::string field) {
    protocol::create_index index;
    index.table = 1;
    index.index = ++last_index;
    index.field = std::move(field);
    table.replay(index, 1, base::message_id{1});
  }
  std::string plan;
  protocol::index_id last_index = 0;
};

struct people : find_query_fixture {
  people() {
    put("ada", R"({"id":"ada","age":36,"langs":["en","fr"]})");
    put("bob", R"({"id":"bob","age":17})");
    put("carl", R"({"id":"carl","age":36.5})");
    put("dan", R"({"id":"dan"})");
    put("7", R"({"id":7,"age":9})");
  }
};

std::string refusal(find_request request) {
  auto query = find_query::parse(request);
  return query ? "" : query.error().message;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(find_queries, people)

// A member's name may have dots: {"a.c": 5} has a value for a.c, and is no part of the member a.
BOOST_AUTO_TEST_CASE(memory_has_all_that_a_sort_looks_at_only_where_an_index_keeps_it) {
  add_index("a.b");
  add_index("age");
  auto known = [this](std::string sort) {
    find_request request;
    request.where_json = "{}";
    request.sort = std::move(sort);
    auto query = find_query::parse(request);
    return query->sorted_keys(query->access(table)).has_value();
  };
  for (const char* sort : {"a.b", "a", "age desc", "age, a.b desc"}) BOOST_TEST(known(sort), sort);
  for (const char* sort : {"a.c", "a.b.c", "langs", "age, langs"}) BOOST_TEST(!known(sort), sort);
}

// Of the rows here all are in memory; that keys of evicted ones are looked at, eviction_test shows.
BOOST_AUTO_TEST_CASE(a_key_reads_like_a_number_or_is_one_of_a_text) {
  for (const char* key : {"0", "-5", "12345678901234567890"}) BOOST_TEST(may_be_number(key), key);
  for (const char* key : {"", "-", "5.0", "a", "1a", "+5", "--5", " 5"}) BOOST_TEST(!may_be_number(key), key);
}

BOOST_AUTO_TEST_CASE(the_primary_key_decides_which_rows_are_looked_at) {
  BOOST_TEST(find(R"({"id":"bob"})") == "bob of 1");
  BOOST_TEST(plan == "primary key, in memory, 0 requests");
  BOOST_TEST(find(R"({"id":7.0})") == "7 of 1");
  BOOST_TEST(find(R"({"id":"7"})") == " of 0");  // the text is another value
  BOOST_TEST(find(R"({"id":{"$in":["dan","ada","ada","nobody",1.5]}})") == "ada,dan of 2");
  BOOST_TEST(plan == "3 primary keys, in memory, 0 requests");
  BOOST_TEST(find(R"({"id":{"$gte":"b","$lt":"d"}})") == "bob,carl of 2");
  BOOST_TEST(plan == "range of primary keys, in memory, 0 requests");
  BOOST_TEST(find(R"({"id":{"$prefix":"ca"}})") == "carl of 1");
  BOOST_TEST(find(R"({"id":{"$gt":5}})") == "7 of 1");  // numbers are not in the order of their keys
  BOOST_TEST(plan == "range of primary keys, in memory, 0 requests");
}

BOOST_AUTO_TEST_CASE(a_range_of_numbers_looks_at_no_other_keys) {
  for (int i = -3; i < 12; ++i) put(std::to_string(i), "{\"id\":" + std::to_string(i) + "}");
  put("30", R"({"id":"30"})");
  put("4x", R"({"id":"4x"})");
  BOOST_TEST(find(R"({"id":{"$gt":-2.5,"$lte":2}})") == "-1,-2,0,1,2 of 5");
  BOOST_TEST(looked_at(R"({"id":{"$gt":-2.5,"$lte":2}})") == 5u);
  BOOST_TEST(find(R"({"id":{"$gte":11}})") == "11 of 1");
  BOOST_TEST(looked_at(R"({"id":{"$gte":11}})") == 2u);  // "30" could be the key of a number
  BOOST_TEST(find(R"({"id":{"$gte":3,"$lt":"z"}})") == " of 0");
  add_index("even");
  for (int i = 0; i < 12; ++i) put(std::to_string(i), "{\"id\":" + std::to_string(i) + ",\"even\":" + (i % 2 == 0 ? "true}" : "false}"));
  BOOST_TEST(looked_at(R"({"id":{"$gte":4,"$lt":6},"even":true})") == 2u);
  BOOST_TEST(looked_at(R"({"id":{"$gte":0,"$lt":12},"even":true})") == 6u);
}

BOOST_AUTO_TEST_CASE(several_bounds_on_an_indexed_field_are_one_range) {
  add_index("n");
  for (int i = 0; i < 40; ++i) put("r" + std::to_string(100 + i), "{\"n\":" + std::to_string(i) + ",\"t\":\"" + std::string(1 + i % 3, 'a') + "\"}");
  BOOST_TEST(find(R"({"n":{"$gte":10,"$lt":13}})") == "r110,r111,r112 of 3");
  BOOST_TEST(plan == "index on n, 3 of 45 rows in memory, 0 requests");
  BOOST_TEST(find(R"({"$and":[{"n":{"$gt":10}},{"n":{"$lte":12}},{"n":{"$gt":5}}]})") == "r111,r112 of 2");
  BOOST_TEST(plan == "index on n, 2 of 45 rows in memory, 0 requests");
  BOOST_TEST(looked_at(R"({"n":{"$gt":12,"$lt":10}})") == 0u);
  BOOST_TEST(looked_at(R"({"n":{"$gt":12,"$lt":"x"}})") == 0u);
  add_index("t");
  for (int i = 0; i < 4; ++i) put("t" + std::to_string(i), "{\"t\":\"b" + std::string(i, 'a') + "\"}");
  BOOST_TEST(find(R"({"t":{"$prefix":"b","$gt":"ba","$lt":"c"}})") == "t2,t3 of 2");
  BOOST_TEST(looked_at(R"({"t":{"$prefix":"b","$gt":"ba","$lt":"c"}})") == 2u);
}

// One item may be within one bound, and another within the other.
BOOST_AUTO_TEST_CASE(bounds_on_a_field_with_lists_are_looked_at_one_by_one) {
  add_index("n");
  for (int i = 0; i < 10; ++i) put("r" + std::to_string(i), "{\"n\":" + std::to_string(i) + "}");
  put("list", R"({"n":[1,90]})");
  BOOST_TEST(find(R"({"n":{"$gt":20,"$lt":3}})") == "list of 1");
  BOOST_TEST(looked_at(R"({"n":{"$gt":20,"$lt":3}})") == 1u);
  put("list", R"({"n":4})");
  put("behind", R"({"o":[{"n":1},{"n":90}]})");
  add_index("o.n");
  BOOST_TEST(find(R"({"o.n":{"$gt":20,"$lt":3}})") == "behind of 1");
}

BOOST_AUTO_TEST_CASE(one_of_several_demands_is_looked_up_one_by_one) {
  add_index("n");
  add_index("t");
  for (int i = 0; i < 40; ++i) put("r" + std::to_string(100 + i), "{\"n\":" + std::to_string(i) + ",\"t\":\"t" + std::to_string(i % 20) + "\",\"x\":1}");
  BOOST_TEST(find(R"({"$or":[{"n":5},{"t":"t7"},{"n":{"$gt":37}},{"id":"ada"}]})") == "ada,r105,r107,r127,r138,r139 of 6");
  BOOST_TEST(plan == "union of index on n and index on t and primary key, 6 of 45 rows in memory, 0 requests");
  BOOST_TEST(find(R"({"x":1,"$or":[{"n":5,"x":1},{"n":6,"x":2}]})") == "r105 of 1");
  BOOST_TEST(plan == "index on n, 2 of 45 rows in memory, 0 requests");
  BOOST_TEST(looked_at(R"({"$or":[{"n":5},{"$or":[{"n":6},{"n":5}]}]})") == 2u);
  BOOST_TEST(looked_at(R"({"$or":[{"n":5},{"x":1}]})") == 45u);
}

BOOST_AUTO_TEST_CASE(rows_come_sorted_and_by_the_page) {
  find_request request;
  request.sort = "age desc, id";
  BOOST_TEST(find(request) == "carl,ada,bob,7,dan of 5");
  BOOST_TEST(plan == "scan of 5 rows in memory, 0 requests, sorted in memory");
  request.skip = 1;
  request.limit = 2;
  BOOST_TEST(find(request) == "ada,bob of 5");
  request.sort = "";
  BOOST_TEST(find(request) == "ada,bob of 5");
  request.skip = 9;
  BOOST_TEST(find(request) == " of 5");
  request.count_only = true;
  request.skip = 0;
  BOOST_TEST(find(request) == " of 5");
}

BOOST_AUTO_TEST_CASE(rows_behind_a_key_are_those_in_the_order_of_texts) {
  find_request request;
  request.after = "7";
  BOOST_TEST(find(request) == "ada,bob,carl,dan of 4");
  BOOST_TEST(plan == "range of primary keys, in memory, 0 requests");
  request.after = "b";  // no row need have it
  request.limit = 1;
  BOOST_TEST(find(request) == "bob of 3");
  request.skip = 1;
  BOOST_TEST(find(request) == "carl of 3");
  request.after = "zzz";
  BOOST_TEST(find(request) == " of 0");
  put("10", R"({"id":10})");
  put("9", R"({"id":"9"})");
  request = {};
  request.where_json = R"({"id":{"$gte":9}})";
  BOOST_TEST(find(request) == "10 of 1");
  request.after = "10";
  BOOST_TEST(find(request) == " of 0");
  request.where_json = R"({"id":{"$in":[7,10,"9","ada"]}})";
  BOOST_TEST(find(request) == "7,9,ada of 3");
  request.count_only = true;
  BOOST_TEST(find(request) == " of 3");
}

BOOST_AUTO_TEST_CASE(behind_a_key_goes_with_the_order_of_keys_and_with_keys_only) {
  find_request request;
  request.after = "ada";
  request.sort = "age";
  BOOST_TEST(find_query::parse(request).error().message == "after: rows behind a key are those in the order of keys; leave sort out, or use skip");
  request.sort = "";
  request.after = "a\nb";
  BOOST_TEST(find_query::parse(request).error().message.starts_with("after: key must be text"));
  request.after = "";
  BOOST_TEST(find_query::parse(request).error().message.starts_with("after: key is empty"));
}

// From the key on downwards: an answer turns them round.
BOOST_AUTO_TEST_CASE(before_a_key_are_the_rows_nearest_to_it) {
  find_request request;
  request.before = "dan";
  request.limit = 2;
  BOOST_TEST(find(request) == "carl,bob of 4");
  request.where_json = R"({"age":{"$gt":30}})";
  BOOST_TEST(find(request) == "carl,ada of 2");
  add_index("age");
  BOOST_TEST(find(request) == "carl,ada of 2");
  request.where_json = R"({"id":{"$in":["ada","bob","dan","zoe"]}})";
  BOOST_TEST(find(request) == "bob,ada of 2");
  request.where_json = R"({"id":{"$gte":"b"}})";
  BOOST_TEST(find(request) == "carl,bob of 2");
  request.count_only = true;
  BOOST_TEST(find(request) == " of 2");
  request = {};
  request.before = "7";
  BOOST_TEST(find(request) == " of 0");
  request.before = "z";
  request.skip = 1;
  BOOST_TEST(refusal(request).starts_with("before: the rows nearest before a key are counted from it"));
  request.skip = 0;
  request.before = "a\nb";
  BOOST_TEST(refusal(request).starts_with("before: key must be text"));
}

BOOST_AUTO_TEST_CASE(only_the_named_fields_are_shown) {
  find_request request;
  request.fields = "b.c, id, list.x";
  auto query = find_query::parse(request);
  BOOST_TEST(query->shown(R"({"id":1,"a":2,"b":{"c":1.50,"d":2},"list":[{"x":1,"y":2},{"y":3},4]})") ==
             R"({"id":1,"b":{"c":1.50},"list":[{"x":1},{}]})");
  BOOST_TEST(query->shown(R"({"b":5})") == "{}");
}

BOOST_AUTO_TEST_CASE(bad_requests_are_refused_by_argument) {
  find_request request;
  request.where_json = R"({"a":{"$in":1}})";
  BOOST_TEST(refusal(request) == "where_json: $in of the field a needs a list like [1, 2]");
  request.where_json = "{}";
  request.sort = "age down";
  BOOST_TEST(refusal(request) == "sort: a sort order is like age desc, name; \"age down\" is not");
  request.sort = "age..x";
  BOOST_TEST(refusal(request) == "sort: \"age..x\" is no field: a path like address.city has a name on each side of a dot");
  request.sort = "age,,id";
  BOOST_TEST(refusal(request).starts_with("sort: "));
  request.sort = "";
  request.fields = "a,";
  BOOST_TEST(refusal(request).starts_with("fields: a list of fields needs a name"));
}

// What a collector lets go of is not on the page, or is said to be read again; and it holds no more than it may.
BOOST_AUTO_TEST_CASE(a_page_is_the_same_however_few_bytes_are_held) {
  base::seeded_random random(7);
  for (int trial = 0; trial < 300; ++trial) {
    std::vector<protocol::image_row> rows;
    std::size_t largest = 0;
    auto count = random.below(600);
    for (std::uint64_t i = 0; i < count; ++i) {
      protocol::image_row row;
      row.key = std::to_string(10'000 + i);
      row.json = "{\"id\":\"" + row.key + "\",\"n\":" + std::to_string(random.below(40)) + ",\"t\":\"" + std::string(random.below(300), 'x') + "\"}";
      largest = std::max(largest, row.json.size());
      rows.push_back(std::move(row));
    }
    find_request request;
    request.sort = trial % 4 == 0 ? "" : trial % 4 == 1 ? "n" : trial % 4 == 2 ? "-n" : "-id";
    request.skip = trial % 3 == 0 ? 0 : random.below(300);
    request.limit = random.below(300);
    request.byte_budget = random.below(30'000);
    auto query = find_query::parse(request);
    BOOST_REQUIRE(query.has_value());
    auto order = *protocol::sort_order::parse(request.sort);
    std::vector<std::pair<decltype(order.key_of(protocol::json_node())), std::string>> sorted;
    for (const auto& row : rows) sorted.emplace_back(order.key_of(*protocol::parse_json(row.json)), row.json);
    std::stable_sort(sorted.begin(), sorted.end(), [&](const auto& a, const auto& b) { return order.before(a.first, b.first); });
    std::vector<std::string> expected;
    for (std::size_t i = request.skip, bytes = 0; i < sorted.size() && expected.size() < request.limit; ++i) {
      bytes += sorted[i].second.size();
      if (bytes > request.byte_budget && !expected.empty()) break;
      expected.push_back(sorted[i].second);
    }
    find_collector collector(*query, request.sort.empty());
    for (const auto& row : rows) {
      collector.consider(row);
      BOOST_TEST_REQUIRE(collector.held() <= request.byte_budget + request.byte_budget / 4 + 2 * largest);
    }
    BOOST_TEST(collector.matched() == count);
    std::vector<std::string> page;
    for (auto& row : collector.page()) {
      auto original = std::find_if(rows.begin(), rows.end(), [&](const auto& r) { return r.key == row.key; });
      BOOST_TEST((row.resident ? row.json == original->json : row.json_size == original->json.size()));
      page.push_back(original->json);
    }
    BOOST_TEST(page == expected, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_SUITE_END()

namespace {

std::string random_value(base::random_source& random) {
  static constexpr const char* values[] = {"null", "0", "1", "1.0", "2", "-3", "10", "\"a\"", "\"b\"", "\"ab\"", "\"10\"", "\"\"", "true", "[1,\"a\"]", "{\"x\":1}"};
  return values[random.below(std::size(values))];
}

std::string random_condition(base::random_source& random) {
  static constexpr const char* names[] = {"$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$contains"};
  auto text_or_number = random.below(2) ? "\"" + std::string(1 + random.below(2), static_cast<char>('a' + random.below(3))) + "\"" : std::to_string(random.below(12));
  switch (random.below(5)) {
    case 0: return random_value(random);
    case 1: return R"({"$in":[)" + random_value(random) + "," + random_value(random) + "]}";
    case 2: return R"({"$prefix":"a"})";
    case 3: return random.below(2) ? R"({"$exists":true})" : R"({"$not":{"$gte":")" + std::string("a") + R"("}})";
    default: return std::string("{\"") + names[random.below(std::size(names))] + "\":" + text_or_number + "}";
  }
}

std::string random_where(base::random_source& random, int depth) {
  static constexpr const char* fields[] = {"id", "id", "a", "b", "b.x"};
  if (depth > 0 && random.below(3) == 0) {
    static constexpr const char* junctions[] = {"$and", "$or", "$nor"};
    return std::string("{\"") + junctions[random.below(3)] + "\":[" + random_where(random, depth - 1) + "," + random_where(random, depth - 1) +
           "]}";
  }
  auto one = std::string(fields[random.below(std::size(fields))]), two = std::string(fields[random.below(std::size(fields))]);
  std::string where = "{\"" + one + "\":" + random_condition(random);
  if (one != two && random.below(2)) where += ",\"" + two + "\":" + random_condition(random);
  return where + "}";
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_plan_finds_what_a_plain_scan_finds) {
  std::uint64_t found = 0, planned = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    base::seeded_random random(seed);
    find_query_fixture f;
    if (seed % 2 == 0) f.add_index("a");
    if (seed % 3 == 0) f.add_index("b");
    if (seed % 4 == 0) f.add_index("b.x");
    for (int i = 0; i < 30; ++i) {
      auto id = random.below(2) ? "\"" + random.token(1 + random.below(2)) + "\"" : std::to_string(random.below(20));
      auto key = *protocol::key_text(*protocol::parse_json(id));
      f.put(key, "{\"id\":" + id + ",\"a\":" + random_value(random) + ",\"b\":" + random_value(random) + "}");
    }
    for (int i = 0; i < 200; ++i) {
      auto where = random_where(random, 2);
      auto predicate = protocol::predicate::parse(where);
      BOOST_TEST_REQUIRE(predicate.has_value(), where);
      std::string expected;
      std::size_t count = 0;
      for (const auto& [key, row] : f.table.rows()) {
        if (!predicate->matches(*protocol::parse_json(row.json))) continue;
        expected += (expected.empty() ? "" : ",") + std::string(key);
        ++count;
      }
      find_request request;
      request.where_json = where;
      request.limit = 1000;
      BOOST_TEST(f.find(request) == expected + " of " + std::to_string(count), "seed " << seed << ": " << where);
      found += count;
      request.after = random.token(1 + random.below(2));
      if (random.below(2)) request.after = std::to_string(random.below(20));
      expected.clear();
      count = 0;
      for (const auto& [key, row] : f.table.rows()) {
        if (key <= *request.after || !predicate->matches(*protocol::parse_json(row.json))) continue;
        expected += (expected.empty() ? "" : ",") + std::string(key);
        ++count;
      }
      BOOST_TEST(f.find(request) == expected + " of " + std::to_string(count), "seed " << seed << ", behind " << *request.after << ": " << where);
      auto by_keys = plan_keys(*predicate, "id");
      planned += by_keys.keys || by_keys.is_range();
    }
  }
  BOOST_TEST(found > 5'000u);
  BOOST_TEST(planned > 500u);
}

}  // namespace dbcord::database
