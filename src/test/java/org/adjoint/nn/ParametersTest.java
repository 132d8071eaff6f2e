package org.adjoint.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.adjoint.Philox;
import org.adjoint.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How a model's parameters are found, named, counted and begun. */
class ParametersTest {
  private final Philox random = new Philox(1);

  private static List<String> names(Layer layer) {
    return List.copyOf(layer.parameters().keySet());
  }

  /** A model of one's own: its layers are fields. */
  static class Net implements Layer {
    final Linear fc1;
    final Linear fc2;

    Net(Philox random) {
      fc1 = new Linear(4, 3, random);
      fc2 = new Linear(3, 2, random);
    }

    @Override
    public Tensor forward(Tensor x) {
      return fc2.forward(fc1.forward(x).relu());
    }
  }

  static final class Longer extends Net {
    final Tensor scale = Tensor.ones(1).requireGrad();
    final Tensor mean = Tensor.zeros(1); // a buffer: it asks for no gradient

    Longer(Philox random) {
      super(random);
    }

    @Override
    public Tensor forward(Tensor x) {
      return super.forward(x).mul(scale).add(mean);
    }
  }

  final class Inner implements Layer {
    final Linear only = new Linear(1, 1, random);

    @Override
    public Tensor forward(Tensor x) {
      return only.forward(x);
    }
  }

  @Test
  void fieldsGiveTheNames() {
    assertEquals(
        List.of("fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"), names(new Net(random)));
  }

  @Test
  void inheritedFieldsComeFirstAndBuffersAreNoParameters() {
    assertEquals(
        List.of("fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias", "scale"),
        names(new Longer(random)));
  }

  @Test
  void aSequentialGivesNumbers() {
    Sequential net =
        new Sequential(
            new Linear(3, 9, random),
            new Tanh(),
            new Linear(9, 2, random),
            new Linear(2, 2, random));

    assertEquals(
        List.of("0.weight", "0.bias", "2.weight", "2.bias", "3.weight", "3.bias"), names(net));
    assertEquals(62, net.parameterCount());
    assertSame(((Linear) net.get(2)).bias(), net.parameters().get("2.bias"));
  }

  @Test
  void namesNest() {
    record Model(Sequential net, List<Linear> heads, Linear[] tails) implements Layer {
      @Override
      public Tensor forward(Tensor x) {
        return x;
      }
    }
    Model model =
        new Model(
            new Sequential(new Relu(), new Sequential(new Relu(), new Linear(1, 1, random))),
            List.of(new Linear(1, 1, random), new Linear(1, 1, random)),
            new Linear[] {new Linear(1, 1, random)});

    assertEquals(
        List.of(
            "net.1.1.weight",
            "net.1.1.bias",
            "heads.0.weight",
            "heads.0.bias",
            "heads.1.weight",
            "heads.1.bias",
            "tails.0.weight",
            "tails.0.bias"),
        names(model));
  }

  @Test
  @SuppressWarnings("HidingField")
  void aHiddenFieldIsNotLostInSilence() {
    class Hiding extends Net {
      final Linear fc1 = new Linear(1, 1, random);

      Hiding() {
        super(random);
      }

      @Override
      public Tensor forward(Tensor x) {
        return fc1.forward(super.forward(x));
      }
    }

    IllegalStateException e = assertThrows(IllegalStateException.class, new Hiding()::parameters);
    assertTrue(
        String.valueOf(e.getMessage())
            .endsWith(".fc1 hides a field of its superclass; rename one of them"),
        e.toString());
  }

  @Test
  void anInnerClassDoesNotFindItsOuterObject() {
    assertEquals(List.of("only.weight", "only.bias"), names(new Inner()));
  }

  @Test
  void aFunctionIsALayerWithoutParameters() {
    Layer relu = Tensor::relu;
    Layer twice = x -> x.mul(2);

    assertTrue(relu.parameters().isEmpty());
    assertEquals(0, new Sequential(relu, twice).parameterCount());
    assertArrayEquals(
        new float[] {0, 4}, new Sequential(relu, twice).forward(Tensor.of(-1f, 2)).toFloats());
  }

  @Test
  void aSharedParameterCountsOnce() {
    Linear shared = new Linear(3, 3, random);
    Sequential net = new Sequential(shared, new Tanh(), shared);

    assertEquals(List.of("0.weight", "0.bias", "2.weight", "2.bias"), names(net));
    assertEquals(12, net.parameterCount());
  }

  @Test
  void counts() {
    assertEquals(4, new Linear(3, 1, random).parameterCount());
    assertEquals(6 * 25 + 6, new Conv(1, 6, 5, random).parameterCount());
    assertEquals(0, new Sequential().parameterCount());
  }

  @Test
  void zeroGradForgetsAllGradients() {
    Net net = new Net(random);
    net.forward(Tensor.ones(1, 4)).sum().backward();
    assertTrue(net.fc1.weight().hasGrad());

    net.zeroGrad();

    net.parameters().values().forEach(p -> assertFalse(p.hasGrad()));
  }

  /** Uniform on ±1/√fanIn: within the bounds, and filling them. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void parametersBeginUniformly(long seed) {
    Philox draws = new Philox(seed);
    Linear linear = new Linear(100, 200, draws);
    Conv conv = new Conv(4, 64, 5, draws);

    assertUniform(0.1, linear.weight());
    assertUniform(0.1, linear.bias());
    assertUniform(0.1, conv.weight()); // 4·5·5 inputs
    assertUniform(0.1, conv.bias());
  }

  private static void assertUniform(double bound, Tensor parameter) {
    double[] values = parameter.toDoubles();
    int n = values.length;
    double largest = Arrays.stream(values).map(Math::abs).max().orElseThrow();
    double mean = Arrays.stream(values).average().orElseThrow();
    double variance = Arrays.stream(values).map(x -> x * x).average().orElseThrow();
    assertTrue(largest <= (float) bound, "largest " + largest);
    assertTrue(largest > bound * (1 - 10.0 / n), "largest " + largest + " of " + n);
    double deviation = bound / Math.sqrt(3);
    assertEquals(0, mean, 5 * deviation / Math.sqrt(n));
    assertEquals(deviation * deviation, variance, 5 * bound * bound / Math.sqrt(n));
    assertTrue(parameter.requiresGrad());
  }

  @Test
  void theSameSeedGivesTheSameWeights() {
    float[] first = new Linear(5, 7, new Philox(3)).weight().toFloats();

    assertArrayEquals(first, new Linear(5, 7, new Philox(3)).weight().toFloats());
    assertFalse(Arrays.equals(first, new Linear(5, 7, new Philox(4)).weight().toFloats()));
  }
}
