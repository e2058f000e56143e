#pragma once
// record_files: reads single records again out of the log's segments and the snapshots of a directory, and says what a
// record_place means: which file, and where in it the record's frame begins.
//
// Owner: local_guild; the server's strand (another object, with descriptors of its own, for another thread). Blocks on the disk.
// Failures: what cannot be read, or is not what was written, throws unreadable_record with file and offset.
// Limits: one open descriptor for each file asked for, until forget_all().

#include <filesystem>
#include <map>

#include "guild/core_storage.hpp"

namespace dbcord::guild {

struct file_place {
  enum class kind : std::uint8_t { segment, snapshot };
  kind in = kind::segment;
  std::uint32_t number = 0;  // of the file, from 1
  std::uint64_t offset = 0;  // of the frame; below 1 TiB

  std::uint64_t packed() const {
    return ((std::uint64_t{number} * 2 + static_cast<std::uint8_t>(in)) << 40) | offset;
  }
  static file_place unpacked(std::uint64_t where) {
    auto file = where >> 40;
    return {file % 2 ? kind::snapshot : kind::segment, static_cast<std::uint32_t>(file / 2), where & ((1ull << 40) - 1)};
  }
};

std::string segment_name(std::uint32_t number);   // log-000001.dbl
std::string snapshot_name(std::uint32_t number);  // snapshot-000001.dbs
// The number in such a name; 0 if it is none.
std::uint32_t segment_number(std::string_view name);
std::uint32_t snapshot_number(std::string_view name);

class record_files final : public record_reader {
 public:
  explicit record_files(std::filesystem::path directory) : directory_(std::move(directory)) {}
  record_files(const record_files&) = delete;
  record_files& operator=(const record_files&) = delete;
  ~record_files() override { forget_all(); }

  std::string read(record_place place) override;
  // The whole frame, header included, unchecked.
  std::string read_frame(record_place place);
  // Closes every file: those that were removed give their space back.
  void forget_all();

 private:
  int descriptor_of(std::uint64_t where);

  std::filesystem::path directory_;
  std::map<std::uint64_t, int> descriptors_;  // by the place's upper bits
};

}  // namespace dbcord::guild
