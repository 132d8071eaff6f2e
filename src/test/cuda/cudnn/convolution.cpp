// Convolution and its two gradients, in plain loops over doubles.
#include <algorithm>
#include <functional>
#include <memory>

#include "../runtime/numbers.h"
#include "descriptors.h"

namespace emu {
namespace {

constexpr size_t WORKSPACE = 4096;  // that algorithm 1 asks for; it is used, so it must be there

/** What a convolution's three passes have in common, with three axes even where two were given. */
struct Plan {
  Tensor x, w, y;
  int64_t n, groups, c, k;  // c and k of one group
  int64_t in[3], out[3], taps[3], pad[3], stride[3], dilation[3];
  bool flipped, tf32;

  /**
   * Calls `row` for runs of products that share a weight: with the index of the weight, of the first
   * element of y, of the first element of x, and how many follow, x in steps of the stride.
   */
  template <typename Row>
  void each(Row row) const {
    for (int64_t image = 0; image < n; image++) {
      for (int64_t g = 0; g < groups; g++) {
        for (int64_t ko = g * k; ko < (g + 1) * k; ko++) {
          for (int64_t ci = 0; ci < c; ci++) {
            planes(((image * groups + g) * c + ci), image * groups * k + ko, ko * c + ci, row);
          }
        }
      }
    }
  }

 private:
  template <typename Row>
  void planes(int64_t x_plane, int64_t y_plane, int64_t w_plane, Row row) const {
    for (int64_t d = 0; d < taps[0]; d++) {
      for (int64_t h = 0; h < taps[1]; h++) {
        for (int64_t v = 0; v < taps[2]; v++) {
          int64_t weight = flipped ? ((taps[0] - 1 - d) * taps[1] + taps[1] - 1 - h) * taps[2] +
                                         taps[2] - 1 - v
                                   : (d * taps[1] + h) * taps[2] + v;
          weight += w_plane * taps[0] * taps[1] * taps[2];
          // The columns of y for which x is not in the padding.
          int64_t shift = v * dilation[2] - pad[2];
          int64_t first = shift < 0 ? (-shift + stride[2] - 1) / stride[2] : 0;
          int64_t last = in[2] - 1 - shift < 0 ? -1 : (in[2] - 1 - shift) / stride[2];
          int64_t count = std::min(last + 1, out[2]) - first;
          if (count <= 0) continue;
          for (int64_t od = 0; od < out[0]; od++) {
            int64_t id = od * stride[0] + d * dilation[0] - pad[0];
            if (id < 0 || id >= in[0]) continue;
            for (int64_t oh = 0; oh < out[1]; oh++) {
              int64_t ih = oh * stride[1] + h * dilation[1] - pad[1];
              if (ih < 0 || ih >= in[1]) continue;
              row(weight, ((y_plane * out[0] + od) * out[1] + oh) * out[2] + first,
                  ((x_plane * in[0] + id) * in[1] + ih) * in[2] + first * stride[2] + shift, count);
            }
          }
        }
      }
    }
  }
};

int64_t output_size(int64_t in, int64_t pad, int64_t tap, int64_t dilation, int64_t stride) {
  int64_t room = in + 2 * pad - ((tap - 1) * dilation + 1);
  return room < 0 ? 0 : room / stride + 1;
}

int plan(const Tensor* x, const Tensor* w, const Convolution* c, const Tensor* y, Plan& p) {
  if (!known(x) || !known(w) || !known(c) || !known(y)) return BAD_PARAM;
  size_t axes = c->pads.size();
  if (!axes || x->sizes.size() != axes + 2 || w->sizes.size() != axes + 2 ||
      y->sizes.size() != axes + 2) {
    return BAD_PARAM;
  }
  if (x->type != w->type || x->type != y->type) return NOT_SUPPORTED;
  p.x = *x;
  p.w = *w;
  p.y = *y;
  p.n = x->sizes[0];
  p.groups = c->groups;
  p.c = w->sizes[1];
  p.k = w->sizes[0] / p.groups;
  p.flipped = c->mode == CONVOLUTION;
  // Plain floats become TF32 unless only fused multiply-adds are allowed: so cuDNN has it.
  p.tf32 = x->type == FLOAT && c->math != FMA_MATH;
  if (w->sizes[0] % p.groups || x->sizes[1] != p.c * p.groups || y->sizes[0] != p.n ||
      y->sizes[1] != w->sizes[0]) {
    return BAD_PARAM;
  }
  for (size_t i = 0; i < 3; i++) {
    bool real = i + axes >= 3;
    size_t from = real ? i + axes - 3 : 0;
    p.in[i] = real ? x->sizes[from + 2] : 1;
    p.taps[i] = real ? w->sizes[from + 2] : 1;
    p.out[i] = real ? y->sizes[from + 2] : 1;
    p.pad[i] = real ? c->pads[from] : 0;
    p.stride[i] = real ? c->strides[from] : 1;
    p.dilation[i] = real ? c->dilations[from] : 1;
    if (p.out[i] != output_size(p.in[i], p.pad[i], p.taps[i], p.dilation[i], p.stride[i])) {
      return BAD_PARAM;
    }
  }
  return SUCCESS;
}

/** What a pass computes: from two operands, the third. */
using Pass = std::function<void(const Plan&, const std::vector<double>&, const std::vector<double>&,
                                std::vector<double>&)>;

struct Operand {
  const char* name;
  Tensor tensor;
  const void* at;
};

void round_all(std::vector<double>& values) {
  for (double& value : values) value = round_tf32(static_cast<float>(value));
}

int submit(Handle* handle, const char* call, const Plan& plan, Operand a, Operand b, Operand result,
           const void* alpha, const void* beta, int algorithm, void* workspace, size_t bytes,
           Pass pass) {
  if (!known(handle) || !alpha || !beta || !a.at || !b.at || !result.at) return BAD_PARAM;
  if (algorithm < 0 || algorithm > 1) return NOT_SUPPORTED;
  size_t needed = algorithm == 1 ? WORKSPACE : 0;
  if (bytes < needed || (needed && !library_is_device(workspace, bytes))) return BAD_PARAM;
  double by = scale(alpha, a.tensor.type), keep = scale(beta, a.tensor.type);
  auto work = [=]() -> CUresult {
    if (needed) {  // whoever keeps something there loses it
      if (!library_may_write(call, "workspace", workspace, needed)) return CUDA_ERROR_ILLEGAL_ADDRESS;
      memset(workspace, 0xff, needed);
    }
    std::vector<double> left, right, sums(result.tensor.count());
    if (!load(call, a.name, a.tensor, a.at, left) || !load(call, b.name, b.tensor, b.at, right)) {
      return CUDA_ERROR_ILLEGAL_ADDRESS;
    }
    if (plan.tf32) {
      round_all(left);
      round_all(right);
    }
    pass(plan, left, right, sums);
    return store(call, result.name, result.tensor, const_cast<void*>(result.at), sums, by, keep)
               ? CUDA_SUCCESS
               : CUDA_ERROR_ILLEGAL_ADDRESS;
  };
  return library_enqueue(handle->stream, work) ? EXECUTION_FAILED : SUCCESS;
}

struct Performance {
  int algorithm, status;
  float time;
  size_t memory;
  int determinism, math, reserved[3];
};

int suggest(int bad, int asked, int* given, Performance* results, int math) {
  if (bad) return bad;
  if (!given || !results || asked < 1) return BAD_PARAM;
  *given = std::min(asked, 2);
  // The one with a workspace first: so a caller who forgets it learns of it.
  for (int i = 0; i < *given; i++) {
    results[i] = {1 - i, SUCCESS, -1, i == 0 ? WORKSPACE : 0, 1, math, {}};
  }
  return SUCCESS;
}

int workspace(int bad, int algorithm, size_t* bytes) {
  if (bad) return bad;
  if (!bytes) return BAD_PARAM;
  if (algorithm < 0 || algorithm > 1) return NOT_SUPPORTED;
  *bytes = algorithm == 1 ? WORKSPACE : 0;
  return SUCCESS;
}

}  // namespace
}  // namespace emu

