#pragma once
// zstd_reader: what zstd frames hold, one behind the other, given in pieces and read in pieces: memory is bounded whatever they hold.
// One owner, one strand at a time. Never throws on input bytes.

#include <memory>
#include <string>
#include <string_view>

#include "dbcord/base/result.hpp"

namespace dbcord::protocol {

class zstd_reader {
 public:
  zstd_reader();
  ~zstd_reader();
  zstd_reader(zstd_reader&&) noexcept;

  // The next bytes of the frames; only when next() has said that it needs some.
  void feed(std::string bytes);
  // Appends some bytes (about 128 KiB at most) to `out`; false: everything that was fed is read. After an error nothing else is to be called.
  base::result<bool> next(std::string& out);
  // Everything so far is whole frames.
  bool at_end_of_frame() const { return at_end_; }

 private:
  struct state;
  std::unique_ptr<state> state_;
  std::string input_;
  std::size_t read_ = 0;   // of input_
  bool at_end_ = true;
  bool more_inside_ = false;  // the context may hold output that there was no room for
};

}  // namespace dbcord::protocol
