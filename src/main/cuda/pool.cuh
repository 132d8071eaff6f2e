// What the poolings share: how maxima and means come together, and where things are in a plane.
#pragma once
#include "number.cuh"
#include "window.cuh"

/** A maximum and where it was: the first of equals, but a NaN before all, and the last of NaNs. */
template <class C, class I> struct Largest {
  C value;
  I index;

  __device__ Largest() : value(0), index(-1) {}
  __device__ void add(C x, I i) {
    if (index < 0 || x > value || x != x) {
      value = x;
      index = i;
    }
  }
  __device__ void join(C x, I i) {
    if (i < 0) return;
    bool later = i > index;
    bool wins = index < 0 || x > value || (x != x && (value == value || later)) ||
                (x == value && !later);
    if (wins) {
      value = x;
      index = i;
    }
  }
};

/** A sum as exact as in twice the digits: the rounding errors are summed as well (Knuth, TwoSum). */
template <class C> struct Total {
  C sum, rest;

  __device__ Total() : sum(0), rest(0) {}
  __device__ void add(C x) {
    C next = sum + x;
    C got = next - sum;
    rest += (sum - (next - got)) + (x - got);
    sum = next;
  }
  __device__ C value() const {
    C all = sum + rest;
    return all == all ? all : sum; // where the sum is infinite, its error is not a number
  }
};

/** Doubles are digits enough. */
template <> struct Total<double> {
  double sum, rest;

  __device__ Total() : sum(0), rest(0) {}
  __device__ void add(double x) { sum += x; }
  __device__ double value() const { return sum; }
};

/** A place in one of many planes of `rows` by `columns`. */
struct Place {
  unsigned plane, row, column;

  __device__ Place(unsigned i, unsigned rows, unsigned columns) {
    unsigned line = i / columns;
    column = i - line * columns;
    plane = line / rows;
    row = line - plane * rows;
  }
};
