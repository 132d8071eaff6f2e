package org.adjoint.emulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The three words of CUDA that are rewritten. */
class KernelSourceTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          __shared__ float x;                          | float      | x    | 1
          __shared__ T tile[16][N + 1];                | T[16][N + 1] | tile | 1
          volatile __shared__ int flag;                | volatile int | flag | 1
          __shared__ volatile int flag;                | volatile int | flag | 1
          __shared__ alignas(16) float row[8];         | float[8]   | row  | 16
          alignas(16) __shared__ float row[8];         | float[8]   | row  | 16
          __shared__ __attribute__((aligned(8))) char c[4]; | char[4] | c  | 8
          static __shared__ Pair<int, float> p[2];     | Pair<int, float>[2] | p | 1
          """)
  void sharedDeclarationBecomesAReference(
      String declaration, String type, String name, String align) {
    String rewritten = KernelSource.rewrite("{ " + declaration + " }");
    assertEquals(
        "{ static char emu_key_%s; auto& %s = emu::shared<%s>(&emu_key_%s, %s, \"%s\");  }"
            .formatted(name, name, type, name, align, name),
        rewritten);
  }

  @Test
  void severalDeclaratorsAndLines() {
    String rewritten = KernelSource.rewrite("__shared__ float a[4],\n  *b,\n c;\nnext");
    assertTrue(rewritten.contains("auto& a = emu::shared<float[4]>"), rewritten);
    assertTrue(rewritten.contains("auto& b = emu::shared<float *>"), rewritten);
    assertTrue(rewritten.contains("auto& c = emu::shared<float >"), rewritten);
    assertTrue(rewritten.endsWith("\n\n\nnext"), rewritten);
  }

  @Test
  void dynamicMemoryIsAPointer() {
    assertEquals(
        "double* const rows = static_cast<double*>(emu_dynamic_shared()); ",
        KernelSource.rewrite("extern __shared__ __attribute__((aligned(16))) double rows[];"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          extern "C" __global__ void f(int n) {}                               | 0
          extern "C" __global__ void __launch_bounds__(256) f(int n) {}        | 256
          extern "C" __global__ __launch_bounds__(N * (2 + 1), 2) void f(int n) {} | N * (2 + 1)
          """)
  void entriesAreFoundWithTheirBounds(String source, String bound) {
    String rewritten = KernelSource.rewrite(source);
    assertTrue(rewritten.lines().findFirst().orElseThrow().matches(".*void +f\\(int n\\) \\{\\}"));
    assertTrue(rewritten.contains("emu_entry_f = emu::entry<f>(\"f\", " + bound + ");"), rewritten);
  }

  @Test
  void templatesAndHelpersAreNoEntries() {
    String source = "template <int n> __global__ void __launch_bounds__(n) f() {}\n";
    String rewritten = KernelSource.rewrite(source);
    assertTrue(rewritten.matches("template <int n>  void +f\\(\\) \\{}\n"), rewritten);
  }
}