using namespace emu;

CUDNN cudnnGetConvolutionNdForwardOutputDim(Convolution* c, Tensor* x, Tensor* w, int count,
                                            int* sizes) {
  if (!known(c) || !known(x) || !known(w) || !sizes) return BAD_PARAM;
  if (count != static_cast<int>(x->sizes.size()) || x->sizes.size() != c->pads.size() + 2) {
    return BAD_PARAM;
  }
  sizes[0] = static_cast<int>(x->sizes[0]);
  sizes[1] = static_cast<int>(w->sizes[0]);
  for (int i = 2; i < count; i++) {
    sizes[i] = static_cast<int>(output_size(x->sizes[i], c->pads[i - 2], w->sizes[i],
                                            c->dilations[i - 2], c->strides[i - 2]));
  }
  return SUCCESS;
}

#define MAX_COUNT(name)                      \
  CUDNN name(Handle* handle, int* count) {   \
    if (!known(handle)) return BAD_PARAM;    \
    *count = 2;                              \
    return SUCCESS;                          \
  }
MAX_COUNT(cudnnGetConvolutionForwardAlgorithmMaxCount)
MAX_COUNT(cudnnGetConvolutionBackwardDataAlgorithmMaxCount)
MAX_COUNT(cudnnGetConvolutionBackwardFilterAlgorithmMaxCount)

