package org.adjoint.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.adjoint.DType;
import org.adjoint.Grad;
import org.adjoint.Philox;
import org.adjoint.Tensor;
import org.adjoint.backend.cpu.CpuBackend;
import org.adjoint.backend.cpu.Parallel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Steps in one pass: the bits of the formula by tensor calls, and nothing but the formula. */
class OnePassTest {
  private static final double RATE = 0.125;
  private static final double DECAY = 0.0625;

  /** A method, and its formula on w, g and what it remembers; what it remembers is assigned. */
  enum Method {
    DESCENT(p -> new Sgd(p, RATE, 0), (t, w, g, m, v, most) -> w.sub(g.mul(RATE))),
    MOMENTUM(
        p -> new Sgd(p, RATE, 0.75).weightDecay(DECAY),
        (t, w, g, m, v, most) -> w.sub(v.assign(v.mul(0.75).add(g.add(w.mul(DECAY)))).mul(RATE))),
    NESTEROV(
        p -> new Sgd(p, RATE, 0.75).nesterov(),
        (t, w, g, m, v, most) -> w.sub(g.add(v.assign(v.mul(0.75).add(g)).mul(0.75)).mul(RATE))),
    ADAM(
        p -> new Adam(p, RATE).weightDecay(DECAY),
        (t, w, g, m, v, most) -> adapted(t, w, g.add(w.mul(DECAY)), m, v, v)),
    ADAMW(
        p -> new AdamW(p, RATE).weightDecay(DECAY),
        (t, w, g, m, v, most) -> adapted(t, w.mul((float) (1 - RATE * DECAY)), g, m, v, v)),
    AMSGRAD(p -> new Adam(p, RATE).amsgrad(), OnePassTest::adapted),
    RMSPROP(
        p -> new RmsProp(p, 0.1).weightDecay(0.03),
        (t, w, g, m, v, most) -> {
          Tensor to = g.add(w.mul(0.03));
          Tensor square = v.assign(v.mul(0.99).add(to.mul(to).mul(1 - 0.99)));
          return w.sub(to.div(square.sqrt().add(1e-8)).mul(0.1));
        }),
    CENTERED(
        p -> new RmsProp(p, 0.1).momentum(0.7).centered(),
        (t, w, g, m, v, most) -> {
          v.assign(v.mul(0.99).add(g.mul(g).mul(1 - 0.99)));
          m.assign(m.mul(0.99).add(g.mul(1 - 0.99)));
          Tensor to = g.div(v.sub(m.mul(m)).sqrt().add(1e-8));
          return w.sub(most.assign(most.mul(0.7).add(to)).mul(0.1));
        }),
    ADAGRAD(
        p -> new Adagrad(p, 0.1).weightDecay(0.03).rateDecay(0.5),
        (t, w, g, m, v, most) -> {
          Tensor to = g.add(w.mul(0.03));
          Tensor sum = v.assign(v.add(to.mul(to)));
          return w.sub(to.div(sum.sqrt().add(1e-10)).mul(0.1 / (1 + (t - 1) * 0.5)));
        });

    interface Formula {
      Tensor apply(int t, Tensor w, Tensor g, Tensor m, Tensor v, Tensor most);
    }

    @SuppressWarnings("ImmutableEnumChecker") // functions without state
    final Function<Map<String, Tensor>, Optimizer> make;

    @SuppressWarnings("ImmutableEnumChecker")
    final Formula formula;

    Method(Function<Map<String, Tensor>, Optimizer> make, Formula formula) {
      this.make = make;
      this.formula = formula;
    }
  }

  /** With factors that are floats, as those of the pass are. */
  private static Tensor adapted(int t, Tensor w, Tensor g, Tensor m, Tensor v, Tensor most) {
    m.assign(m.mul(0.9f).add(g.mul((float) (1 - 0.9))));
    v.assign(v.mul(0.999f).add(g.mul(g).mul((float) (1 - 0.999))));
    most.assign(most.maximum(v));
    Tensor divisor = most.sqrt().div((float) Math.sqrt(1 - StrictMath.pow(0.999, t))).add(1e-8f);
    return w.sub(m.div(divisor).mul((float) (RATE / (1 - StrictMath.pow(0.9, t)))));
  }

