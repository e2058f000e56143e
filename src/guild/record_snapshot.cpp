// What a snapshot says of everything but messages: the same records that the log has, each thing once, as it is now.

#include "guild/json_writer.hpp"
#include "guild/record_codec.hpp"

namespace dbcord::guild {
namespace {

constexpr std::size_t nonces_of_a_record = 1000;

// Keeps what begins and ends a list of nonces in one place.
class nonce_records {
 public:
  explicit nonce_records(std::vector<std::string>& out) : out_(out) {}
  ~nonce_records() { end(); }
  nonce_records(const nonce_records&) = delete;
  nonce_records& operator=(const nonce_records&) = delete;

  void add(std::string_view author, std::string_view nonce, nonce_window::made_message made) {
    if (count_ == 0) begin();
    writer_->begin_object();
    writer_->field("by", author);
    writer_->field("nonce", nonce);
    writer_->field("in", made.channel.value);
    writer_->field("id", made.message.value);
    writer_->end_object();
    if (++count_ == nonces_of_a_record) end();
  }

 private:
  void begin() {
    text_.clear();
    writer_.emplace(text_);
    writer_->begin_object();
    writer_->field("t", "nonces");
    writer_->key("list");
    writer_->begin_array();
  }
  void end() {
    if (count_ == 0) return;
    writer_->end_array();
    writer_->end_object();
    out_.push_back(text_);
    count_ = 0;
  }

  std::vector<std::string>& out_;
  std::string text_;
  std::optional<json_writer> writer_;
  std::size_t count_ = 0;
};

}  // namespace

std::vector<std::string> encode_all_but_messages(guild_state& state, std::uint64_t last_id, base::system_time now) {
  std::vector<std::string> out;
  out.push_back(encode_founding(state.first()));
  // The founding makes the first channel.
  if (!state.find_channel(state.first().first_channel)) out.push_back(encode_channel_removal(state.first().first_channel));
  for (auto& [id, c] : state.channels()) out.push_back(encode_channel(c));
  // What the founding makes of them may have changed since.
  for (auto& r : state.roles()) out.push_back(encode_role(r));
  for (auto& m : state.members()) out.push_back(encode_member(m));
  for (auto scope : {command_scope::global, command_scope::guild}) {
    if (!state.commands(scope).empty()) out.push_back(encode_commands(scope, state.commands(scope)));
  }
  out.push_back(encode_id_reservation(last_id));
  nonce_records nonces(out);
  state.nonces.for_each(now, [&](auto author, auto nonce, auto made) { nonces.add(author, nonce, made); });
  return out;
}

}  // namespace dbcord::guild
