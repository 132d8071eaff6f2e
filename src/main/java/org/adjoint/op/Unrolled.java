package org.adjoint.op;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.adjoint.DType;
import org.adjoint.Grad;
import org.adjoint.Meta;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.autograd.Keep;
import org.adjoint.autograd.Op;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.Dense;
import org.adjoint.backend.Operand;
import org.adjoint.backend.cpu.Floats;
import org.adjoint.backend.cpu.RecurrentKernels;
import org.adjoint.backend.cuda.RecurrentVariants;
import org.adjoint.backend.cuda.Variant;

/**
 * A recurrent network along packed sequences as one operation: state_t = cell(x_t, h_{t−1}·hhᵀ +
 * bias, state_{t−1}). Gradient: {@link UnrolledGradient} runs back through the steps to what each
 * gate receives; with that, dhh = dbᵀ·h_before is one product over all steps.
 *
 * <p>Inputs: x [P, G·H], what the inputs bring to each gate; bias [G·H]; hh [G·H, H]; and for each
 * state [B, H], the longest sequence first. Outputs: for each state [P, H]; as workspace, what the
 * cell keeps of each step.
 *
 * @param sizes how many sequences run at each step, falling; P in sum
 * @param reverse whether to run from the last step to the first
 */
public record Unrolled(GatedCell cell, List<Long> sizes, boolean reverse) implements Op {
  private static final int STATES_FROM = 3;

  @Override
  public Meta[] infer(Meta... in) {
    int states = cell.states();
    Require.sameDtype(this, in);
    Require.floating(this, in[0]);
    Shape hh = in[2].shape();
    long n = hh.rank() == 2 ? hh.size(1) : 0;
    Shape x = Shape.of(rows(), cell.gates() * n);
    Shape start = in[STATES_FROM].shape();
    boolean fit =
        in[0].shape().equals(x)
            && in[1].shape().equals(Shape.of(cell.gates() * n))
            && hh.equals(Shape.of(cell.gates() * n, n))
            && start.rank() == 2
            && start.size(0) >= sizes.get(0)
            && start.size(1) == n;
    for (int s = 0; s < states; s++) {
      fit &= in[STATES_FROM + s].shape().equals(start);
    }
    if (!fit) {
      throw new IllegalArgumentException(
          "unrolled: %s; they must be [%d, R], [R], [R, H] and states [B, H], R = %d H, B at least %d"
              .formatted(
                  Arrays.stream(in).map(Meta::shape).toList(), rows(), cell.gates(), sizes.get(0)));
    }
    Meta[] out = new Meta[states + 1];
    Arrays.fill(out, in[0].with(Shape.of(rows(), n)));
    out[states] = in[0].with(Shape.of(rows(), cell.kept() * n));
    return out;
  }

  long rows() {
    return sizes.stream().mapToLong(n -> n).sum();
  }

  @Override
  public int workspace() {
    return 1;
  }

  /** Receives a sequence, and the row of a step that it takes. */
  interface Visit {
    void at(int sequence, int row);
  }

  /** Visits all steps in the order of the run, or from its last to its first. */
  void forEachStep(boolean back, Visit visit) {
    int[] first = new int[sizes.size()];
    for (int t = 1; t < first.length; t++) {
      first[t] = first[t - 1] + sizes.get(t - 1).intValue();
    }
    for (int k = 0; k < first.length; k++) {
      int t = reverse == back ? k : first.length - 1 - k;
      for (int j = 0; j < sizes.get(t); j++) {
        visit.at(j, first[t] + j);
      }
    }
  }

  static double[] row(Dense x, int row) {
    int n = x.size(1);
    return Arrays.copyOfRange(x.data(), row * n, (row + 1) * n);
  }

  static void setRow(Dense x, int row, double[] values) {
    System.arraycopy(values, 0, x.data(), row * values.length, values.length);
  }