  private static List<Tensor> gradients(long... sizes) {
    Philox random = new Philox(3);
    List<Tensor> gradients = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      gradients.add(Tensor.normal(random, sizes));
    }
    return gradients;
  }

  private static Tensor start(long... sizes) {
    return Tensor.normal(new Philox(4), sizes).requireGrad();
  }

  /** The weights after a step along each gradient. */
  private static Tensor trained(Method method, Tensor w, List<Tensor> gradients) {
    Optimizer optimizer = method.make.apply(Map.of("w", w));
    for (Tensor g : gradients) {
      optimizer.zeroGrad();
      w.mul(g.to(w.dtype())).sum().backward();
      optimizer.step();
    }
    return w;
  }

  @ParameterizedTest
  @EnumSource
  void onePassHasTheBitsOfTensorCalls(Method method) {
    for (long n : new long[] {0, 1, 127, 128, 129, 70_001}) {
      Tensor w = start(n).detach();
      Tensor expected = w.contiguous().mul(1);
      Tensor m = Tensor.zeros(n);
      Tensor v = Tensor.zeros(n);
      Tensor most = Tensor.zeros(n);
      int t = 0;
      for (Tensor g : gradients(n)) {
        expected = method.formula.apply(++t, expected, g, m, v, most);
      }
      for (int threads = 1; threads <= 3; threads++) {
        Tensor got =
            Parallel.callWithThreads(threads, () -> trained(method, start(n), gradients(n)));
        assertArrayEquals(expected.toFloats(), got.toFloats(), method + " of " + n);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void theReferenceAgrees(Method method) {
    double[] quick = trained(method, start(129), gradients(129)).toDoubles();
    double[] reference =
        CpuBackend.withReference(() -> trained(method, start(129), gradients(129))).toDoubles();
    assertArrayEquals(reference, quick, 1e-5);
    Tensor wide = Grad.off(() -> start(129).to(DType.F64)).requireGrad();
    assertArrayEquals(trained(method, wide, gradients(129)).toDoubles(), quick, 1e-5);
  }

  @ParameterizedTest
  @EnumSource(names = {"MOMENTUM", "AMSGRAD"})
  void parametersMayBeViews(Method method) {
    Tensor plain = trained(method, start(3, 5), gradients(3, 5));
    Tensor across = start(3, 5).detach().t().contiguous().t().requireGrad();
    assertArrayEquals(plain.toFloats(), trained(method, across, gradients(3, 5)).toFloats());
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY})
  void whatIsNoNumberShows(double special) {
    Tensor g = Tensor.full(start(40).meta(), special);
    for (Method method : Method.values()) {
      for (double w : trained(method, start(40), List.of(g)).toDoubles()) {
        assertEquals(false, Double.isFinite(w), method.toString());
      }
    }
  }

  @Test
  void aBackwardThatNeedsTheOldWeightsIsFoundOut() {
    Tensor w = start(5);
    Tensor loss = w.mul(w).sum();
    long before = w.storage().version();
    trained(Method.ADAM, w, gradients(5).subList(0, 1));
    assertNotEquals(before, w.storage().version());
    assertThrows(IllegalStateException.class, loss::backward);
  }

  @Test
  void whatDoesNotFitIsSaid() {
    Sgd.Step step = new Sgd.Step(RATE, 0, 0, false);
    Tensor[] changed = {Tensor.zeros(2)};
    Tensor read = Tensor.zeros(3);
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Tensor.update(step, changed, read));
    assertEquals("sgd.step: F32 [3] on cpu is not like F32 [2] on cpu", e.getMessage());
  }
}
