// cuBLAS, as far as Adjoint calls it: matrix products in plain loops, in stream order.
//
// Matrices are column by column, as in BLAS. Sums are in double and rounded once, so that what a test
// sees is a caller's error and not this stand-in's; TF32 rounds the factors where it was asked for.
#include <cmath>
#include <cstring>
#include <memory>
#include <set>
#include <vector>

#include "../runtime/libraries.h"
#include "../runtime/numbers.h"

using namespace emu;

namespace {

enum Status {
  SUCCESS = 0,
  NOT_INITIALIZED = 1,
  INVALID_VALUE = 7,
  EXECUTION_FAILED = 13,
  NOT_SUPPORTED = 15,
};
enum DataType { R_32F = 0, R_64F = 1, R_16F = 2, R_16BF = 14 };
enum Compute { COMPUTE_32F = 68, COMPUTE_32F_PEDANTIC = 69, COMPUTE_64F = 70,
               COMPUTE_64F_PEDANTIC = 71, COMPUTE_32F_FAST_TF32 = 77 };
constexpr int TF32_MATH = 3;

struct Handle {
  CUstream stream = nullptr;
  int math = 0;
  int pointer_mode = 0;
};
std::set<Handle*> handles;

size_t size_of(int type) { return type == R_64F ? 8 : type == R_32F ? 4 : 2; }

bool is_type(int type) {
  return type == R_32F || type == R_64F || type == R_16F || type == R_16BF;
}

/** A product of a batch: C = alpha · op(A) · op(B) + beta · C. */
struct Product {
  const char* call;
  bool a_transposed, b_transposed;
  int64_t m, n, k;
  double alpha, beta;
  const char *a, *b;
  char* c;
  int a_type, b_type, c_type;
  int64_t lda, ldb, ldc, stride_a, stride_b, stride_c, batch;
  bool tf32;

  CUresult run() const {
    for (int64_t i = 0; i < batch; i++) {
      if (!one(a + i * stride_a * size_of(a_type), b + i * stride_b * size_of(b_type),
               c + i * stride_c * size_of(c_type))) {
        return CUDA_ERROR_ILLEGAL_ADDRESS;
      }
    }
    return CUDA_SUCCESS;
  }

 private:
  /** The matrix in doubles, rows × columns, column by column. */
  bool load(std::vector<double>& to, const char* name, const char* from, int type, int64_t rows,
            int64_t columns, int64_t leading, bool factor) const {
    to.resize(rows * columns);
    for (int64_t j = 0; j < columns; j++) {
      const char* column = from + j * leading * size_of(type);
      if (!library_may_read(call, name, column, rows * size_of(type))) return false;
      for (int64_t i = 0; i < rows; i++) {
        double value = load_number(column, type, i);
        to[j * rows + i] = factor && tf32 ? round_tf32((float)value) : value;
      }
    }
    return true;
  }

  bool one(const char* a, const char* b, char* c) const {
    std::vector<double> left, right, sums(m * n), old;
    if (alpha != 0 && k > 0) {
      if (!load(left, "A", a, a_type, a_transposed ? k : m, a_transposed ? m : k, lda, true) ||
          !load(right, "B", b, b_type, b_transposed ? n : k, b_transposed ? k : n, ldb, true)) {
        return false;
      }
      if (a_transposed) left = transposed(left, k, m);
      if (b_transposed) right = transposed(right, n, k);
      for (int64_t j = 0; j < n; j++) {
        for (int64_t l = 0; l < k; l++) {
          double factor = right[j * k + l];
          for (int64_t i = 0; i < m; i++) sums[j * m + i] += left[l * m + i] * factor;
        }
      }
    }
    // With beta = 0 the old values are not read: they may be NaN.
    if (beta != 0 && !load(old, "C", c, c_type, m, n, ldc, false)) return false;
    for (int64_t j = 0; j < n; j++) {
      char* column = c + j * ldc * size_of(c_type);
      if (!library_may_write(call, "C", column, m * size_of(c_type))) return false;
      for (int64_t i = 0; i < m; i++) {
        double value = alpha * sums[j * m + i];
        if (beta != 0) value += beta * old[j * m + i];
        store_number(column, c_type, i, value);
      }
    }
    return true;
  }

  static std::vector<double> transposed(const std::vector<double>& x, int64_t rows, int64_t columns) {
    std::vector<double> y(x.size());
    for (int64_t j = 0; j < columns; j++) {
      for (int64_t i = 0; i < rows; i++) y[i * columns + j] = x[j * rows + i];
    }
    return y;
  }

