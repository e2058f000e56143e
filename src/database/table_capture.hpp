#pragma once
// table_capture: reads a table as it stood at one moment, slice by slice, while it changes: what is about to change behind the reader's place
// is kept as it was. Costs memory for what changes meanwhile, and no pause. Owned by table_state, on its strand.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "database/row_directory.hpp"
#include "protocol/checkpoint_image.hpp"

namespace dbcord::database {

class table_capture {
 public:
  using make_image = std::function<protocol::image_row(std::string_view key, const stored_row& row)>;

  // True while nobody has read that key and it has not changed yet since the moment.
  bool wants(std::string_view key) const;
  // `before`: the row as it is before its first change; empty: there is none.
  void keep(const std::string& key, std::optional<protocol::image_row> before);
  // The next rows in the order of their keys, about `bytes` of them and at least one; empty at the end.
  std::vector<protocol::image_row> next(const row_directory& rows, const make_image& image, std::size_t bytes);

  std::uint64_t bytes() const { return kept_bytes_; }

 private:
  bool begun_ = false;
  bool ended_ = false;
  std::string last_;  // the key read last, once begun
  std::map<std::string, std::optional<protocol::image_row>, std::less<>> kept_;
  std::uint64_t kept_bytes_ = 0;
};

}  // namespace dbcord::database
