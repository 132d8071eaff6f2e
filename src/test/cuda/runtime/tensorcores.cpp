// What a warp's tensor core does, element by element. src/main/cuda/tensorcore.cuh says which lane
// holds which elements.
#include <cstring>

#include "checks.h"
#include "numbers.h"

namespace emu {
namespace {

struct Product {
  int kind;
  float* c;
  const unsigned* a;
  const unsigned* b;
};

/** The element of a word: of 16 bits, or the whole of it as tf32, whose last bits are cut off. */
float element(int kind, unsigned word, int which) {
  if (kind == EMU_MMA_TF32) return bits_float(word & 0xffffe000);
  auto half = static_cast<uint16_t>(word >> 16 * which);
  return kind == EMU_MMA_BF16 ? from_bfloat16(half) : from_half(half);
}

void multiply(void** lanes) {
  auto product = [&](int lane) -> Product& { return *static_cast<Product*>(lanes[lane]); };
  int kind = product(0).kind;
  int width = kind == EMU_MMA_TF32 ? 1 : 2;  // elements of a word
  int depth = 8 * width;
  float a[16][16], b[16][8];
  for (int lane = 0; lane < 32; lane++) {
    int group = lane / 4, t = lane % 4;
    for (int i = 0; i < width; i++) {
      for (int word = 0; word < 4; word++) {
        int row = group + 8 * (word % 2), column = t * width + i + depth / 2 * (word / 2);
        a[row][column] = element(kind, product(lane).a[word], i);
      }
      for (int word = 0; word < 2; word++) {
        b[t * width + i + depth / 2 * word][group] = element(kind, product(lane).b[word], i);
      }
    }
  }
  for (int lane = 0; lane < 32; lane++) {
    for (int i = 0; i < 4; i++) {
      int row = lane / 4 + 8 * (i / 2), column = lane % 4 * 2 + i % 2;
      double sum = product(lane).c[i];
      for (int k = 0; k < depth; k++) sum += static_cast<double>(a[row][k]) * b[k][column];
      product(lane).c[i] = static_cast<float>(sum);
    }
  }
}

struct Matrices {
  unsigned* words;
  const void* row;
  bool transposed;
};

void load(void** lanes) {
  auto matrices = [&](int lane) -> Matrices& { return *static_cast<Matrices*>(lanes[lane]); };
  uint16_t all[4][8][8];
  for (int lane = 0; lane < 32; lane++) {
    memcpy(all[lane / 8][lane % 8], matrices(lane).row, 16);
  }
  for (int lane = 0; lane < 32; lane++) {
    int group = lane / 4, t = lane % 4;
    for (int m = 0; m < 4; m++) {
      bool across = matrices(lane).transposed;
      unsigned low = across ? all[m][2 * t][group] : all[m][group][2 * t];
      unsigned high = across ? all[m][2 * t + 1][group] : all[m][group][2 * t + 1];
      matrices(lane).words[m] = low | high << 16;
    }
  }
}

}  // namespace
}  // namespace emu

using namespace emu;

void emu_mma(int kind, float* c, const unsigned* a, const unsigned* b) {
  Product product{kind, c, a, b};
  together(__builtin_return_address(0), "mma", &product, multiply);
}

void emu_load_matrices(unsigned* words, const void* row, bool transposed) {
  const void* at = __builtin_return_address(0);
  if (launch->checked) check(row, 16, Use::READ, at);
  Matrices matrices{words, row, transposed};
  together(at, "ldmatrix", &matrices, load);
}
