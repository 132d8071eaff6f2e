package org.adjoint.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.adjoint.Device;
import org.adjoint.Philox;
import org.adjoint.Scope;
import org.adjoint.Tensor;
import org.adjoint.backend.Backend;
import org.adjoint.nn.Linear;
import org.adjoint.nn.Sequential;
import org.adjoint.nn.State;
import org.adjoint.nn.Tanh;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every optimiser: PyTorch's numbers, the same bits after a pause, and no more memory. */
class OptimizersTest {
  /** The optimisers of golden/optim/optim.py. */
  enum Method {
    SGD(p -> new Sgd(p, 0.1, 0)),
    SGD_DECAY(p -> new Sgd(p, 0.1, 0.9).weightDecay(0.05)),
    SGD_NESTEROV(p -> new Sgd(p, 0.1, 0.9).weightDecay(0.05).nesterov()),
    ADAM(p -> new Adam(p, 0.01)),
    ADAM_ALL(p -> new Adam(p, 0.01).betas(0.8, 0.95).eps(1e-3).weightDecay(0.1)),
    ADAM_AMSGRAD(p -> new Adam(p, 0.01).betas(0.5, 0.5).amsgrad()),
    ADAMW(p -> new AdamW(p, 0.01)),
    ADAMW_ALL(p -> new AdamW(p, 0.01).betas(0.8, 0.95).weightDecay(0.3)),
    RMSPROP(p -> new RmsProp(p, 0.01)),
    RMSPROP_ALL(
        p -> new RmsProp(p, 0.01).alpha(0.9).eps(1e-4).weightDecay(0.1).momentum(0.8).centered()),
    ADAGRAD(p -> new Adagrad(p, 0.1)),
    ADAGRAD_ALL(p -> new Adagrad(p, 0.1).rateDecay(0.05).weightDecay(0.1).start(0.2).eps(1e-5));

    @SuppressWarnings("ImmutableEnumChecker") // functions without state
    final Function<Map<String, Tensor>, Optimizer> make;

    Method(Function<Map<String, Tensor>, Optimizer> make) {
      this.make = make;
    }

    String golden() {
      return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }
  }

  @ParameterizedTest
  @EnumSource
  void stepsAreThoseOfPyTorch(Method method) {
    Tensor w = Tensor.of(0.3, -1.7, 1e-3, 0.9).requireGrad();
    Optimizer optimizer = method.make.apply(Map.of("w", w));
    for (int t = 0; t < 25; t++) {
      double[] g = w.toDoubles();
      for (int i = 0; i < g.length; i++) {
        g[i] = Math.cos(t + i) + g[i] / 4;
      }
      optimizer.zeroGrad();
      w.mul(Tensor.of(g)).sum().backward();
      optimizer.step();
      if (t == 0 || t == 24) {
        double[] expected = Golden.of(method.golden() + "-" + (t + 1));
        assertArrayEquals(expected, w.toDoubles(), 1e-13, "step " + t);
      }
    }
  }

  private static Sequential net() {
    Philox random = new Philox(5);
    return new Sequential(new Linear(3, 4, random), new Tanh(), new Linear(4, 2, random));
  }

  private static void train(Sequential net, Optimizer optimizer, int from, int to) {
    for (int t = from; t < to; t++) {
      try (Scope _ = Scope.open()) {
        Philox random = new Philox(9, t);
        Tensor x = Tensor.normal(random, 6, 3);
        optimizer.zeroGrad();
        net.forward(x).mse(Tensor.normal(random, 6, 2)).backward();
        optimizer.rate(0.01 / (1 + t));
        optimizer.step();
      }
    }
  }

  private static List<String> bits(Map<String, Tensor> state) {
    return state.entrySet().stream()
        .map(e -> e.getKey() + Arrays.toString(e.getValue().toDoubles()))
        .toList();
  }

  @ParameterizedTest
  @EnumSource
  void aPauseLeavesNoTrace(Method method) {
    Sequential straight = net();
    Optimizer ofStraight = method.make.apply(straight.parameters());
    train(straight, ofStraight, 0, 12);
    Sequential first = net();
    Optimizer ofFirst = method.make.apply(first.parameters());
    train(first, ofFirst, 0, 5);
    Map<String, Tensor> weights = State.copy(first.state());
    Map<String, Tensor> state = State.copy(ofFirst.state());
    train(first, ofFirst, 5, 7); // the copies do not change any more

    Sequential second = net();
    Optimizer ofSecond = method.make.apply(second.parameters());
    second.load(weights);
    ofSecond.load(state);
    train(second, ofSecond, 5, 12);

    assertEquals(bits(straight.state()), bits(second.state()));
    assertEquals(bits(ofStraight.state()), bits(ofSecond.state()));
  }

  @ParameterizedTest
  @EnumSource(names = {"SGD_NESTEROV", "ADAMW_ALL", "RMSPROP_ALL", "ADAGRAD_ALL"})
  void memoryIsFlat(Method method) {
    Tensor w = Tensor.of(0.3, -1.7).requireGrad();
    Optimizer optimizer = method.make.apply(Map.of("w", w));
    long live = -1;
    for (int t = 0; t < 10_000; t++) {
      try (Scope _ = Scope.open()) {
        optimizer.zeroGrad();
        w.mul(w).sum().backward();
        optimizer.step();
      }
      live = t == 0 ? Backend.of(Device.CPU).liveBytes() : live;
    }
    assertEquals(live, Backend.of(Device.CPU).liveBytes());
    assertTrue(Math.abs(w.toDoubles()[1]) < 1.7);
  }

