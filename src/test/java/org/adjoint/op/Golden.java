package org.adjoint.op;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.adjoint.DType;
import org.adjoint.Grad;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One case of a file in {@code src/test/resources/golden}: inputs, and what PyTorch makes of them.
 * The script beside the file tells how it was written, and what the lines mean.
 */
final class Golden {
  private static final double EPSILON = 0x1p-52;

  private final String name;
  private final List<Tensor> inputs = new ArrayList<>();
  private final List<Tensor> gradients = new ArrayList<>();
  private @Nullable Tensor output;
  private @Nullable Tensor weights;

  private Golden(String name) {
    this.name = name;
  }

  /** The cases of {@code file}. */
  static List<Golden> read(String file) throws IOException {
    List<Golden> cases = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of("src/test/resources/golden", file))) {
      String[] words = line.split(" ");
      switch (words[0]) {
        case "case" -> cases.add(new Golden(line.substring("case ".length())));
        case "x" -> cases.getLast().inputs.add(tensor(words));
        case "y" -> cases.getLast().output = tensor(words);
        case "w" -> cases.getLast().weights = tensor(words);
        case "g" -> cases.getLast().gradients.add(tensor(words));
        default -> throw new IOException(file + ": " + line);
      }
    }
    return cases;
  }

  private static Tensor tensor(String... words) {
    String sizes = words[2];
    long[] shape =
        sizes.equals("-")
            ? new long[0]
            : Arrays.stream(sizes.split("x")).mapToLong(Long::parseLong).toArray();
    double[] values = Arrays.stream(words).skip(3).mapToDouble(Golden::number).toArray();
    return Tensor.of(Shape.of(shape), values).to(DType.valueOf(words[1]));
  }

  private static double number(String word) {
    return switch (word) {
      case "nan" -> Double.NaN;
      case "inf" -> Double.POSITIVE_INFINITY;
      case "-inf" -> Double.NEGATIVE_INFINITY;
      default -> Double.parseDouble(word);
    };
  }

  String name() {
    return name;
  }

  /** Checks value and gradients of {@code call}, within {@code ulps} of the largest number. */
  void check(Function<Tensor[], Tensor> call, double ulps) {
    Tensor[] x =
        inputs.stream()
            .map(t -> t.dtype().isFloating() ? t.detach().requireGrad() : t)
            .toArray(Tensor[]::new);
    Tensor y = call.apply(x);
    Tensor expected = Objects.requireNonNull(output);
    compare("y", expected, y, ulps);
    if (weights != null) {
      Tensor[] variables = Arrays.stream(x).filter(Tensor::requiresGrad).toArray(Tensor[]::new);
      Tensor[] dx = Grad.of(weights.mul(y).sum(), variables);
      assertEquals(gradients.size(), dx.length, name);
      for (int i = 0; i < dx.length; i++) {
        compare("dx " + i, gradients.get(i), dx[i], ulps);
      }
    }
  }

  private void compare(String what, Tensor expected, Tensor got, double ulps) {
    assertEquals(expected.meta(), got.meta(), name + ": " + what);
    double[] a = expected.toDoubles();
    double[] b = got.toDoubles();
    double largest = Arrays.stream(a).filter(Double::isFinite).map(Math::abs).max().orElse(0);
    for (int i = 0; i < a.length; i++) {
      boolean equal = a[i] == b[i] || (Double.isNaN(a[i]) && Double.isNaN(b[i]));
      assertTrue(
          equal || Math.abs(a[i] - b[i]) <= ulps * EPSILON * largest,
          name + ": " + what + ", element " + i + ": expected " + a[i] + ", got " + b[i]);
    }
  }
}
