#include "guild/resolved_objects.hpp"

#include <algorithm>

#include "guild/permissions.hpp"
#include "guild/render.hpp"
#include "guild/text.hpp"

namespace dbcord::guild {
namespace {

// Two options may name the same thing; it is shown once.
template <class Id>
bool add_if_new(std::vector<Id>& ids, Id id) {
  if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
  return true;
}

template <class List, class Write>
void write_map(json_writer& j, const char* key, const List& list, Write write) {
  if (list.empty()) return;
  j.key(key);
  j.begin_object();
  for (auto& item : list) write(item);
  j.end_object();
}

}  // namespace

bool resolved_objects::add_user(base::user_id id) {
  return w_.state.find_user(id) && add_if_new(users_, id);
}

bool resolved_objects::add_role(base::role_id id) {
  return w_.state.find_role(id) && add_if_new(roles_, id);
}

bool resolved_objects::add_channel(base::channel_id id) {
  return w_.state.find_channel(id) && add_if_new(channels_, id);
}

base::attachment_id resolved_objects::add_upload(const uploaded_file& file) {
  auto entry = describe_upload(file);
  entry.id = w_.volatile_id<base::attachment_id>();
  uploads_.push_back({std::move(entry), file.bytes});
  return uploads_.back().entry.id;
}

std::vector<base::attachment_id> resolved_objects::store_uploads() {
  std::vector<base::attachment_id> ids;
  for (auto& u : uploads_) {
    w_.store_attachment(u.entry.id, u.bytes);
    ids.push_back(u.entry.id);
  }
  return ids;
}

void resolved_objects::write_user_maps(json_writer& j) const {
  auto& where = *w_.state.find_channel(where_);
  write_map(j, "users", users_, [&](base::user_id id) {
    j.key(id.str());
    write_user(j, *w_.state.find_user(id));
  });
  write_map(j, "members", users_, [&](base::user_id id) {
    auto* m = w_.state.find_member(id);
    if (!m) return;
    j.key(id.str());
    write_member(j, w_.state, *m, false, permissions_in_channel(w_.state, where, id));
  });
}

std::string resolved_objects::json() const {
  std::string text;
  if (users_.empty() && roles_.empty() && channels_.empty() && uploads_.empty()) return text;
  json_writer j(text);
  j.begin_object();
  write_user_maps(j);
  write_map(j, "roles", roles_, [&](base::role_id id) {
    j.key(id.str());
    write_role(j, *w_.state.find_role(id));
  });
  write_map(j, "channels", channels_, [&](base::channel_id id) {
    j.key(id.str());
    write_channel(j, w_.state, *w_.state.find_channel(id));
  });
  write_map(j, "attachments", uploads_, [&](const upload& u) {
    j.key(u.entry.id.str());
    write_attachment(j, w_.urls, where_, u.entry, true, w_.now);
  });
  j.end_object();
  return text;
}

}  // namespace dbcord::guild
