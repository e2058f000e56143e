#pragma once
// Commands on a scripted engine, in virtual time.

#include <boost/test/unit_test.hpp>

#include "commands/command_table.hpp"
#include "commands/fake_engine.hpp"
#include "simulation/virtual_environment.hpp"

namespace dbcord::test {

using namespace dbcord::commands;
using namespace std::chrono_literals;

inline actor::task<base::result<std::string>> give(base::result<std::string> bytes) { co_return bytes; }

struct handlers_fixture {
  simulation::virtual_environment sim;
  test::fake_engine engine;
  invocation call;
  reply last;

  handlers_fixture() {
    engine.database_names = {"prod", "test"};
    engine.table_names = {"users", "posts"};
    call.who = "42";
    call.idempotency_key = "777";
    call.deadline = sim.after(1min);
  }

  handlers_fixture& with(std::string name, argument_value value) {
    call.arguments[std::move(name)] = std::move(value);
    return *this;
  }
  handlers_fixture& in_users() { return with("database", "prod").with("table", "users"); }
  handlers_fixture& attach(base::result<std::string> bytes, std::uint64_t size = 10) {
    attachment a;
    a.name = "rows.jsonl";
    a.size = size;
    a.load = [bytes](base::steady_time) { return give(bytes); };
    call.attachments["file"] = a;
    return *this;
  }

  // The reply's text; a failed one begins with "! ".
  std::string run(std::string name) {
    call.name = std::move(name);
    last = sim.run(execute({engine, sim.env()}, call));
    return (last.ok ? "" : "! ") + last.text;
  }
};

}  // namespace dbcord::test
