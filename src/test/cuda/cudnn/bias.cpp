// A bias: added to all pixels of its channel, and the gradient's sums over them.
#include "descriptors.h"

using namespace emu;

CUDNN cudnnConvolutionBackwardBias(Handle* handle, const void* alpha, Tensor* dyd, const void* dy,
                                   const void* beta, Tensor* dbd, void* db) {
  if (!known(handle) || !known(dyd) || !known(dbd) || !alpha || !beta || !dy || !db) return BAD_PARAM;
  if (dbd->sizes.size() != dyd->sizes.size() || dbd->type != dyd->type) return BAD_PARAM;
  for (size_t i = 0; i < dbd->sizes.size(); i++) {
    if (dbd->sizes[i] != (i == 1 ? dyd->sizes[1] : 1)) return BAD_PARAM;
  }
  double by = scale(alpha, dyd->type), keep = scale(beta, dyd->type);
  Tensor from = *dyd, to = *dbd;
  auto work = [=]() -> CUresult {
    const char* call = "cudnnConvolutionBackwardBias";
    std::vector<double> values, sums(to.count());
    if (!load(call, "dy", from, dy, values)) return CUDA_ERROR_ILLEGAL_ADDRESS;
    int64_t channels = from.sizes[1], inner = from.count() / from.sizes[0] / channels;
    for (int64_t i = 0; i < from.count(); i++) sums[i / inner % channels] += values[i];
    return store(call, "db", to, db, sums, by, keep) ? CUDA_SUCCESS : CUDA_ERROR_ILLEGAL_ADDRESS;
  };
  return library_enqueue(handle->stream, work) ? EXECUTION_FAILED : SUCCESS;
}

CUDNN cudnnAddTensor(Handle* handle, const void* alpha, Tensor* ad, const void* a, const void* beta,
                     Tensor* cd, void* c) {
  if (!known(handle) || !known(ad) || !known(cd) || !alpha || !beta || !a || !c) return BAD_PARAM;
  if (ad->sizes.size() != cd->sizes.size() || ad->type != cd->type) return BAD_PARAM;
  for (size_t i = 0; i < ad->sizes.size(); i++) {
    if (ad->sizes[i] != 1 && ad->sizes[i] != cd->sizes[i]) return BAD_PARAM;
  }
  double by = scale(alpha, ad->type), keep = scale(beta, ad->type);
  Tensor from = *ad, to = *cd;
  auto work = [=]() -> CUresult {
    const char* call = "cudnnAddTensor";
    std::vector<double> values, spread;
    if (!load(call, "A", from, a, values)) return CUDA_ERROR_ILLEGAL_ADDRESS;
    for (int64_t i = 0; i < to.count(); i++) {
      int64_t index = 0, rest = i, step = 1;
      for (size_t axis = to.sizes.size(); axis-- > 0;) {
        if (from.sizes[axis] != 1) index += rest % to.sizes[axis] * step;
        rest /= to.sizes[axis];
        step *= from.sizes[axis];
      }
      spread.push_back(values[index]);
    }
    return store(call, "C", to, c, spread, by, keep) ? CUDA_SUCCESS : CUDA_ERROR_ILLEGAL_ADDRESS;
  };
  return library_enqueue(handle->stream, work) ? EXECUTION_FAILED : SUCCESS;
}
