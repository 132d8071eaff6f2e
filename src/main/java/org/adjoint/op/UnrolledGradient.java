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
import org.adjoint.backend.cuda.Variant;

/**
 * The steps of an {@link Unrolled} from the last to the first: (db_t, d_t) = cell.back(kept_t,
 * before_t, d_{t+1} + dAll_t), and then dh_t += db_t·hh. Gradient: that of the same steps by tensor
 * calls.
 *
 * <p>Inputs: hh [G·H, H]; kept [P, K·H]; before [P, H], the state before each step that the cell
 * asks for; and for each state dAll [P, H]. Outputs: db [P, G·H]; for each state the gradient of
 * its start, [B, H]; and, unless it is db, dx [P, G·H].
 *
 * @param batch B
 */
public record UnrolledGradient(Unrolled unrolled, long batch) implements Op {
  private static final int STATES_FROM = 3;

  @Override
  public Meta[] infer(Meta... in) {
    GatedCell cell = unrolled.cell();
    Require.sameDtype(this, in);
    Require.floating(this, in[0]);
    long n = in[0].shape().rank() == 2 ? in[0].size(1) : 0;
    Shape state = Shape.of(unrolled.rows(), n);
    boolean fit =
        in[0].shape().equals(Shape.of(cell.gates() * n, n))
            && in[1].shape().equals(Shape.of(unrolled.rows(), cell.kept() * n));
    for (int i = 2; i < in.length; i++) {
      fit &= in[i].shape().equals(state);
    }
    if (!fit) {
      throw new IllegalArgumentException(
          "unrolled_gradient: %s; they must be [%d H, H], [%d, %d H] and the rest [%d, H]"
              .formatted(
                  Arrays.stream(in).map(Meta::shape).toList(),
                  cell.gates(),
                  unrolled.rows(),
                  cell.kept(),
                  unrolled.rows()));
    }
    int states = cell.states();
    Meta[] out = new Meta[cell.alike() ? 1 + states : 2 + states];
    Arrays.fill(out, in[0].with(Shape.of(unrolled.rows(), cell.gates() * n)));
    Arrays.fill(out, 1, 1 + states, in[0].with(Shape.of(batch, n)));
    return out;
  }

  @Override
  public void reference(Dense[] in, Dense[] out) {
    GatedCell cell = unrolled.cell();
    int states = cell.states();
    double[] hh = in[0].data();
    int n = in[0].size(1);
    double[][][] d = new double[(int) batch][states][n];
    unrolled.forEachStep(
        true,
        (sequence, row) -> {
          double[][] state = d[sequence];
          for (int s = 0; s < states; s++) {
            for (int k = 0; k < n; k++) {
              state[s][k] += in[STATES_FROM + s].data()[row * n + k];
            }
          }
          double[] dx = new double[cell.gates() * n];
          double[] db = new double[cell.gates() * n];
          cell.back(Unrolled.row(in[1], row), Unrolled.row(in[2], row), state, dx, db);
          for (int k = 0; k < n; k++) {
            for (int g = 0; g < db.length; g++) {
              state[0][k] += db[g] * hh[g * n + k];
            }
          }
          Unrolled.setRow(out[0], row, db);
          if (!cell.alike()) {
            Unrolled.setRow(out[1 + states], row, dx);
          }
        });
    for (int j = 0; j < batch; j++) {
      for (int s = 0; s < states; s++) {
        Unrolled.setRow(out[1 + s], j, d[j][s]);
      }
    }
  }

  @Override
  public boolean fast(Operand[] in, Operand[] out) {
    if (in[0].dtype() != DType.F32) {
      return false;
    }
    int states = unrolled.cell().states();
    Floats[] x = Floats.all(in);
    Floats[] y = Floats.all(out);
    RecurrentKernels.backward(
        unrolled.run(batch, in[0]),
        unrolled.cell().quick(),
        x[0],
        x[1],
        x[2],
        Arrays.copyOfRange(x, STATES_FROM, x.length),
        unrolled.cell().alike() ? y[0] : y[1 + states],
        y[0],
        Arrays.copyOfRange(y, 1, 1 + states));
    return true;
  }

  @Override
  public List<Variant> cuda() {
    return unrolled.cell().hasCudaKernels() ? unrolled.onGpu().backward() : List.of();
  }

  @Override
  public double flop(Meta[] in, Meta[] out) {
    return 2.0 * unrolled.rows() * in[0].shape().count();
  }

  @Override
  public Keep keep() {
    return Keep.inputs(IntStream.range(0, STATES_FROM + unrolled.cell().states()).toArray());
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... g) {
    Tensor[] in = new Tensor[saved.count()];
    Arrays.setAll(in, saved::input);
    return Grad.vjp(this::composed, in, g);
  }

