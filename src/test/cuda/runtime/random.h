// The draws that a schedule is made of: splitmix64, started from the seed.
#pragma once
#include <cstdint>

namespace emu {

class Random {
 public:
  explicit Random(uint64_t seed = 0) : state(seed) {}

  uint64_t next() {
    uint64_t z = state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
  }

  /** A number from 0 to n − 1. */
  uint64_t below(uint64_t n) {
    return static_cast<uint64_t>(static_cast<unsigned __int128>(next()) * n >> 64);
  }

  bool flip() { return next() >> 63; }

 private:
  uint64_t state;
};

/** The numbers 0 … n − 1 in an order that is drawn, without a list of them: i → a·i + b mod n. */
class Shuffled {
 public:
  Shuffled(uint64_t n, Random& random) : n(n), a(1), b(0) {
    if (n < 2) return;
    b = random.below(n);
    do a = 1 + random.below(n - 1);
    while (common_divisor(a, n) != 1);
  }

  uint64_t operator[](uint64_t i) const {
    return static_cast<uint64_t>((static_cast<unsigned __int128>(a) * i + b) % n);
  }

 private:
  uint64_t n, a, b;

  static uint64_t common_divisor(uint64_t x, uint64_t y) {
    while (y) {
      uint64_t rest = x % y;
      x = y;
      y = rest;
    }
    return x;
  }
};

}  // namespace emu