  @Test
  void namesAreThoseOfPyTorch() {
    Tensor w = Tensor.of(1f).requireGrad();
    Adam adam = new Adam(Map.of("fc.weight", w), 0.5);

    assertEquals(
        Set.of("rate", "fc.weight.step", "fc.weight.exp_avg", "fc.weight.exp_avg_sq"),
        adam.state().keySet());
    assertEquals(Set.of("fc.weight"), adam.parameters().keySet());
  }

  /** Two backwards without a zeroGrad between them are one over both batches. */
  @Test
  void gradientsAddUpUntilTheyAreForgotten() {
    Tensor both = Tensor.of(0.5, -2).requireGrad();
    Tensor parts = Tensor.of(0.5, -2).requireGrad();
    Tensor x = Tensor.of(1.0, 3);
    Tensor y = Tensor.of(-0.25, 2);

    both.mul(x).sum().add(both.mul(y).sum()).backward();
    new Sgd(Map.of("w", both), 0.125, 0).step();
    parts.mul(x).sum().backward();
    parts.mul(y).sum().backward();
    new Sgd(Map.of("w", parts), 0.125, 0).step();

    assertArrayEquals(both.toDoubles(), parts.toDoubles());
    assertArrayEquals(new double[] {0.5 - 0.75 / 8, -2 - 5.0 / 8}, parts.toDoubles());
  }

  @Test
  void aParameterWithoutGradientHasTakenNoStep() {
    Tensor a = Tensor.of(1.0).requireGrad();
    Tensor b = Tensor.of(1.0).requireGrad();
    Map<String, Tensor> both = new LinkedHashMap<>();
    both.put("a", a);
    both.put("b", b);
    Adam adam = new Adam(both, 0.1);
    a.mul(a).sum().backward();

    adam.step();

    assertEquals(1, step(adam, "a"));
    assertEquals(0, step(adam, "b"));
    assertEquals(1, b.item());
  }

  private static long step(Optimizer optimizer, String name) {
    return State.get(optimizer.state(), name + ".step").toLongs()[0];
  }

  @Test
  void whatDoesNotFitIsRefusedWhole() {
    Tensor w = Tensor.of(1f, 2).requireGrad();
    Adam adam = new Adam(Map.of("w", w), 0.5);
    Map<String, Tensor> state = new LinkedHashMap<>(adam.state());
    state.put("rate", Tensor.scalar(0.25));
    state.remove("w.step");
    state.put("w.exp_avg", Tensor.of(1f));
    state.put("w.exp_avg_sq", Tensor.of(1.0, 2));
    state.put("v.step", Tensor.of(1L));

    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> adam.load(state));

    assertEquals(
        """
        adam: w.step is missing
        adam: w.exp_avg is F32 [1] on cpu, not F32 [2] on cpu
        adam: w.exp_avg_sq is F64 [2] on cpu, not F32 [2] on cpu
        adam: v.step is unexpected\
        """,
        e.getMessage());
    assertEquals(0.5, adam.rate());
  }

  @Test
  void ratesAndStepsThatCannotBeAreRefused() {
    Tensor w = Tensor.of(1f).requireGrad();
    Sgd sgd = new Sgd(Map.of("w", w), 0.5, 0);
    Map<String, Tensor> state = new LinkedHashMap<>(sgd.state());
    state.put("rate", Tensor.scalar(-1));
    assertEquals("sgd: rate -1.0 must be finite and at least 0", failure(() -> sgd.load(state)));
    state.put("rate", Tensor.scalar(1));
    state.put("w.step", Tensor.of(org.adjoint.Shape.SCALAR, -3L));
    assertEquals("sgd: w.step -3.0 must be finite and at least 0", failure(() -> sgd.load(state)));
    assertEquals(0.5, sgd.rate());
  }

  @Test
  void whatCannotBeAnOptimizerIsRejected() {
    Map<String, Tensor> frozen = Map.of("w", Tensor.of(1f));
    Map<String, Tensor> w = Map.of("w", Tensor.of(1f).requireGrad());
    assertEquals(
        "adam: w asks for no gradient; call requireGrad() on it, or leave it out",
        failure(() -> new Adam(frozen, 0.1)));
    assertEquals(
        "adam: rate NaN must be finite and at least 0", failure(() -> new Adam(w, Double.NaN)));
    assertEquals(
        "adamw: beta2 1.0 must be in [0, 1)", failure(() -> new AdamW(w, 0.1).betas(0, 1)));
    assertEquals(
        "rmsprop: weight decay -1.0 must be finite and at least 0",
        failure(() -> new RmsProp(w, 0.1).weightDecay(-1)));
    assertEquals(
        "sgd: nesterov needs a momentum above 0",
        assertThrows(IllegalStateException.class, () -> new Sgd(w, 0.1, 0).nesterov())
            .getMessage());
  }

  static String failure(org.junit.jupiter.api.function.Executable call) {
    return String.valueOf(assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}
