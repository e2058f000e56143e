#include "guild/local_guild.hpp"

#include <fmt/format.h>

#include "guild/local_guild_credentials.hpp"
#include "guild/local_guild_history.hpp"
#include "guild/local_guild_snapshots.hpp"
#include "guild/local_guild_store.hpp"
#include "guild/record_files.hpp"
#include "guild/server_metrics.hpp"

namespace dbcord::guild {
namespace {

// What others connect to when the server listens everywhere.
std::string reachable(const std::string& address) {
  if (address == "0.0.0.0") return "127.0.0.1";
  if (address == "::") return "[::1]";
  return address.find(':') == std::string::npos ? address : "[" + address + "]";
}

}  // namespace

class local_guild::implementation {
 public:
  implementation(const actor::environment& env, local_guild_options options)
      : env_(env), options_(std::move(options)), reader_(options_.directory), snapshots_(env, options_.directory, options_.snapshots) {}
  ~implementation() { snapshots_.stop(); }

  base::result<void> open() {
    log_store_options log_options;
    log_options.sync = options_.sync;
    log_options.segment_size = options_.segment_size;
    log_options.clock = &env_.clock;
    log_options.synced = [this](base::duration took) { metrics_.observe_sync(took); };
    auto locked = log_store::lock(options_.directory, log_options);
    if (!locked) return locked.error();
    log_ = std::move(*locked);
    auto& files = options_.sync == sync_mode::never ? unsynced_log_files() : posix_log_files();
    auto attachments = attachment_files::open(options_.directory, files);
    if (!attachments) return attachments.error();
    attachments_ = std::move(*attachments);
    store_ = std::make_unique<local_guild_store>(*log_, *attachments_);
    auto opened = open_core();
    if (!opened) return opened;
    auto listening = listen();
    if (!listening) return listening;
    core_->set_public_url(options_.public_url.empty() ? "http://" + place_ : options_.public_url);
    return begin();
  }

  void start() {
    server_->start(*core_, *store_);
    env_.log.info("guild serves", {{"api_url", address_.api_url}, {"guild", credentials_.guild.value}});
  }

  actor::task<void> stop(base::steady_time deadline) {
    co_await server_->stop(deadline);
    snapshots_.stop();
    auto closed = log_->close();
    if (!closed) env_.log.error("guild log not closed", {{"error", closed.error().message}});
    server_.reset();
    core_.reset();
    log_.reset();
  }

  const credentials& get_credentials() const { return credentials_; }
  const guild_address& address() const { return address_; }
  std::uint16_t port() const { return port_; }
  const std::optional<std::string>& warning() const { return warning_; }

 private:
  // Before anything is written: a port in use leaves no trace.
  base::result<void> listen() {
    server_options o;
    o.address = options_.address;
    o.port = options_.port;
    o.failed = options_.failed;
    o.metrics = &metrics_;
    o.committed = [this](core& served, std::span<const record_place> places) { count(served, places); };
    auto listening = server::listen(env_, std::move(o));
    if (!listening) return listening.error();
    server_ = std::move(*listening);
    port_ = server_->port();
    place_ = fmt::format("{}:{}", reachable(options_.address), port_);
    address_ = {fmt::format("http://{}/api/v10", place_), fmt::format("ws://{}", place_)};
    return {};
  }

  // Reads what is kept. Its parts are used by the core as long as it lives.
  base::result<void> open_core() {
    local_guild_history history(options_.directory, *log_);
    auto made = core::open(options_.core, env_.random, *attachments_, env_.clock.wall_now(), history, reader_);
    if (!made) return made.error();
    core_ = std::move(*made);
    for (auto& warning : history.warnings()) {
      env_.log.warning("guild log repaired", {{"what", warning}});
      warning_ = warning_ ? *warning_ + "; " + warning : warning;
    }
    snapshots_.begin(history.snapshot(), history.last_number(), log_->last_sequence(), log_->loaded_bytes(),
                     [this](local_guild_snapshots::strand_work work) { server_->run(std::move(work)); });
    snapshots_.cleaned = [this] { reader_.forget_all(); };
    return {};
  }

  // The first write.
  base::result<void> begin() {
    auto first = core_->take_initial_effects();
    durable_batch batch;
    batch.attachments = std::move(first.attachments);
    batch.records = std::move(first.records);
    auto kept = store_->commit(batch);
    if (!kept) return kept;
    committed(store_->take_places());
    auto swept = sweep_attachments();
    credentials_ = core_->get_credentials();
    return swept ? write_credentials(options_.directory, address_, credentials_) : swept;
  }

  void committed(std::span<const record_place> places) {
    core_->placed(places);
    count(*core_, places);
  }
  void count(core& served, std::span<const record_place> places) {
    std::uint64_t bytes = 0;
    for (auto& place : places) bytes += place.size + frame_header_size;
    metrics_.count_commit(places.size(), bytes);
    snapshots_.committed(served, places.size(), bytes);
  }

  // Files whose record was never written, or whose message is gone: what a crash left.
  base::result<void> sweep_attachments() {
    auto all = attachments_->all();
    if (!all) return all.error();
    std::erase_if(*all, [this](base::attachment_id id) { return core_->knows_attachment(id); });
    return attachments_->remove(*all);
  }

  const actor::environment& env_;
  local_guild_options options_;
  server_metrics metrics_;
  std::unique_ptr<log_store> log_;
  std::unique_ptr<attachment_files> attachments_;
  std::unique_ptr<local_guild_store> store_;
  record_files reader_;
  std::unique_ptr<core> core_;
  std::unique_ptr<server> server_;  // last: it uses core and store
  std::string place_;  // ADDR:PORT that others connect to
  local_guild_snapshots snapshots_;  // its thread uses the server
  guild_address address_;
  credentials credentials_;
  std::uint16_t port_ = 0;
  std::optional<std::string> warning_;
};

base::result<std::unique_ptr<local_guild>> local_guild::open(const actor::environment& env, local_guild_options options) {
  auto impl = std::make_unique<implementation>(env, std::move(options));
  auto opened = impl->open();
  if (!opened) return opened.error();
  return std::unique_ptr<local_guild>(new local_guild(std::move(impl)));
}

local_guild::local_guild(std::unique_ptr<implementation> i) : impl_(std::move(i)) {}
local_guild::~local_guild() = default;

const credentials& local_guild::get_credentials() const { return impl_->get_credentials(); }
std::uint16_t local_guild::port() const { return impl_->port(); }
std::string local_guild::api_url() const { return impl_->address().api_url; }
std::string local_guild::gateway_url() const { return impl_->address().gateway_url; }
const std::optional<std::string>& local_guild::warning() const { return impl_->warning(); }
void local_guild::start() { impl_->start(); }
actor::task<void> local_guild::stop(base::steady_time deadline) { return impl_->stop(deadline); }

}  // namespace dbcord::guild
