// One step of an LSTM or a GRU, from what reaches each gate to the next state, and its gradient. The
// products with the weights are made before and after, by matmul; these kernels do the rest of a step
// in one pass over memory, where a composition of sums, sigmoids and products makes twenty.
//
//   step, back            one element of the state a thread
//   step_wide, back_wide  16 bytes of it: fewer, wider accesses, where H and all addresses allow
//
// A block is narrow and tall: its rows share the few columns of the bias that it reads.
//
// A row of gates is [G, H], a state [H]; of each step a row [K, H] is kept, which with one of the
// states before the step is what the gradient needs.
#include "recurrent_cells.cuh"

/** Rows of P parts of n elements, of which a thread has W in each part. */
template <class T, int P, int W>
struct Row {
  Few<T, W> part[P];

  __device__ void read(const T* x, long long n) {
#pragma unroll
    for (int p = 0; p < P; p++) {
      part[p] = *(const Few<T, W>*)(x + p * n);
    }
  }
  __device__ void write(T* x, long long n) const {
#pragma unroll
    for (int p = 0; p < P; p++) {
      *(Few<T, W>*)(x + p * n) = part[p];
    }
  }
  /** Element e of each part. */
  __device__ void get(int e, T* x) const {
#pragma unroll
    for (int p = 0; p < P; p++) {
      x[p] = part[p].element[e];
    }
  }
  __device__ void set(int e, const T* x) {
#pragma unroll
    for (int p = 0; p < P; p++) {
      part[p].element[e] = x[p];
    }
  }
};

/** The rows of a thread; blocks along y have others. */
__device__ inline long long first_row() {
  return (long long)blockIdx.y * blockDim.y + threadIdx.y;
}
__device__ inline long long row_step() { return (long long)gridDim.y * blockDim.y; }

/**
 * The next state of `rows` sequences.
 *
 * @param x [rows, G, n], what the input brings
 * @param b [rows, G, n], what the state brings, but for the bias
 * @param bias [G, n]
 * @param now a state [rows, n] each, which becomes the next
 * @param after the same once more, as the step's result
 * @param kept [rows, K, n]
 */
template <class Cell, class T, int W>
__device__ void forward(long long rows, long long n, const T* x, const T* b, const T* bias,
                        T* const (&now)[2], T* const (&after)[2], T* kept) {
  constexpr int G = Cell::GATES, S = Cell::STATES, K = Cell::KEPT;
  long long at = first() * W;
  if (at >= n) return;
  Row<T, G, W> shift;
  shift.read(bias + at, n);
  for (long long row = first_row(); row < rows; row += row_step()) {
    Row<T, G, W> in, through;
    in.read(x + row * G * n + at, n);
    through.read(b + row * G * n + at, n);
    Row<T, S, W> state = {};
    Row<T, K, W> keep;
    state.part[Cell::MEMORY] = *(const Few<T, W>*)(now[Cell::MEMORY] + row * n + at);
#pragma unroll
    for (int e = 0; e < W; e++) {
      T gx[G], gb[G], gs[G], values[S], kept_values[K];
      in.get(e, gx);
      through.get(e, gb);
      shift.get(e, gs);
      state.get(e, values);
#pragma unroll
      for (int g = 0; g < G; g++) {
        gb[g] += gs[g];
      }
      Cell::step(gx, gb, values, kept_values);
      state.set(e, values);
      keep.set(e, kept_values);
    }
#pragma unroll
    for (int s = 0; s < S; s++) {
      *(Few<T, W>*)(now[s] + row * n + at) = state.part[s];
      *(Few<T, W>*)(after[s] + row * n + at) = state.part[s];
    }
    keep.write(kept + row * K * n + at, n);
  }
}

/**
 * The gradient of a step.
 *
 * @param kept [rows, K, n]
 * @param before [rows, n]
 * @param dy the gradient of each state as a result, [rows, n]
 * @param d the gradient of each state by the steps that follow, [rows, n]; afterwards, of the state
 *     before, but for what goes through b
 * @param db [rows, G, n]
 * @param dx [rows, G, n], where it is not db
 */
template <class Cell, class T, int W>
__device__ void backward(long long rows, long long n, const T* kept, const T* before,
                         const T* const (&dy)[2], T* const (&d)[2], T* db, T* dx) {
  constexpr int G = Cell::GATES, S = Cell::STATES, K = Cell::KEPT;
  long long at = first() * W;
  if (at >= n) return;
  for (long long row = first_row(); row < rows; row += row_step()) {
    Row<T, K, W> keep;
    keep.read(kept + row * K * n + at, n);
    Few<T, W> old = *(const Few<T, W>*)(before + row * n + at);
    Row<T, S, W> state;
    Row<T, G, W> to_x, to_b;
#pragma unroll
    for (int s = 0; s < S; s++) {
      state.part[s] = *(const Few<T, W>*)(d[s] + row * n + at);
      Few<T, W> more = *(const Few<T, W>*)(dy[s] + row * n + at);
#pragma unroll
      for (int e = 0; e < W; e++) {
        state.part[s].element[e] += more.element[e];
      }
    }
#pragma unroll
    for (int e = 0; e < W; e++) {
      T kept_values[K], values[S], gx[G], gb[G];
      keep.get(e, kept_values);
      state.get(e, values);
      Cell::back(kept_values, old.element[e], values, gx, gb);
      state.set(e, values);
      to_b.set(e, gb);
      if (!Cell::ALIKE) {
        to_x.set(e, gx);
      }
    }
#pragma unroll
    for (int s = 0; s < S; s++) {
      *(Few<T, W>*)(d[s] + row * n + at) = state.part[s];
    }
    to_b.write(db + row * G * n + at, n);
    if (!Cell::ALIKE) {
      to_x.write(dx + row * G * n + at, n);
    }
  }
}

#define CELL(name, Cell, wide, suffix, T, W)                                                     \
  extern "C" __global__ void name##_step##wide##_##suffix(                                       \
      long long rows, long long n, const T* x, const T* b, const T* bias, T* h, T* c, T* h_after, \
      T* c_after, T* kept) {                                                                     \
    T* const now[2] = {h, c};                                                                    \
    T* const after[2] = {h_after, c_after};                                                      \
    forward<Cell, T, W>(rows, n, x, b, bias, now, after, kept);                                  \
  }                                                                                              \
  extern "C" __global__ void name##_back##wide##_##suffix(                                       \
      long long rows, long long n, const T* kept, const T* before, const T* dh_after,            \
      const T* dc_after, T* dh, T* dc, T* db, T* dx) {                                           \
    const T* const dy[2] = {dh_after, dc_after};                                                 \
    T* const d[2] = {dh, dc};                                                                    \
    backward<Cell, T, W>(rows, n, kept, before, dy, d, db, dx);                                  \
  }
#define CELLS(name, Cell)                 \
  CELL(name, Cell, , f64, double, 1)      \
  CELL(name, Cell, , f32, float, 1)       \
  CELL(name, Cell, _wide, f64, double, 2) \
  CELL(name, Cell, _wide, f32, float, 4)
CELLS(lstm_cell, LstmCell)
CELLS(gru_cell, GruCell)
