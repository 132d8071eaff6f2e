// Windows over the spatial axes of [N, C, I…]: which cells an output sees, and which outputs see a
// cell. As Walk, the geometry travels by value.
#pragma once
#include "common.cuh"

constexpr int MAX_SPATIAL = 6;

/**
 * Along each axis, output o sees the cells o·stride + k·dilation − padding that lie in the input; or,
 * where kernel is 0, those from ⌊o·I / O⌋ to before ⌈(o + 1)·I / O⌉.
 */
struct Window {
  long long axes;
  long long input[MAX_SPATIAL];
  long long output[MAX_SPATIAL];
  long long kernel[MAX_SPATIAL];
  long long stride[MAX_SPATIAL];
  long long padding[MAX_SPATIAL];
  long long dilation[MAX_SPATIAL];

  /** Cells of a plane of the input. */
  __device__ long long inputs() const { return product(input); }
  /** Cells of a plane of the output. */
  __device__ long long outputs() const { return product(output); }
  /** Taps of a window. */
  __device__ long long taps() const { return product(kernel); }

  __device__ long long product(const long long* size) const {
    long long all = 1;
    for (int axis = 0; axis < axes; axis++) all *= size[axis];
    return all;
  }
};

/** Positions along one axis: from, from + step, … before to. */
template <class I> struct Span {
  I from, to, step;
};

/** What output o sees along an axis. I is int where a plane has fewer than 2³¹ cells. */
template <class I> __device__ inline Span<I> seen(const Window& w, int axis, I o) {
  I size = (I)w.input[axis];
  if (w.kernel[axis] == 0) {
    long long outputs = w.output[axis];
    return Span<I>{(I)(o * (long long)size / outputs),
                   (I)(((o + 1) * (long long)size + outputs - 1) / outputs), 1};
  }
  I step = (I)w.dilation[axis];
  I from = o * (I)w.stride[axis] - (I)w.padding[axis];
  I to = from + ((I)w.kernel[axis] - 1) * step + 1;
  if (from < 0) from += (-from + step - 1) / step * step;
  return Span<I>{from, to < size ? to : size, step};
}

/** The outputs among which are all that see cell i along an axis: all of these, if undilated. */
template <class I> __device__ inline Span<I> seers(const Window& w, int axis, I i) {
  I outputs = (I)w.output[axis];
  if (w.kernel[axis] == 0) {
    long long size = w.input[axis];
    return Span<I>{(I)(i * (long long)outputs / size),
                   (I)(((i + 1) * (long long)outputs + size - 1) / size), 1};
  }
  I stride = (I)w.stride[axis];
  I last = i + (I)w.padding[axis];
  I first = last - ((I)w.kernel[axis] - 1) * (I)w.dilation[axis];
  I to = last / stride + 1;
  return Span<I>{first <= 0 ? 0 : (first + stride - 1) / stride, to < outputs ? to : outputs, 1};
}

/** Row-major positions of a box of any number of axes, as flat indices into a plane around it. */
struct Box {
  int axes;
  long long flat;
  bool done;
  long long at[MAX_SPATIAL];
  long long stride[MAX_SPATIAL];
  Span<long long> span[MAX_SPATIAL];

  /** What position o of the plane `of` spans, by seen or by seers, in the plane `in`. */
  template <class F>
  __device__ Box(const Window& w, const long long* of, const long long* in, long long o, F find) {
    axes = (int)w.axes;
    flat = 0;
    done = false;
    long long inner = 1;
    for (int axis = axes - 1; axis >= 0; axis--) {
      span[axis] = find(w, axis, o % of[axis]);
      o /= of[axis];
      at[axis] = span[axis].from;
      stride[axis] = inner;
      flat += at[axis] * inner;
      inner *= in[axis];
      done |= span[axis].from >= span[axis].to;
    }
  }

  __device__ void next() {
    for (int axis = axes - 1; axis >= 0; axis--) {
      at[axis] += span[axis].step;
      flat += span[axis].step * stride[axis];
      if (at[axis] < span[axis].to) return;
      flat -= (at[axis] - span[axis].from) * stride[axis];
      at[axis] = span[axis].from;
    }
    done = true;
  }
};

struct Seen {
  __device__ Span<long long> operator()(const Window& w, int axis, long long o) const {
    return seen<long long>(w, axis, o);
  }
};
struct Seers {
  __device__ Span<long long> operator()(const Window& w, int axis, long long i) const {
    return seers<long long>(w, axis, i);
  }
};

/** The number that a mean over output o divides by, along one axis. */
template <class I>
__device__ inline I divisor(const Window& w, int axis, I o, bool count_padding) {
  if (!count_padding || w.kernel[axis] == 0) {
    Span<I> cells = seen<I>(w, axis, o);
    return cells.to - cells.from;
  }
  // What lies beyond the padding never counts.
  I from = o * (I)w.stride[axis] - (I)w.padding[axis];
  I to = from + (I)w.kernel[axis];
  I end = (I)(w.input[axis] + w.padding[axis]);
  return (to < end ? to : end) - from;
}
