// Schemas and indexes of one table: what is refused, on what a refusal rests, and that plans by index find what a scan finds.

#include <boost/test/unit_test.hpp>

#include "database/find_query.hpp"
#include "database/row_access.hpp"
#include "database/table_state.hpp"
#include "dbcord/base/random.hpp"

namespace dbcord::database {

namespace {

struct table_fixture {
  table_state table{{1, "t", "id", {}}, "db"};
  ticket last = 0;
  std::uint64_t lsn = 0;

  // Submits what was decided; its ticket. Refused: fails the test.
  ticket submit(const decision& d) {
    BOOST_TEST_REQUIRE(d.operation.has_value(), (d.refusal ? d.refusal->message : ""));
    table.add_pending(++last, *d.operation, d.index_bytes);
    submitted[last] = *d.operation;
    return last;
  }
  void commit(ticket t) {
    ++lsn;
    table.commit(t, {submitted.at(t)}, lsn, base::message_id{lsn});
  }
  void abort(ticket t) { table.abort(t, {submitted.at(t)}); }
  void done(const decision& d) { commit(submit(d)); }

  decision insert(const std::string& key, const std::string& rest) {
    return table.decide_insert(key, "{\"id\":\"" + key + "\"" + (rest.empty() ? "" : "," + rest) + "}");
  }
  decision update(const std::string& key, const std::string& patch) { return table.decide_update(key, *protocol::parse_json(patch), 1000); }
  decision schema(const std::string& json, bool force = false) {
    auto parsed = protocol::row_schema::parse(json);
    BOOST_TEST_REQUIRE(parsed.has_value());
    return table.decide_schema(*parsed, force);
  }
  std::string find(const std::string& where) {
    find_request request;
    request.where_json = where;
    request.limit = 1000;
    auto query = find_query::parse(request);
    auto outcome = query->run(query->access(table));
    plan = outcome.plan;
    std::string text;
    for (auto& f : outcome.rows) text += (text.empty() ? "" : ",") + std::string(f.key);
    return text;
  }

