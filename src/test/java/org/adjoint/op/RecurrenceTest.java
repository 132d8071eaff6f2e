package org.adjoint.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Philox;
import org.adjoint.Scope;
import org.adjoint.Tensor;
import org.adjoint.Trace;
import org.adjoint.backend.Backend;
import org.adjoint.check.Check;
import org.adjoint.op.RecurrentCell.Weights;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Recurrent cells along sequences, against their equations written out. */
class RecurrenceTest {
  private static final int STEPS = 7;
  private static final int IN = NaiveCell.IN;
  private static final int HIDDEN = NaiveCell.HIDDEN;

  private final Philox random = new Philox(11);

  private enum Kind {
    LSTM(new LstmCell()),
    GRU(new GruCell()),
    TANH(new RnnCell(false)),
    RELU(new RnnCell(true));

    @SuppressWarnings("ImmutableEnumChecker") // cells are records
    final RecurrentCell cell;

    Kind(RecurrentCell cell) {
      this.cell = cell;
    }

    NaiveCell naive(Weights w) {
      return switch (this) {
        case LSTM -> new NaiveCell.Lstm(w);
        case GRU -> new NaiveCell.Gru(w);
        case TANH -> new NaiveCell.Rnn(w, false);
        case RELU -> new NaiveCell.Rnn(w, true);
      };
    }
  }

  private Weights weights(RecurrentCell cell, DType dtype) {
    long rows = (long) cell.gates() * HIDDEN;
    return new Weights(
        Tensor.normal(random, rows, IN).to(dtype),
        Tensor.normal(random, rows, HIDDEN).mul(0.5).to(dtype),
        Tensor.normal(random, rows).to(dtype),
        Tensor.normal(random, rows).to(dtype));
  }

  private static List<Tensor> zeros(RecurrentCell cell, Weights w, long batch) {
    Tensor zero = Tensor.zeros(batch, HIDDEN).to(w.ih().dtype());
    return Collections.nCopies(cell.states(), zero);
  }

  private void compare(Kind kind, DType dtype, boolean reverse, int... lengths) {
    Weights w = weights(kind.cell, dtype);
    Tensor x = Tensor.normal(random, STEPS, lengths.length, IN).to(dtype);
    Recurrence.Result result =
        Recurrence.of(
            kind.cell, Packed.of(x, lengths), zeros(kind.cell, w, lengths.length), w, reverse);
    Tensor y = result.outputs().pad();
    for (int b = 0; b < lengths.length; b++) {
      NaiveCell naive = kind.naive(w);
      for (int k = 0; k < lengths[b]; k++) {
        int t = reverse ? lengths[b] - 1 - k : k;
        naive.step(x.select(0, t).select(0, b).toDoubles());
        assertNear(naive, y.select(0, t).select(0, b).toDoubles(), kind + " " + b + " at " + t);
      }
      assertNear(naive, result.states().get(0).select(0, b).toDoubles(), kind + " last " + b);
      for (int t = lengths[b]; t < STEPS; t++) {
        assertArrayEquals(new double[HIDDEN], y.select(0, t).select(0, b).toDoubles());
      }
    }
  }

  private static void assertNear(NaiveCell naive, double[] got, String where) {
    for (int j = 0; j < HIDDEN; j++) {
      double error = Math.abs(naive.h[j] - got[j]);
      // Twice, as both were rounded; a bound that is no bound would prove nothing.
      double bound = 2 * naive.hError[j];
      assertTrue(error <= bound, where + ": " + naive.h[j] + ", " + got[j] + ", bound " + bound);
      assertTrue(bound < 1e6 * naive.u, where + ": the bound is " + bound);
    }
  }

  @ParameterizedTest
  @EnumSource
  void isItsEquationsWrittenOut(Kind kind) {
    for (DType dtype : List.of(DType.F64, DType.F32)) {
      compare(kind, dtype, false, STEPS, STEPS);
      compare(kind, dtype, true, STEPS, STEPS);
    }
  }

