package org.adjoint.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.adjoint.Device;
import org.adjoint.Philox;
import org.adjoint.Tensor;
import org.adjoint.backend.Backend;
import org.junit.jupiter.api.Test;

/** What is saved of a model, how it is loaded, and how a model learns what it is used for. */
class StateTest {
  /** A layer with a buffer, a value to look at, and a mode. */
  private static final class Counter implements Layer {
    final Tensor seen = Tensor.of(0L);
    transient Tensor last = Tensor.zeros(1);
    boolean training = true;

    @Override
    public Tensor forward(Tensor x) {
      last = x;
      if (training) {
        seen.assign(Tensor.of(seen.toLongs()[0] + 1));
      }
      return x;
    }

    @Override
    public void train(boolean on) {
      training = on;
    }
  }

  private static final class Net implements Layer {
    final Counter counter = new Counter();
    final Sequential rest;
    final List<Layer> more = List.of(new Counter());

    Net(long seed) {
      rest = new Sequential(new Linear(2, 3, new Philox(seed)), new Residual(new Counter()));
    }

    @Override
    public Tensor forward(Tensor x) {
      return more.get(0).forward(rest.forward(counter.forward(x)));
    }
  }

  @Test
  void stateIsParametersAndBuffers() {
    Net net = new Net(1);

    assertEquals(
        List.of("counter.seen", "rest.1.f.seen", "more.0.seen"),
        List.copyOf(net.buffers().keySet()));
    assertEquals(
        List.of("rest.0.weight", "rest.0.bias", "counter.seen", "rest.1.f.seen", "more.0.seen"),
        List.copyOf(net.state().keySet()));
    assertSame(net.counter.seen, net.state().get("counter.seen"));
  }

  @Test
  void aLoadedModelIsTheSavedOne() {
    Net saved = new Net(1);
    Net other = new Net(2);
    Tensor x = Tensor.ones(1, 2);
    saved.forward(x);
    float[] y = saved.forward(x).toFloats();
    Map<String, Tensor> state = State.copy(saved.state());
    saved.rest.forward(x);

    other.load(state);

    assertArrayEquals(new long[] {2}, other.counter.seen.toLongs());
    assertArrayEquals(y, other.forward(x).toFloats());
    assertTrue(other.parameters().values().stream().allMatch(Tensor::requiresGrad));
  }

  @Test
  void copiesStandByThemselves() {
    Linear linear = new Linear(2, 2, new Philox(1));
    float[] before = linear.weight().toFloats();

    Map<String, Tensor> copy = State.copy(linear.state());
    Init.constant(linear.weight(), 7);

    Tensor weight = State.get(copy, "weight");
    assertNotSame(linear.weight(), weight);
    assertArrayEquals(before, weight.toFloats());
    assertFalse(weight.requiresGrad());
  }

  @Test
  void whatDoesNotFitIsRefusedWhole() {
    Net net = new Net(1);
    float[] before = net.parameters().values().iterator().next().toFloats();
    Map<String, Tensor> state = new LinkedHashMap<>(new Net(2).state());
    state.remove("rest.0.bias");
    state.put("counter.seen", Tensor.of(1f));
    state.put("rest.1.f.seen", Tensor.of(1L, 2));
    state.put("extra", Tensor.of(1f));

    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> net.load(state));

    assertEquals(
        """
        load: rest.0.bias is missing
        load: counter.seen is F32 [1] on cpu, not I64 [1] on cpu
        load: rest.1.f.seen is I64 [2] on cpu, not I64 [1] on cpu
        load: extra is unexpected\
        """,
        e.getMessage());
    assertArrayEquals(before, net.parameters().values().iterator().next().toFloats());
  }

  @Test
  void loadingTakesNoMemory() {
    Net net = new Net(1);
    Map<String, Tensor> state = State.copy(new Net(2).state());
    long before = Backend.of(Device.CPU).liveBytes();

    net.load(state);

    assertEquals(before, Backend.of(Device.CPU).liveBytes());
  }

  @Test
  void theModeReachesAllLayers() {
    Net net = new Net(1);
    Tensor x = Tensor.ones(1, 2);

    net.eval();
    net.forward(x);
    assertTrue(net.buffers().values().stream().allMatch(seen -> seen.toLongs()[0] == 0));
    net.train();
    net.forward(x);
    assertTrue(net.buffers().values().stream().allMatch(seen -> seen.toLongs()[0] == 1));
  }

  @Test
  void layersMayHaveNoBias() {
    Linear linear = new Linear(2, 3, new Philox(1));
    Conv conv = new Conv(2, 3, 1, new Philox(1));
    Tensor x = Tensor.ones(1, 2);
    Tensor image = Tensor.ones(1, 2, 1, 1);

    assertArrayEquals(
        x.matmul(linear.weight().t()).toFloats(), linear.withoutBias().forward(x).toFloats());
    Tensor perFilter = conv.bias().reshape(3, 1, 1);
    assertArrayEquals(
        conv.forward(image).toFloats(),
        conv.withoutBias().forward(image).add(perFilter).toFloats());
    assertEquals(List.of("weight"), List.copyOf(linear.withoutBias().state().keySet()));
    assertEquals(List.of("weight"), List.copyOf(conv.withoutBias().state().keySet()));
    assertThrows(IllegalStateException.class, () -> linear.withoutBias().bias());
    assertThrows(IllegalStateException.class, () -> conv.withoutBias().bias());
  }

  @Test
  void whatIsKeptToLookAtIsNoState() {
    Counter counter = new Counter();
    Tensor x = Tensor.ones(2).requireGrad();

    counter.forward(x);

    assertSame(x, counter.last);
    assertEquals(List.of("seen"), List.copyOf(counter.state().keySet()));
    assertEquals(
        "state: last is missing",
        assertThrows(IllegalArgumentException.class, () -> State.get(counter.state(), "last"))
            .getMessage());
  }

  @Test
  void functionsHaveNeitherStateNorMode() {
    Layer relu = Tensor::relu;

    relu.eval();
    relu.load(Map.of());

    assertTrue(relu.state().isEmpty());
  }
}
