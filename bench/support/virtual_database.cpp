#include "support/virtual_database.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "actor/task_group.hpp"

namespace dbcord::bench {
namespace {

// What one process has; lives in it.
struct engine_stack {
  engine_stack(const actor::environment& env, virtual_guild& g, const database::engine_options& options)
      : transport(env, g.net, "bot"),
        scheduler(env, transport, g.scheduler_options()),
        store(env, scheduler, {g.guild.credentials().guild, base::user_id{g.guild.credentials().application.value}}),
        engine(database::make_engine(env, store, options)) {}

  simulation::simulated_transport transport;
  discord::request_scheduler scheduler;
  discord::rest_message_store store;
  std::unique_ptr<database::engine> engine;
};

template <class T>
T need(base::result<T> r, const char* what) {
  if (!r) throw std::runtime_error(fmt::format("{}: {}", what, r.error().message));
  if constexpr (!std::is_void_v<T>) return std::move(*r);
}

}  // namespace

database::engine_options virtual_database::default_options() {
  database::engine_options o;
  o.exclusive_by_lock = true;
  return o;
}

virtual_database::virtual_database(database::engine_options options, const guild::core_options& guild)
    : guild_(std::make_unique<virtual_guild>(guild, usual_round_trip)), options_(std::move(options)) {}

void virtual_database::start() {
  if (process_) kill();
  process_ = &world().start("bot");
  engine_ = process_->make<engine_stack>(process_->env(), *guild_, options_).engine.get();
  need(run(engine_->open(world().now() + std::chrono::hours(1))), "open");
  for (const auto& why : engine_->failed()) throw std::runtime_error(why);
}

void virtual_database::kill() {
  world().kill(*process_);
  process_ = nullptr;
  engine_ = nullptr;
}

void virtual_database::stop() {
  run(engine_->close(world().now() + std::chrono::hours(1)));
  kill();
}

void virtual_database::create(int tables, int indexes) {
  need(run(engine_->create_database("bench", writing())), "create_database");
  for (int t = 0; t < tables; ++t) {
    auto name = fmt::format("t{}", t);
    need(run(engine_->create_table("bench", name, "id", writing())), "create_table");
    for (int i = 0; i < indexes; ++i) {
      need(run(engine_->create_index("bench", name, fmt::format("f{}", i), false, writing())), "create_index");
    }
  }
}

database::database_summary virtual_database::inspect() {
  return need(run(engine_->inspect("bench", reading())), "inspect");
}

base::duration virtual_database::drain(base::duration most) {
  auto begun = world().now();
  auto left = [&] {
    std::uint64_t rows = 0;
    for (const auto& t : inspect().tables) rows += t.not_materialised;
    return rows;
  };
  while (left() != 0 && world().now() - begun < most) world().run_for(std::chrono::milliseconds(500));
  return world().now() - begun;
}

database::write_context virtual_database::writing(base::duration patience) {
  database::write_context c;
  c.idempotency_key = std::to_string(base::id_at<base::interaction_id>(world().wall_now()).value + ++last_key_);
  c.who = "1400";
  c.command = "bench";
  c.deadline = world().now() + patience;
  return c;
}

actor::task<void> run_writers(virtual_database& db, int writers, std::function<actor::task<void>(int writer)> write) {
  actor::task_group group(db.env(), "writers");
  for (int i = 0; i < writers; ++i) group.spawn(db.env().context.get_executor(), write(i));
  co_await group.join(base::steady_time::max());
}

std::string row_json(std::uint64_t id, std::size_t bytes) {
  auto text = fmt::format(R"({{"id":"r{}","f0":{},"f1":"city {}","text":")", id, id % 1000, id % 77);
  std::size_t filler = bytes > text.size() + 2 ? bytes - text.size() - 2 : 0;
  return text + std::string(filler, 'x') + "\"}";
}

}  // namespace dbcord::bench
