// The generator's random numbers: a stream of its own for every event, so that event n is the same whatever was made before it.
#pragma once

#include <cstdint>

namespace streamc::rt::connector {

// Steps by an odd constant and scrambles (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
class Random {
 public:
  Random(uint64_t seed, uint64_t stream) : state_(Scramble(seed + kStep) ^ Scramble(stream * kStep + 1)) {}
  uint64_t Next() { return Scramble(state_ += kStep); }
  // Uniform in [0, bound), bound > 0.
  uint64_t Below(uint64_t bound) { return static_cast<uint64_t>((static_cast<unsigned __int128>(Next()) * bound) >> 64); }
  // Uniform in [0, 1).
  double Unit() { return static_cast<double>(Next() >> 11) * 0x1p-53; }

 private:
  static constexpr uint64_t kStep = 0x9E3779B97F4A7C15u;
  static uint64_t Scramble(uint64_t x) {
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    x = (x ^ x >> 27) * 0x94D049BB133111EBu;
    return x ^ x >> 31;
  }
  uint64_t state_;
};

}  // namespace streamc::rt::connector
