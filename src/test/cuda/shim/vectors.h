// float4 and its like: a copy of one is one access to memory, as on a GPU.
//
// A plain struct of four floats would be copied in four loads as soon as the compiler takes it
// apart; a vector inside the union makes it one.
#pragma once

namespace emu {

template <typename T, int N>
struct Bits {
  typedef T type __attribute__((vector_size(sizeof(T) * N)));
};

}  // namespace emu

#define EMU_VECTOR2(name, T)                                                            \
  struct alignas(2 * sizeof(T)) name {                                                  \
    union {                                                                             \
      struct {                                                                          \
        T x, y;                                                                         \
      };                                                                                \
      emu::Bits<T, 2>::type bits;                                                       \
    };                                                                                  \
    name() = default;                                                                   \
    EMU_INLINE constexpr name(T x, T y) : x(x), y(y) {}                                 \
    EMU_INLINE name(const name& other) : bits(other.bits) {}                            \
    EMU_INLINE name& operator=(const name& other) {                                     \
      bits = other.bits;                                                                \
      return *this;                                                                     \
    }                                                                                   \
  };                                                                                    \
  EMU_INLINE name make_##name(T x, T y) { return name(x, y); }

#define EMU_VECTOR3(name, T)                                                            \
  struct name {                                                                         \
    T x, y, z;                                                                          \
  };                                                                                    \
  EMU_INLINE name make_##name(T x, T y, T z) { return name{x, y, z}; }

#define EMU_VECTOR4(name, T)                                                            \
  struct alignas(4 * sizeof(T) > 16 ? 16 : 4 * sizeof(T)) name {                        \
    union {                                                                             \
      struct {                                                                          \
        T x, y, z, w;                                                                   \
      };                                                                                \
      emu::Bits<T, 4>::type bits;                                                       \
    };                                                                                  \
    name() = default;                                                                   \
    EMU_INLINE constexpr name(T x, T y, T z, T w) : x(x), y(y), z(z), w(w) {}           \
    EMU_INLINE name(const name& other) : bits(other.bits) {}                            \
    EMU_INLINE name& operator=(const name& other) {                                     \
      bits = other.bits;                                                                \
      return *this;                                                                     \
    }                                                                                   \
  };                                                                                    \
  EMU_INLINE name make_##name(T x, T y, T z, T w) { return name(x, y, z, w); }

#define EMU_VECTORS(name, T) EMU_VECTOR2(name##2, T) EMU_VECTOR3(name##3, T) EMU_VECTOR4(name##4, T)

EMU_VECTORS(char, signed char)
EMU_VECTORS(uchar, unsigned char)
EMU_VECTORS(short, short)
EMU_VECTORS(ushort, unsigned short)
EMU_VECTORS(int, int)
EMU_VECTORS(uint, unsigned)
EMU_VECTORS(float, float)
EMU_VECTOR2(longlong2, long long)
EMU_VECTOR2(ulonglong2, unsigned long long)
EMU_VECTOR2(double2, double)
EMU_VECTOR3(double3, double)

// As in CUDA, 32 bytes are two accesses of 16.
struct alignas(16) double4 {
  double x, y, z, w;
};
EMU_INLINE double4 make_double4(double x, double y, double z, double w) {
  return double4{x, y, z, w};
}

struct dim3 {
  unsigned x, y, z;
  constexpr dim3(unsigned x = 1, unsigned y = 1, unsigned z = 1) : x(x), y(y), z(z) {}
  constexpr dim3(uint3 from) : x(from.x), y(from.y), z(from.z) {}
};
