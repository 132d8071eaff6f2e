// cuDNN's handles and descriptors, as far as Adjoint uses them.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "../runtime/libraries.h"

#define CUDNN extern "C" __attribute__((visibility("default"))) int

namespace emu {

enum Status {
  SUCCESS = 0,
  NOT_INITIALIZED = 1001,
  BAD_PARAM = 2000,
  NOT_SUPPORTED = 3000,
  EXECUTION_FAILED = 5000,
};

enum DataType { FLOAT = 0, DOUBLE = 1, HALF = 2, BFLOAT16 = 9 };
enum Mode { CONVOLUTION = 0, CROSS_CORRELATION = 1 };
enum Math { DEFAULT_MATH = 0, TENSOR_OP_MATH = 1, ALLOW_CONVERSION = 2, FMA_MATH = 3 };

struct Handle {
  CUstream stream = nullptr;
};

/** Also a filter, whose strides follow from its sizes. */
struct Tensor {
  int type = -1;
  std::vector<int64_t> sizes, strides;

  int64_t count() const;
  /** Bytes from the first element to the end of the last. */
  size_t span() const;
};

struct Convolution {
  std::vector<int64_t> pads, strides, dilations;
  int mode = CROSS_CORRELATION;
  int compute = FLOAT;
  int math = DEFAULT_MATH;
  int groups = 1;
};

bool known(const Handle* handle);
bool known(const Tensor* tensor);
bool known(const Convolution* convolution);

size_t size_of(int type);
bool is_type(int type);

/** A tensor's elements in doubles, in row-major order; false with a report if they cannot be read. */
bool load(const char* call, const char* name, const Tensor& tensor, const void* from,
          std::vector<double>& to);

/** The reverse, of alpha · values + beta · what was there. */
bool store(const char* call, const char* name, const Tensor& tensor, void* to,
           const std::vector<double>& values, double alpha, double beta);

/** alpha and beta are doubles for tensors of doubles, floats for all others. */
double scale(const void* pointer, int type);

}  // namespace emu
