#pragma once
// Indexes with channels on the guild's core: what a reader of a channel, who knows only its messages, takes the index for.

#include <fmt/format.h>

#include "database/channel_directory.hpp"
#include "database/database_fixture.hpp"
#include "database/storage_upkeep.hpp"
#include "discord/client.hpp"
#include "protocol/index_page.hpp"
#include "protocol/json_node.hpp"
#include "support/contains.hpp"

namespace dbcord::test {

struct index_channel_fixture : database_fixture {
  using database_fixture::database_fixture;

  database::call_options call() { return {database::priority::read, world.now() + 10min}; }
  base::result<database::write_receipt> show(std::string field = "n", bool unique = false) {
    return run(stack->engine->administration().create_shown_index("prod", "users", std::move(field), unique, context()));
  }
  std::vector<database::index_channel_status> statuses() { return *stack->engine->administration().index_channels_of("prod"); }
  database::index_channel_status status() {
    auto all = statuses();
    return all.empty() ? database::index_channel_status() : all.front();
  }
  // Until the channel shows everything.
  void settle(base::duration limit = 30min) {
    auto settled = [&] {
      auto s = status();
      return s.complete && s.waiting == 0;
    };
    world.run_for(100ms);
    BOOST_TEST(world.run_until(settled, limit));
    world.run_for(1min);  // older pages go
  }
  std::vector<database::channel_info> index_channels() {
    std::vector<database::channel_info> found;
    auto present = run(stack->rest.channels(call()));
    for (auto& c : present.value().value) {
      auto topic = protocol::decode_topic(c.topic);
      if (topic && topic->role == protocol::channel_role::index) found.push_back(c);
    }
    return found;
  }
  std::vector<database::stored_message> messages() {
    auto channels = index_channels();
    if (channels.empty()) return {};
    return std::move(run(stack->rest.history_before(channels.front().id, {}, 100, call())).value().value);
  }
  std::vector<protocol::index_page_header> headers() {
    std::vector<protocol::index_page_header> all;
    for (const auto& m : messages()) {
      if (auto header = protocol::decode_index_page(m.content)) all.push_back(*header);
    }
    return all;
  }
  // "1=a 2=b": the entries that the channel's messages show, whatever generation they are of; an entry twice is "!".
  std::string shown() {
    std::set<std::string> entries;
    std::string wrong;
    for (const auto& m : messages()) {
      auto header = protocol::decode_index_page(m.content);
      if (!header) continue;
      std::string lines(protocol::inline_lines(m.content));
      for (const auto& a : m.attachments) lines += *run(stack->rest.download(a, call()));
      for (std::size_t from = 0; from < lines.size();) {
        auto end = std::min(lines.find('\n', from), lines.size());
        auto node = protocol::parse_json(std::string_view(lines).substr(from, end - from));
        from = end + 1;
        if (!node) continue;
        const auto* value = node->find("value");
        const auto* op = node->find("op");
        auto entry = (value ? protocol::to_json(*value) : "#") + "=" + node->find("key")->text;
        bool removes = op && op->text == "remove";
        bool right = removes ? entries.erase(entry) == 1 : entries.insert(entry).second;
        if (!right) wrong += "!";
      }
    }
    for (const auto& e : entries) wrong += (wrong.empty() ? "" : " ") + e;
    return wrong;
  }
  void hold(std::string key, int n) { BOOST_REQUIRE(insert(std::move(key), fmt::format("{{\"n\":{}}}", n)).has_value()); }
  void close() {
    run(stack->engine->close(world.now() + 1min));
    kill();
  }
  database::verify_report verify() { return *run(stack->engine->verify("prod", "users", reading())); }
  base::result<void> remove_message(base::message_id message) { return run(stack->rest.remove(index_channels().front().id, message, call())); }
};

}  // namespace dbcord::test
