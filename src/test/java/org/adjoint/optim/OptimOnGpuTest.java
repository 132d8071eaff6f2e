package org.adjoint.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Philox;
import org.adjoint.Tensor;
import org.adjoint.backend.cpu.CpuBackend;
import org.adjoint.backend.cuda.Choice;
import org.adjoint.backend.cuda.TestGpu;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each way to run a step, against the reference, and in F32 against the bits of the CPU. */
class OptimOnGpuTest {
  private static final Map<DType, Double> ROUNDING =
      Map.of(DType.F64, 1e-15, DType.F32, 5e-7, DType.BF16, 0.0079, DType.F16, 0.001);

  private static final List<String> WAYS = List.of("multi", "vector", "naive");

  private final Device gpu = TestGpu.device();

  /** A step, and how many tensors it changes. */
  private record Case(OnePass step, int changed) {}

  /** The last ones' numbers are floats, since on the CPU those of doubles are not rounded. */
  private static final List<Case> CASES =
      List.of(
          new Case(new Sgd.Step(0.1, 0, 0, false), 1),
          new Case(new Sgd.Step(0.1, 0, 0.02, false), 1),
          new Case(new Sgd.Step(0.1, 0.9, 0.02, false), 2),
          new Case(new Sgd.Step(0.1, 0.9, 0, true), 2),
          new Case(new AdamStep(3, 0.01, 0.9, 0.99, 1e-6, 0, 0, false), 3),
          new Case(new AdamStep(3, 0.01, 0.9, 0.99, 1e-6, 0.1, 0, true), 4),
          new Case(new AdamStep(1, 0.01, 0.9, 0.99, 1e-6, 0, 0.001, false), 3),
          new Case(new RmsProp.Step(0.125, 0.75, 0.0625, 0.25, 0, false), 2),
          new Case(new RmsProp.Step(0.125, 0.75, 0.0625, 0, 0.5, false), 3),
          new Case(new RmsProp.Step(0.125, 0.75, 0.0625, 0.25, 0, true), 3),
          new Case(new RmsProp.Step(0.125, 0.75, 0.0625, 0, 0.5, true), 4),
          new Case(new Adagrad.Step(0.125, 0.0625, 0.25), 2));

  /** Sizes for as many parameters as are wanted: some empty, some of several blocks. */
  private static long[] sizes(int count) {
    long[] some = {9, 1, 0, 257, 1031, 16, 3, 2049};
    return LongStream.range(0, count).map(i -> some[(int) (i % some.length)] + i / 8).toArray();
  }

  /** For each size tensors to change, averages above squares of averages, and a gradient. */
  private static List<Tensor[]> inputs(int changed, DType dtype, long... sizes) {
    Philox random = new Philox(7);
    List<Tensor[]> all = new ArrayList<>();
    for (long n : sizes) {
      Tensor[] one = new Tensor[changed + 1];
      for (int i = 0; i < changed; i++) {
        double low = i == 1 ? 1.1 : 0.1;
        one[i] = Tensor.uniform(random, low, low + 0.9, n).to(dtype);
      }
      one[changed] = Tensor.normal(random, n).to(dtype);
      all.add(one);
    }
    return all;
  }

  private static List<Tensor[]> each(List<Tensor[]> all, UnaryOperator<Tensor> change) {
    return all.stream().map(one -> Arrays.stream(one).map(change).toArray(Tensor[]::new)).toList();
  }

  private static Tensor[][] part(List<Tensor[]> all, int from, int to) {
    return all.stream().map(one -> Arrays.copyOfRange(one, from, to)).toArray(Tensor[][]::new);
  }

  /** One step on all parameters together. */
  private static boolean run(Case c, List<Tensor[]> in) {
    int n = c.changed();
    Tensor.updateAll(c.step(), part(in, 0, n), part(in, n, n + 1));
    return true;
  }

  private static void runBy(String way, Case c, List<Tensor[]> in) {
    Choice.with(c.step().getClass(), way, () -> run(c, in));
  }

