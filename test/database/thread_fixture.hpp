#pragma once
// Threads of rows, and what they show.

#include <fmt/format.h>

#include "database/database_fixture.hpp"
#include "database/storage_upkeep.hpp"
#include "discord/client.hpp"
#include "protocol/row_thread.hpp"
#include "support/contains.hpp"

namespace dbcord::test {

struct thread_fixture : database_fixture {
  using database_fixture::database_fixture;
  base::result<database::thread_report> show(std::string key = "a", base::duration patience = 5min) {
    return run(stack->engine->administration().show_in_thread("prod", "users", std::move(key), {world.now() + patience}));
  }
  database::thread_report shown(std::string key = "a") {
    auto report = show(std::move(key));
    if (!report) BOOST_FAIL(report.error().message);
    return *report;
  }
  database::call_options call() { return {database::priority::read, world.now() + 10min}; }
  std::vector<std::string> messages(base::channel_id channel) {
    std::vector<std::string> all;
    auto listed = run(stack->rest.history_before(channel, {}, 100, call()));
    if (!listed) BOOST_FAIL(listed.error().message);
    for (auto& m : listed->value) all.push_back(std::move(m.content));
    return all;
  }
  // "1 2x 3": the versions, oldest first, by the messages' machine lines.
  std::string versions(base::channel_id thread) {
    std::string all;
    for (const auto& content : messages(thread)) {
      auto entry = protocol::decode_thread_entry(content);
      all += (all.empty() ? "" : " ") + (entry ? std::to_string(entry->version) + (contains(content, ": deleted") ? "x" : "") : "?");
    }
    return all;
  }
  base::channel_id table_channel() { return inspect().tables.at(0).channel; }
  std::vector<database::thread_info> active() { return *run(stack->rest_threads.active_threads(call())); }
  // A request of the bot itself, or of a person, beside the database.
  int request(std::string method, std::string path, std::string body = {}, discord::request_scheduler* as = nullptr) {
    discord::rest_request r;
    r.method = std::move(method);
    r.route = path;
    r.path = std::move(path);
    r.body = std::move(body);
    r.headers.emplace_back("Content-Type", "application/json");
    r.deadline = world.now() + 1min;
    auto answer = run((as ? *as : stack->scheduler).send(std::move(r)));
    return answer ? answer->status : 0;
  }
  std::string thread_path(base::channel_id thread) { return "/channels/" + thread.str(); }
  base::result<database::write_receipt> follow(bool on = true) {
    return run(stack->engine->administration().set_row_threads("prod", "users", on, context()));
  }
  database::row_thread_status status() { return *stack->engine->administration().row_threads_of("prod"); }
  // Until no row waits for its thread.
  void settle(base::duration limit = 10min) {
    world.run_until([&] { return status().waiting == 0; }, limit);
    world.run_for(1min);  // the last one
    BOOST_TEST(status().waiting == 0u);
  }
  std::uint64_t problems() { return run(stack->engine->verify("prod", "users", reading()))->problems; }
};

}  // namespace dbcord::test