  @Override
  public void reference(Dense[] in, Dense[] out) {
    int states = cell.states();
    Dense hh = in[2];
    int n = hh.size(1);
    double[][][] state = new double[in[STATES_FROM].size(0)][states][];
    for (int j = 0; j < state.length; j++) {
      for (int s = 0; s < states; s++) {
        state[j][s] = row(in[STATES_FROM + s], j);
      }
    }
    forEachStep(
        false,
        (sequence, row) -> {
          double[] b = in[1].data().clone();
          for (int g = 0; g < b.length; g++) {
            for (int k = 0; k < n; k++) {
              b[g] += hh.data()[g * n + k] * state[sequence][0][k];
            }
          }
          double[] kept = new double[cell.kept() * n];
          cell.step(row(in[0], row), b, state[sequence], kept);
          for (int s = 0; s < states; s++) {
            setRow(out[s], row, state[sequence][s]);
          }
          setRow(out[states], row, kept);
        });
  }

  /** The sizes, for the kernels. */
  RecurrentKernels.Run run(long batch, Operand hh) {
    int hidden = (int) hh.shape().size(1);
    return new RecurrentKernels.Run(
        sizes.stream().mapToInt(Long::intValue).toArray(),
        reverse,
        (int) batch,
        hidden,
        cell.gates() * hidden,
        cell.kept() * hidden);
  }

  @Override
  public boolean fast(Operand[] in, Operand[] out) {
    if (in[0].dtype() != DType.F32) {
      return false;
    }
    int states = cell.states();
    Floats[] x = Floats.all(in);
    Floats[] y = Floats.all(out);
    RecurrentKernels.forward(
        run(in[STATES_FROM].shape().size(0), in[2]),
        cell.quick(),
        x[0],
        x[1],
        x[2],
        Arrays.copyOfRange(x, STATES_FROM, x.length),
        Arrays.copyOf(y, states),
        y[states]);
    return true;
  }

  /** The same run, for a GPU. */
  RecurrentVariants onGpu() {
    return new RecurrentVariants(
        cell.name(), cell.gates(), cell.states(), cell.kept(), cell.alike(), sizes, reverse);
  }

  @Override
  public List<Variant> cuda() {
    return cell.hasCudaKernels() ? onGpu().forward() : List.of();
  }

  @Override
  public double flop(Meta[] in, Meta[] out) {
    return 2.0 * rows() * in[2].shape().count();
  }

  @Override
  public Keep keep() {
    int states = cell.states();
    return Keep.inputs(IntStream.range(0, STATES_FROM + states).toArray())
        .andOutputs(IntStream.rangeClosed(0, states).toArray());
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    int states = cell.states();
    Tensor hh = saved.input(2);
    Tensor[] after = new Tensor[states];
    Arrays.setAll(after, saved::output);
    Tensor h = before(saved.input(STATES_FROM), after[0]);
    int memory = cell.memory();
    // Who differentiates again must know what is kept as a function of the inputs.
    Tensor kept =
        Grad.isOn()
            ? cell.remember(saved.input(0), h.matmul(hh.t()).add(saved.input(1)), after)
            : saved.output(states);
    List<Tensor> in = new ArrayList<>(List.of(hh, kept));
    in.add(memory == 0 ? h : before(saved.input(STATES_FROM + memory), after[memory]));
    in.addAll(Arrays.asList(dy).subList(0, states));
    long batch = saved.meta(STATES_FROM).size(0);
    Tensor[] d = Tensor.apply(new UnrolledGradient(this, batch), in.toArray(Tensor[]::new));
    Tensor[] dx = new Tensor[STATES_FROM + states];
    dx[0] = d[d.length - 1 - (cell.alike() ? states : 0)];
    dx[1] = saved.needs(1) ? d[0].sum(0) : null;
    dx[2] = saved.needs(2) ? d[0].t().matmul(h) : null;
    System.arraycopy(d, 1, dx, STATES_FROM, states);
    return dx;
  }

