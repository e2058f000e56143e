#include "dbcord/server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <mutex>
#include <utility>

#include "actor/gate.hpp"
#include "app/bot_runner.hpp"
#include "app/embedded_guild.hpp"
#include "app/options.hpp"
#include "database/transact.hpp"

namespace dbcord {
namespace {

constexpr base::duration calls_may_take = std::chrono::seconds(10);  // for what runs when it is closed
constexpr const char* command_name = "server";                    // in the history

base::error refused_option(std::string why) { return {base::errc::invalid_argument, std::move(why)}; }

app::bot_settings settings_of(const server_options& o) {
  app::bot_settings settings;
  settings.api_url = o.api_url;
  settings.token = o.token;
  settings.guild = o.guild;
  settings.memory_cap = o.memory_cap;
  settings.lease = o.lease;
  settings.take_over = o.take_over;
  settings.staleness = o.staleness;
  return settings;
}

base::result<void> check(const server_options& o) {
  if (o.threads < 1) return refused_option("the server needs at least one thread");
  if (o.memory_cap < app::smallest_memory_cap) return refused_option("the memory cap must be at least 16 MiB");
  if (!o.local.empty()) return {};
  if (o.token.empty()) return refused_option("either the directory of a local guild or a bot's token is needed");
  if (!o.guild) return refused_option("the id of the guild is missing");
  if (!app::has_usable_lease(settings_of(o))) return refused_option("the lease must be at least 5 seconds more than the staleness");
  return {};
}

class scoped_transaction final : public transaction {
 public:
  explicit scoped_transaction(database::transaction_scope& scope) : scope_(scope) {}

  async<std::optional<std::string>> get(std::string table, std::string key) override { return scope_.get(std::move(table), std::move(key)); }
  void put(std::string table, std::string key, std::string json) override { scope_.put(std::move(table), std::move(key), std::move(json)); }
  void remove(std::string table, std::string key) override { scope_.remove(std::move(table), std::move(key)); }

 private:
  database::transaction_scope& scope_;
};

template <class T>
async<void> without_answer(async<T> work) {
  auto done = co_await std::move(work);
  if (!done) co_return done.error();
  co_return base::result<void>();
}

// A program may keep its answers for long, and others would wait for their room.
async<database::find_answer> without_room(async<database::find_answer> work) {
  auto found = co_await std::move(work);
  if (found) found->held.reset();
  co_return found;
}

actor::task<base::result<void>> run_body(const server::transaction_body& body, database::transaction_scope& scope) {
  scoped_transaction t(scope);
  co_return co_await body(t);
}

}  // namespace

// The guild, if it is ours, and the bot on threads of its own.
class server::parts final : app::process_events {
 public:
  explicit parts(server_options o)
      : options_(std::move(o)), log_(options_.log ? *options_.log : silent_) {}
  ~parts() override { close(); }

  base::result<void> open() {
    auto settings = settings_of(options_);
    if (!options_.local.empty()) {
      auto opened = open_guild(settings);
      if (!opened) return opened;
    }
    api_url_ = settings.api_url;
    app::process_events& events = *this;
    bot_ = std::make_unique<app::bot_runner>(log_, std::move(settings), events, options_.threads);
    auto known = outcome_.get_future();
    if (known.wait_for(options_.ready_within) == std::future_status::ready) return known.get();
    return base::error(base::errc::timeout, "the databases were not ready in time; does the guild at " + api_url_ + " answer?");
  }

  void close() {
    if (std::exchange(closed_, true)) return;
    if (bot_) {
      boost::asio::co_spawn(env().make_strand(), stop_bot(), boost::asio::use_future).get();
      bot_->shut_down();
    }
    if (guild_) guild_->stop(calls_may_take);
  }

  const std::string& api_url() const { return api_url_; }
  database::engine& engine() { return bot_->engine(); }
  const actor::environment& env() const { return bot_->env(); }
  database::write_context writing(call_options o) const {
    database::write_context context;
    context.idempotency_key = std::move(o.idempotency_key);
    context.who = std::move(o.who);
    context.command = command_name;
    context.deadline = env().after(o.limit);
    context.expected_version = o.expected_version;
    return context;
  }
  // As long as it runs nothing that it uses goes.
  template <class T>
  async<T> run(async<T> call) {
    auto inside = calls_.enter();
    if (!inside) co_return base::error(base::errc::stopping, "the server is closed");
    co_return co_await std::move(call);
  }
  database::read_context reading(const call_options& o) const { return {env().after(o.limit), nullptr}; }

 private:
  base::result<void> open_guild(app::bot_settings& settings) {
    app::embedded_guild_options o;
    o.directory = options_.local;
    o.rate_limits = options_.rate_limits;
    o.failed = [this](base::error e) { failed(std::move(e)); };
    auto opened = app::embedded_guild::open(log_, std::move(o));
    if (!opened) return opened.error();
    guild_ = std::move(*opened);
    guild_->open_to(settings);
    return {};
  }

  actor::task<void> stop_bot() {
    calls_.shut();
    co_await bot_->stop(env().after(calls_may_take));
    co_await calls_.close(env(), base::steady_time::max());
  }

  void ready() override { settle({}); }
  void failed(base::error e) override {
    if (!settle(e) && options_.failed) options_.failed(std::move(e));
  }
  // Of open(). False: it has returned.
  bool settle(base::result<void> outcome) {
    std::lock_guard lock(mutex_);
    if (std::exchange(settled_, true)) return false;
    outcome_.set_value(std::move(outcome));
    return true;
  }

