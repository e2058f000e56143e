// Deleting messages, one or many (facts 4.5).

#include <algorithm>
#include <boost/json.hpp>

#include "guild/events.hpp"
#include "guild/json_read.hpp"
#include "guild/permissions.hpp"
#include "guild/routes.hpp"

namespace dbcord::guild {
namespace {

constexpr std::chrono::hours bulk_delete_age_max{14 * 24};

outcome<std::vector<base::message_id>> read_bulk_ids(const call& c) {
  auto body = read_object(c.request);
  if (!body) return body.error();
  auto* list = array_field(*body, "messages");
  if (!list) return form_error("messages", "BASE_TYPE_REQUIRED", "This field is required");
  if (list->size() < 2 || list->size() > 100) return errors::bad_bulk_count();
  std::vector<base::message_id> ids;
  for (auto& item : *list) {
    auto id = as_snowflake(item);
    if (!id) return form_error("messages", "NUMBER_TYPE_COERCE", "Value is not snowflake.");
    ids.push_back({*id});
  }
  std::sort(ids.begin(), ids.end());
  if (std::adjacent_find(ids.begin(), ids.end()) != ids.end()) {
    return form_error("messages", "SET_TYPE_ALREADY_CONTAINS_VALUE", "The set already contains this value");
  }
  return ids;
}

}  // namespace

outcome<reply> delete_message(world& w, const call& c) {
  auto found = need_channel(w, c);
  if (!found) return found.error();
  auto& where = **found;
  auto id = c.id<base::message_id>(1, "message_id");
  if (!id) return id.error();
  auto* m = w.state.find_message(where.id, *id);
  if (!m) return errors::unknown_message();
  bool may = m->author == c.caller->id ||
             permissions_in_channel(w.state, where, c.caller->id) & permission::manage_messages;
  if (!may) return errors::missing_permissions();
  if (m->type == message_types::thread_starter) return errors::system_message();
  w.remove_messages(where.id, std::span(&*id, 1));
  announce_removal(w, where, *id);
  return reply::empty();
}

outcome<reply> bulk_delete_messages(world& w, const call& c) {
  auto found = need_channel(w, c, permission::manage_messages);
  if (!found) return found.error();
  auto& where = **found;
  auto ids = read_bulk_ids(c);
  if (!ids) return ids.error();
  if (base::created_at(ids->front()) + bulk_delete_age_max <= w.now) return errors::too_old_for_bulk_delete();
  std::erase_if(*ids, [&](base::message_id id) { return !w.state.has_message(where.id, id); });
  if (ids->empty()) return reply::empty();
  w.remove_messages(where.id, *ids);
  announce_bulk_removal(w, where, *ids);
  return reply::empty();
}

}  // namespace dbcord::guild
