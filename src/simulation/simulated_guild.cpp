#include "simulation/simulated_guild.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <stdexcept>

namespace dbcord::simulation {

simulated_guild::simulated_guild(world& w, trace& t, guild::core_options options)
    : world_(w), trace_(t), options_(std::move(options)), random_(w.random().next()) {
  open();
}

simulated_guild::~simulated_guild() {
  if (tick_) world_.cancel(*tick_);
}

std::optional<std::string> simulated_guild::attachments::read(base::attachment_id id) {
  auto it = bytes.find(id);
  if (it == bytes.end()) return std::nullopt;
  return it->second;
}

void simulated_guild::open() {
  auto opened = guild::core::open(options_, random_, attachments_, world_.wall_now(), records_);
  if (!opened) throw std::runtime_error("the guild does not open: " + opened.error().message);
  core_ = std::move(*opened);
  auto effects = core_->take_initial_effects();
  perform(effects);
}

void simulated_guild::restart() {
  trace_.line("guild restarts");
  faults_before_ = faults_drawn();
  ++restarts_;
  core_.reset();
  auto lost = std::exchange(sinks_, {});
  open();
  if (faults_ != guild::fault_plan()) put_faults(faults_);
  for (auto& [id, sink] : lost) sink->take({id, {}, 1006});
}

guild::http_response simulated_guild::request(const guild::http_request& request) {
  auto effects = core_->handle(request, world_.wall_now());
  perform(effects);
  if (!effects.response) throw std::logic_error("the guild's core did not answer " + request.target);
  return std::move(*effects.response);
}

guild::http_response simulated_guild::inspect(const guild::http_request& r) {
  for (;;) {
    auto answer = request(r);
    if (answer.status != 429) return answer;
    world_.run_for(std::chrono::seconds(1));
  }
}

void simulated_guild::set_faults(const guild::fault_plan& plan) {
  faults_before_ = faults_drawn();
  faults_ = plan;
  put_faults(plan);
}

// A guild that has come back does not repeat what it has done before.
void simulated_guild::put_faults(const guild::fault_plan& plan) {
  auto given = plan;
  given.seed += restarts_;
  auto answer = request(faults_request("PUT", boost::json::serialize(guild::to_json(given))));
  if (answer.status != 200) throw std::runtime_error("the guild takes no faults: " + answer.body);
  refusals_seen_ = forgotten_seen_ = 0;
}

guild::http_request simulated_guild::faults_request(std::string method, std::string body) const {
  return {std::move(method), "/dbcord/faults", {{"Authorization", credentials().owner_token}, {"User-Agent", "simulation"}, {"Content-Type", "application/json"}}, std::move(body)};
}

std::map<std::string, std::uint64_t> simulated_guild::faults_counted() {
  std::map<std::string, std::uint64_t> counted;
  auto answer = boost::json::parse(request(faults_request("GET")).body);
  for (const auto& [name, times] : answer.at("counters").as_object()) counted[name] = times.to_number<std::uint64_t>();
  return counted;
}

std::map<std::string, std::uint64_t> simulated_guild::faults_drawn() {
  auto all = faults_before_;
  for (const auto& [name, times] : faults_counted()) all[name] += times;
  return all;
}

bool simulated_guild::refused_by_fault() {
  auto counted = faults_counted();
  auto refusals = counted["limited_hidden"] + counted["limited_shared"];
  return std::exchange(refusals_seen_, refusals) != refusals;
}

bool simulated_guild::forgot_nonce() {
  if (faults_.nonce_forgotten <= 0) return false;
  auto forgotten = faults_counted()["nonce_forgotten"];
  return std::exchange(forgotten_seen_, forgotten) != forgotten;
}

void simulated_guild::set_limits(const guild::rate_table& limits) {
  options_.limits = limits;
  core_->set_limits(limits);
}

guild::connection_id simulated_guild::connect(std::string_view query, frame_sink& sink) {
  auto id = ++last_connection_;
  sinks_.emplace(id, &sink);
  auto effects = core_->connect(id, query, world_.wall_now());
  perform(effects);
  return id;
}

void simulated_guild::receive(guild::connection_id id, std::string_view text) {
  if (!sinks_.contains(id)) return;
  auto effects = core_->receive(id, text, world_.wall_now());
  perform(effects);
}

void simulated_guild::disconnect(guild::connection_id id, int code) {
  if (sinks_.erase(id) == 0) return;
  auto effects = core_->disconnect(id, code, world_.wall_now());
  perform(effects);
}

void simulated_guild::perform(guild::effects& effects) {
  for (auto& a : effects.attachments) attachments_.bytes[a.id] = std::move(a.bytes);
  for (auto& r : effects.records) records_.push_back(std::move(r));
  for (auto& f : effects.frames) {
    auto it = sinks_.find(f.to);
    if (it == sinks_.end()) continue;
    auto* sink = it->second;
    if (f.close_code) sinks_.erase(it);
    sink->take(std::move(f));
  }
  arm();
}

void simulated_guild::arm() {
  auto next = core_->next_tick();
  if (next == tick_at_) return;
  if (tick_) world_.cancel(*tick_);
  tick_.reset();
  tick_at_ = next;
  if (!next) return;
  auto when = std::max(world_.now(), steady_origin + (*next - wall_origin));
  tick_ = world_.at(when, [this] {
    tick_.reset();
    tick_at_.reset();
    auto effects = core_->tick(world_.wall_now());
    perform(effects);
  });
}

}  // namespace dbcord::simulation
