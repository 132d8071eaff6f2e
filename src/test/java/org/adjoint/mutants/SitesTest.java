package org.adjoint.mutants;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which places are found, and how they are written so that they can be switched on. */
class SitesTest {
  private static Sites sites(String body) {
    String text = "# 1 \"/k.cu\"\n__device__ void f(int n, float* x) {\n" + body + "\n}\n";
    return new Sites(text, file -> file.equals("/k.cu"));
  }

  private static String found(String body) {
    return sites(body).all().stream()
        .map(site -> site.operator() + " " + site.original() + " -> " + site.mutated())
        .collect(Collectors.joining("; "));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          x[n - 1] = 0;         | index x[n - 1] -> x[n - 1 + 1]; index x[n - 1] -> x[n - 1 - 1]
          g(n < 3);             | comparison n < 3 -> n >= 3
          bool b = x + n == x;  | comparison x + n == x -> x + n != x
          __syncthreads();      | barrier __syncthreads(); -> ;
          int s = 0; s += n;    | accumulator s = 0 -> s = 0 + 1
          bool b = n && g(n);   | mask g(n) -> true; mask n -> true
          if (g(n)) h();        | mask g(n) -> true
          if (g(n)) return;     | mask g(n) -> false
          y = g(n) ? n : 0;     | mask g(n) -> true
          __ballot_sync(m, 1);  | mask m -> ALL_LANES
          while (n > 0) n--;    | loop n > 0 -> n > 0 + 1; loop n > 0 -> n > 0 - 1; \
          comparison n > 0 -> n <= 0
          for (int i = 0; g(i); i += 8) h(); | loop i += 8 -> i += (8) / 2
          for (int i = 0; g(i); i++) h();    | loop i++ -> i += 2
          for (int i = n; g(i); i /= 2) h(); | loop i /= 2 -> i /= 2 + 1
          """)
  void eachOperatorOnce(String body, String expected) {
    assertEquals(expected, found(body));
  }

  /** Sizes, arguments of templates, and constants cannot be switched while a kernel runs. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          float few[3];
          float few[3] = {}, more[N][3], none[N ? 3 : 1];
          constexpr int K = n < 3 ? 1 : 2;
          g<(N < 3)>(n);
          if constexpr (N < 3) h();
          if (N < 3) h();
          __shared__ float tile[4][5];
          int y = g(n) ? n : n;
          if (g(n)) h(); else i();
          __shfl_xor_sync(ALL_LANES, n, 1);
          auto h = [&](int i) { g(i); };
          """)
  void whatIsConstantIsLeftAlone(String body) {
    assertEquals("", found(body));
  }

  @Test
  void linesAndRegions() {
    Site site = sites("\n\ng(n < 3);").all().getFirst();
    assertEquals(List.of("k.cu", 4, "f"), List.of(site.file(), site.line(), site.region()));
  }

  @Test
  void whatIsNestedStaysNested() {
    String text = sites("if (x[n] < 3) h();").schemata();
    String body = text.substring(text.lastIndexOf("if (emu"), text.lastIndexOf(" h();"));
    assertEquals("if (emu_true(1, (emu_mutant(4) != (x[emu_shifted(2, n)] < 3))))", body);
  }
}
