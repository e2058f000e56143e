// From a validated draft to the message that is stored.

#include <fmt/format.h>

#include <algorithm>

#include "guild/message_draft.hpp"

namespace dbcord::guild {
namespace {

const uploaded_file* find_file(const message_draft& d, std::uint64_t index) {
  for (auto& file : d.files) {
    if (static_cast<std::uint64_t>(file.index) == index) return &file;
  }
  return nullptr;
}

// One attachment of the message to be: kept from before, or new with its bytes.
struct planned_file {
  attachment entry;
  const uploaded_file* upload = nullptr;
};

planned_file plan_upload(const uploaded_file& file, std::string description) {
  auto a = describe_upload(file);
  a.description = std::move(description);
  return {std::move(a), &file};
}

outcome<planned_file> plan_listed(const message_draft& d, const stored_message& m,
                                  const draft_attachment& listed, std::size_t place) {
  if (auto* file = find_file(d, listed.id)) return plan_upload(*file, listed.description);
  if (m.extras) {
    for (auto& old : m.extras->attachments) {
      if (old.id.value != listed.id) continue;
      planned_file kept{old, nullptr};
      if (listed.has_description) kept.entry.description = listed.description;
      return kept;
    }
  }
  return form_error(fmt::format("attachments.{}.id", place), "ATTACHMENT_NOT_FOUND",
                    "No file of this request and no attachment of the message has this id.");
}

bool is_listed(const message_draft& d, int index) {
  auto same = [&](const draft_attachment& a) { return a.id == static_cast<std::uint64_t>(index); };
  return d.attachments && std::any_of(d.attachments->begin(), d.attachments->end(), same);
}

outcome<std::vector<planned_file>> plan_files(const message_draft& d, const stored_message& m) {
  std::vector<planned_file> plan;
  if (d.attachments) {
    for (std::size_t i = 0; i < d.attachments->size(); ++i) {
      auto listed = plan_listed(d, m, (*d.attachments)[i], i);
      if (!listed) return listed.error();
      plan.push_back(std::move(*listed));
    }
  } else if (m.extras) {
    for (auto& old : m.extras->attachments) plan.push_back({old, nullptr});
  }
  // Files that the list does not mention are attached as they come.
  for (auto& file : d.files) {
    if (!is_listed(d, file.index)) plan.push_back(plan_upload(file, {}));
  }
  if (plan.size() > attachments_max) return errors::too_many_attachments();
  return plan;
}

void store_files(world& w, std::vector<planned_file> plan, stored_message& m) {
  if (plan.empty() && !m.extras) return;
  auto& extras = m.need_extras();
  for (auto& old : extras.attachments) {
    auto same = [&](const planned_file& p) { return p.entry.id == old.id; };
    if (std::none_of(plan.begin(), plan.end(), same)) w.out.forgotten_attachments.push_back(old.id);
  }
  extras.attachments.clear();
  for (auto& file : plan) {
    if (file.upload) {
      bool volatile_message = m.flags & message_flags::ephemeral;
      file.entry.id =
          volatile_message ? w.volatile_id<base::attachment_id>() : w.durable_id<base::attachment_id>();
      w.store_attachment(file.entry.id, file.upload->bytes);
    }
    extras.attachments.push_back(std::move(file.entry));
  }
}

bool contains(const std::vector<std::uint64_t>& ids, std::uint64_t id) {
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

template <class Id>
void add_once(std::vector<Id>& ids, Id id) {
  if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
}

// `text` stands behind "<@": "123>", "!123>" or "&123>".
void read_mention(const world& w, std::string_view text, const allowed_mentions& allowed,
                  message_extras& found) {
  bool role = text.starts_with('&');
  if (role || text.starts_with('!')) text.remove_prefix(1);
  auto end = text.find('>');
  if (end == text.npos || end > 20) return;
  auto id = base::parse_id<base::user_id>(text.substr(0, end));
  if (!id) return;
  if (role) {
    bool may = allowed.roles || contains(allowed.role_ids, id->value);
    if (may && w.state.find_role({id->value})) add_once(found.mention_roles, base::role_id{id->value});
  } else {
    bool may = allowed.users || contains(allowed.user_ids, id->value);
    if (may && w.state.find_user(*id)) add_once(found.mentions, *id);
  }
}

void apply_mentions(const world& w, const allowed_mentions& allowed, stored_message& m) {
  message_extras found;
  std::string_view text = m.content;
  for (auto at = text.find("<@"); at != text.npos; at = text.find("<@", at + 2)) {
    read_mention(w, text.substr(at + 2), allowed, found);
  }
  bool everyone = text.find("@everyone") != text.npos || text.find("@here") != text.npos;
  found.mention_everyone = everyone && allowed.everyone;
  bool any = found.mention_everyone || !found.mentions.empty() || !found.mention_roles.empty();
  if (!any && !m.extras) return;
  auto& extras = m.need_extras();
  extras.mentions = std::move(found.mentions);
  extras.mention_roles = std::move(found.mention_roles);
  extras.mention_everyone = found.mention_everyone;
}

bool would_be_empty(const message_draft& d, const stored_message& m, bool has_files) {
  auto& content = d.content ? *d.content : m.content;
  bool embeds = d.embeds ? !d.embeds->empty() : m.extras && !m.extras->embeds.empty();
  bool components = d.components ? !d.components->empty() : m.extras && !m.extras->components.empty();
  return content.empty() && !embeds && !components && !has_files;
}

}  // namespace

namespace {

outcome<void> apply_whole(world& w, const message_draft& d, stored_message& m) {
  auto plan = plan_files(d, m);
  if (!plan) return plan.error();
  if (would_be_empty(d, m, !plan->empty())) return errors::empty_message();
  if (d.content) m.content = *d.content;
  if (d.embeds && (m.extras || !d.embeds->empty())) m.need_extras().embeds = *d.embeds;
  if (d.components && (m.extras || !d.components->empty())) m.need_extras().components = *d.components;
  store_files(w, std::move(*plan), m);
  if (d.content) apply_mentions(w, d.mentions, m);
  return {};
}

// A fault: of some files only the beginning arrived.
message_draft with_cut_files(world& w, message_draft d) {
  for (auto& file : d.files) file.bytes = file.bytes.substr(0, w.faults.draw_upload(file.bytes.size()));
  return d;
}

}  // namespace

outcome<void> apply_draft(world& w, const message_draft& d, stored_message& m) {
  if (m.author != w.state.bot().id) return apply_whole(w, d, m);
  if (d.content && w.faults.refuses(*d.content)) return errors::blocked_by_automod();
  if (d.files.empty() || w.faults.plan().upload_cut <= 0) return apply_whole(w, d, m);
  return apply_whole(w, with_cut_files(w, d), m);
}

}  // namespace dbcord::guild
