#pragma once
// What the options of a command name (facts 3.12, resolved): users, roles, channels, uploaded files.
// Collected while the options are checked, for one request; one caller at a time.

#include <string>
#include <vector>

#include "guild/call.hpp"
#include "guild/json_writer.hpp"
#include "guild/world.hpp"

namespace dbcord::guild {

class resolved_objects {
 public:
  resolved_objects(world& w, base::channel_id where) : w_(w), where_(where) {}

  // False: the guild has none with this id.
  bool add_user(base::user_id id);
  bool add_role(base::role_id id);
  bool add_channel(base::channel_id id);
  // The id that the file will have.
  base::attachment_id add_upload(const uploaded_file& file);

  // Hands the bytes to the effects; only once nothing can be refused any more.
  std::vector<base::attachment_id> store_uploads();
  // The JSON object, or an empty text if nothing is named.
  std::string json() const;

 private:
  struct upload {
    attachment entry;
    std::string_view bytes;
  };
  void write_user_maps(json_writer& j) const;

  world& w_;
  base::channel_id where_;
  std::vector<upload> uploads_;
  std::vector<base::user_id> users_;
  std::vector<base::role_id> roles_;
  std::vector<base::channel_id> channels_;
};

}  // namespace dbcord::guild
