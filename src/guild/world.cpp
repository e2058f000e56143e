#include "guild/world.hpp"

#include <fmt/format.h>

#include "dbcord/base/assert.hpp"
#include "dbcord/base/time_text.hpp"
#include "guild/permissions.hpp"
#include "guild/record_codec.hpp"
#include "guild/text.hpp"

namespace dbcord::guild {
namespace {

std::string random_bytes(base::random_source& random, std::size_t count) {
  std::string bytes;
  while (bytes.size() < count) {
    auto word = random.next();
    for (int i = 0; i < 8 && bytes.size() < count; ++i) bytes += static_cast<char>(word >> (8 * i));
  }
  return bytes;
}

// Discord's shape: the user's id, a time stamp, a secret, each in base64url (facts 1.2).
std::string mint_token(base::random_source& random, base::user_id user) {
  return base64url(user.str()) + "." + base64url(random_bytes(random, 4)) + "." +
         base64url(random_bytes(random, 27));
}

std::string random_hex(base::random_source& random, int words) {
  std::string text;
  for (int i = 0; i < words; ++i) text += fmt::format("{:016x}", random.next());
  return text;
}

class replayer final : public history_sink {
 public:
  explicit replayer(guild_state& state) : state_(state) {}

  base::result<void> take_record(std::string_view record, record_place place) override {
    auto applied = replay_record(record, state_, place);
    if (applied) return ++count_, applied;
    return base::error(applied.error().code,
                       fmt::format("Record {} of the guild's log makes no sense: {}.", count_, applied.error().message));
  }

  base::result<void> take_messages(channel_messages messages) override {
    auto channel = messages.channel;
    if (state_.put_messages(std::move(messages))) return {};
    return base::error(base::errc::invalid_argument,
                       fmt::format("The guild's snapshot has messages of a channel {} that it does not have.", channel.value));
  }

 private:
  guild_state& state_;
  std::uint64_t count_ = 0;
};

constexpr std::uint64_t one_second_of_ids = 1000ull << 22;

}  // namespace

world::world(core_options given, base::random_source& randomness, attachment_store& store)
    : options(std::move(given)), random(randomness), attachments(store), search(options.search_delay, faults) {
  urls.set_public_url(options.public_url);
}

base::result<void> world::replay(core_history& history) {
  replayer to(state);
  auto replayed = history.replay(to);
  if (replayed && state.founded()) urls.set_secret(state.first().secret);
  return replayed;
}

effects world::end_input() {
  emitted_ += out.records.size();
  state.trim_bodies();
  effects caused = std::move(out);
  out = {};
  return caused;
}

// Ids up to `reserved_` may be given out without a further record.
core_snapshot world::take_snapshot() {
  core_snapshot taken;
  taken.records = encode_all_but_messages(state, std::max(reserved_, state.ids.last()), now);
  taken.messages = state.all_messages();
  for (auto& channel : taken.messages) {
    for (auto& entry : channel.entries) {
      if (entry.where != 0) continue;
      taken.unplaced.push_back(encode_message(channel.channel, *state.find_message(channel.channel, entry.id)));
    }
  }
  taken.emitted = emitted_;
  return taken;
}

void world::place_records(std::span<const record_place> places) {
  auto end = placed_ + places.size();
  for (; !unplaced_.empty() && unplaced_.front().number < end; unplaced_.pop_front()) {
    auto& next = unplaced_.front();
    state.place_message(next.where, next.id, places[next.number - placed_]);
  }
  placed_ = end;
}

void world::found_guild() {
  founding first;
  first.created_ms = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count());
  first.guild = durable_id<base::guild_id>();
  first.guild_name = "dbcord";
  first.owner = {durable_id<base::user_id>(), "owner", "0", false};
  first.bot = {durable_id<base::user_id>(), "dbcord", "0001", true};
  first.everyone = {
      base::role_id{first.guild.value}, "@everyone", permission::everyone_default, 0, false, {}};
  first.bot_role = {
      durable_id<base::role_id>(), first.bot.username, options.bot_permissions, 1, true, first.bot.id};
  first.first_channel = durable_id<base::channel_id>();
  first.first_channel_name = "general";
  first.bot_token = mint_token(random, first.bot.id);
  first.owner_token = mint_token(random, first.owner.id);
  first.secret = random_hex(random, 4);
  first.verify_key = random_hex(random, 4);
  out.records.push_back(encode_founding(first));
  state.found(std::move(first));
  urls.set_secret(state.first().secret);
}

