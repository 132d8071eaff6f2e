// What cross-entropy and its gradient share: what a launch is about, and of which class a row is.
#pragma once
#include "edges.cuh"
#include "fault.cuh"

/** What a launch is about. */
struct Task {
  long long rows, n, inner, ignore;
};

constexpr long long NOTHING_IGNORED = -0x7fffffffffffffffLL - 1;

/** Of which class a row is: that, or −1 where it is of none or counts nothing. */
template <class I>
__device__ long long class_of(const Task& task, const I* labels, long long row, Fault* fault,
                              int op, bool notes) {
  long long label = labels[row];
  if (label == task.ignore && task.ignore != NOTHING_IGNORED) {
    return -1;
  }
  if (!notes) {
    return label < task.n ? label : -1;
  }
  return in_range(fault, op, label, row, task.n) ? label : -1;
}

/** Rows that a warp has together, a thread each, by the kernels called tile. */
constexpr int TILE = WARP;
