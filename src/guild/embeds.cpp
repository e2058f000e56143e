// Validation of embeds (facts 3.9): limits in code points after trimming, 6000 in all.

#include <fmt/format.h>

#include <boost/json.hpp>

#include "guild/json_read.hpp"
#include "guild/json_writer.hpp"
#include "guild/message_draft.hpp"
#include "guild/text.hpp"

namespace dbcord::guild {
namespace {

namespace json = boost::json;

constexpr std::size_t total_max = 6000, fields_max = 25, embeds_max = 10, url_max = 2048;

class embed_reader {
 public:
  embed_reader(json_writer& w, form_errors& errors) : w_(w), errors_(errors) {}

  void read(const json::object& embed, const std::string& path) {
    w_.begin_object();
    w_.field("type", "rich");
    bool any = text(embed, "title", path, 256, true);
    any |= text(embed, "description", path, 4096, true);
    url(embed, "url", path);
    if (auto time = text_field(embed, "timestamp")) w_.field("timestamp", *time), any = true;
    color(embed, path);
    any |= part(embed, "footer", path, "text", 2048, "icon_url");
    any |= part(embed, "author", path, "name", 256, "icon_url");
    any |= image(embed, "image", path);
    any |= image(embed, "thumbnail", path);
    any |= fields(embed, path);
    w_.end_object();
    if (!any) errors_.required(path + ".description");
  }
  std::size_t total() const { return total_; }

 private:
  // Writes the trimmed text; true if there is any.
  bool text(const json::object& object, const char* key, const std::string& path, std::size_t most,
            bool counted) {
    auto* value = find_value(object, key);
    if (!value) return false;
    auto raw = as_text(*value);
    if (!raw) {
      errors_.add(path + "." + key, "BASE_TYPE_BAD_TYPE", "Must be a string.");
      return true;
    }
    auto trimmed = trim(*raw);
    auto length = count_code_points(trimmed);
    if (length > most) errors_.too_long(path + "." + key, 0, most);
    if (counted) total_ += length;
    if (trimmed.empty()) return false;
    w_.field(key, trimmed);
    return true;
  }

  void url(const json::object& object, const char* key, const std::string& path) {
    auto value = text_field(object, key);
    if (!value) return;
    bool known = value->starts_with("http://") || value->starts_with("https://") ||
                 value->starts_with("attachment://");
    if (!known) {
      errors_.add(path + "." + key, "URL_TYPE_INVALID_SCHEME", "Scheme must be one of ('http', 'https').");
    } else if (value->size() > url_max) {
      errors_.too_long(path + "." + key, 0, url_max);
    }
    w_.field(key, *value);
  }

  void color(const json::object& embed, const std::string& path) {
    auto* value = find_value(embed, "color");
    if (!value) return;
    auto number = as_integer(*value);
    if (!number || *number < 0 || *number > 0xFFFFFF) {
      errors_.add(path + ".color", "NUMBER_TYPE_MAX", "int value should be between 0 and 16777215.");
      return;
    }
    w_.field("color", *number);
  }

  bool part(const json::object& embed, const char* key, const std::string& path, const char* name,
            std::size_t most, const char* icon) {
    auto* object = object_field(embed, key);
    if (!object) return false;
    auto place = path + "." + key;
    w_.key(key);
    w_.begin_object();
    bool any = text(*object, name, place, most, true);
    url(*object, icon, place);
    url(*object, "url", place);
    w_.end_object();
    if (!any) errors_.required(place + "." + name);
    return true;
  }

  bool image(const json::object& embed, const char* key, const std::string& path) {
    auto* object = object_field(embed, key);
    if (!object) return false;
    auto place = path + "." + key;
    if (!text_field(*object, "url")) errors_.required(place + ".url");
    w_.key(key);
    w_.begin_object();
    url(*object, "url", place);
    w_.end_object();
    return true;
  }

  bool fields(const json::object& embed, const std::string& path) {
    auto* list = array_field(embed, "fields");
    if (!list || list->empty()) return false;
    if (list->size() > fields_max) errors_.too_long(path + ".fields", 0, fields_max);
    w_.key("fields");
    w_.begin_array();
    for (std::size_t i = 0; i < list->size() && i < fields_max; ++i) {
      field((*list)[i], fmt::format("{}.fields.{}", path, i));
    }
    w_.end_array();
    return true;
  }

  void field(const json::value& value, const std::string& place) {
    auto* object = value.if_object();
    if (!object)
      return errors_.add(place, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType");
    w_.begin_object();
    if (!text(*object, "name", place, 256, true)) errors_.required(place + ".name");
    if (!text(*object, "value", place, 1024, true)) errors_.required(place + ".value");
    w_.field("inline", bool_field(*object, "inline"));
    w_.end_object();
  }

  json_writer& w_;
  form_errors& errors_;
  std::size_t total_ = 0;
};

}  // namespace

std::string read_embeds(const json::array& embeds, form_errors& errors) {
  if (embeds.empty()) return {};
  if (embeds.size() > embeds_max) errors.too_long("embeds", 0, embeds_max);
  std::string text;
  json_writer w(text);
  embed_reader reader(w, errors);
  w.begin_array();
  for (std::size_t i = 0; i < embeds.size() && i < embeds_max; ++i) {
    auto path = fmt::format("embeds.{}", i);
    if (auto* embed = embeds[i].if_object()) {
      reader.read(*embed, path);
    } else {
      errors.add(path, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType");
    }
  }
  w.end_array();
  if (reader.total() > total_max) {
    errors.add("embeds", "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of 6000");
  }
  return text;
}

}  // namespace dbcord::guild
