#include "descriptors.h"

#include <set>

#include "../runtime/numbers.h"

namespace emu {
namespace {

std::set<const void*> handles, tensors, convolutions;

/** Where elements lie, in row-major order. */
std::vector<int64_t> offsets(const Tensor& t) {
  std::vector<int64_t> all;
  all.reserve(t.count());
  if (t.count() == 0) return all;
  std::vector<int64_t> at(t.sizes.size());
  int64_t offset = 0;
  for (;;) {
    all.push_back(offset);
    int axis = static_cast<int>(at.size()) - 1;
    for (; axis >= 0; axis--) {
      offset += t.strides[axis];
      if (++at[axis] < t.sizes[axis]) break;
      offset -= at[axis] * t.strides[axis];
      at[axis] = 0;
    }
    if (axis < 0) return all;
  }
}

/** True if elements follow each other without gaps, in whatever order. */
bool dense(const Tensor& t) { return static_cast<size_t>(t.count()) * size_of(t.type) == t.span(); }

double number(const void* from, int type, int64_t i) {
  switch (type) {
    case DOUBLE:
      return read_as<double>(from, i);
    case FLOAT:
      return read_as<float>(from, i);
    case HALF:
      return from_half(read_as<uint16_t>(from, i));
    default:
      return from_bfloat16(read_as<uint16_t>(from, i));
  }
}

void set_number(void* to, int type, int64_t i, double value) {
  switch (type) {
    case DOUBLE:
      return write_as<double>(to, i, value);
    case FLOAT:
      return write_as<float>(to, i, static_cast<float>(value));
    case HALF:
      return write_as<uint16_t>(to, i, to_half(static_cast<float>(value)));
    default:
      return write_as<uint16_t>(to, i, to_bfloat16(static_cast<float>(value)));
  }
}

int set(Tensor* t, int type, int count, const int* sizes, const int* strides) {
  if (!known(t) || !sizes || count < 3 || count > 8) return BAD_PARAM;
  if (!is_type(type)) return NOT_SUPPORTED;
  Tensor fresh;
  fresh.type = type;
  fresh.sizes.assign(sizes, sizes + count);
  fresh.strides.resize(count);
  int64_t step = 1;
  for (int i = count - 1; i >= 0; i--) {
    if (sizes[i] < 1 || (strides && strides[i] < 1)) return BAD_PARAM;
    fresh.strides[i] = strides ? strides[i] : step;
    step *= sizes[i];
  }
  *t = fresh;
  return SUCCESS;
}

template <typename T>
int create(T** made, std::set<const void*>& all) {
  if (!made) return BAD_PARAM;
  *made = new T;
  all.insert(*made);
  return SUCCESS;
}

template <typename T>
int destroy(T* gone, std::set<const void*>& all) {
  if (!all.erase(gone)) return BAD_PARAM;
  delete gone;
  return SUCCESS;
}

}  // namespace

int64_t Tensor::count() const {
  int64_t product = 1;
  for (int64_t size : sizes) product *= size;
  return product;
}

size_t Tensor::span() const {
  int64_t last = 0;
  for (size_t i = 0; i < sizes.size(); i++) last += (sizes[i] - 1) * strides[i];
  return (last + 1) * size_of(type);
}

bool known(const Handle* handle) { return handles.count(handle); }
bool known(const Tensor* tensor) { return tensors.count(tensor); }
bool known(const Convolution* convolution) { return convolutions.count(convolution); }

size_t size_of(int type) { return type == DOUBLE ? 8 : type == FLOAT ? 4 : 2; }

bool is_type(int type) {
  return type == FLOAT || type == DOUBLE || type == HALF || type == BFLOAT16;
}

double scale(const void* pointer, int type) {
  return type == DOUBLE ? *static_cast<const double*>(pointer) : *static_cast<const float*>(pointer);
}

bool load(const char* call, const char* name, const Tensor& t, const void* from,
          std::vector<double>& to) {
  bool whole = dense(t);
  if (whole && !library_may_read(call, name, from, t.span())) return false;
  to.clear();
  to.reserve(t.count());
  for (int64_t offset : offsets(t)) {
    auto* element = static_cast<const char*>(from) + offset * size_of(t.type);
    if (!whole && !library_may_read(call, name, element, size_of(t.type))) return false;
    to.push_back(number(from, t.type, offset));
  }
  return true;
}

bool store(const char* call, const char* name, const Tensor& t, void* to,
           const std::vector<double>& values, double alpha, double beta) {
  std::vector<double> old;
  if (beta != 0 && !load(call, name, t, to, old)) return false;
  bool whole = dense(t);
  if (whole && !library_may_write(call, name, to, t.span())) return false;
  size_t i = 0;
  for (int64_t offset : offsets(t)) {
    auto* element = static_cast<char*>(to) + offset * size_of(t.type);
    if (!whole && !library_may_write(call, name, element, size_of(t.type))) return false;
    set_number(to, t.type, offset, alpha * values[i] + (beta != 0 ? beta * old[i] : 0));
    i++;
  }
  return true;
}

}  // namespace emu

using namespace emu;

