package org.adjoint.op;

import static java.util.Map.entry;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.adjoint.Grad;
import org.adjoint.Tensor;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Elementwise operations and their gradients against PyTorch's: golden/elementwise.py. */
class ElementwiseGoldenTest {
  /** A few roundings of PyTorch's, and a few of ours. */
  private static final double BOUND = 0x1p-49;

  private static final Map<String, Function<Tensor[], Tensor>> CALLS =
      Map.ofEntries(
          entry("sqrt", t -> t[0].sqrt()),
          entry("rsqrt", t -> Rsqrt.of(t[0])),
          entry("abs", t -> t[0].abs()),
          entry("sign", t -> t[0].sign()),
          entry("clamp", t -> t[0].clamp(-1, 1.5)),
          entry("maximum", t -> t[0].maximum(t[1])),
          entry("minimum", t -> t[0].minimum(t[1])),
          entry("remainder", t -> Remainder.of(t[0], t[1])),
          entry("floor", t -> new Floor().apply(t)),
          entry("ceil", t -> new Ceil().apply(t)),
          entry("round", t -> new Round().apply(t)),
          entry("trunc", t -> new Trunc().apply(t)),
          entry("expm1", t -> new Expm1().apply(t)),
          entry("log1p", t -> t[0].log1p()),
          entry("log2", t -> Log2.of(t[0])),
          entry("log10", t -> Log10.of(t[0])),
          entry("sin", t -> t[0].sin()),
          entry("cos", t -> t[0].cos()),
          entry("tan", t -> new Tan().apply(t)),
          entry("asin", t -> new Asin().apply(t)),
          entry("acos", t -> new Acos().apply(t)),
          entry("atan", t -> new Atan().apply(t)),
          entry("atan2", t -> Atan2.of(t[0], t[1])),
          entry("sinh", t -> new Sinh().apply(t)),
          entry("cosh", t -> new Cosh().apply(t)),
          entry("erf", t -> new Erf().apply(t)),
          entry("erfc", t -> new Erfc().apply(t)),
          entry("where", t -> Where.of(t[0].lt(t[1]), t[0].mul(t[1]), t[1])),
          entry("hard_sigmoid", t -> HardSigmoid.of(t[0])),
          entry("hard_swish", t -> HardSwish.of(t[0])),
          entry("log_sigmoid", t -> LogSigmoid.of(t[0])),
          entry("leaky_relu", t -> t[0].leakyRelu(0.2)),
          entry("prelu", t -> PRelu.of(t[0].reshape(2, 3, 2), t[1]).flatten(0)),
          entry("elu", t -> Elu.of(t[0], 0.7)),
          entry("selu", t -> Selu.of(t[0])),
          entry("gelu", t -> t[0].gelu()),
          entry("gelu_tanh", t -> Gelu.tanh(t[0])),
          entry("silu", t -> t[0].silu()),
          entry("mish", t -> Mish.of(t[0])),
          entry("softplus", t -> new Softplus(1.5).apply(t)),
          entry("softsign", t -> Softsign.of(t[0])),
          entry("glu", t -> Glu.of(t[0], 0)));

  /** A call of PyTorch's, and what came of it. */
  private record Golden(
      String name, List<double[]> x, List<double[]> dy, List<double[]> y, List<double[]> dx) {
    Golden(String name) {
      this(name, new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    }
  }

  static List<Named<Golden>> goldens() {
    List<Named<Golden>> goldens = new ArrayList<>();
    for (String line : lines("elementwise.txt")) {
      String[] words = line.split(" ");
      if (words.length == 1) {
        goldens.add(Named.of(line, new Golden(line)));
      } else {
        Golden golden = goldens.getLast().getPayload();
        List<double[]> part =
            switch (words[0]) {
              case "x" -> golden.x;
              case "dy" -> golden.dy;
              case "y" -> golden.y;
              default -> golden.dx;
            };
        part.add(numbers(words, 1));
      }
    }
    return goldens;
  }

  private static double[] numbers(String[] words, int first) {
    return Arrays.stream(words).skip(first).mapToDouble(Double::parseDouble).toArray();
  }

  private static List<String> lines(String file) {
    try (InputStream in = ElementwiseGoldenTest.class.getResourceAsStream("/golden/" + file)) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void everyCallHasItsGolden() {
    assertEquals(
        new TreeSet<>(CALLS.keySet()),
        new TreeSet<>(goldens().stream().map(Named::getName).toList()));
  }

  @ParameterizedTest
  @MethodSource("goldens")
  void isWhatPyTorchSays(Golden golden) {
    Tensor[] x = golden.x.stream().map(v -> Tensor.of(v).requireGrad()).toArray(Tensor[]::new);
    Tensor y = Objects.requireNonNull(CALLS.get(golden.name)).apply(x);
    assertClose("y", golden.y.getFirst(), y);
    Tensor[] dx = Grad.of(y.mul(Tensor.of(golden.dy.getFirst())).sum(), x);
    assertEquals(golden.dx.size(), dx.length);
    for (int i = 0; i < dx.length; i++) {
      assertClose("dx " + i, golden.dx.get(i), dx[i]);
    }
  }

  private static void assertClose(String what, double[] expected, Tensor got) {
    double[] values = got.toDoubles();
    assertEquals(expected.length, values.length, what);
    for (int i = 0; i < values.length; i++) {
      double bound = BOUND * Math.max(1, Math.abs(expected[i]));
      assertEquals(expected[i], values[i], bound, what + ", element " + i);
    }
  }

  static Stream<double[]> errorFunction() {
    return lines("erf.txt").stream().map(line -> numbers(line.split(" "), 0));
  }

  @Test
  void errorFunctionIsGoodToTwoUnits() {
    double worst = 0;
    double worstComplement = 0;
    double worstMirrored = 0;
    for (double[] golden : errorFunction().toList()) {
      double x = golden[0];
      double erf = new Erf().f(x);
      assertEquals(-erf, new Erf().f(-x));
      worst = Math.max(worst, ulps(golden[1], erf));
      worstComplement = Math.max(worstComplement, ulps(golden[2], Erf.erfc(x)));
      worstMirrored = Math.max(worstMirrored, ulps(1 + golden[1], Erf.erfc(-x)));
    }
    assertTrue(worst <= 2, "erf is off by " + worst);
    assertTrue(worstComplement <= 6, "erfc is off by " + worstComplement);
    assertTrue(worstMirrored <= 2, "erfc of negative numbers is off by " + worstMirrored);
  }

  private static double ulps(double expected, double got) {
    return Math.abs(expected - got) / Math.ulp(expected);
  }
}