  /** The same by tensor calls. */
  private Tensor[] composed(Tensor... in) {
    GatedCell cell = unrolled.cell();
    int states = cell.states();
    List<Long> sizes = unrolled.sizes();
    Tensor[] kept = Pieces.of(in[1], 0, sizes);
    Tensor[] before = Pieces.of(in[2], 0, sizes);
    Tensor[][] all = new Tensor[states][];
    Arrays.setAll(all, s -> Pieces.of(in[STATES_FROM + s], 0, sizes));
    Tensor[] d = new Tensor[states];
    Arrays.fill(d, Tensor.zeros(in[0].meta().with(Shape.of(batch, in[0].size(1)))));
    Tensor[] db = new Tensor[sizes.size()];
    Tensor[] dx = new Tensor[sizes.size()];
    for (int k = 0; k < db.length; k++) {
      int t = unrolled.reverse() ? k : db.length - 1 - k;
      long running = sizes.get(t);
      Tensor[] after = new Tensor[states];
      for (int s = 0; s < states; s++) {
        after[s] = d[s].slice(0, 0, running).add(all[s][t]);
      }
      Tensor[] step = cell.back(kept[t], before[t], after);
      db[t] = step[0];
      dx[t] = step[step.length - 1];
      step[1] = step[1].add(db[t].matmul(in[0]));
      for (int s = 0; s < states; s++) {
        d[s] = Concat.of(0, step[1 + s], d[s].slice(0, running, batch));
      }
    }
    List<Tensor> out = new ArrayList<>();
    out.add(Concat.of(0, db));
    out.addAll(List.of(d));
    if (!cell.alike()) {
      out.add(Concat.of(0, dx));
    }
    return out.toArray(Tensor[]::new);
  }

  private static Draw[] draws(GatedCell cell, long rows, long hidden) {
    List<Draw> draws = new ArrayList<>();
    draws.add(Draw.normal(cell.gates() * hidden, hidden));
    draws.add(Draw.normal(rows, cell.kept() * hidden));
    for (int i = 0; i <= cell.states(); i++) {
      draws.add(Draw.normal(rows, hidden));
    }
    return draws.toArray(Draw[]::new);
  }

  /** As in a run: weights as a layer has, and what is kept is no larger than 1. */
  private static Draw[] tame(GatedCell cell, long rows, long hidden) {
    Draw[] draws = draws(cell, rows, hidden);
    draws[0] = Draw.weight(cell.gates() * hidden, hidden);
    draws[1] = Draw.unit(rows, cell.kept() * hidden);
    return draws;
  }

  private static UnrolledGradient of(GatedCell cell, boolean reverse, long batch, Long... sizes) {
    return new UnrolledGradient(new Unrolled(cell, List.of(sizes), reverse), batch);
  }

  static OpSpec spec() {
    GatedCell lstm = new LstmCell();
    GatedCell gru = new GruCell();
    return OpSpec.of(of(lstm, false, 1, 1L))
        .broadcast(0)
        .formula("(db_t, d_t) = cell.back(kept_t, before_t, d_{t+1} + dAll_t), dh_t += db_t·hh")
        .gradient("that of the same steps by tensor calls")
        .ulpsOfLargest(4)
        .example(of(lstm, false, 2, 2L, 2L), draws(lstm, 4, 2))
        .example(of(gru, false, 2, 2L, 2L), draws(gru, 4, 2))
        .example(of(lstm, false, 4, 2L, 1L), draws(lstm, 3, 2))
        .example(of(lstm, true, 3, 2L, 1L), draws(lstm, 3, 1))
        .example(of(gru, true, 3, 2L, 1L, 1L), draws(gru, 4, 2))
        .example(of(gru, false, 7, 7L), draws(gru, 7, 17))
        .example(of(lstm, false, 1, 1L), draws(lstm, 1, 1))
        .example(of(lstm, false, 0, 0L, 0L), draws(lstm, 0, 2))
        .large(of(lstm, false, 6, 5L, 5L, 1L), tame(lstm, 11, 36))
        .large(of(gru, true, 7, 7L, 2L), tame(gru, 9, 40))
        .rejects(
            () ->
                of(gru, false, 2, 2L, 1L)
                    .apply(
                        Tensor.zeros(6, 2),
                        Tensor.zeros(3, 8),
                        Tensor.zeros(4, 2),
                        Tensor.zeros(3, 2)),
            "unrolled_gradient: [[6, 2], [3, 8], [4, 2], [3, 2]]; they must be [3 H, H], [3, 4 H]"
                + " and the rest [3, H]")
        .build();
  }
}
