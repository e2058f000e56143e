#pragma once
// The randomness port. Implementations are safe to call from any thread.

#include <cstdint>
#include <mutex>
#include <random>
#include <string>

namespace dbcord::base {

class random_source {
 public:
  virtual ~random_source() = default;
  virtual std::uint64_t next() = 0;

  // Uniform in [0, bound); bound > 0.
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }
  // Uniform in [0, 1).
  double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  // `length` characters of [a-z0-9].
  std::string token(std::size_t length);
};

// Reproducible from its seed. seed_from_system() gives a seed that nobody can foresee.
class seeded_random final : public random_source {
 public:
  explicit seeded_random(std::uint64_t seed) : engine_(seed) {}
  std::uint64_t next() override {
    std::lock_guard lock(mutex_);
    return engine_();
  }

 private:
  std::mutex mutex_;
  std::mt19937_64 engine_;
};

// Draws from the operating system's generator on every call: tokens and nonces of a real process.
class system_random final : public random_source {
 public:
  std::uint64_t next() override;
};

}  // namespace dbcord::base
