// A whole run of an LSTM or a GRU as one launch, whose blocks stay while the steps go by.
//
// A launch a step reads the weights hh [G·H, H] again each time. Here each block reads its share of
// them once and keeps it in shared memory (Diamos et al., Persistent RNNs, 2016); what blocks hand
// on from step to step is the state alone, through the L2 cache, and the grid meets once a step.
//
//   run       A block has `units` elements of the states of `rows` sequences, and of hh the rows of
//             their gates, [G·units, H]. Each step it multiplies them by the states [rows, H] that
//             blocks left behind, and takes what comes of it through the cell to its own new ones.
//   run_back  The same, from the last step to the first. It has the columns [G·H, units] of hh,
//             which take the gradients db [rows, G·H] of all gates to those of its units' states.
//
// So a block reads rows · H elements a step, or G times as many backward: the fewer rows and the
// more units it has, the less, until its share of hh fills the shared memory (Java chooses). An
// LSTM's step of 64 sequences, F32, on 132 multiprocessors of 227 KB:
//
//   H       units × rows   shared    all blocks read of states, or of gradients
//   256     32 × 4         180 KB     0.5 MB       2 MB
//   512     16 × 16        179 KB     4.2 MB      17 MB
//   1,024   8 × 64         181 KB      34 MB     134 MB
//
// Beside that, the weights are read once for each `rows` of the sequences, and what comes in, goes
// out and is kept is moved once, in pieces of units · 4 bytes. All blocks must be in flight at
// once, which sets the limit: one a multiprocessor, and its share of hh must fit.
// Copies by cp.async go past the L1 cache, which does not know what other multiprocessors wrote.
#include "recurrent_cells.cuh"
#include "recurrent_product.cuh"

/**
 * All steps.
 *
 * @param x [packed, G, n], what the input brings
 * @param bias [G, n]
 * @param hh [G, n, n]
 * @param start of each state [sequences, n]
 * @param after each state after each step, [packed, n]
 * @param kept [packed, K, n]
 */
template <class Cell>
__device__ void forward(const Run& run, const float* x, const float* bias, const float* hh,
                        const float* const (&start)[2], float* const (&after)[2], float* kept) {
  constexpr int G = Cell::GATES, S = Cell::STATES, K = Cell::KEPT;
  int n = (int)run.n, above = (int)(blockIdx.y * run.rows);
  Product<G> product(run, n);
  // The last block may have units that are none: then those of the last one that is.
  for (int i = threadIdx.x; i < G * product.units * (n / TILE); i += THREADS) {
    int c = i / (n / TILE), at = i % (n / TILE) * TILE;
    long long unit = blockIdx.x * run.units + c % product.units;
    const float* row = hh + (c / product.units * run.n + min(unit, run.n - 1)) * n;
    copy_async<16>(product.weights + c * product.stride + at, row + at);
  }
  const Own own[OWN] = {Own(run, 0), Own(run, 1)};
  float state[OWN][S] = {}, shift[OWN][G];
#pragma unroll
  for (int i = 0; i < OWN; i++) {
    if (own[i].sequence == MOST) continue;
#pragma unroll
    for (int s = 0; s < S; s++) {
      state[i][s] = start[s][own[i].sequence * run.n + own[i].column];
    }
#pragma unroll
    for (int g = 0; g < G; g++) {
      shift[i][g] = bias[g * run.n + own[i].column];
    }
  }
  Step step = Step::before(run);
  for (long long k = 0; k < run.steps; k++) {
    Step before = step;
    step.next(run);
    float in[OWN][G];  // asked for before the wait
#pragma unroll
    for (int i = 0; i < OWN; i++) {
      if (own[i].sequence >= step.running) continue;
#pragma unroll
      for (int g = 0; g < G; g++) {
        in[i][g] = x[((step.first + own[i].sequence) * G + g) * run.n + own[i].column];
      }
    }
    if (k > 0) grid_sync();
    if (step.running <= above) continue;
    product.run({after[0] + (before.first + above) * run.n, start[0] + above * run.n,
                 before.running - above, min(step.running - above, product.rows)});
#pragma unroll
    for (int i = 0; i < OWN; i++) {
      if (own[i].sequence >= step.running) continue;
      float b[G], values[K];
#pragma unroll
      for (int g = 0; g < G; g++) {
        b[g] = product.sum(own[i].row, g * product.units + own[i].unit) + shift[i][g];
      }
      Cell::step(in[i], b, state[i], values);
      long long row = step.first + own[i].sequence;
#pragma unroll
      for (int s = 0; s < S; s++) {
        after[s][row * run.n + own[i].column] = state[i][s];
      }
#pragma unroll
      for (int v = 0; v < K; v++) {
        kept[(row * K + v) * run.n + own[i].column] = values[v];
      }
    }
  }
}

