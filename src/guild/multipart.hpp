#pragma once
// multipart/form-data (RFC 7578) as Discord takes it. Pure, any thread; parts are views of the body. Any
// order of parts, with or without part types. Nothing for a body that is not well-formed.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dbcord::guild {

struct multipart_part {
  std::string name;
  std::optional<std::string> filename;
  std::string content_type;
  std::string_view body;
};

// `content_type` is the header's whole value, with the boundary.
std::optional<std::vector<multipart_part>> parse_multipart(std::string_view content_type,
                                                           std::string_view body);

}  // namespace dbcord::guild
