#pragma once
// table_capture: reads a table, or some of its rows, as they stood at one moment, slice by slice, while the table changes: what is about to change behind
// the reader's place is kept as it was. Costs memory for what changes meanwhile, and no pause. Used on the table's strand.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "database/row_directory.hpp"
#include "protocol/checkpoint_image.hpp"
#include "protocol/column_change.hpp"

namespace dbcord::database {

// Which rows are meant: these keys (each once), in their order, or those of a range.
struct captured_rows {
  std::optional<std::vector<std::string>> keys;
  std::string from;                 // inclusive
  std::optional<std::string> past;  // exclusive
};

class table_capture {
 public:
  using make_image = std::function<protocol::image_row(std::string_view key, const stored_row& row)>;

  explicit table_capture(captured_rows which = {});

  // True while nobody has read that key and it has not changed yet since the moment.
  bool wants(std::string_view key) const;
  // `before`: the row as it is before its first change; empty: there is none.
  void keep(const std::string& key, std::optional<protocol::image_row> before);
  // The next rows in the order of their keys, or of the keys that were given, about `bytes` of them (as if none were evicted) and at least one; empty at the end.
  std::vector<protocol::image_row> next(const row_directory& rows, const make_image& image, std::size_t bytes);

  std::uint64_t bytes() const { return kept_bytes_; }

  // The change of columns that was under way at that moment: some rows have the old form.
  std::optional<protocol::column_change> altering;

 private:
  // Where the key stands among those that were given; empty: it does not.
  std::optional<std::size_t> place_of(std::string_view key) const;
  std::vector<protocol::image_row> next_of_keys(const row_directory& rows, const make_image& image, std::size_t bytes);

  captured_rows which_;
  std::vector<std::uint32_t> by_key_;  // the places of keys that were given, in the order of keys
  std::size_t next_key_ = 0;
  bool begun_ = false;
  bool ended_ = false;
  std::string last_;  // the key read last, once begun
  std::map<std::string, std::optional<protocol::image_row>, std::less<>> kept_;
  std::uint64_t kept_bytes_ = 0;
};

}  // namespace dbcord::database