/**
 * The gradient of all steps.
 *
 * @param hh [G, n, n]
 * @param kept [packed, K, n]
 * @param old [packed, n], the state before each step that the cell asks for
 * @param dy the gradient of each state as a result, [packed, n]
 * @param d that of each state's start, [sequences, n]
 * @param db [packed, G, n]
 * @param dx [packed, G, n], where it is not db
 */
template <class Cell>
__device__ void backward(const Run& run, const float* hh, const float* kept, const float* old,
                         const float* const (&dy)[2], float* const (&d)[2], float* db, float* dx) {
  constexpr int G = Cell::GATES, S = Cell::STATES, K = Cell::KEPT;
  int depth = G * (int)run.n, above = (int)(blockIdx.y * run.rows);
  Product<1> product(run, depth);
  for (int i = threadIdx.x; i < depth * product.units; i += THREADS) {
    int c = i % product.units, at = i / product.units;
    long long unit = blockIdx.x * run.units + c;
    product.weights[c * product.stride + at] = hh[at * run.n + min(unit, run.n - 1)];
  }
  const Own own[OWN] = {Own(run, 0), Own(run, 1)};
  float state[OWN][S] = {};
  Step step = Step::before(run);
  for (long long k = 0; k <= run.steps; k++) {
    Step before = step;
    float values[OWN][K], memory[OWN], more[OWN][S];  // asked for before the wait
    if (k < run.steps) {
      step.next(run);
#pragma unroll
      for (int i = 0; i < OWN; i++) {
        if (own[i].sequence >= step.running) continue;
        long long row = step.first + own[i].sequence;
#pragma unroll
        for (int v = 0; v < K; v++) {
          values[i][v] = kept[(row * K + v) * run.n + own[i].column];
        }
        memory[i] = old[row * run.n + own[i].column];
#pragma unroll
        for (int s = 0; s < S; s++) {
          more[i][s] = dy[s][row * run.n + own[i].column];
        }
      }
    }
    if (k > 0) grid_sync();
    if (k > 0 && before.running > above) {
      const float* first = db + (before.first + above) * depth;
      product.run({first, first, product.rows, min(before.running - above, product.rows)});
#pragma unroll
      for (int i = 0; i < OWN; i++) {
        if (own[i].sequence < before.running) {
          state[i][0] += product.sum(own[i].row, own[i].unit);
        }
      }
    }
#pragma unroll
    for (int i = 0; i < OWN; i++) {
      if (k == run.steps || own[i].sequence >= step.running) continue;
      float to_x[G], to_b[G];
#pragma unroll
      for (int s = 0; s < S; s++) {
        state[i][s] += more[i][s];
      }
      Cell::back(values[i], memory[i], state[i], to_x, to_b);
      long long at = (step.first + own[i].sequence) * depth + own[i].column;
#pragma unroll
      for (int g = 0; g < G; g++) {
        db[at + g * run.n] = to_b[g];
        if (!Cell::ALIKE) dx[at + g * run.n] = to_x[g];
      }
    }
  }
#pragma unroll
  for (int i = 0; i < OWN; i++) {
    if (own[i].sequence == MOST) continue;
#pragma unroll
    for (int s = 0; s < S; s++) {
      d[s][own[i].sequence * run.n + own[i].column] = state[i][s];
    }
  }
}

#define RUNS(name, Cell)                                                                         \
  extern "C" __global__ void __launch_bounds__(THREADS, 1)                                       \
      name##_run_f32(Run run, const float* x, const float* bias, const float* hh, const float* h, \
                     const float* c, float* h_after, float* c_after, float* kept) {              \
    const float* const start[2] = {h, c};                                                        \
    float* const after[2] = {h_after, c_after};                                                  \
    forward<Cell>(run, x, bias, hh, start, after, kept);                                         \
  }                                                                                              \
  extern "C" __global__ void __launch_bounds__(THREADS, 1)                                       \
      name##_run_back_f32(Run run, const float* hh, const float* kept, const float* old,         \
                          const float* dh_after, const float* dc_after, float* dh, float* dc,    \
                          float* db, float* dx) {                                                \
    const float* const dy[2] = {dh_after, dc_after};                                             \
    float* const d[2] = {dh, dc};                                                                \
    backward<Cell>(run, hh, kept, old, dy, d, db, dx);                                           \
  }
RUNS(lstm_cell, LstmCell)
RUNS(gru_cell, GruCell)