  static double load_number(const char* from, int type, int64_t i) {
    switch (type) {
      case R_64F:
        return read_as<double>(from, i);
      case R_32F:
        return read_as<float>(from, i);
      case R_16F:
        return from_half(read_as<uint16_t>(from, i));
      default:
        return from_bfloat16(read_as<uint16_t>(from, i));
    }
  }

  static void store_number(char* to, int type, int64_t i, double value) {
    switch (type) {
      case R_64F:
        return write_as<double>(to, i, value);
      case R_32F:
        return write_as<float>(to, i, (float)value);
      case R_16F:
        return write_as<uint16_t>(to, i, to_half((float)value));
      default:
        return write_as<uint16_t>(to, i, to_bfloat16((float)value));
    }
  }
};

/** CUBLAS_OP_N is 0, T is 1, C is 2. */
bool valid(Handle* handle, int ta, int tb, const Product& p) {
  if (ta < 0 || ta > 2 || tb < 0 || tb > 2 || p.m < 0 || p.n < 0 || p.k < 0 || p.batch < 0) {
    return false;
  }
  int64_t a_rows = p.a_transposed ? p.k : p.m, b_rows = p.b_transposed ? p.n : p.k;
  return handle->pointer_mode == 0 && p.lda >= std::max<int64_t>(1, a_rows) &&
         p.ldb >= std::max<int64_t>(1, b_rows) && p.ldc >= std::max<int64_t>(1, p.m);
}

int submit(Handle* handle, int ta, int tb, Product p) {
  if (!handles.count(handle)) return NOT_INITIALIZED;
  p.a_transposed = ta != 0;
  p.b_transposed = tb != 0;
  if (!valid(handle, ta, tb, p)) return INVALID_VALUE;
  if (p.m == 0 || p.n == 0 || p.batch == 0) return SUCCESS;
  auto shared = std::make_shared<Product>(p);
  return library_enqueue(handle->stream, [shared] { return shared->run(); }) ? EXECUTION_FAILED
                                                                              : SUCCESS;
}

template <typename T>
int gemm(const char* call, int type, Handle* h, int ta, int tb, int64_t m, int64_t n, int64_t k,
         const T* alpha, const T* a, int64_t lda, int64_t sa, const T* b, int64_t ldb, int64_t sb,
         const T* beta, T* c, int64_t ldc, int64_t sc, int64_t batch) {
  if (!handles.count(h)) return NOT_INITIALIZED;
  if (!alpha || !beta) return INVALID_VALUE;
  bool tf32 = type == R_32F && h->math == TF32_MATH;
  return submit(h, ta, tb,
                {call, false, false, m, n, k, double(*alpha), double(*beta), (const char*)a,
                 (const char*)b, (char*)c, type, type, type, lda, ldb, ldc, sa, sb, sc, batch, tf32});
}

}  // namespace

#define CUBLAS extern "C" __attribute__((visibility("default"))) int

CUBLAS cublasCreate_v2(Handle** handle) {
  if (!handle) return INVALID_VALUE;
  if (library_ready()) return NOT_INITIALIZED;
  if (library_forbid_in_capture()) return NOT_INITIALIZED;
  *handle = new Handle;
  handles.insert(*handle);
  return SUCCESS;
}

CUBLAS cublasDestroy_v2(Handle* handle) {
  if (!handles.erase(handle)) return NOT_INITIALIZED;
  delete handle;
  return SUCCESS;
}

CUBLAS cublasGetVersion_v2(Handle*, int* version) {
  if (!version) return INVALID_VALUE;
  *version = 120600;
  return SUCCESS;
}

CUBLAS cublasSetStream_v2(Handle* handle, CUstream stream) {
  if (!handles.count(handle)) return NOT_INITIALIZED;
  handle->stream = stream;
  return SUCCESS;
}

CUBLAS cublasSetMathMode(Handle* handle, int mode) {
  if (!handles.count(handle)) return NOT_INITIALIZED;
  if (mode < 0) return INVALID_VALUE;
  handle->math = mode & 15;  // above lie flags about intermediate precision
  return SUCCESS;
}

CUBLAS cublasSetPointerMode_v2(Handle* handle, int mode) {
  if (!handles.count(handle)) return NOT_INITIALIZED;
  if (mode) return NOT_SUPPORTED;  // alpha and beta on the device: not emulated
  handle->pointer_mode = mode;
  return SUCCESS;
}

CUBLAS cublasSetWorkspace_v2(Handle* handle, void* workspace, size_t bytes) {
  if (!handles.count(handle)) return NOT_INITIALIZED;
  return bytes == 0 || library_is_device(workspace, bytes) ? SUCCESS : INVALID_VALUE;
}

