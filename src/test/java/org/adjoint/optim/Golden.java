package org.adjoint.optim;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/** What PyTorch computed: golden/optim/optim.txt, made by the script beside it. */
final class Golden {
  private static final Map<String, double[]> NUMBERS = read();

  private Golden() {}

  static double[] of(String name) {
    return Objects.requireNonNull(NUMBERS.get(name), name).clone();
  }

  private static Map<String, double[]> read() {
    try (InputStream in = Golden.class.getResourceAsStream("/golden/optim/optim.txt")) {
      String text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
      Map<String, double[]> numbers = new HashMap<>();
      for (String line : text.lines().toList()) {
        String[] words = line.split(" ");
        numbers.put(
            words[0],
            Arrays.stream(words)
                .skip(1)
                .mapToDouble(w -> w.equals("nan") ? Double.NaN : Double.parseDouble(w))
                .toArray());
      }
      return numbers;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
