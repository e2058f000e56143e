#pragma once
// multipart/form-data bodies as Discord takes them (docs, Uploading Files): payload_json first, then
// files[n]. Pure, any thread.

#include <string>
#include <string_view>
#include <vector>

#include "dbcord/base/random.hpp"

namespace dbcord::discord {

struct file_part {
  std::string filename;  // [A-Za-z0-9_.-]; other characters are replaced by '_'
  std::string bytes;
  std::string content_type = "application/octet-stream";
};

struct multipart_body {
  std::string content_type;  // with the boundary
  std::string body;
};

// `payload_json` names the files by "attachments":[{"id":0,…}] or not at all. The boundary occurs in no part.
multipart_body make_multipart(std::string_view payload_json, const std::vector<file_part>& files,
                              base::random_source& random);

}  // namespace dbcord::discord
