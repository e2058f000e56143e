#pragma once
// What a request says a message shall be: validated, not yet stored. Used by create, edit, callbacks and
// follow-ups. Pure but for embeds' limits; one caller at a time.

#include <optional>
#include <string>
#include <vector>

#include "guild/call.hpp"
#include "guild/world.hpp"

namespace dbcord::guild {

inline constexpr std::size_t attachments_max = 10;  // of one message

enum class draft_kind { message, interaction };

struct draft_attachment {
  std::uint64_t id = 0;  // placeholder of a file of this request, or the id of an attachment to keep
  std::string description;
  bool has_description = false;
};

struct allowed_mentions {
  bool users = true, roles = true, everyone = true;
  std::vector<std::uint64_t> user_ids, role_ids;  // besides
};

// A key that was absent leaves its optional empty; null and [] give an empty value.
struct message_draft {
  std::optional<std::string> content;
  std::optional<std::string> embeds;      // JSON array text, "" for none
  std::optional<std::string> components;  // the same
  std::optional<std::vector<draft_attachment>> attachments;
  std::optional<std::uint32_t> flags;
  std::string nonce;  // JSON text
  bool enforce_nonce = false;
  allowed_mentions mentions;
  base::message_id reference;
  bool fail_if_not_exists = true;
  std::vector<uploaded_file> files;
};

outcome<message_draft> read_draft(const world& w, const boost::json::value& payload,
                                  std::vector<uploaded_file> files, draft_kind kind);

// Makes `m` say what the draft says. New files are stored (their bytes go into the effects), those that an
// edit does not keep are forgotten. Fails before it changes anything. An empty message is refused.
outcome<void> apply_draft(world& w, const message_draft& draft, stored_message& m);

// The JSON text of validated embeds; what is wrong goes into `errors`.
std::string read_embeds(const boost::json::array& embeds, form_errors& errors);

}  // namespace dbcord::guild
