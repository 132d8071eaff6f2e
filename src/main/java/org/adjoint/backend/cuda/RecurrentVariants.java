package org.adjoint.backend.cuda;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.adjoint.DType;
import org.adjoint.Shape;
import org.adjoint.backend.Operand;

/**
 * A recurrent network along packed sequences on a GPU: as a {@link PersistentRun}, or step by step,
 * each a product of its states with the weights and one launch of {@code recurrent.cu} for the
 * rest.
 *
 * @param cell its name, with which the kernels' names begin
 * @param gates G, of H elements each
 * @param states how many tensors [B, H] make a state
 * @param kept how many tensors [.., H] are kept of a step
 * @param alike whether what the input brings to the gates has the gradient of what the state brings
 * @param sizes how many sequences run at each step, falling
 * @param reverse whether the last step comes first
 */
public record RecurrentVariants(
    String cell,
    int gates,
    int states,
    int kept,
    boolean alike,
    List<Long> sizes,
    boolean reverse) {
  static final int STATES_FROM = 3;

  /** Columns that a block has at least: of 16 bytes or of one element, 32 bytes or more. */
  private static final int NARROW = 8;

  private static final int NARROW_SINGLE = 32;

  /** CUDA's limit of a grid along y. */
  private static final int MOST_HIGH = 65_535;

  /**
   * From x, bias, hh and the start of each state to each state after each step, and what is kept.
   */
  public List<Variant> forward() {
    return variants(persistent().forward(), this::forward);
  }

  /**
   * From hh, what was kept, a state before each step and the gradient of each state to that of the
   * state's share in the gates, of each start, and, if it is another, of the input's share.
   */
  public List<Variant> backward() {
    return variants(persistent().backward(), this::backward);
  }

  private PersistentRun persistent() {
    return new PersistentRun(this, Integer.MAX_VALUE);
  }

  private static List<Variant> variants(Variant persistent, Variant.Launcher steps) {
    return List.of(
        Variant.floats("steps", steps),
        persistent,
        new Variant(
            "widened",
            "BF16 and F16, converted to F32 and back",
            (in, out) -> out[0].dtype() == DType.BF16 || out[0].dtype() == DType.F16,
            (gpu, in, out) -> {
              Operand[] from =
                  Arrays.stream(in).map(x -> gpu.converted(x, DType.F32)).toArray(Operand[]::new);
              Operand[] to =
                  Arrays.stream(out)
                      .map(y -> gpu.scratch(DType.F32, y.shape()))
                      .toArray(Operand[]::new);
              steps.run(gpu, from, to);
              for (int i = 0; i < out.length; i++) {
                gpu.convert(to[i], out[i]);
              }
            }));
  }

  private void forward(Gpu gpu, Operand[] in, Operand[] out) {
    Operand x = gpu.contiguous(in[0]); // [P, G·H]
    Operand bias = gpu.contiguous(in[1]); // [G·H]
    Operand weights = transposed(in[2]); // [H, G·H]
    long n = in[2].shape().size(1);
    long most = sizes.get(0);
    Operand[] now = new Operand[states]; // [most, H]
    for (int s = 0; s < states; s++) {
      now[s] = gpu.scratch(x.dtype(), Shape.of(most, n));
      gpu.copy(rows(in[STATES_FROM + s], 0, most), now[s]);
    }
    Operand b = gpu.scratch(x.dtype(), Shape.of(most, gates * n));
    forEachStep(
        false,
        (at, running) -> {
          gpu.gemm(rows(now[0], 0, running), weights, rows(b, 0, running), false);
          List<Operand> operands = new ArrayList<>(List.of(rows(x, at, running), b, bias));
          addTwo(operands, now, 0);
          addTwo(operands, out, at);
          operands.add(rows(out[states], at, running));
          launch(gpu, "_step", running, n, operands);
        });
  }

  private void backward(Gpu gpu, Operand[] in, Operand[] out) {
    Operand[] from = new Operand[in.length];
    for (int i = 1; i < in.length; i++) {
      from[i] = gpu.contiguous(in[i]);
    }
    long n = in[0].shape().size(1);
    Operand[] d = Arrays.copyOfRange(out, 1, 1 + states);
    for (Operand one : d) {
      gpu.zero(one);
    }
    Operand[] after = Arrays.copyOfRange(from, STATES_FROM, STATES_FROM + states);
    Operand dx = out[alike ? 0 : 1 + states];
    forEachStep(
        true,
        (at, running) -> {
          Operand db = rows(out[0], at, running);
          List<Operand> operands =
              new ArrayList<>(List.of(rows(from[1], at, running), rows(from[2], at, running)));
          addTwo(operands, after, at);
          addTwo(operands, d, 0);
          operands.add(db);
          operands.add(rows(dx, at, running));
          launch(gpu, "_back", running, n, operands);
          gpu.gemm(db, in[0], rows(d[0], 0, running), true);
        });
  }

  private interface Step {
    void run(long firstRow, long running);
  }

  /** Runs the steps that have sequences in their order, or from the last to the first. */
  private void forEachStep(boolean back, Step step) {
    long[] first = new long[sizes.size()];
    for (int t = 1; t < first.length; t++) {
      first[t] = first[t - 1] + sizes.get(t - 1);
    }
    for (int k = 0; k < first.length; k++) {
      int t = reverse == back ? k : first.length - 1 - k;
      if (sizes.get(t) > 0) {
        step.run(first[t], sizes.get(t));
      }
    }
  }

  /** Rows {@code at} and on of two states; the kernels of one state do not look at the second. */
  void addTwo(List<Operand> operands, Operand[] all, long at) {
    for (int s = 0; s < 2; s++) {
      operands.add(rows(all[Math.min(s, states - 1)], at, 1));
    }
  }

  private void launch(Gpu gpu, String entry, long rows, long n, List<Operand> operands) {
    int pack = 16 / operands.get(0).dtype().bytes();
    boolean wide = n % pack == 0 && operands.stream().allMatch(Gpu::isAligned);
    if (n == 0) {
      return;
    }
    int most = Gpu.BLOCK / (wide ? NARROW : NARROW_SINGLE);
    int tall = Rows.powerOfTwo((int) Math.min(rows, most));
    int across = Gpu.BLOCK / tall;
    gpu.call("recurrent", cell + entry + (wide ? "_wide" : ""), operands.get(0).dtype())
        .int64(rows)
        .int64(n)
        .pointers(operands.toArray(Operand[]::new))
        .grid(
            Math.ceilDiv(wide ? n / pack : n, across),
            Math.min(Math.ceilDiv(rows, tall), MOST_HIGH),
            1)
        .block(across, tall, 1)
        .run();
  }

  static Operand rows(Operand x, long from, long count) {
    return new Operand(x.storage(), x.layout().slice(0, from, count, 1));
  }

  private static Operand transposed(Operand x) {
    return new Operand(x.storage(), x.layout().permute(1, 0));
  }
}
