#include "guild/call.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/algorithm/string/predicate.hpp>
#include <boost/json.hpp>
#include <charconv>

#include "guild/json_read.hpp"
#include "guild/multipart.hpp"
#include "guild/text.hpp"

namespace dbcord::guild {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 'a' - 'A') : c; }

// Of ASCII, without a locale: every request asks for several headers.
bool equal_but_for_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

bool starts_with_but_for_case(std::string_view text, std::string_view prefix) {
  return equal_but_for_case(text.substr(0, prefix.size()), prefix);
}

}  // namespace

std::string_view find_header(const http_request& request, std::string_view name) {
  for (auto& [key, value] : request.headers) {
    if (equal_but_for_case(key, name)) return value;
  }
  return {};
}

api_error call::bad_snowflake(std::string_view field, std::string_view text) {
  return form_error(field, "NUMBER_TYPE_COERCE",
                    fmt::format("Value \"{}\" is not snowflake.", is_valid_utf8(text) ? text : "?"));
}

attachment describe_upload(const uploaded_file& file) {
  attachment a;
  a.size = file.bytes.size();
  a.filename = sanitise_filename(file.filename);
  if (a.filename.empty()) a.filename = "unknown";
  if (a.filename != file.filename && is_valid_utf8(file.filename)) a.title = file.filename;
  return a;
}

namespace {

// n of "files[n]"; Discord also takes "file" for a single one.
std::optional<int> file_index(std::string_view name) {
  if (name == "file") return 0;
  if (!name.starts_with("files[") || !name.ends_with(']')) return std::nullopt;
  name.remove_prefix(6);
  name.remove_suffix(1);
  int n = 0;
  auto [end, ec] = std::from_chars(name.data(), name.data() + name.size(), n);
  if (ec != std::errc{} || end != name.data() + name.size() || n < 0) return std::nullopt;
  return n;
}

std::optional<api_error> add_file(request_form& form, const multipart_part& part, int index) {
  for (auto& file : form.files) {
    if (file.index == index)
      return form_error("files", "BASE_TYPE_DUPLICATE", "Each file needs a name of its own.");
  }
  if (!part.filename)
    return form_error(fmt::format("files.{}", index), "BASE_TYPE_REQUIRED", "A filename is required");
  form.files.push_back({index, *part.filename, part.body});
  return std::nullopt;
}

outcome<request_form> read_multipart(std::string_view content_type, std::string_view body) {
  auto parts = parse_multipart(content_type, body);
  if (!parts) return form_error("", "CONTENT_TYPE_INVALID", "The multipart body is malformed.");
  request_form form{boost::json::object(), {}};
  boost::json::object fields;
  bool has_payload = false;
  for (auto& part : *parts) {
    if (auto index = file_index(part.name)) {
      if (auto error = add_file(form, part, *index)) return *error;
    } else if (part.name == "payload_json") {
      auto value = parse_json(part.body);
      if (!value) return errors::invalid_json();
      form.payload = std::move(*value);
      has_payload = true;
    } else if (is_valid_utf8(part.body) && is_valid_utf8(part.name)) {
      fields[part.name] = part.body;  // plain scalars such as `content`
    }
  }
  if (!has_payload) form.payload = std::move(fields);
  std::sort(form.files.begin(), form.files.end(), [](auto& a, auto& b) { return a.index < b.index; });
  return form;
}

}  // namespace

outcome<request_form> read_form(const http_request& request) {
  auto type = find_header(request, "content-type");
  if (starts_with_but_for_case(type, "multipart/form-data")) return read_multipart(type, request.body);
  if (request.body.empty()) return request_form{boost::json::object(), {}};
  if (!starts_with_but_for_case(type, "application/json")) return errors::invalid_content_type();
  auto value = parse_json(request.body);
  if (!value) return errors::invalid_json();
  return request_form{std::move(*value), {}};
}

outcome<boost::json::object> read_object(const http_request& request) {
  auto form = read_form(request);
  if (!form) return form.error();
  auto* object = form->payload.if_object();
  if (!object) return form_error("", "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType");
  return std::move(*object);
}

}  // namespace dbcord::guild
