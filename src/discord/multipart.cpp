#include "discord/multipart.hpp"

#include <algorithm>

namespace dbcord::discord {
namespace {

bool occurs(std::string_view boundary, std::string_view payload, const std::vector<file_part>& files) {
  if (payload.find(boundary) != std::string_view::npos) return true;
  return std::any_of(files.begin(), files.end(),
                     [&](const file_part& f) { return f.bytes.find(boundary) != std::string::npos; });
}

std::string safe_name(std::string name) {
  for (auto& c : name) {
    bool fine =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
    if (!fine) c = '_';
  }
  return name.empty() ? "file" : name;
}

std::size_t estimate(std::string_view payload, const std::vector<file_part>& files) {
  std::size_t total = payload.size() + 512;
  for (const auto& f : files) total += f.bytes.size() + f.filename.size() + 512;
  return total;
}

}  // namespace

multipart_body make_multipart(std::string_view payload_json, const std::vector<file_part>& files,
                              base::random_source& random) {
  auto boundary = "dbcord-" + random.token(24);
  while (occurs(boundary, payload_json, files)) boundary = "dbcord-" + random.token(24);
  multipart_body m;
  m.content_type = "multipart/form-data; boundary=" + boundary;
  m.body.reserve(estimate(payload_json, files));
  m.body += "--" + boundary + "\r\nContent-Disposition: form-data; name=\"payload_json\"\r\n";
  m.body += "Content-Type: application/json\r\n\r\n";
  m.body += payload_json;
  for (std::size_t n = 0; n < files.size(); ++n) {
    m.body += "\r\n--" + boundary + "\r\nContent-Disposition: form-data; name=\"files[" + std::to_string(n) +
              "]\"; filename=\"" + safe_name(files[n].filename) + "\"\r\n";
    m.body += "Content-Type: " + files[n].content_type + "\r\n\r\n";
    m.body += files[n].bytes;
  }
  m.body += "\r\n--" + boundary + "--\r\n";
  return m;
}

}  // namespace dbcord::discord
