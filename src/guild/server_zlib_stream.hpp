#pragma once
// zlib_stream: the `zlib-stream` transport compression of one gateway connection: one zlib stream for all its messages, each
// ended by a sync flush (discord-facts 5.10). Not thread-safe; the session's strand. Throws std::bad_alloc.

#include <memory>
#include <string>
#include <string_view>

namespace dbcord::guild {

bool wants_zlib_stream(std::string_view query);

class zlib_stream {
 public:
  zlib_stream();
  ~zlib_stream();
  std::string compress(std::string_view text);

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace dbcord::guild
