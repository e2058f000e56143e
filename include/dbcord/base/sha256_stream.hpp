#pragma once
// sha256_stream: SHA-256 of what comes in pieces. One owner, one thread at a time.

#include <memory>
#include <string>
#include <string_view>

namespace dbcord::base {

class sha256_stream {
 public:
  sha256_stream();
  ~sha256_stream();
  sha256_stream(sha256_stream&&) noexcept;
  sha256_stream& operator=(sha256_stream&&) noexcept;

  void add(std::string_view bytes);
  // 64 lower-case hex digits, of everything so far. May be asked more than once, and added to afterwards.
  std::string hex() const;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace dbcord::base
