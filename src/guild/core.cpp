#include "guild/core.hpp"

#include <algorithm>

#include "guild/gateway.hpp"
#include "guild/interactions.hpp"
#include "guild/rest.hpp"

namespace dbcord::guild {
namespace {

// Wires the parts: every entry point sets the time, runs one part and hands out what it caused.
class core_implementation final : public core {
 public:
  core_implementation(core_options options, base::random_source& random, attachment_store& attachments)
      : world_(std::move(options), random, attachments) {
    world_.gate = &gateway_;
  }

  base::result<void> start(const std::vector<std::string>& records, base::system_time now) {
    world_.now = now;
    if (!records.empty()) return world_.replay(records);
    world_.found_guild();
    return {};
  }

  effects take_initial_effects() override { return take(); }

  credentials get_credentials() const override {
    auto& first = world_.state.first();
    return {first.guild, first.first_channel, world_.state.application(), first.bot_token, first.owner_token};
  }

  void set_public_url(std::string url) override { world_.set_public_url(std::move(url)); }

  bool knows_attachment(base::attachment_id id) const override {
    return world_.state.has_attachment(id) || world_.interactions.has_attachment(id);
  }

  effects handle(const http_request& request, base::system_time now) override {
    begin(now);
    world_.out.response = rest_.serve(request);
    return take();
  }

  effects connect(connection_id id, std::string_view query, base::system_time now) override {
    begin(now);
    gateway_.connect(id, query);
    return take();
  }

  effects receive(connection_id id, std::string_view text, base::system_time now) override {
    begin(now);
    gateway_.receive(id, text);
    return take();
  }

  effects disconnect(connection_id id, int code, base::system_time now) override {
    begin(now);
    gateway_.disconnect(id, code);
    return take();
  }

  std::optional<base::system_time> next_tick() const override {
    auto gateway = gateway_.next_tick();
    auto interactions = world_.interactions.next_deadline();
    if (gateway && interactions) return std::min(*gateway, *interactions);
    return gateway ? gateway : interactions;
  }

  effects tick(base::system_time now) override {
    begin(now);
    gateway_.tick();
    return take();
  }

 private:
  // What the passing of time alone has caused comes first.
  void begin(base::system_time now) {
    world_.now = now;
    fail_unanswered(world_);
    auto forgotten = world_.interactions.expire(now);
    auto& out = world_.out.forgotten_attachments;
    out.insert(out.end(), forgotten.begin(), forgotten.end());
  }

  effects take() {
    effects taken = std::move(world_.out);
    world_.out = {};
    return taken;
  }

  world world_;
  gateway gateway_{world_};
  rest rest_{world_};
};

}  // namespace

base::result<std::unique_ptr<core>> core::open(core_options options, base::random_source& random,
                                               attachment_store& attachments, base::system_time now,
                                               const std::vector<std::string>& records) {
  auto made = std::make_unique<core_implementation>(std::move(options), random, attachments);
  auto started = made->start(records, now);
  if (!started) return started.error();
  return std::unique_ptr<core>(std::move(made));
}

}  // namespace dbcord::guild