  private static void compare(String what, List<Tensor[]> here, List<Tensor[]> there) {
    for (int p = 0; p < here.size(); p++) {
      for (int i = 0; i < here.get(p).length - 1; i++) {
        double[] expected = here.get(p)[i].toDoubles();
        double[] got = there.get(p)[i].toDoubles();
        double rounding = ROUNDING.get(here.get(p)[i].dtype());
        for (int k = 0; k < expected.length; k++) {
          double bound = rounding * Math.max(0.5, Math.abs(expected[k]));
          assertEquals(expected[k], got[k], bound, what + ", parameter " + p + ", " + i);
        }
      }
    }
  }

  private static void compareBits(String what, List<Tensor[]> expected, List<Tensor[]> got) {
    for (int p = 0; p < expected.size(); p++) {
      for (int i = 0; i < expected.get(p).length; i++) {
        assertArrayEquals(
            expected.get(p)[i].toDoubles(), got.get(p)[i].toDoubles(), what + " " + p + " " + i);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"multi", "vector", "naive"})
  void aStepIsThatOfTheCpu(String way) {
    for (Case c : CASES) {
      for (DType dtype : ROUNDING.keySet()) {
        List<Tensor[]> here = inputs(c.changed(), dtype, sizes(5));
        List<Tensor[]> there = each(here, x -> x.to(gpu));
        List<Tensor[]> quick = each(here, x -> x.add(0));
        CpuBackend.withReference(() -> run(c, here));
        runBy(way, c, there);
        compare(c.step() + " " + dtype, here, there);
        if (dtype == DType.F32) {
          run(c, quick);
          compareBits(c.step() + " " + dtype, quick, there);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 63, 64, 65, 200})
  void anyNumberOfParametersTakesAStep(int count) {
    for (Case c : List.of(CASES.get(3), CASES.get(5))) {
      List<Tensor[]> here = inputs(c.changed(), DType.F32, sizes(count));
      List<Tensor[]> there = each(here, x -> x.to(gpu));
      run(c, here);
      runBy("multi", c, there);
      compareBits(c.step() + " on " + count, here, there);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"F64", "F32", "BF16", "F16"})
  void allWaysHaveTheSameBits(DType dtype) {
    for (Case c : CASES) {
      List<Tensor[]> first = List.of();
      for (String way : WAYS) {
        List<Tensor[]> there = each(inputs(c.changed(), dtype, 70, 0, 1029), x -> x.to(gpu));
        runBy(way, c, there);
        compareBits(c.step() + " by " + way, first.isEmpty() ? there : first, there);
        first = there;
      }
    }
  }

  /** Large enough that threads go round more than once. */
  @ParameterizedTest
  @ValueSource(longs = {100_003})
  void aHugeParameterAndTinyOnes(long n) {
    Case c = CASES.get(0);
    List<Tensor[]> here = inputs(1, DType.F32, 3, n, 1, 2);
    List<Tensor[]> there = each(here, x -> x.to(gpu));
    run(c, here);
    runBy("multi", c, there);
    compareBits("huge", here, there);
  }

  @ParameterizedTest
  @ValueSource(strings = {"multi", "vector", "naive"})
  void gradientsMayLieAnyhow(String way) {
    Case c = CASES.get(2);
    List<Tensor[]> here = each(inputs(2, DType.F32, 35, 35), x -> x.reshape(5, 7));
    List<Tensor[]> there = each(here, x -> x.to(gpu));
    for (List<Tensor[]> all : List.of(here, there)) {
      all.get(1)[2] = all.get(1)[2].reshape(7, 5).t();
    }
    run(c, here);
    runBy(way, c, there);
    compareBits("transposed", here, there);
  }

  @ParameterizedTest
  @ValueSource(strings = {"multi", "naive"})
  void partsThatBeginAnywhere(String way) {
    Case c = CASES.get(4);
    List<Tensor[]> here = inputs(3, DType.F32, 40, 40);
    List<Tensor[]> there = each(here, x -> x.to(gpu));
    run(c, each(here, x -> x.slice(0, 1, 38)));
    runBy(way, c, each(there, x -> x.slice(0, 1, 38)));
    compareBits("unaligned", here, there);
  }

  @ParameterizedTest
  @ValueSource(strings = {"multi", "naive"})
  void eachMayBeginAtNoMultipleOf16Bytes(String way) {
    Case c = CASES.get(4);
    for (int shifted = 0; shifted < 4; shifted++) {
      int from = shifted;
      List<Tensor[]> here = inputs(3, DType.F32, 40, 40);
      List<Tensor[]> there = each(here, x -> x.to(gpu));
      run(c, shifted(here, from));
      runBy(way, c, shifted(there, from));
      compareBits("unaligned " + shifted, here, there);
    }
  }

  /** 37 elements of each tensor: of one of a parameter's, the second to the last but two. */
  private static List<Tensor[]> shifted(List<Tensor[]> all, int which) {
    return all.stream()
        .map(one -> {
          Tensor[] parts = new Tensor[one.length];
          Arrays.setAll(parts, i -> one[i].slice(0, i == which ? 1 : 0, i == which ? 38 : 37));
          return parts;
        })
        .toList();
  }

  /** Two parameters in one storage, one above the other: two steps, one after the other. */
  @ParameterizedTest
  @ValueSource(strings = {"multi", "naive"})
  void partsThatOverlapStepInTurn(String way) {
    Case c = CASES.get(0);
    Tensor here = Tensor.uniform(new Philox(1), 0.1, 1, 300);
    Tensor there = here.to(gpu);
    Tensor gradient = Tensor.normal(new Philox(2), 200);
    for (Tensor w : List.of(here, there)) {
      Tensor g = gradient.to(w.device());
      List<Tensor[]> parts =
          List.of(new Tensor[] {w.slice(0, 0, 200), g}, new Tensor[] {w.slice(0, 100, 300), g});
      if (w == here) {
        run(c, parts);
      } else {
        runBy(way, c, parts);
      }
    }
    assertArrayEquals(here.toDoubles(), there.toDoubles());
  }

  /** The whole way: what has no gradient stays; dtypes, shapes and devices may differ. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anOptimiserGroupsItsParameters(boolean adam) {
    Map<String, Tensor> here = parameters(Device.CPU);
    Map<String, Tensor> there = parameters(gpu);
    there.put("here too", Tensor.ones(3).requireGrad());
    here.put("here too", Tensor.ones(3).requireGrad());
    for (Map<String, Tensor> all : List.of(here, there)) {
      Optimizer optimizer =
          adam ? new AdamW(all, 0.01) : new Sgd(all, 0.1, 0.9).weightDecay(0.01).nesterov();
      for (int t = 0; t < 3; t++) {
        optimizer.zeroGrad();
        for (Tensor w : all.values()) {
          // Those of 5 rows have their first gradient later, and a step number of their own.
          if (w.size(0) != 7 && (w.size(0) != 5 || t > 0)) {
            w.mul(w).sum().backward();
          }
        }
        optimizer.step();
      }
    }
    here.forEach((name, w) -> {
      double rounding = ROUNDING.get(w.dtype()) * 4;
      assertArrayEquals(w.detach().toDoubles(), there.get(name).detach().toDoubles(), rounding);
    });
  }

  private static Map<String, Tensor> parameters(Device device) {
    Map<String, Tensor> all = new LinkedHashMap<>();
    Philox random = new Philox(3);
    for (DType dtype : List.of(DType.F32, DType.BF16, DType.F64)) {
      for (long n : new long[] {130, 1, 0, 5}) {
        Tensor w = Tensor.uniform(random, 0.5, 1, n, 2).to(dtype).to(device);
        all.put(dtype + " " + n, w.requireGrad());
      }
    }
    all.put("left alone", Tensor.ones(7).to(device).requireGrad());
    return all;
  }
}