void world::set_public_url(std::string url) {
  options.public_url = url;
  urls.set_public_url(std::move(url));
}

std::string world::gateway_url() const {
  auto scheme_end = options.public_url.find("://");
  if (scheme_end == std::string::npos) return "ws://" + options.public_url;
  bool tls = options.public_url.compare(0, scheme_end, "https") == 0;
  return (tls ? "wss" : "ws") + options.public_url.substr(scheme_end);
}

void world::reserve(std::uint64_t id) {
  if (id <= reserved_) return;
  reserved_ = id + one_second_of_ids;
  out.records.push_back(encode_id_reservation(reserved_));
}

const channel& world::store_channel(channel_settings settings) {
  auto id = settings.id;
  out.records.push_back(encode_channel(settings));
  state.put_channel(std::move(settings));
  return *state.find_channel(id);
}

void world::remove_channel(base::channel_id id) {
  auto doomed = state.threads_of(id);
  doomed.push_back(id);
  for (auto each : doomed) {
    auto* c = state.find_channel(each);
    if (!c) continue;
    auto files = state.attachments_in(*c);
    out.forgotten_attachments.insert(out.forgotten_attachments.end(), files.begin(), files.end());
    c->messages.for_each([&](const message_entry& entry) { search.message_removed(entry.id); });
  }
  out.records.push_back(encode_channel_removal(id));
  state.remove_channel(id);
}

const stored_message& world::store_message(base::channel_id where, stored_message message,
                                           std::string_view nonce) {
  auto id = message.id;
  if (state.has_reader()) unplaced_.push_back({emitted_ + out.records.size(), where, id});
  out.records.push_back(encode_message(where, message, nonce));
  bool stored = state.put_message(where, std::move(message), nonce);
  DBCORD_ASSERT(stored);
  search.message_stored(where, id, now);
  return *state.find_message(where, id);
}

void world::remove_messages(base::channel_id where, std::span<const base::message_id> ids) {
  auto* c = state.find_channel(where);
  for (auto id : ids) {
    auto* entry = c ? c->messages.find(id) : nullptr;
    if (entry && entry->marks & message_entry::has_files) forget_attachments(*state.find_message(where, id));
    search.message_removed(id);
  }
  out.records.push_back(encode_message_removal(where, ids));
  for (auto id : ids) state.remove_message(where, id);
}

const role& world::store_role(role r) {
  auto id = r.id;
  out.records.push_back(encode_role(r));
  state.put_role(std::move(r));
  return *state.find_role(id);
}

void world::remove_role(base::role_id id) {
  out.records.push_back(encode_role_removal(id));
  bool removed = state.remove_role(id);
  DBCORD_ASSERT(removed);
}

const member& world::store_member(member m) {
  out.records.push_back(encode_member(m));
  bool stored = state.put_member(m);
  DBCORD_ASSERT(stored);
  return *state.find_member(m.user);
}

void world::store_commands(command_scope scope, std::vector<app_command> commands) {
  out.records.push_back(encode_commands(scope, commands));
  state.put_commands(scope, std::move(commands));
}

void world::store_attachment(base::attachment_id id, std::string_view bytes) {
  out.attachments.push_back({id, std::string(bytes)});
}

void world::forget_attachments(const stored_message& message) {
  if (!message.extras) return;
  for (auto& file : message.extras->attachments) out.forgotten_attachments.push_back(file.id);
}

std::uint64_t world::application_flags() const {
  constexpr std::uint64_t message_content_limited = 1u << 19, command_badge = 1u << 23;
  return command_badge | (options.message_content_intent ? message_content_limited : 0);
}

const std::string& world::http_date() {
  auto second = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  if (second != date_second_) date_ = base::to_http_date(now), date_second_ = second;
  return date_;
}

}  // namespace dbcord::guild
