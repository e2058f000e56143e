#pragma once
// A table that is verified and mended after somebody has done something to its guild, without dbcord being told.

#include <fmt/format.h>

#include "database/database_fixture.hpp"
#include "database/storage_upkeep.hpp"
#include "protocol/row_message.hpp"
#include "support/contains.hpp"

namespace dbcord::test {

struct verification_fixture : database_fixture {
  database::verify_report verify() {
    auto report = run(stack->engine->verify("prod", "users", reading()));
    if (!report) BOOST_FAIL(report.error().message);
    BOOST_TEST(report->problems == report->findings.size());
    return *report;
  }
  // "missing u_1;foreign ;(orphan u_2);": problems, and in brackets what is none.
  std::string found() {
    auto report = verify();
    std::string text;
    for (const auto& f : report.findings) text += f.kind + " " + f.key + ";";
    for (const auto& f : report.notes) text += "(" + f.kind + " " + f.key + ");";
    return text;
  }
  database::repair_report repair() {
    auto done = run(stack->engine->repair("prod", "users", verify(), reading()));
    if (!done) BOOST_FAIL(done.error().message);
    for (const auto& why : done->failed) BOOST_TEST_MESSAGE(why);
    return *done;
  }
  database::vacuum_report vacuum(bool scan) { return *run(stack->engine->storage().vacuum("prod", "users", scan, reading())); }

  database::call_options soon() { return {database::priority::read, world.now() + 1min}; }
  auto channel() { return inspect().tables.at(0).channel; }
  base::channel_id channel_called(std::string_view name) {
    auto all = run(stack->rest.channels(soon()));
    for (const auto& c : all.value().value) {
      if (c.name == name) return c.id;
    }
    return {};
  }
  std::vector<database::stored_message> messages_of(base::channel_id id) { return run(stack->rest.history_before(id, {}, 100, soon())).value().value; }
  database::stored_message message_with(base::channel_id id, std::string_view text) {
    for (auto& m : messages_of(id)) {
      if (contains(m.content, text)) return m;
    }
    BOOST_FAIL("no such message");
    return {};
  }
  base::message_id message_of(std::string key) { return run(stack->engine->get("prod", "users", std::move(key), reading()))->location.message; }
  database::stored_message message_of(std::string_view key, std::uint64_t version) {
    for (auto& m : messages_of(channel())) {
      auto header = protocol::decode_row(m.content);
      if (header && header->key == key && header->version == version) return m;
    }
    BOOST_FAIL("no such version");
    return {};
  }

  void take_away(const database::stored_message& m) { BOOST_REQUIRE(run(stack->rest.remove(m.channel, m.id, soon())).has_value()); }
  base::message_id post(base::channel_id id, std::string content, std::vector<database::new_attachment> files = {}) {
    database::new_message message{std::move(content), std::move(files), std::to_string(++last_key)};
    return run(stack->rest.post(id, std::move(message), soon()))->value.id;
  }
  // As dbcord's own application; `json`: the request's body.
  void request(std::string method, std::string path, std::string json, std::string token) {
    auto answer = guild.inspect({std::move(method), "/api/v10" + path, {{"Authorization", std::move(token)}, {"User-Agent", "test"}, {"Content-Type", "application/json"}},
                                 std::move(json)});
    BOOST_TEST_REQUIRE(answer.status == 200, answer.body);
  }
  void edit(const database::stored_message& m, std::string json) {
    request("PATCH", "/channels/" + m.channel.str() + "/messages/" + m.id.str(), std::move(json), "Bot " + guild.credentials().bot_token);
  }
  void say_as_person(base::channel_id id) {
    request("POST", "/channels/" + id.str() + "/messages", R"({"content":"hello"})", guild.credentials().owner_token);
  }

  void put(const std::string& key, int n) {
    auto done = get(key).starts_with("{") ? update(key, fmt::format(R"({{"n":{}}})", n)) : insert(key, fmt::format(R"({{"n":{}}})", n));
    BOOST_REQUIRE(done.has_value());
    drain();
  }
  void fill() {
    create();
    for (int i = 0; i < 3; ++i) put(fmt::format("u_{}", i), 1);
  }
};

}  // namespace dbcord::test