  @ParameterizedTest
  @EnumSource
  void eachSequenceHasItsLength(Kind kind) {
    compare(kind, DType.F64, false, 3, STEPS, 1, 3, 0, 5);
    compare(kind, DType.F64, true, 3, STEPS, 1, 3, 0, 5);
    compare(kind, DType.F64, false, 2, 1);
  }

  /** Whatever lies behind the ends changes no bit of outputs, states or gradients. */
  @ParameterizedTest
  @EnumSource
  void paddingChangesNothing(Kind kind) {
    Weights w = weights(kind.cell, DType.F32);
    Tensor x = Tensor.normal(random, STEPS, 3, IN);
    double[] other = x.toDoubles();
    int[] lengths = {2, 6, 4};
    for (int i = 0; i < other.length; i++) {
      int t = i / (3 * IN);
      other[i] = t < lengths[i / IN % 3] ? other[i] : Double.NaN;
    }
    Tensor y = Tensor.of(x.shape(), other).to(DType.F32);
    for (boolean reverse : new boolean[] {false, true}) {
      double[][] first = run(kind.cell, w, x, lengths, reverse);
      double[][] second = run(kind.cell, w, y, lengths, reverse);
      for (int i = 0; i < first.length; i++) {
        assertArrayEquals(first[i], second[i]);
      }
    }
  }

  private static double[][] run(
      RecurrentCell cell, Weights w, Tensor x, int[] lengths, boolean reverse) {
    Tensor in = x.detach().requireGrad();
    Recurrence.Result r =
        Recurrence.of(cell, Packed.of(in, lengths), zeros(cell, w, 3), w, reverse);
    Tensor y = r.outputs().pad();
    Tensor h = r.states().get(0);
    y.pow(2).sum().add(h.sum()).backward();
    return new double[][] {y.toDoubles(), h.toDoubles(), in.grad().toDoubles()};
  }

  /** All steps in one operation or each part of each step in one: the same, and so back. */
  @ParameterizedTest
  @EnumSource(names = {"LSTM", "GRU"})
  void atOnceOrStepByStep(Kind kind) {
    for (DType dtype : List.of(DType.F32, DType.F64)) {
      Weights w = weights(kind.cell, dtype);
      w.hh().requireGrad();
      w.biasHh().requireGrad();
      Tensor x = Tensor.normal(random, STEPS, 3, IN).to(dtype);
      for (int[] lengths : new int[][] {{7, 7, 7}, {2, 7, 0}}) {
        for (boolean reverse : new boolean[] {false, true}) {
          double[][] atOnce = withWeights(kind.cell, w, x, lengths, reverse);
          double[][] steps =
              Recurrence.stepByStep(() -> withWeights(kind.cell, w, x, lengths, reverse));
          for (int i = 0; i < steps.length; i++) {
            double bound = dtype == DType.F32 ? 1e-3 : 1e-10;
            assertArrayEquals(steps[i], atOnce[i], bound, kind + " " + dtype + " " + i);
          }
        }
      }
    }
  }

  private static double[][] withWeights(
      RecurrentCell cell, Weights w, Tensor x, int[] lengths, boolean reverse) {
    w.hh().zeroGrad();
    w.biasHh().zeroGrad();
    double[][] run = run(cell, w, x, lengths, reverse);
    double[] hh = w.hh().grad().toDoubles();
    return new double[][] {run[0], run[1], run[2], hh, w.biasHh().grad().toDoubles()};
  }