CUDNN cudnnCreate(Handle** handle) {
  if (library_ready() || library_forbid_in_capture()) return NOT_INITIALIZED;
  return create(handle, handles);
}

CUDNN cudnnDestroy(Handle* handle) { return destroy(handle, handles); }

CUDNN cudnnSetStream(Handle* handle, CUstream stream) {
  if (!known(handle)) return BAD_PARAM;
  handle->stream = stream;
  return SUCCESS;
}

CUDNN cudnnGetStream(Handle* handle, CUstream* stream) {
  if (!known(handle) || !stream) return BAD_PARAM;
  *stream = handle->stream;
  return SUCCESS;
}

extern "C" __attribute__((visibility("default"))) size_t cudnnGetVersion() { return 90600; }

extern "C" __attribute__((visibility("default"))) size_t cudnnGetCudartVersion() { return 12060; }

extern "C" __attribute__((visibility("default"))) const char* cudnnGetErrorString(int status) {
  switch (status) {
    // clang-format off
    case SUCCESS: return "CUDNN_STATUS_SUCCESS";
    case NOT_INITIALIZED: return "CUDNN_STATUS_NOT_INITIALIZED";
    case BAD_PARAM: return "CUDNN_STATUS_BAD_PARAM";
    case NOT_SUPPORTED: return "CUDNN_STATUS_NOT_SUPPORTED";
    case EXECUTION_FAILED: return "CUDNN_STATUS_EXECUTION_FAILED";
    default: return "CUDNN_UNKNOWN_STATUS";
      // clang-format on
  }
}

CUDNN cudnnCreateTensorDescriptor(Tensor** tensor) { return create(tensor, tensors); }
CUDNN cudnnDestroyTensorDescriptor(Tensor* tensor) { return destroy(tensor, tensors); }
CUDNN cudnnCreateFilterDescriptor(Tensor** filter) { return create(filter, tensors); }
CUDNN cudnnDestroyFilterDescriptor(Tensor* filter) { return destroy(filter, tensors); }

CUDNN cudnnSetTensorNdDescriptor(Tensor* tensor, int type, int count, const int* sizes,
                                 const int* strides) {
  return strides ? set(tensor, type, count, sizes, strides) : BAD_PARAM;
}

CUDNN cudnnSetTensorNdDescriptorEx(Tensor* tensor, int format, int type, int count,
                                   const int* sizes) {
  if (format) return NOT_SUPPORTED;  // all but NCHW
  return set(tensor, type, count, sizes, nullptr);
}

CUDNN cudnnSetTensor4dDescriptor(Tensor* tensor, int format, int type, int n, int c, int h, int w) {
  int sizes[] = {n, c, h, w};
  return cudnnSetTensorNdDescriptorEx(tensor, format, type, 4, sizes);
}

CUDNN cudnnSetFilterNdDescriptor(Tensor* filter, int type, int format, int count,
                                 const int* sizes) {
  return cudnnSetTensorNdDescriptorEx(filter, format, type, count, sizes);
}

CUDNN cudnnSetFilter4dDescriptor(Tensor* filter, int type, int format, int k, int c, int h, int w) {
  return cudnnSetTensor4dDescriptor(filter, format, type, k, c, h, w);
}

CUDNN cudnnCreateConvolutionDescriptor(Convolution** c) { return create(c, convolutions); }
CUDNN cudnnDestroyConvolutionDescriptor(Convolution* c) { return destroy(c, convolutions); }

CUDNN cudnnSetConvolutionNdDescriptor(Convolution* c, int count, const int* pads,
                                      const int* strides, const int* dilations, int mode,
                                      int compute) {
  if (!known(c) || !pads || !strides || !dilations || mode < 0 || mode > 1) return BAD_PARAM;
  if (count < 2 || count > 3) return NOT_SUPPORTED;
  for (int i = 0; i < count; i++) {
    if (pads[i] < 0 || strides[i] < 1 || dilations[i] < 1) return BAD_PARAM;
  }
  c->pads.assign(pads, pads + count);
  c->strides.assign(strides, strides + count);
  c->dilations.assign(dilations, dilations + count);
  c->mode = mode;
  c->compute = compute;
  return SUCCESS;
}

CUDNN cudnnSetConvolution2dDescriptor(Convolution* c, int pad_h, int pad_w, int stride_h,
                                      int stride_w, int dilation_h, int dilation_w, int mode,
                                      int compute) {
  int pads[] = {pad_h, pad_w}, strides[] = {stride_h, stride_w};
  int dilations[] = {dilation_h, dilation_w};
  return cudnnSetConvolutionNdDescriptor(c, 2, pads, strides, dilations, mode, compute);
}

CUDNN cudnnSetConvolutionMathType(Convolution* c, int math) {
  if (!known(c) || math < DEFAULT_MATH || math > FMA_MATH) return BAD_PARAM;
  c->math = math;
  return SUCCESS;
}

CUDNN cudnnSetConvolutionGroupCount(Convolution* c, int groups) {
  if (!known(c) || groups < 1) return BAD_PARAM;
  c->groups = groups;
  return SUCCESS;
}
