#include "guild/multipart.hpp"

#include <boost/algorithm/string/predicate.hpp>

#include "guild/text.hpp"

namespace dbcord::guild {
namespace {

constexpr std::size_t parts_max = 64;

// The value of `name="…"` or `name=…` in a header like Content-Disposition.
std::optional<std::string> find_parameter(std::string_view header, std::string_view name) {
  for (auto rest = header;;) {
    auto semicolon = rest.find(';');
    if (semicolon == rest.npos) return std::nullopt;
    rest = trim(rest.substr(semicolon + 1));
    auto equals = rest.find('=');
    if (equals == rest.npos) return std::nullopt;
    bool match = boost::algorithm::iequals(trim(rest.substr(0, equals)), name);
    rest.remove_prefix(equals + 1);
    std::string value;
    if (rest.starts_with('"')) {
      std::size_t i = 1;
      for (; i < rest.size() && rest[i] != '"'; ++i) {
        // Browsers escape the quote only; a lone backslash is part of the name.
        if (rest[i] == '\\' && i + 1 < rest.size() && (rest[i + 1] == '"' || rest[i + 1] == '\\')) ++i;
        value += rest[i];
      }
      if (i >= rest.size()) return std::nullopt;
      rest.remove_prefix(i + 1);
    } else {
      value = trim(rest.substr(0, rest.find(';')));
    }
    if (match) return value;
  }
}

bool read_header_line(std::string_view line, multipart_part& part) {
  auto colon = line.find(':');
  if (colon == line.npos) return false;
  auto name = line.substr(0, colon);
  auto value = trim(line.substr(colon + 1));
  if (boost::algorithm::iequals(name, "content-type")) part.content_type = value;
  if (!boost::algorithm::iequals(name, "content-disposition")) return true;
  auto field = find_parameter(value, "name");
  if (!field) return false;
  part.name = *field;
  part.filename = find_parameter(value, "filename");
  return true;
}

// `text` begins behind the boundary's line; on success it is cut to the part's body.
bool read_headers(std::string_view& text, multipart_part& part) {
  for (;;) {
    auto end = text.find("\r\n");
    if (end == text.npos) return false;
    auto line = text.substr(0, end);
    text.remove_prefix(end + 2);
    if (line.empty()) return !part.name.empty();
    if (!read_header_line(line, part)) return false;
  }
}

}  // namespace

std::optional<std::vector<multipart_part>> parse_multipart(std::string_view content_type,
                                                           std::string_view body) {
  auto boundary = find_parameter(content_type, "boundary");
  if (!boundary || boundary->empty() || boundary->size() > 70) return std::nullopt;
  auto delimiter = "\r\n--" + *boundary;
  auto first = std::string_view(delimiter).substr(2);
  std::size_t at = 0;
  if (body.starts_with(first)) {
    at = first.size();
  } else {
    at = body.find(delimiter);
    if (at == body.npos) return std::nullopt;
    at += delimiter.size();
  }
  std::vector<multipart_part> parts;
  while (!body.substr(at).starts_with("--")) {
    if (!body.substr(at).starts_with("\r\n") || parts.size() == parts_max) return std::nullopt;
    at += 2;
    // A part with an empty body ends where its headers end: the delimiter's line feed may be the headers'.
    auto end = body.find(delimiter, at);
    if (end == body.npos) return std::nullopt;
    auto text = body.substr(at, end - at);
    multipart_part part;
    auto with_end = body.substr(at, end + 2 - at);
    auto headers = with_end;
    if (!read_headers(headers, part)) return std::nullopt;
    auto header_size = with_end.size() - headers.size();
    part.body = header_size >= text.size() ? std::string_view() : text.substr(header_size);
    parts.push_back(std::move(part));
    at = end + delimiter.size();
  }
  return parts;
}

}  // namespace dbcord::guild
