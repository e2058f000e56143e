#include "guild/core.hpp"

#include <algorithm>

#include "guild/fault_front.hpp"
#include "guild/gateway.hpp"
#include "guild/interactions.hpp"
#include "guild/rest.hpp"
#include "guild/threads.hpp"

namespace dbcord::guild {
namespace {

// Wires the parts: every entry point sets the time, runs one part and hands out what it caused.
class core_implementation final : public core {
 public:
  core_implementation(core_options options, base::random_source& random, attachment_store& attachments)
      : world_(std::move(options), random, attachments) {
    world_.gate = &gateway_;
  }

  base::result<void> start(core_history& history, record_reader* reader, base::system_time now) {
    world_.now = now;
    world_.search.missed_always = world_.options.search_misses_per_million;
    world_.faults.set_plan(world_.options.faults, now);
    if (reader) world_.state.set_reader(*reader);
    auto replayed = replay(history);
    if (replayed && !world_.state.founded()) world_.found_guild();
    return replayed;
  }

  effects take_initial_effects() override { return world_.end_input(); }
  core_snapshot take_snapshot(base::system_time now) override {
    world_.now = now;
    return world_.take_snapshot();
  }
  void moved(const core_snapshot& taken, std::span<const record_place> places) override {
    world_.state.move_messages(taken, places);
  }
  void placed(std::span<const record_place> places) override { world_.place_records(places); }

  credentials get_credentials() const override {
    auto& first = world_.state.first();
    return {first.guild, first.first_channel, world_.state.application(), first.bot_token, first.owner_token};
  }

  void set_public_url(std::string url) override { world_.set_public_url(std::move(url)); }
  void set_limits(const rate_table& limits) override { world_.options.limits = limits; }

  bool knows_attachment(base::attachment_id id) const override {
    return world_.state.has_attachment(id) || world_.interactions.has_attachment(id);
  }

  std::size_t message_count() const override {
    std::size_t count = 0;
    for (auto& [id, c] : world_.state.channels()) count += c.messages.size();
    return count;
  }

  effects handle(const http_request& request, base::system_time now) override {
    auto caused = drive(now, [&] {
      auto response = front_.serve(request);
      world_.out.response = std::move(response);
    });
    if (!caused.response) caused.response = unreadable_;
    return caused;
  }

  effects connect(connection_id id, std::string_view query, base::system_time now) override {
    return drive(now, [&] { gateway_.connect(id, query); });
  }

  effects receive(connection_id id, std::string_view text, base::system_time now) override {
    return drive(now, [&] { gateway_.receive(id, text); });
  }

  effects disconnect(connection_id id, int code, base::system_time now) override {
    return drive(now, [&] { gateway_.disconnect(id, code); });
  }

  std::optional<base::system_time> next_tick() const override {
    auto next = gateway_.next_tick();
    auto consider = [&](std::optional<base::system_time> when) {
      if (when && (!next || *when < *next)) next = when;
    };
    consider(world_.interactions.next_deadline());
    consider(world_.search.next_step());
    if (auto thread = world_.state.next_archive()) consider(thread->first);
    consider(front_.next_late());
    return next;
  }

  effects tick(base::system_time now) override {
    return drive(now, [&] {
      gateway_.tick();
      archive_idle_threads(world_);
    });
  }

 private:
  // A body that the disk does not give back fails the one input that needs it. What that has changed before stays: its
  // records are on their way, and state and log must not differ.
  template <class Work>
  effects drive(base::system_time now, Work work) {
    try {
      begin(now);
      work();
    } catch (const unreadable_record& e) {  // who asked gets 500, who runs the guild the sentence
      world_.out.complaints.emplace_back(e.what());
    }
    return world_.end_input();
  }

  // Of messages with files or pins the bodies are read, too.
  base::result<void> replay(core_history& history) {
    try {
      return world_.replay(history);
    } catch (const unreadable_record& e) {
      return base::error(boost::system::errc::make_error_code(boost::system::errc::bad_message), e.what());
    }
  }

  // What the passing of time alone has caused comes first.
  void begin(base::system_time now) {
    world_.now = now;
    fail_unanswered(world_);
    world_.search.advance(world_.state, now, world_.out.complaints);
    auto forgotten = world_.interactions.expire(now);
    auto& out = world_.out.forgotten_attachments;
    out.insert(out.end(), forgotten.begin(), forgotten.end());
    front_.apply_late();
  }

  const http_response unreadable_{500,
                                  {{"Content-Type", "application/json"}},
                                  R"({"message": "500: Internal Server Error", "code": 0})"};
  world world_;
  gateway gateway_{world_};
  rest rest_{world_};
  fault_front front_{world_, rest_, gateway_};
};

base::result<std::unique_ptr<core>> open_core(core_options options, base::random_source& random, attachment_store& attachments,
                                              base::system_time now, core_history& history, record_reader* reader) {
  auto made = std::make_unique<core_implementation>(std::move(options), random, attachments);
  auto started = made->start(history, reader, now);
  if (!started) return started.error();
  return std::unique_ptr<core>(std::move(made));
}

class listed_history final : public core_history {
 public:
  explicit listed_history(const std::vector<std::string>& records) : records_(records) {}
  base::result<void> replay(history_sink& to) override {
    for (auto& record : records_) {
      auto taken = to.take_record(record, {});
      if (!taken) return taken;
    }
    return {};
  }

 private:
  const std::vector<std::string>& records_;
};

}  // namespace

base::result<std::unique_ptr<core>> core::open(core_options options, base::random_source& random, attachment_store& attachments,
                                               base::system_time now, const std::vector<std::string>& records) {
  listed_history history(records);
  return open_core(std::move(options), random, attachments, now, history, nullptr);
}

base::result<std::unique_ptr<core>> core::open(core_options options, base::random_source& random, attachment_store& attachments,
                                               base::system_time now, core_history& history, record_reader& reader) {
  return open_core(std::move(options), random, attachments, now, history, &reader);
}

}  // namespace dbcord::guild
