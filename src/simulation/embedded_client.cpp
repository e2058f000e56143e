#include "simulation/embedded_client.hpp"

#include <fmt/format.h>

#include <boost/asio/post.hpp>
#include <boost/json/parse.hpp>

#include "database/row_operation.hpp"
#include "database/transact.hpp"
#include "simulation/bank.hpp"
#include "simulation/workload.hpp"

namespace dbcord::simulation {

namespace json = boost::json;

namespace {

using namespace std::chrono_literals;
constexpr base::duration call_patience = 20s;
constexpr base::duration retry_pause = 500ms;
constexpr int glances = 12;           // at marks, after something has come from Discord
constexpr std::uint64_t hops_most = 24;
constexpr int hasty_rows = 24;
constexpr std::size_t hasty_bytes = 300;
constexpr int presses_one_in = 6;

std::optional<std::int64_t> number_in(std::string_view row, std::string_view field = "n") {
  auto value = json::parse(row).as_object();
  const auto* n = value.if_contains(field);
  return n && n->is_int64() ? std::optional(n->get_int64()) : std::nullopt;
}

}  // namespace

void embedded_client::violate(std::string what) { ledger_.violations.push_back(ledger_.name + ": " + std::move(what)); }

actor::task<void> embedded_client::run() {
  for (;;) {
    co_await actor::sleep_for(env_, base::duration(static_cast<std::int64_t>(static_cast<double>(options_.pause.count()) * 2 * env_.random.unit())));
    if (options_.other) co_await read_other();
    if (ledger_.resting && ledger_.asked == ledger_.acknowledged) continue;
    co_await increment();
    if (options_.looks && !ledger_.resting) overtake();
    if (options_.presses && !ledger_.resting && env_.random.below(presses_one_in) == 0) co_await press();
  }
}

// The one that was asked for last, if it is not acknowledged yet; else the next.
actor::task<void> embedded_client::increment() {
  if (ledger_.asked == ledger_.acknowledged) {
    ++ledger_.asked;
  } else {
    ++ledger_.repeats;
  }
  database::write_context context;
  context.idempotency_key = fmt::format("{}:{}", ledger_.name, ledger_.asked);
  context.who = "1";
  context.command = "embedded";
  context.deadline = env_.after(call_patience);
  database::row_change_function change = [this](std::optional<std::string> row) -> base::result<std::string> {
    auto n = row ? number_in(*row).value_or(-1) : 0;
    bool right = n == static_cast<std::int64_t>(ledger_.acknowledged) || n == static_cast<std::int64_t>(ledger_.asked);
    if (!right) violate(fmt::format("the counter shows {}; {} increments were acknowledged and {} asked for", n, ledger_.acknowledged, ledger_.asked));
    return fmt::format(R"({{"id":"{}","n":{}}})", ledger_.name, n + 1);
  };
  auto done = co_await database::fetch_and_update(engine_, env_, std::string(database_name), client_table, ledger_.name, std::move(context),
                                                  std::move(change));
  bool no_room = !done && done.error().code == database::errc::limit_reached;
  ledger_.short_of_memory = no_room ? ledger_.short_of_memory + 1 : 0;
  if (done) {
    ledger_.acknowledged = ledger_.asked;
  } else {
    co_await actor::sleep_for(env_, retry_pause);
  }
}

// What the other process acknowledged before we asked, we must see, or be refused.
actor::task<void> embedded_client::read_other() {
  auto least = options_.other->acknowledged;
  database::read_context context{env_.after(call_patience)};
  auto found = co_await engine_.get(std::string(database_name), client_table, options_.other->name, context);
  auto n = found ? number_in(found->json) : std::nullopt;
  if (n && *n < static_cast<std::int64_t>(least)) {
    violate(fmt::format("the counter of {} shows {}, and {} increments were acknowledged before", options_.other->name, *n, least));
  }
}

// A write of one row between the tables of a transaction, at whatever moment this comes to run.
actor::task<void> embedded_client::touch() {
  constexpr const char* table = "b0";  // the first that a transaction reserves
  constexpr const char* mark = "b0mark";  // every transfer writes it
  auto value = ledger_.touched + 1;
  database::write_context context;
  context.who = "1";
  context.command = "embedded";
  context.deadline = env_.after(call_patience);
  auto done = co_await engine_.update(std::string(database_name), table, mark, fmt::format(R"({{"touched":{}}})", value), std::move(context));
  if (done) ledger_.touched = value;
  database::read_context reading{env_.after(call_patience)};
  auto found = co_await engine_.get(std::string(database_name), table, mark, reading);
  auto n = done && found ? number_in(found->json, "touched") : std::nullopt;
  if (n && *n < static_cast<std::int64_t>(value)) violate(fmt::format("a mark shows {} after {} was written into it", *n, value));
  touching_ = false;
}

// Two transactions at nearly one moment: the second must not overtake the first, which needs one table more.
void embedded_client::overtake() {
  hurry_.spawn(env_.make_strand(), stamp({"b0", "b2"}, 0));
  hurry_.spawn(env_.make_strand(), stamp({"b0"}, env_.random.below(hops_most)));
}

// After so many handlers of others.
actor::task<void> embedded_client::stamp(std::vector<std::string> tables, std::uint64_t hops) {
  for (; hops > 0; --hops) co_await actor::asio::post(env_.context.get_executor(), actor::asio::use_awaitable);
  std::vector<database::row_operation> steps;
  for (const auto& table : tables) {
    database::row_operation step;
    step.table = table;
    step.key = table + "mark";
    step.action = database::row_action::update;
    step.add.push_back({"stamps", "1"});
    steps.push_back(std::move(step));
  }
  database::write_context context;
  context.who = "1";
  context.command = "embedded";
  context.deadline = env_.after(call_patience);
  co_await engine_.transact(std::string(database_name), std::move(steps), std::move(context));  // what comes of it, others check
}

actor::task<void> embedded_client::press() {
  for (int i = 0; i < hasty_rows; ++i) hurry_.spawn(env_.make_strand(), write_in_haste(fmt::format("{}-h{}", ledger_.name, env_.random.below(1'000))));
  for (int i = 0; i < glances; ++i) {
    co_await actor::sleep_for(env_, 1ms);
    for (auto& what : co_await look_at_caps(engine_, options_.promised, env_.after(call_patience))) violate(std::move(what));
  }
}

actor::task<void> embedded_client::write_in_haste(std::string key) {
  database::write_context context;
  context.who = "1";
  context.command = "embedded";
  context.deadline = env_.after(call_patience);
  database::new_row row{key, fmt::format(R"({{"id":"{}","pad":"{}"}})", key, std::string(hasty_bytes, 'x'))};
  ++ledger_.pressed;
  auto written = co_await engine_.insert(std::string(database_name), client_table, std::move(row), std::move(context));
  if (written) co_return;
  bool pressed_back = written.error().code == database::errc::backpressure || written.error().code == database::errc::limit_reached;
  ledger_.refused += pressed_back;
}

actor::task<std::optional<std::int64_t>> embedded_client::mark_of(int table) {
  database::read_context context{env_.after(call_patience)};
  auto found = co_await engine_.get(std::string(database_name), fmt::format("b{}", table), fmt::format("b{}mark", table), context);
  if (!found) co_return std::nullopt;
  co_return number_in(found->json);
}

// A group is applied table by table within one instant, while these reads go on: what one of them has shown, the next must show as well.
actor::task<void> embedded_client::watch() {
  for (;;) {
    co_await stirred_.wait();
    auto touch_at = static_cast<int>(env_.random.below(glances));
    for (int i = 0; i < glances; ++i) {
      bool now = i == touch_at && !touching_ && !ledger_.resting;
      if (now) {
        touching_ = true;
        hurry_.spawn(env_.make_strand(), touch());
      }
      auto before = co_await mark_of(0);
      auto after = co_await mark_of(bank::tables - 1);
      if (before && after && *after < *before) violate(fmt::format("table b0 shows transfer {}, and then table b2 only {}", *before, *after));
      if (!before || !after) break;
    }
  }
}

}  // namespace dbcord::simulation