  server_options options_;
  base::null_logger silent_;
  base::logger& log_;
  std::string api_url_;
  std::mutex mutex_;
  bool settled_ = false;
  bool closed_ = false;
  std::promise<base::result<void>> outcome_;
  actor::gate calls_;
  std::unique_ptr<app::embedded_guild> guild_;
  std::unique_ptr<app::bot_runner> bot_;
};

server::server(std::unique_ptr<parts> p) : parts_(std::move(p)) {}
server::~server() = default;

base::result<std::unique_ptr<server>> server::open(server_options options) {
  auto sound = check(options);
  if (!sound) return sound.error();
  auto p = std::make_unique<parts>(std::move(options));
  auto opened = p->open();
  if (!opened) return opened.error();
  return std::unique_ptr<server>(new server(std::move(p)));
}

void server::close() { parts_->close(); }
const std::string& server::api_url() const { return parts_->api_url(); }

// ---- databases and tables ----

std::vector<std::string> server::databases() const { return parts_->engine().databases(); }
std::vector<std::string> server::tables(std::string name) const { return parts_->engine().tables(std::move(name)); }

async<void> server::create_database(std::string name, call_options o) {
  return parts_->run(without_answer(parts_->engine().create_database(std::move(name), parts_->writing(std::move(o)))));
}
async<void> server::create_table(std::string database, std::string table, std::string primary_key, call_options o) {
  return parts_->run(without_answer(parts_->engine().create_table(std::move(database), std::move(table), std::move(primary_key), parts_->writing(std::move(o)))));
}
async<void> server::drop_table(std::string database, std::string table, call_options o) {
  return parts_->run(without_answer(parts_->engine().drop_table(std::move(database), std::move(table), parts_->writing(std::move(o)))));
}
async<void> server::set_schema(std::string database, std::string table, std::string schema_json, call_options o) {
  return parts_->run(without_answer(parts_->engine().set_schema(std::move(database), std::move(table), std::move(schema_json), false, parts_->writing(std::move(o)))));
}
async<void> server::create_index(std::string database, std::string table, std::string field, bool unique, call_options o) {
  return parts_->run(without_answer(parts_->engine().create_index(std::move(database), std::move(table), std::move(field), unique, parts_->writing(std::move(o)))));
}

// ---- rows ----

async<database::write_receipt> server::insert(std::string database, std::string table, std::string json, call_options o) {
  return parts_->run(parts_->engine().insert(std::move(database), std::move(table), {{}, std::move(json)}, parts_->writing(std::move(o))));
}
async<database::write_receipt> server::update(std::string database, std::string table, std::string key, std::string patch_json, call_options o) {
  return parts_->run(parts_->engine().update(std::move(database), std::move(table), std::move(key), std::move(patch_json), parts_->writing(std::move(o))));
}
async<database::write_receipt> server::replace(std::string database, std::string table, std::string key, std::string json, call_options o) {
  return parts_->run(parts_->engine().replace(std::move(database), std::move(table), std::move(key), std::move(json), parts_->writing(std::move(o))));
}
async<database::write_receipt> server::remove(std::string database, std::string table, std::string key, call_options o) {
  return parts_->run(parts_->engine().remove(std::move(database), std::move(table), std::move(key), parts_->writing(std::move(o))));
}
async<database::import_report> server::import(std::string database, std::string table, std::vector<database::new_row> rows, call_options o) {
  return parts_->run(parts_->engine().import(std::move(database), std::move(table), std::move(rows), parts_->writing(std::move(o))));
}
async<database::row> server::get(std::string database, std::string table, std::string key, call_options o) {
  return parts_->run(parts_->engine().get(std::move(database), std::move(table), std::move(key), parts_->reading(o)));
}
async<database::row> server::get_as_of(std::string database, std::string table, std::string key, database::moment when, call_options o) {
  return parts_->run(parts_->engine().get_as_of(std::move(database), std::move(table), std::move(key), when, parts_->reading(o)));
}
async<database::find_answer> server::find(std::string database, std::string table, database::find_request request, call_options o) {
  return parts_->run(without_room(parts_->engine().find(std::move(database), std::move(table), std::move(request), parts_->reading(o))));
}
async<database::history_answer> server::history(std::string database, std::string table, database::history_request request, call_options o) {
  return parts_->run(parts_->engine().history(std::move(database), std::move(table), std::move(request), parts_->reading(o)));
}

// ---- transactions ----

async<database::transaction_receipt> server::transact(std::string database, transaction_body body, call_options o) {
  auto run = [body = std::move(body)](database::transaction_scope& scope) { return run_body(body, scope); };
  return parts_->run(database::transact(parts_->engine(), parts_->env(), std::move(database), parts_->writing(std::move(o)), std::move(run)));
}
async<database::transaction_receipt> server::compare_and_set(std::string database, std::string table, std::string key, std::uint64_t version,
                                                             std::string json, call_options o) {
  return parts_->run(database::compare_and_set(parts_->engine(), std::move(database), std::move(table), std::move(key), version, std::move(json),
                                   parts_->writing(std::move(o))));
}
async<std::string> server::fetch_and_update(std::string database, std::string table, std::string key, row_change_function change, call_options o) {
  return parts_->run(database::fetch_and_update(parts_->engine(), parts_->env(), std::move(database), std::move(table), std::move(key), parts_->writing(std::move(o)),
                                    std::move(change)));
}

}  // namespace dbcord
