#pragma once
// dump_stream: reads a compressed database dump that comes in pieces, item by item. Holds one line and one piece at a time.
// One owner, one strand at a time; never throws on input bytes.

#include "protocol/database_dump.hpp"
#include "protocol/zstd_reader.hpp"

namespace dbcord::protocol {

class dump_stream {
 public:
  static constexpr std::size_t line_max = 64 * 1024 * 1024;  // bytes: a row and what JSON may need around it

  // The next bytes; only when next() has answered that it needs some.
  void feed(std::string bytes) { frames_.feed(std::move(bytes)); }
  // Empty: feed more. After an error nothing else is to be called.
  base::result<std::optional<dump_item>> next();
  // When there is nothing left to feed: an error when the dump is not complete.
  base::result<void> finish() const;

 private:
  zstd_reader frames_;
  dump_reader lines_;
  std::string text_;
  std::size_t taken_ = 0;    // of text_
  std::size_t searched_ = 0; // of text_: no line break before it and behind taken_
};

}  // namespace dbcord::protocol