  std::map<ticket, protocol::operation> submitted;
  std::string plan;
};

std::string refusal(const decision& d) { return d.refusal ? d.refusal->message : "accepted"; }

}  // namespace

BOOST_FIXTURE_TEST_SUITE(table_rules, table_fixture)

BOOST_AUTO_TEST_CASE(a_schema_holds_for_inserts_and_updates_from_the_moment_it_is_pending) {
  done(insert("a", "\"n\":1"));
  auto pending = submit(schema(R"({"properties":{"n":{"type":"int","default":7}}})"));
  auto bad = insert("b", "\"n\":\"x\"");
  BOOST_TEST(refusal(bad) == "row \"b\" does not fit the schema of table t: the field n must be of type int, not \"x\"");
  BOOST_TEST((bad.rests_on == pending));  // if the schema fails, the row may be inserted
  abort(pending);
  done(insert("b", "\"n\":\"x\""));
  BOOST_TEST(refusal(schema(R"({"properties":{"n":"int"}})")) ==
             "1 row of table t would not fit (row \"b\": the field n must be of type int, not \"x\"); change them first, or set the "
             "schema with force:true");
  done(schema(R"({"properties":{"n":{"type":"int","default":7}}})", true));
  BOOST_TEST(!insert("c", "\"n\":\"x\"").rests_on.has_value());
  BOOST_TEST(refusal(update("a", R"({"n":"x"})")).starts_with("row \"a\" does not fit"));
  BOOST_TEST(refusal(update("b", R"({"m":1})")).starts_with("row \"b\" does not fit"));
  done(insert("c", ""));
  BOOST_TEST(table.find("c")->json == R"({"id":"c","n":7})");
}

BOOST_AUTO_TEST_CASE(rows_that_do_not_fit_are_counted_and_three_are_shown) {
  for (auto key : {"a", "b", "c", "d", "e"}) done(insert(key, ""));
  auto told = refusal(schema(R"({"required":["n"]})"));
  BOOST_TEST(told.starts_with("5 rows of table t would not fit (row \"a\": the field n is missing; row \"b\": "));
  BOOST_TEST(told.find("\"d\"") == std::string::npos);
  auto pending = submit(update("a", R"({"n":1})"));
  BOOST_TEST(refusal(schema(R"({"required":["n"]})")).starts_with("4 rows"));  // pending versions count
  abort(pending);
}

BOOST_AUTO_TEST_CASE(a_unique_value_is_taken_by_committed_and_by_pending_rows) {
  done(table.decide_create_index("email", true));
  done(insert("a", "\"email\":\"x\""));
  BOOST_TEST(refusal(insert("b", "\"email\":\"x\"")) == "the field email is unique in table t, and row \"a\" has \"x\" already");
  auto b = submit(insert("b", "\"email\":\"y\""));
  auto c = insert("c", "\"email\":\"y\"");
  BOOST_TEST(refusal(c).starts_with("the field email is unique"));
  BOOST_TEST((c.rests_on == b));
  abort(b);
  done(insert("c", "\"email\":\"y\""));
  BOOST_TEST(refusal(update("c", R"({"email":"x"})")).starts_with("the field email is unique"));
  done(update("c", R"({"email":"y","n":1})"));  // its own value
  auto moved = submit(update("a", R"({"email":"z"})"));
  auto taken = submit(insert("d", "\"email\":\"x\""));  // given up by a row that is still being written
  commit(moved);
  commit(taken);
  done(table.decide_delete("c"));
  done(insert("e", "\"email\":\"y\""));
  for (auto key : {"f", "g"}) done(insert(key, "\"email\":null"));
  for (auto key : {"r", "s"}) done(insert(key, "\"email\":[]"));
  done(insert("h", ""));  // neither null nor a missing field clashes
  BOOST_TEST(refusal(insert("i", "\"email\":[\"q\",\"z\"]")).find("\"z\"") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_value_that_another_row_has_is_named_as_that_row_has_it) {
  done(table.decide_create_index("email", true));
  done(insert("a", "\"email\":1"));
  BOOST_TEST(refusal(insert("b", "\"email\":1.0")) == "the field email is unique in table t, and row \"a\" has 1 already");
  BOOST_TEST(refusal(insert("b", "\"email\":[7,1e0]")) == "the field email is unique in table t, and row \"a\" has 1 already");
  claimed_values claimed;
  BOOST_TEST(refusal(table.decide_insert("c", R"({"id":"c","email":[2.50]})", &claimed)) == "accepted");
  BOOST_TEST(refusal(table.decide_insert("d", R"({"id":"d","email":2.5})", &claimed)) == "the field email is unique in table t, and row \"c\" has 2.50 already");
}

BOOST_AUTO_TEST_CASE(rows_of_one_transaction_do_not_clash_with_each_other) {
  done(table.decide_create_index("email", true));
  claimed_values claimed;
  BOOST_TEST(refusal(table.decide_insert("a", R"({"id":"a","email":["x","y"]})", &claimed)) == "accepted");
  BOOST_TEST(refusal(table.decide_insert("b", R"({"id":"b","email":["z","y"]})", &claimed)) ==
             "the field email is unique in table t, and row \"a\" has \"y\" already");
  BOOST_TEST(refusal(table.decide_insert("c", R"({"id":"c","email":"z"})", &claimed)) == "accepted");  // b has claimed nothing
}

// It is told with the decision, and not looked for again when that becomes pending.
BOOST_AUTO_TEST_CASE(what_a_decision_adds_to_indexes_is_held_while_it_is_pending) {
  done(table.decide_create_index("n", false));
  done(table.decide_create_index("email", true));
  done(insert("a", "\"n\":1,\"email\":\"x\""));
  auto held = [this] { return table.memory().held; };
  auto size_of = [](const decision& d) {
    const auto& put = std::get<protocol::put_row>(*d.operation);
    return put.key.size() + put.json.size();
  };
  auto before = held();
  auto first = update("a", R"({"n":2,"email":"a longer one"})");
  BOOST_TEST(first.index_bytes > 0u);
  auto t = submit(first);
  auto one = held();
  BOOST_TEST(one == before + table_state::pending_overhead + size_of(first) + first.index_bytes);
  auto second = update("a", R"({"n":[1,2,3]})");  // on top of it
  BOOST_TEST(second.index_bytes > first.index_bytes);
  auto u = submit(second);
  BOOST_TEST(held() == one + size_of(second) + second.index_bytes);
  BOOST_TEST(refusal(insert("b", "\"email\":\"a longer one\"")).starts_with("the field email is unique"));
  abort(u);
  BOOST_TEST(held() == one);
  abort(t);
  BOOST_TEST(held() == before);
  auto told = insert("b", "\"n\":5");
  told.index_bytes += 1'000;
  auto b = submit(told);
  BOOST_TEST(held() == before + table_state::pending_overhead + size_of(told) + told.index_bytes);
  abort(b);
  BOOST_TEST(held() == before);
}

BOOST_AUTO_TEST_CASE(a_unique_index_is_not_made_over_duplicates) {
  done(insert("a", "\"n\":1"));
  done(insert("b", "\"n\":1.0"));
  BOOST_TEST(refusal(table.decide_create_index("n", true)) == "the field n cannot be unique in table t: rows \"a\" and \"b\" have 1.0");
  done(table.decide_create_index("n", false));
  BOOST_TEST(refusal(table.decide_create_index("n", false)) == "table t has an index on n already");
  done(table.decide_drop_index("n"));
  BOOST_TEST(refusal(table.decide_drop_index("n")) == "table t has no index on n");
  auto pending = submit(insert("c", "\"m\":5"));
  auto index = submit(table.decide_create_index("m", true));  // built with what is pending
  auto d = insert("d", "\"m\":5");
  BOOST_TEST((d.rests_on == pending));
  commit(pending);
  d = insert("d", "\"m\":5");
  BOOST_TEST((d.rests_on == index));
  abort(index);
  done(insert("d", "\"m\":5"));
}

BOOST_AUTO_TEST_CASE(queries_use_an_index_when_it_narrows_them) {
  for (int i = 0; i < 10; ++i) done(insert("k" + std::to_string(i), "\"n\":" + std::to_string(i) + ",\"s\":\"v" + std::to_string(i) + "\""));
  BOOST_TEST(find(R"({"n":3})") == "k3");
  BOOST_TEST(plan == "scan of 10 rows in memory, 0 requests");
  auto pending = submit(table.decide_create_index("n", true));
  BOOST_TEST(find(R"({"n":3})") == "k3");
  BOOST_TEST(plan == "scan of 10 rows in memory, 0 requests");
  commit(pending);
  BOOST_TEST(find(R"({"n":3.0})") == "k3");
  BOOST_TEST(plan == "unique index on n, 1 of 10 rows in memory, 0 requests");
  BOOST_TEST(find(R"({"n":{"$gte":7}})") == "k7,k8,k9");
  BOOST_TEST(find(R"({"n":{"$lt":2}})") == "k0,k1");
  BOOST_TEST(find(R"({"n":{"$lte":2,"$gt":1}})") == "k2");
  BOOST_TEST(plan == "unique index on n, 1 of 10 rows in memory, 0 requests");
  BOOST_TEST(find(R"({"n":{"$gt":0}})") == "k1,k2,k3,k4,k5,k6,k7,k8,k9");
  BOOST_TEST(plan == "scan of 10 rows in memory, 0 requests");
  BOOST_TEST(find(R"({"n":null})") == "");
  BOOST_TEST(plan == "scan of 10 rows in memory, 0 requests");
  done(table.decide_create_index("s", false));
  BOOST_TEST(find(R"({"s":{"$prefix":"v4"}})") == "k4");
  BOOST_TEST(plan == "index on s, 1 of 10 rows in memory, 0 requests");
  done(update("k4", R"({"s":"w"})"));
  BOOST_TEST(find(R"({"s":"v4"})") == "");
  BOOST_TEST(find(R"({"s":"w"})") == "k4");
}

// RFC 7396 would remove the field, which the schema refuses.
BOOST_AUTO_TEST_CASE(null_in_a_patch_of_what_must_be_there_and_may_be_null_is_null) {
  done(schema(R"({"required":["n","o.p"],"properties":{"n":{"type":"int","nullable":true},"o.p":{"type":"int","nullable":true},"m":{"type":"int","required":true}}})"));
  done(insert("a", R"("n":1,"o":{"p":2,"q":3},"m":4)"));
  done(update("a", R"({"n":null,"o":{"p":null,"q":null}})"));
  BOOST_TEST(table.look("a")->json == R"({"id":"a","o":{"p":null},"m":4,"n":null})");
  BOOST_TEST(refusal(update("a", R"({"m":null})")).find("the field m is missing") != std::string::npos);
  row_operation step;
  step.action = row_action::update;
  step.key = "a";
  step.patch = *protocol::parse_json(R"({"n":5,"m":6})");
  done(table.decide_step(step, 1000));
  step.patch = *protocol::parse_json(R"({"n":null})");
  done(table.decide_step(step, 1000));
  BOOST_TEST(table.look("a")->json == R"({"id":"a","o":{"p":null},"m":6,"n":null})");
}

BOOST_AUTO_TEST_CASE(a_sum_and_a_patch_of_one_field_are_refused_and_of_two_are_done) {
  done(insert("a", R"("n":10,"o":{"p":1,"q":1})"));
  auto both = [&](const std::string& patch, const std::string& field) {
    row_operation step;
    step.action = row_action::update;
    step.key = "a";
    step.patch = *protocol::parse_json(patch);
    step.add.push_back({field, "1"});
    return table.decide_step(step, 1000);
  };
  for (auto [patch, field] : {std::pair(R"({"n":50})", "n"), {R"({"o":null})", "o.p"}, {R"({"o":{"p":1}})", "o.p"}, {R"({"o":{"p":1}})", "o"}, {R"({"o.p":1})", "o.p"}}) {
    BOOST_TEST(refusal(both(patch, field)) == "both patch and add change the field " + std::string(field) + "; let one of them do it");
  }
  done(both(R"({"o":{"q":7}})", "o.p"));
  done(both(R"({"o":{"q":8}})", "n"));
  BOOST_TEST(table.look("a")->json == R"({"id":"a","n":11,"o":{"p":2,"q":8}})");
}

BOOST_AUTO_TEST_SUITE_END()

namespace {

std::string value_for_rules(base::random_source& random) {
  static constexpr const char* values[] = {"null", "0", "1", "1.0", "2", "\"a\"", "\"ab\"", "\"b\"", "true", "false", "[1,\"a\",null]", "[]", "{\"x\":1}"};
  return values[random.below(std::size(values))];
}

std::string condition_on_rules(base::random_source& random) {
  static constexpr const char* operators[] = {"$gt", "$gte", "$lt", "$lte", "$eq", "$ne", "$contains"};
  static constexpr const char* operands[] = {"0", "1", "2", "\"a\"", "\"ab\"", "true"};
  if (random.below(5) == 0) return R"({"$in":[)" + value_for_rules(random) + "," + value_for_rules(random) + "]}";
  if (random.below(6) == 0) return R"({"$prefix":"a"})";
  if (random.below(3) == 0) return value_for_rules(random);
  return std::string("{\"") + operators[random.below(std::size(operators))] + "\":" + operands[random.below(std::size(operands))] + "}";
}

}  // namespace

// The same changes and queries on two tables, of which one has indexes.
BOOST_AUTO_TEST_CASE(plans_by_index_find_what_a_scan_finds) {
  std::uint64_t by_index = 0, rows = 0;
  for (std::uint64_t seed = 1; seed <= 15; ++seed) {
    base::seeded_random random(seed);
    table_fixture plain, indexed;
    for (auto field : {"a", "b", "b.x"}) indexed.done(indexed.table.decide_create_index(field, false));
    for (int i = 0; i < 300; ++i) {
      auto key = "k" + std::to_string(random.below(25));
      auto values = "\"a\":" + value_for_rules(random) + ",\"b\":" + value_for_rules(random);
      for (auto* f : {&plain, &indexed}) {
        bool there = f->table.find(key).has_value();
        if (!there) f->done(f->insert(key, values));
        if (there && i % 3 == 0) f->done(f->table.decide_delete(key));
        if (there && i % 3 != 0) f->done(f->update(key, "{" + values + "}"));
      }
      auto where = "{\"" + std::string(random.below(3) == 0 ? "b.x" : random.below(2) ? "a" : "b") + "\":" + condition_on_rules(random) + "}";
      auto expected = plain.find(where);
      BOOST_TEST(indexed.find(where) == expected, "seed " << seed << ": " << where);
      by_index += indexed.plan.find("index on") != std::string::npos;
      rows += std::count(expected.begin(), expected.end(), ',');
    }
    for (auto field : {"a", "b", "b.x"}) {
      auto definition = indexed.table.indexes().on(field)->definition();
      secondary_index rebuilt(definition);
      for (const auto& [key, row] : indexed.table.rows()) rebuilt.add(std::string(key), *protocol::parse_json(row.json));
      BOOST_TEST(rebuilt.size() == indexed.table.indexes().on(field)->size());
      BOOST_TEST(rebuilt.memory() == indexed.table.indexes().on(field)->memory());
    }
  }
  BOOST_TEST(by_index > 500u);
  BOOST_TEST(rows > 2'000u);
}

}  // namespace dbcord::database
