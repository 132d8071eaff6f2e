// A stand-in for CUDA 13's cuBLAS: what Java calls of it, in plain loops on host memory, which is
// all the memory that the stub driver has. Matrices are column-major. cublasSetWorkspace_v2 is left
// out, to see what is said of a function that is not there.

#include <cstdint>
#include <cstring>

typedef int Status;
enum { SUCCESS = 0, NOT_INITIALIZED = 1, INVALID_VALUE = 7, TRANSPOSED = 1, F16 = 2, BF16 = 14,
       COMPUTE_F32 = 68 };

struct Library {
  void *stream;
  int math;
};

static float fromBf16(uint16_t bits) {
  uint32_t wide = (uint32_t)bits << 16;
  float value;
  memcpy(&value, &wide, 4);
  return value;
}

// Exact for the small integers that the test multiplies.
static uint16_t toBf16(float value) {
  uint32_t wide;
  memcpy(&wide, &value, 4);
  return (uint16_t)(wide >> 16);
}

static float load(const float *x) { return *x; }
static double load(const double *x) { return *x; }
static float load(const uint16_t *x) { return fromBf16(*x); }
static void store(float *x, double value) { *x = (float)value; }
static void store(double *x, double value) { *x = value; }
static void store(uint16_t *x, double value) { *x = toBf16((float)value); }

template <typename T, typename S>
static Status gemms(Library *library, int ta, int tb, int m, int n, int k, const S *alpha, const T *a,
                    int lda, long long sa, const T *b, int ldb, long long sb, const S *beta, T *c,
                    int ldc, long long sc, int batch) {
  if (library == nullptr || library->stream == nullptr) {
    return NOT_INITIALIZED;
  }
  if (lda < (ta ? k : m) || ldb < (tb ? n : k) || ldc < m) {
    return INVALID_VALUE;
  }
  for (int t = 0; t < batch; t++) {
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        double sum = 0;
        for (int l = 0; l < k; l++) {
          const T *x = a + t * sa + (ta ? l + (long long)i * lda : i + (long long)l * lda);
          const T *y = b + t * sb + (tb ? j + (long long)l * ldb : l + (long long)j * ldb);
          sum += (double)load(x) * load(y);
        }
        T *z = c + t * sc + i + (long long)j * ldc;
        store(z, *alpha * sum + (*beta == 0 ? 0 : *beta * load(z)));
      }
    }
  }
  return SUCCESS;
}

extern "C" {

Status cublasCreate_v2(Library **library) {
  *library = new Library{nullptr, -1};
  return SUCCESS;
}

Status cublasDestroy_v2(Library *library) {
  delete library;
  return SUCCESS;
}

Status cublasGetVersion_v2(Library *, int *version) {
  *version = 130101;
  return SUCCESS;
}

Status cublasSetStream_v2(Library *library, void *stream) {
  library->stream = stream;
  return SUCCESS;
}

Status cublasSetMathMode(Library *library, int mode) {
  library->math = mode;
  return mode == 16 || mode == 19 ? SUCCESS : INVALID_VALUE;
}

Status cublasSgemm_v2(Library *library, int ta, int tb, int m, int n, int k, const float *alpha,
                      const float *a, int lda, const float *b, int ldb, const float *beta, float *c,
                      int ldc) {
  return gemms(library, ta, tb, m, n, k, alpha, a, lda, 0, b, ldb, 0, beta, c, ldc, 0, 1);
}

Status cublasDgemm_v2(Library *library, int ta, int tb, int m, int n, int k, const double *alpha,
                      const double *a, int lda, const double *b, int ldb, const double *beta,
                      double *c, int ldc) {
  return gemms(library, ta, tb, m, n, k, alpha, a, lda, 0, b, ldb, 0, beta, c, ldc, 0, 1);
}

Status cublasSgemmStridedBatched(Library *library, int ta, int tb, int m, int n, int k,
                                 const float *alpha, const float *a, int lda, long long sa,
                                 const float *b, int ldb, long long sb, const float *beta, float *c,
                                 int ldc, long long sc, int batch) {
  return gemms(library, ta, tb, m, n, k, alpha, a, lda, sa, b, ldb, sb, beta, c, ldc, sc, batch);
}

Status cublasDgemmStridedBatched(Library *library, int ta, int tb, int m, int n, int k,
                                 const double *alpha, const double *a, int lda, long long sa,
                                 const double *b, int ldb, long long sb, const double *beta,
                                 double *c, int ldc, long long sc, int batch) {
  return gemms(library, ta, tb, m, n, k, alpha, a, lda, sa, b, ldb, sb, beta, c, ldc, sc, batch);
}

Status cublasGemmStridedBatchedEx(Library *library, int ta, int tb, int m, int n, int k,
                                  const void *alpha, const void *a, int at, int lda, long long sa,
                                  const void *b, int bt, int ldb, long long sb, const void *beta,
                                  void *c, int ct, int ldc, long long sc, int batch, int compute,
                                  int algorithm) {
  if (at != BF16 || bt != BF16 || ct != BF16 || compute != COMPUTE_F32 || algorithm != -1) {
    return INVALID_VALUE;
  }
  return gemms(library, ta, tb, m, n, k, (const float *)alpha, (const uint16_t *)a, lda, sa,
               (const uint16_t *)b, ldb, sb, (const float *)beta, (uint16_t *)c, ldc, sc, batch);
}

}  // extern "C"
