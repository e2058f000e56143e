#pragma once
// zstd frames in memory: written piece by piece, so that the writer can stop at a size, and read whole, up to a limit.
// One owner, one strand at a time. Reading never throws on input bytes.

#include <memory>
#include <string>
#include <string_view>

#include "dbcord/base/result.hpp"

namespace dbcord::protocol {

class zstd_writer {
 public:
  zstd_writer();
  ~zstd_writer();

  void append(std::string_view bytes);
  std::size_t taken() const { return taken_; }          // bytes appended to this frame
  std::size_t size() const { return out_.size(); }      // bytes of the frame so far; what zstd still holds back comes on top
  // The frame; then a new one begins.
  std::string finish();

 private:
  struct state;
  void run(std::string_view bytes, bool end);

  std::unique_ptr<state> state_;
  std::string out_;
  std::size_t taken_ = 0;
};

// An error when it is no zstd frame, is damaged, or holds more than `limit` bytes.
base::result<std::string> read_zstd(std::string_view frame, std::size_t limit);

}  // namespace dbcord::protocol