  /** The state before each step, [P, H]: the one after the step that came before, or the start. */
  private Tensor before(Tensor start, Tensor after) {
    long batch = start.size(0);
    if (!reverse && sizes.get(sizes.size() - 1) == batch) {
      return Concat.of(0, start, after.slice(0, 0, after.size(0) - batch));
    }
    return Concat.of(0, start, after)
        .indexSelect(0, Tensor.of(positions(batch)[0]).to(start.device()));
  }

  /** Among the start and the states after each step: those before each step, and the last. */
  private long[][] positions(long batch) {
    long[] last = new long[(int) batch];
    Arrays.setAll(last, j -> j);
    long[] before = new long[(int) rows()];
    forEachStep(
        false,
        (sequence, row) -> {
          before[row] = last[sequence];
          last[sequence] = batch + row;
        });
    return new long[][] {before, last};
  }

  /** The last state of each sequence, [B, H]. */
  Tensor last(Tensor start, Tensor after) {
    long batch = start.size(0);
    if (sizes.get(reverse ? 0 : sizes.size() - 1) == batch) {
      return reverse
          ? after.slice(0, 0, batch)
          : after.slice(0, after.size(0) - batch, after.size(0));
    }
    return Concat.of(0, start, after)
        .indexSelect(0, Tensor.of(positions(batch)[1]).to(start.device()));
  }

  private static Draw[] draws(GatedCell cell, long rows, long batch, long hidden) {
    List<Draw> draws = new ArrayList<>();
    draws.add(Draw.normal(rows, cell.gates() * hidden));
    draws.add(Draw.normal(cell.gates() * hidden));
    draws.add(Draw.normal(cell.gates() * hidden, hidden));
    for (int s = 0; s < cell.states(); s++) {
      draws.add(Draw.normal(batch, hidden));
    }
    return draws.toArray(Draw[]::new);
  }

  static OpSpec spec() {
    GatedCell lstm = new LstmCell();
    GatedCell gru = new GruCell();
    return OpSpec.of(new Unrolled(lstm, List.of(1L), false))
        .broadcast(1, 2)
        .formula("state_t = cell(x_t, h_{t−1}·hhᵀ + bias, state_{t−1})")
        .gradient(
            "db by unrolled_gradient; dx = db (gru: beside it), dbias = Σ db, dhh = dbᵀ·h_before")
        .ulpsOfLargest(4)
        .gpuUlps(16)
        .example(new Unrolled(lstm, List.of(2L, 2L, 2L), false), draws(lstm, 6, 2, 2))
        .example(new Unrolled(gru, List.of(2L, 2L, 2L), false), draws(gru, 6, 2, 2))
        .example(new Unrolled(lstm, List.of(3L, 2L, 1L), false), draws(lstm, 6, 4, 1))
        .example(new Unrolled(lstm, List.of(2L, 1L), true), draws(lstm, 3, 3, 2))
        .example(new Unrolled(gru, List.of(3L, 1L, 1L), true), draws(gru, 5, 3, 2))
        .example(new Unrolled(gru, List.of(7L), false), draws(gru, 7, 7, 17))
        .example(new Unrolled(lstm, List.of(1L), false), draws(lstm, 1, 1, 1))
        .example(new Unrolled(lstm, List.of(0L, 0L), false), draws(lstm, 0, 0, 2))
        .example(new Unrolled(gru, List.of(0L), false), draws(gru, 0, 2, 1))
        .large(new Unrolled(lstm, List.of(5L, 5L, 1L), true), draws(lstm, 11, 6, 36))
        .large(new Unrolled(gru, List.of(7L, 2L), false), draws(gru, 9, 7, 40))
        .rejects(
            () ->
                Tensor.apply(
                    new Unrolled(gru, List.of(2L, 1L), false),
                    Tensor.zeros(4, 6),
                    Tensor.zeros(6),
                    Tensor.zeros(6, 2),
                    Tensor.zeros(2, 2)),
            "unrolled: [[4, 6], [6], [6, 2], [2, 2]]; they must be [3, R], [R], [R, H] and states"
                + " [B, H], R = 3 H, B at least 2")
        .build();
  }
}