  /** One operation runs where a hundred did, and without a gradient leaves nothing but results. */
  @Test
  void whatIsKeptForTheGradientIsGivenBackWithoutOne() {
    Weights w = weights(Kind.LSTM.cell, DType.F32);
    Tensor x = Tensor.normal(random, STEPS, 2, IN);
    List<Tensor> zeros = zeros(Kind.LSTM.cell, w, 2);
    try (Scope _ = Scope.open()) {
      List<Integer> outputs = new ArrayList<>();
      Trace.watch(
          (op, in, out) -> {
            if (op instanceof Unrolled) {
              outputs.add(out.size());
            }
          },
          () -> Recurrence.of(Kind.LSTM.cell, Packed.of(x), zeros, w, false));
      assertEquals(List.of(2), outputs);
      Unrolled steps = new Unrolled(new LstmCell(), List.of(2L), false);
      Tensor gates = w.ofInput(x.select(0, 0));
      long before = Backend.of(Device.CPU).liveBytes();
      Tensor[] y = Tensor.apply(steps, gates, w.biasHh(), w.hh(), zeros.get(0), zeros.get(1));
      long results = 2L * 2 * HIDDEN * DType.F32.bytes();
      assertEquals(before + results, Backend.of(Device.CPU).liveBytes(), y.length + " results");
    }
  }

  /** A batch is its sequences, each run alone. */
  @Test
  void aBatchIsItsSequences() {
    Weights w = weights(Kind.GRU.cell, DType.F64);
    Tensor x = Tensor.normal(random, STEPS, 3, IN).to(DType.F64);
    int[] lengths = {5, 2, 7};
    Tensor all =
        Recurrence.of(Kind.GRU.cell, Packed.of(x, lengths), zeros(Kind.GRU.cell, w, 3), w, false)
            .states()
            .get(0);
    for (int b = 0; b < 3; b++) {
      Tensor alone = x.slice(1, b, b + 1).slice(0, 0, lengths[b]);
      double[] last =
          Recurrence.of(Kind.GRU.cell, Packed.of(alone), zeros(Kind.GRU.cell, w, 1), w, false)
              .states()
              .get(0)
              .toDoubles();
      assertArrayEquals(last, all.select(0, b).toDoubles(), 1e-14);
    }
  }

  /** First and second derivatives through twenty steps. */
  @ParameterizedTest
  @EnumSource(names = {"LSTM", "GRU", "TANH"})
  void gradientsReachBackTwentySteps(Kind kind) {
    RecurrentCell cell = kind.cell;
    Function<Tensor[], Tensor> last =
        t -> {
          Weights w = new Weights(t[1], t[2].mul(0.5), t[3], t[4]);
          List<Tensor> zero =
              Collections.nCopies(cell.states(), Tensor.zeros(1, 2).to(t[0].dtype()));
          return Recurrence.of(cell, Packed.of(t[0]), zero, w, false).states().get(0);
        };
    long rows = cell.gates() * 2L;
    OpSpec spec =
        OpSpec.composition("twenty steps of " + kind)
            .example(
                "last state",
                last,
                Draw.normal(20, 1, 1),
                Draw.normal(rows, 1),
                Draw.normal(rows, 2),
                Draw.normal(rows),
                Draw.normal(rows))
            .build();
    for (Check check : List.of(Check.FIRST_DERIVATIVE, Check.SECOND_DERIVATIVE)) {
      assertEquals(List.of(), check.on(spec).failures());
      assertTrue(check.on(spec).compared() > 0);
    }
  }

  /** The work of a backward grows with T, not with its square: no gradient is as long as x. */
  @Test
  void aLongSequenceIsNoTrouble() {
    Weights w = weights(Kind.TANH.cell, DType.F32);
    Tensor x = Tensor.normal(random, 3000, 1, IN).requireGrad();
    Tensor y =
        Recurrence.of(Kind.TANH.cell, Packed.of(x), zeros(Kind.TANH.cell, w, 1), w, false)
            .outputs()
            .data();
    y.sum().backward();
    assertTrue(Arrays.stream(x.grad().toDoubles()).allMatch(Double::isFinite));
    assertTrue(Arrays.stream(x.grad().toDoubles()).anyMatch(g -> g != 0));
  }
}
