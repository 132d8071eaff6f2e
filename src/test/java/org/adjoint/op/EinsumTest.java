package org.adjoint.op;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.adjoint.Philox;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Einsum against its definition: one loop over all letters. */
class EinsumTest {
  private static final String LETTERS = "abcde";

  /** An equation and whole numbers to try it on, so that sums are exact in any order. */
  private record Problem(String equation, List<String> terms, String output, int[] sizes) {
    static Problem random(int seed) {
      Philox random = new Philox(seed);
      int[] sizes = new int[LETTERS.length()];
      Arrays.setAll(sizes, i -> 1 + random.nextInt(3));
      List<String> terms = new ArrayList<>();
      int count = 1 + random.nextInt(3);
      for (int i = 0; i < count; i++) {
        int rank = random.nextInt(4);
        terms.add(
            IntStream.range(0, rank)
                .mapToObj(k -> LETTERS.substring(random.nextInt(LETTERS.length())).substring(0, 1))
                .collect(Collectors.joining()));
      }
      StringBuilder output = new StringBuilder();
      for (int letter : random.permutation(LETTERS.length())) {
        String name = LETTERS.substring(letter, letter + 1);
        if (random.nextInt(2) == 0 && terms.stream().anyMatch(term -> term.contains(name))) {
          output.append(name);
        }
      }
      return new Problem(String.join(",", terms) + "->" + output, terms, output.toString(), sizes);
    }

    Shape shape(String term) {
      return Shape.of(term.chars().mapToLong(c -> sizes[LETTERS.indexOf(c)]).toArray());
    }

    Tensor[] inputs(Philox random) {
      return terms.stream()
          .map(term -> {
            double[] values = new double[(int) shape(term).count()];
            Arrays.setAll(values, i -> random.nextInt(9) - 4);
            return Tensor.of(shape(term), values);
          })
          .toArray(Tensor[]::new);
    }

    double[] byDefinition(Tensor... x) {
      double[][] elements = Arrays.stream(x).map(Tensor::toDoubles).toArray(double[][]::new);
      double[] y = new double[(int) shape(output).count()];
      boolean[] used = new boolean[sizes.length];
      terms.forEach(term -> term.chars().forEach(c -> used[LETTERS.indexOf(c)] = true));
      long[] loop =
          IntStream.range(0, used.length).mapToLong(i -> used[i] ? sizes[i] : 1).toArray();
      int[] index = new int[loop.length];
      for (long n = 0; n < Shape.of(loop).count(); n++) {
        double product = 1;
        for (int i = 0; i < terms.size(); i++) {
          product *= elements[i][at(terms.get(i), index)];
        }
        y[at(output, index)] += product;
        Odometer.advance(index, Shape.of(loop));
      }
      return y;
    }

    private int at(String term, int... index) {
      int at = 0;
      for (int i = 0; i < term.length(); i++) {
        int letter = LETTERS.indexOf(term.charAt(i));
        at = at * sizes[letter] + index[letter];
      }
      return at;
    }
  }

  static IntStream seeds() {
    return IntStream.range(0, 300);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void isTheSumOfProducts(int seed) {
    Problem problem = Problem.random(seed);
    Tensor[] x = problem.inputs(new Philox(seed, 1));
    Tensor y = Einsum.of(problem.equation, x);
    assertEquals(problem.shape(problem.output), y.shape(), problem.equation);
    assertArrayEquals(problem.byDefinition(x), y.toDoubles(), problem.equation);
  }

  @Test
  void theRandomEquationsAreOfAllKinds() {
    List<Problem> all = seeds().mapToObj(Problem::random).toList();
    assertTrue(all.stream().filter(p -> p.terms.size() == 3).count() > 50);
    assertTrue(
        all.stream().filter(p -> p.terms.stream().anyMatch(EinsumTest::repeats)).count() > 50);
    assertTrue(all.stream().filter(p -> p.output.length() > 1).count() > 50);
    assertTrue(all.stream().filter(p -> p.output.isEmpty()).count() > 20);
    assertTrue(all.stream().map(Problem::equation).distinct().count() > 200);
  }

  private static boolean repeats(String term) {
    return term.chars().distinct().count() < term.length();
  }

  @Test
  void oneTermMayBeOfIntegersAndATermMayBroadcast() {
    Tensor x = Tensor.of(Shape.of(2, 2), 1L, 2, 3, 4);
    assertArrayEquals(new long[] {1, 4}, Einsum.of("ii->i", x).toLongs());
    assertArrayEquals(new long[] {4, 6}, Einsum.of(" i j -> j ", x).toLongs());
    Tensor row = Tensor.of(Shape.of(1, 2), 1.0, 2);
    Tensor column = Tensor.of(Shape.of(3, 1), 10.0, 20, 30);
    assertArrayEquals(
        new double[] {10, 20, 20, 40, 30, 60}, Einsum.of("...,...->...", row, column).toDoubles());
  }
}
