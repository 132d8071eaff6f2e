package org.adjoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Named tensors that another library computed, from a file of {@code src/test/resources/golden}. A
 * line is a name, the sizes joined by x ("-" for a scalar), and the elements, all in F64.
 */
public final class GoldenTensors {
  private final Map<String, Tensor> tensors = new HashMap<>();

  private GoldenTensors() {}

  /** The tensors of the file {@code name}. */
  public static GoldenTensors read(String name) {
    GoldenTensors goldens = new GoldenTensors();
    try (InputStream in = GoldenTensors.class.getResourceAsStream("/golden/" + name)) {
      String text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
      text.lines().map(line -> line.split(" ")).forEach(goldens::put);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return goldens;
  }

  private void put(String... words) {
    long[] sizes =
        words[1].equals("-")
            ? new long[0]
            : Arrays.stream(words[1].split("x")).mapToLong(Long::parseLong).toArray();
    double[] values = Arrays.stream(words).skip(2).mapToDouble(Double::parseDouble).toArray();
    tensors.put(words[0], Tensor.of(Shape.of(sizes), values));
  }

  /** The tensor called {@code name}. */
  public Tensor get(String name) {
    return Objects.requireNonNull(tensors.get(name), name);
  }

  /** A fresh copy of the tensor called {@code name}, of {@code dtype}, that asks for a gradient. */
  public Tensor variable(String name, DType dtype) {
    Tensor golden = get(name);
    return Tensor.of(golden.shape(), golden.toDoubles()).to(dtype).requireGrad();
  }

  /**
   * Checks that {@code got} is the tensor called {@code name}, but for {@code roundings} roundings
   * of the largest element in the dtype of {@code got}.
   */
  public void mustEqual(String name, Tensor got, double roundings) {
    Tensor golden = get(name);
    assertEquals(golden.shape(), got.shape(), name);
    double[] expected = golden.toDoubles();
    double[] actual = got.toDoubles();
    double largest = Arrays.stream(expected).map(Math::abs).max().orElse(0);
    double bound = roundings * got.dtype().unitRoundoff() * largest;
    for (int i = 0; i < expected.length; i++) {
      double error = Math.abs(expected[i] - actual[i]);
      assertTrue(
          error <= bound,
          name + ", element " + i + ": " + expected[i] + " and " + actual[i] + ", bound " + bound);
    }
  }
}
