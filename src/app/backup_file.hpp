#pragma once
// backup_file: the file of `dbcord backup`: a compressed dump of a database (protocol/dump_stream), read item by item. One thread; blocks.

#include <filesystem>
#include <fstream>

#include "protocol/dump_stream.hpp"

namespace dbcord::app {

class backup_file {
 public:
  static base::result<backup_file> open(const std::filesystem::path& file);

  // Empty: the end, and the file is complete. An error: it cannot be used, and why.
  base::result<std::optional<protocol::dump_item>> next();

 private:
  explicit backup_file(std::ifstream in) : in_(std::move(in)) {}

  std::ifstream in_;
  protocol::dump_stream stream_;
};

struct backup_content {
  protocol::dump_head head;
  protocol::dump_end end;
};

// "3 rows of 2 tables"
std::string size_text(const protocol::dump_end& end);
// Reads all of it and checks it.
base::result<backup_content> check_backup(const std::filesystem::path& file);

}  // namespace dbcord::app