CUBLAS cublasSgemm_v2(Handle* h, int ta, int tb, int m, int n, int k, const float* alpha,
                      const float* a, int lda, const float* b, int ldb, const float* beta, float* c,
                      int ldc) {
  return gemm("cublasSgemm", R_32F, h, ta, tb, m, n, k, alpha, a, lda, 0, b, ldb, 0, beta, c, ldc, 0,
              1);
}

CUBLAS cublasDgemm_v2(Handle* h, int ta, int tb, int m, int n, int k, const double* alpha,
                      const double* a, int lda, const double* b, int ldb, const double* beta,
                      double* c, int ldc) {
  return gemm("cublasDgemm", R_64F, h, ta, tb, m, n, k, alpha, a, lda, 0, b, ldb, 0, beta, c, ldc, 0,
              1);
}

CUBLAS cublasSgemmStridedBatched(Handle* h, int ta, int tb, int m, int n, int k, const float* alpha,
                                 const float* a, int lda, long long sa, const float* b, int ldb,
                                 long long sb, const float* beta, float* c, int ldc, long long sc,
                                 int batch) {
  return gemm("cublasSgemmStridedBatched", R_32F, h, ta, tb, m, n, k, alpha, a, lda, sa, b, ldb, sb,
              beta, c, ldc, sc, batch);
}

CUBLAS cublasDgemmStridedBatched(Handle* h, int ta, int tb, int m, int n, int k, const double* alpha,
                                 const double* a, int lda, long long sa, const double* b, int ldb,
                                 long long sb, const double* beta, double* c, int ldc, long long sc,
                                 int batch) {
  return gemm("cublasDgemmStridedBatched", R_64F, h, ta, tb, m, n, k, alpha, a, lda, sa, b, ldb, sb,
              beta, c, ldc, sc, batch);
}

CUBLAS cublasGemmStridedBatchedEx(Handle* h, int ta, int tb, int m, int n, int k, const void* alpha,
                                  const void* a, int a_type, int lda, long long sa, const void* b,
                                  int b_type, int ldb, long long sb, const void* beta, void* c,
                                  int c_type, int ldc, long long sc, int batch, int compute,
                                  int /* algorithm */) {
  if (!handles.count(h)) return NOT_INITIALIZED;
  if (!alpha || !beta) return INVALID_VALUE;
  if (!is_type(a_type) || a_type != b_type || !is_type(c_type)) return NOT_SUPPORTED;
  bool wide = compute == COMPUTE_64F || compute == COMPUTE_64F_PEDANTIC;
  bool single = compute == COMPUTE_32F || compute == COMPUTE_32F_PEDANTIC ||
                compute == COMPUTE_32F_FAST_TF32;
  if (!wide && !single) return NOT_SUPPORTED;
  if (wide != (a_type == R_64F) || wide != (c_type == R_64F)) return NOT_SUPPORTED;
  if (c_type != R_32F && c_type != a_type) return NOT_SUPPORTED;
  double by = wide ? *(const double*)alpha : *(const float*)alpha;
  double keep = wide ? *(const double*)beta : *(const float*)beta;
  bool tf32 = a_type == R_32F && (compute == COMPUTE_32F_FAST_TF32 ||
                                  (compute == COMPUTE_32F && h->math == TF32_MATH));
  return submit(h, ta, tb,
                {"cublasGemmStridedBatchedEx", false, false, m, n, k, by, keep, (const char*)a,
                 (const char*)b, (char*)c, a_type, b_type, c_type, lda, ldb, ldc, sa, sb, sc, batch,
                 tf32});
}

extern "C" __attribute__((visibility("default"))) const char* cublasGetStatusName(int status) {
  switch (status) {
    // clang-format off
    case SUCCESS: return "CUBLAS_STATUS_SUCCESS";
    case NOT_INITIALIZED: return "CUBLAS_STATUS_NOT_INITIALIZED";
    case INVALID_VALUE: return "CUBLAS_STATUS_INVALID_VALUE";
    case EXECUTION_FAILED: return "CUBLAS_STATUS_EXECUTION_FAILED";
    case NOT_SUPPORTED: return "CUBLAS_STATUS_NOT_SUPPORTED";
    default: return "unknown cuBLAS status";
      // clang-format on
  }
}

extern "C" __attribute__((visibility("default"))) const char* cublasGetStatusString(int status) {
  switch (status) {
    // clang-format off
    case SUCCESS: return "success";
    case NOT_INITIALIZED: return "the library was not initialized";
    case INVALID_VALUE: return "an unsupported value or parameter was passed to the function";
    case EXECUTION_FAILED: return "the GPU program failed to execute";
    case NOT_SUPPORTED: return "the functionality requested is not supported";
    default: return "unknown error";
      // clang-format on
  }
}