CUDNN cudnnGetConvolutionForwardAlgorithm_v7(Handle*, Tensor* x, Tensor* w, Convolution* c,
                                             Tensor* y, int asked, int* given, Performance* results) {
  Plan p;
  return suggest(plan(x, w, c, y, p), asked, given, results, known(c) ? c->math : 0);
}
CUDNN cudnnGetConvolutionBackwardDataAlgorithm_v7(Handle*, Tensor* w, Tensor* dy, Convolution* c,
                                                  Tensor* dx, int asked, int* given,
                                                  Performance* results) {
  Plan p;
  return suggest(plan(dx, w, c, dy, p), asked, given, results, known(c) ? c->math : 0);
}
CUDNN cudnnGetConvolutionBackwardFilterAlgorithm_v7(Handle*, Tensor* x, Tensor* dy, Convolution* c,
                                                    Tensor* dw, int asked, int* given,
                                                    Performance* results) {
  Plan p;
  return suggest(plan(x, dw, c, dy, p), asked, given, results, known(c) ? c->math : 0);
}

CUDNN cudnnGetConvolutionForwardWorkspaceSize(Handle*, Tensor* x, Tensor* w, Convolution* c,
                                              Tensor* y, int algorithm, size_t* bytes) {
  Plan p;
  return workspace(plan(x, w, c, y, p), algorithm, bytes);
}
CUDNN cudnnGetConvolutionBackwardDataWorkspaceSize(Handle*, Tensor* w, Tensor* dy, Convolution* c,
                                                   Tensor* dx, int algorithm, size_t* bytes) {
  Plan p;
  return workspace(plan(dx, w, c, dy, p), algorithm, bytes);
}
CUDNN cudnnGetConvolutionBackwardFilterWorkspaceSize(Handle*, Tensor* x, Tensor* dy, Convolution* c,
                                                     Tensor* dw, int algorithm, size_t* bytes) {
  Plan p;
  return workspace(plan(x, dw, c, dy, p), algorithm, bytes);
}

CUDNN cudnnConvolutionForward(Handle* handle, const void* alpha, Tensor* xd, const void* x,
                              Tensor* wd, const void* w, Convolution* c, int algorithm,
                              void* workspace, size_t bytes, const void* beta, Tensor* yd, void* y) {
  Plan p;
  if (int bad = plan(xd, wd, c, yd, p)) return bad;
  return submit(handle, "cudnnConvolutionForward", p, {"x", *xd, x}, {"w", *wd, w}, {"y", *yd, y},
                alpha, beta, algorithm, workspace, bytes,
                [](const Plan& p, const auto& x, const auto& w, auto& y) {
                  int64_t step = p.stride[2];
                  p.each([&](int64_t wi, int64_t yi, int64_t xi, int64_t count) {
                    for (int64_t i = 0; i < count; i++) y[yi + i] += w[wi] * x[xi + i * step];
                  });
                });
}

CUDNN cudnnConvolutionBackwardData(Handle* handle, const void* alpha, Tensor* wd, const void* w,
                                   Tensor* dyd, const void* dy, Convolution* c, int algorithm,
                                   void* workspace, size_t bytes, const void* beta, Tensor* dxd,
                                   void* dx) {
  Plan p;
  if (int bad = plan(dxd, wd, c, dyd, p)) return bad;
  return submit(handle, "cudnnConvolutionBackwardData", p, {"w", *wd, w}, {"dy", *dyd, dy},
                {"dx", *dxd, dx}, alpha, beta, algorithm, workspace, bytes,
                [](const Plan& p, const auto& w, const auto& dy, auto& dx) {
                  int64_t step = p.stride[2];
                  p.each([&](int64_t wi, int64_t yi, int64_t xi, int64_t count) {
                    for (int64_t i = 0; i < count; i++) dx[xi + i * step] += w[wi] * dy[yi + i];
                  });
                });
}

CUDNN cudnnConvolutionBackwardFilter(Handle* handle, const void* alpha, Tensor* xd, const void* x,
                                     Tensor* dyd, const void* dy, Convolution* c, int algorithm,
                                     void* workspace, size_t bytes, const void* beta, Tensor* dwd,
                                     void* dw) {
  Plan p;
  if (int bad = plan(xd, dwd, c, dyd, p)) return bad;
  return submit(handle, "cudnnConvolutionBackwardFilter", p, {"x", *xd, x}, {"dy", *dyd, dy},
                {"dw", *dwd, dw}, alpha, beta, algorithm, workspace, bytes,
                [](const Plan& p, const auto& x, const auto& dy, auto& dw) {
                  int64_t step = p.stride[2];
                  p.each([&](int64_t wi, int64_t yi, int64_t xi, int64_t count) {
                    double sum = 0;
                    for (int64_t i = 0; i < count; i++) sum += dy[yi + i] * x[xi + i * step];
                    dw[wi] += sum;
                  });
                });
}
