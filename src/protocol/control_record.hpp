#pragma once
// Messages of #dbc-control: claims of writers and a holder's answers to them (design.md section 6, rules 1, 5, 6).
// A claim's message id is the epoch of whoever made it. Pure, any thread.

#include <optional>
#include <string>
#include <string_view>

#include "dbcord/base/ids.hpp"

namespace dbcord::protocol {

struct claim_record {
  std::string instance;               // random, new for every claim
  std::int64_t stated_s = 0;          // Discord's time (Unix seconds) that the claimant had last seen; 0: none yet
  bool take_over = false;             // a holder may not answer it with `held`
};
struct held_record {
  base::message_id claim;             // the claim that it answers
  base::message_id holder;            // the holder's own claim (its epoch)
};

std::string encode_claim(const claim_record& claim);
std::string encode_held(const held_record& held);
std::optional<claim_record> decode_claim(std::string_view content);
std::optional<held_record> decode_held(std::string_view content);

}  // namespace dbcord::protocol
