#include "guild/message_draft.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "guild/component_form.hpp"
#include "guild/component_ids.hpp"
#include "guild/json_read.hpp"
#include "guild/text.hpp"

namespace dbcord::guild {
namespace {

namespace json = boost::json;

constexpr std::size_t content_max = 2000;  // code points, facts 7
constexpr std::size_t nonce_max = 25;      // characters
constexpr std::size_t attachment_description_max = 1024;  // code points
constexpr std::size_t mention_ids_max = 100;

void read_content(const json::object& o, message_draft& d, form_errors& errors) {
  if (!o.contains("content")) return;
  d.content.emplace();
  auto* value = find_value(o, "content");
  if (!value) return;
  auto text = as_text(*value);
  // Discord coerces numbers and refuses the rest; a store sends text only.
  if (!text) return errors.add("content", "BASE_TYPE_BAD_TYPE", "Must be a string.");
  d.content = clean_content(*text);
  if (count_code_points(*d.content) > content_max) errors.too_long("content", 0, content_max);
}

void read_nonce(const json::object& o, message_draft& d, form_errors& errors) {
  d.enforce_nonce = bool_field(o, "enforce_nonce");
  auto* value = find_value(o, "nonce");
  if (!value) return;
  auto text = as_text(*value);
  if (!text && !value->is_int64() && !value->is_uint64()) {
    return errors.add("nonce", "BASE_TYPE_BAD_TYPE", "Must be a string or an integer.");
  }
  if (text && count_code_points(*text) > nonce_max) return errors.too_long("nonce", 0, nonce_max);
  if (text && text->empty()) return;
  d.nonce = json::serialize(*value);
}

void read_embed_list(const json::object& o, message_draft& d, form_errors& errors) {
  if (!o.contains("embeds")) return;
  d.embeds.emplace();
  auto* value = find_value(o, "embeds");
  if (!value) return;
  auto* list = value->if_array();
  if (!list) return errors.add("embeds", "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType");
  d.embeds = read_embeds(*list, errors);
}

void read_components(const json::object& o, message_draft& d, form_errors& errors) {
  if (!o.contains("components")) return;
  d.components.emplace();
  auto* value = find_value(o, "components");
  if (!value) return;
  auto* list = value->if_array();
  if (!list) return errors.add("components", "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType");
  check_component_rows(*list, errors);
  if (list->empty()) return;
  auto numbered = *list;
  number_components(numbered);
  d.components = json::serialize(numbered);
}

void read_flags(const json::object& o, message_draft& d, form_errors& errors) {
  auto* value = find_value(o, "flags");
  if (!value) return;
  auto bits = as_integer(*value);
  if (!bits || *bits < 0) return errors.add("flags", "NUMBER_TYPE_COERCE", "Value is not a set of flags.");
  d.flags = static_cast<std::uint32_t>(*bits);
}

void read_attachments(const json::object& o, message_draft& d, form_errors& errors) {
  if (!o.contains("attachments")) return;
  d.attachments.emplace();
  auto* list = array_field(o, "attachments");
  if (!list) return;
  for (std::size_t i = 0; i < list->size(); ++i) {
    auto path = fmt::format("attachments.{}", i);
    auto* item = (*list)[i].if_object();
    auto id = item ? snowflake_field(*item, "id") : std::nullopt;
    if (!id) {
      errors.required(path + ".id");
      continue;
    }
    draft_attachment a;
    a.id = *id;
    a.has_description = item->contains("description");
    a.description = text_field(*item, "description").value_or(std::string_view());
    if (count_code_points(a.description) > attachment_description_max)
      errors.too_long(path + ".description", 0, attachment_description_max);
    d.attachments->push_back(std::move(a));
  }
}

std::vector<std::uint64_t> mention_ids(const json::object& o, const char* key, form_errors& errors) {
  std::vector<std::uint64_t> ids;
  auto* list = array_field(o, key);
  if (!list) return ids;
  auto path = fmt::format("allowed_mentions.{}", key);
  if (list->size() > mention_ids_max) errors.too_long(path, 0, mention_ids_max);
  for (auto& item : *list) {
    if (auto id = as_snowflake(item)) {
      ids.push_back(*id);
    } else {
      errors.add(path, "NUMBER_TYPE_COERCE", "Value is not snowflake.");
    }
  }
  return ids;
}

void read_mentions(const json::object& o, message_draft& d, draft_kind kind, form_errors& errors) {
  auto& m = d.mentions;
  auto* object = object_field(o, "allowed_mentions");
  if (!object) {
    // Answers to interactions ping users only (facts 3.11).
    if (kind == draft_kind::interaction) m.roles = m.everyone = false;
    return;
  }
  m = {false, false, false, mention_ids(*object, "users", errors), mention_ids(*object, "roles", errors)};
  auto* parse = array_field(*object, "parse");
  if (!parse) return;
  for (auto& item : *parse) {
    auto text = as_text(item).value_or(std::string_view());
    if (text == "users")
      m.users = true;
    else if (text == "roles")
      m.roles = true;
    else if (text == "everyone")
      m.everyone = true;
    else
      errors.add("allowed_mentions.parse", "BASE_TYPE_CHOICES",
                 "Value must be one of ('users', 'roles', 'everyone').");
  }
  bool twice = (m.users && !m.user_ids.empty()) || (m.roles && !m.role_ids.empty());
  if (twice) {
    errors.add("allowed_mentions", "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
               "parse and an explicit list of the same kind exclude each other.");
  }
}

void read_reference(const json::object& o, message_draft& d, form_errors& errors) {
  auto* object = object_field(o, "message_reference");
  if (!object) return;
  auto id = id_field<base::message_id>(*object, "message_id");
  if (!id) return errors.required("message_reference.message_id");
  d.reference = *id;
  d.fail_if_not_exists = bool_field(*object, "fail_if_not_exists", true);
}

}  // namespace

outcome<message_draft> read_draft(const world& w, const json::value& payload,
                                  std::vector<uploaded_file> files, draft_kind kind) {
  auto* o = payload.if_object();
  if (!o) return form_error("", "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType");
  for (auto& file : files) {
    if (file.bytes.size() > w.options.upload_limit) return errors::too_large();
  }
  if (files.size() > attachments_max) return errors::too_many_attachments();
  message_draft d;
  form_errors errors;
  read_content(*o, d, errors);
  read_nonce(*o, d, errors);
  read_embed_list(*o, d, errors);
  read_components(*o, d, errors);
  read_flags(*o, d, errors);
  read_attachments(*o, d, errors);
  read_mentions(*o, d, kind, errors);
  read_reference(*o, d, errors);
  if (!errors.empty()) return errors.take();
  d.files = std::move(files);
  return d;
}

}  // namespace dbcord::guild
