package org.adjoint.backend.cpu;

/**
 * Recurrent networks along sequences, and their gradient. Internal to the backends.
 *
 * <p>Sequences have nothing to do with each other, so threads share them out, and each runs its own
 * through all steps without waiting for another. What all steps multiply with is packed once.
 */
public final class RecurrentKernels {
  /** Sequences at a time: more would not stay in the nearest caches. */
  private static final int MOST_ROWS = 64;

  /** Multiplications in all that are worth a thread. */
  private static final long WORTH_A_THREAD = 1L << 19;

  private RecurrentKernels() {}

  /** What a cell does to one sequence at one step; each part of a row has {@code n} elements. */
  public interface Cell {
    /** From what x and the state bring to each gate to the next state; fills a row of kept. */
    void step(
        float[] x,
        int xAt,
        float[] b,
        int bAt,
        float[][] state,
        int at,
        float[] kept,
        int keptAt,
        int n);

    /**
     * From the gradient of the state after the step to those of x's and the state's share in each
     * gate, and of the state before the step as far as it goes past the product.
     */
    void back(
        float[] kept,
        int keptAt,
        float[] before,
        int beforeAt,
        float[][] state,
        int at,
        float[] dx,
        int dxAt,
        float[] db,
        int dbAt,
        int n);
  }

  /**
   * The sizes of a run.
   *
   * @param running how many sequences run at each step, falling
   * @param reverse whether the last step comes first
   * @param batch how many sequences there are
   * @param hidden elements of a state
   * @param gates elements of a row of gates
   * @param kept elements of a row of what is kept
   */
  public record Run(int[] running, boolean reverse, int batch, int hidden, int gates, int kept) {
    private int[] firstRows() {
      int[] first = new int[running.length];
      for (int t = 1; t < first.length; t++) {
        first[t] = first[t - 1] + running[t - 1];
      }
      return first;
    }

    /** Sequences a thread takes at once: an equal share, unless that is too little or too much. */
    private int grain() {
      long rows = 0;
      for (int n : running) {
        rows += n;
      }
      int threads = rows * gates * hidden < WORTH_A_THREAD ? 1 : Parallel.threads();
      return Math.clamp((batch + threads - 1) / threads, 1, MOST_ROWS);
    }
  }

  /**
   * Runs all steps.
   *
   * @param x [P, gates]
   * @param bias [gates]
   * @param hh [gates, hidden]
   * @param start for each state [batch, hidden]
   * @param all for each state [P, hidden], written
   * @param kept [P, kept], written
   */
  public static void forward(
      Run run,
      Cell cell,
      Floats x,
      Floats bias,
      Floats hh,
      Floats[] start,
      Floats[] all,
      Floats kept) {
    int n = run.hidden;
    int[] first = run.firstRows();
    PackedMatrix weights =
        new PackedMatrix(Simd.best(), Gemm.Matrix.of(hh.data(), hh.at(), run.gates, n).t());
    Parallel.forRange(
        run.batch,
        run.grain(),
        (from, to) -> {
          int top = (int) from;
          int rows = (int) to - top;
          float[][] state = new float[start.length][rows * n];
          for (int s = 0; s < state.length; s++) {
            System.arraycopy(start[s].data(), start[s].at() + top * n, state[s], 0, rows * n);
          }
          float[] b = new float[rows * run.gates];
          PackedMatrix.Buffer buffer = weights.new Buffer(rows);
          for (int k = 0; k < first.length; k++) {
            int t = run.reverse ? first.length - 1 - k : k;
            int alive = Math.min(rows, run.running[t] - top);
            for (int j = 0; j < alive; j++) {
              System.arraycopy(bias.data(), bias.at(), b, j * run.gates, run.gates);
            }
            if (alive > 0) {
              weights.multiplyAdd(state[0], 0, alive, b, 0, buffer);
            }
            for (int j = 0; j < alive; j++) {
              int row = first[t] + top + j;
              int xAt = x.at() + row * run.gates;
              int keptAt = kept.at() + row * run.kept;
              cell.step(x.data(), xAt, b, j * run.gates, state, j * n, kept.data(), keptAt, n);
              for (int s = 0; s < state.length; s++) {
                System.arraycopy(state[s], j * n, all[s].data(), all[s].at() + row * n, n);
              }
            }
          }
        });
  }

  /**
   * Runs all steps back.
   *
   * @param before [P, hidden], a state before each step
   * @param dAll for each state [P, hidden]
   * @param dx [P, gates], written; may be db
   * @param db [P, gates], written
   * @param dStart for each state [batch, hidden], written
   */
  public static void backward(
      Run run,
      Cell cell,
      Floats hh,
      Floats kept,
      Floats before,
      Floats[] dAll,
      Floats dx,
      Floats db,
      Floats[] dStart) {
    int n = run.hidden;
    int[] first = run.firstRows();
    Simd simd = Simd.best();
    PackedMatrix weights = new PackedMatrix(simd, Gemm.Matrix.of(hh.data(), hh.at(), run.gates, n));
    Parallel.forRange(
        run.batch,
        run.grain(),
        (from, to) -> {
          int top = (int) from;
          int rows = (int) to - top;
          float[][] state = new float[dStart.length][rows * n];
          PackedMatrix.Buffer buffer = weights.new Buffer(rows);
          for (int k = 0; k < first.length; k++) {
            int t = run.reverse ? k : first.length - 1 - k;
            int alive = Math.min(rows, run.running[t] - top);
            for (int j = 0; j < alive; j++) {
              int row = first[t] + top + j;
              for (int s = 0; s < state.length; s++) {
                float[] d = dAll[s].data();
                simd.add(state[s], j * n, d, dAll[s].at() + row * n, state[s], j * n, n);
              }
              int keptAt = kept.at() + row * run.kept;
              int beforeAt = before.at() + row * n;
              int dxAt = dx.at() + row * run.gates;
              int dbAt = db.at() + row * run.gates;
              cell.back(
                  kept.data(),
                  keptAt,
                  before.data(),
                  beforeAt,
                  state,
                  j * n,
                  dx.data(),
                  dxAt,
                  db.data(),
                  dbAt,
                  n);
            }
            if (alive > 0) {
              int dbAt = db.at() + (first[t] + top) * run.gates;
              weights.multiplyAdd(db.data(), dbAt, alive, state[0], 0, buffer);
            }
          }
          for (int s = 0; s < state.length; s++) {
            System.arraycopy(state[s], 0, dStart[s].data(), dStart[s].at() + top * n, rows * n);
          }
        });
  }
}
