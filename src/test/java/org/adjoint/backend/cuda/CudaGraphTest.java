package org.adjoint.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.adjoint.CudaGraph;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Grad;
import org.adjoint.Meta;
import org.adjoint.Philox;
import org.adjoint.Scope;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.nn.BatchNorm;
import org.adjoint.nn.Dropout;
import org.adjoint.nn.Linear;
import org.adjoint.nn.Relu;
import org.adjoint.nn.Sequential;
import org.adjoint.optim.Adagrad;
import org.adjoint.optim.Adam;
import org.adjoint.optim.AdamW;
import org.adjoint.optim.Optimizer;
import org.adjoint.optim.RmsProp;
import org.adjoint.optim.Schedule;
import org.adjoint.optim.Sgd;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A captured step and its replays, beside the same steps taken one by one: equal to the bit. */
class CudaGraphTest {
  private static final int ROWS = 6;

  private final Device gpu = TestGpu.device();

  /** A model in training, whose step is one {@code Runnable}; two of them are twins. */
  private final class Pupil {
    final Philox drops = new Philox(3);
    final Sequential model;
    final Optimizer optimizer;
    final Schedule schedule = Schedule.cosine(0.05, 60, 0.001).warmUp(5);
    final Philox data = new Philox(5);
    final Tensor x = Tensor.zeros(ROWS, 4).to(gpu);
    final Tensor y = Tensor.of(new long[ROWS]).to(gpu);
    final Tensor sum = Tensor.zeros(new Meta(Shape.SCALAR, DType.F64, gpu));
    long steps;

    Pupil(Function<Sequential, Optimizer> by) {
      Philox weights = new Philox(2);
      model =
          new Sequential(
              new Linear(4, 5, weights),
              new BatchNorm(5),
              new Relu(),
              new Dropout(0.25, drops),
              new Linear(5, 3, weights));
      model.to(gpu);
      optimizer = by.apply(model);
    }

    /** The next batch, from the host. */
    void load() {
      optimizer.rate(schedule.rate(steps++));
      try (Scope _ = Scope.open()) {
        x.assign(Tensor.normal(data, ROWS, 4));
        long[] labels = new long[ROWS];
        for (int i = 0; i < ROWS; i++) {
          labels[i] = data.nextInt(3);
        }
        y.assign(Tensor.of(labels));
      }
    }

    void step() {
      try (Scope _ = Scope.open()) {
        Tensor loss = model.forward(x).crossEntropy(y);
        optimizer.zeroGrad();
        loss.backward();
        optimizer.step();
        Grad.off(() -> sum.assign(sum.add(loss.to(DType.F64))));
      }
    }

    /** All there is, on the host. */
    Map<String, Object> state() {
      Map<String, Object> all = new LinkedHashMap<>();
      model.state().forEach((name, tensor) -> all.put(name, tensor.toArray()));
      optimizer.state().forEach((name, tensor) -> all.put(name, tensor.toArray()));
      model.parameters().forEach((name, p) -> all.put(name + ".grad", p.grad().toArray()));
      all.put("losses", sum.item());
      all.put("draws", drops.position());
      return all;
    }
  }

  // Each has other numbers that change: the rate, those that undo a beginning, a decay.
  private enum Method {
    SGD(model -> new Sgd(model, 0.1, 0.9).nesterov()),
    ADAM(model -> new Adam(model, 0.1).weightDecay(0.01)),
    ADAMW(model -> new AdamW(model, 0.1)),
    AMSGRAD(model -> new Adam(model, 0.1).amsgrad()),
    RMSPROP(model -> new RmsProp(model, 0.1).momentum(0.5)),
    ADAGRAD(model -> new Adagrad(model, 0.1).rateDecay(0.01));

    final transient Function<Sequential, Optimizer> make;

    Method(Function<Sequential, Optimizer> make) {
      this.make = make;
    }
  }

  private static void assertSame(Pupil eager, Pupil graphed, String when) {
    Map<String, Object> expected = eager.state();
    Map<String, Object> found = graphed.state();
    assertEquals(expected.keySet(), found.keySet());
    expected.forEach((name, array) ->
        assertArrayEquals(new Object[] {array}, new Object[] {found.get(name)}, name + " " + when));
  }

  @ParameterizedTest
  @EnumSource
  void replaysAreSteps(Method method) {
    Pupil eager = new Pupil(method.make);
    Pupil graphed = new Pupil(method.make);
    graphed.load();
    eager.load();
    eager.step();
    try (CudaGraph graph = CudaGraph.capture(gpu, graphed::step)) {
      for (int i = 1; i <= 100; i++) {
        eager.load();
        eager.step();
        graphed.load();
        graph.replay();
        if (i == 1 || i == 100) {
          assertSame(eager, graphed, "after " + i + " replays");
        }
      }
    }
    // And on without it.
    eager.load();
    eager.step();
    graphed.load();
    graphed.step();
    assertSame(eager, graphed, "after one step more");
  }

  @Test
  void nothingOfTheHostAdvancesWhileAStepIsRecorded() {
    Pupil eager = new Pupil(Method.ADAM.make);
    Pupil graphed = new Pupil(Method.ADAM.make);
    eager.load();
    eager.step();
    graphed.load();
    try (CudaGraph _ = CudaGraph.capture(gpu, graphed::step)) {
      assertEquals(eager.drops.position(), graphed.drops.position());
      Tensor before = eager.optimizer.state().get("0.weight.step");
      Tensor after = graphed.optimizer.state().get("0.weight.step");
      assertArrayEquals(before.toLongs(), after.toLongs());
      assertEquals(eager.sum.item(), graphed.sum.item());
    }
  }
}
