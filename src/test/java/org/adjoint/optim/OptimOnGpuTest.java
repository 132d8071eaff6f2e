package org.adjoint.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Philox;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.backend.Kernel;
import org.adjoint.backend.cuda.Choice;
import org.adjoint.backend.cuda.TestGpu;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OptimOnGpuTest {
  private static final Map<DType, Double> ROUNDING =
      Map.of(DType.F64, 1e-15, DType.F32, 5e-7, DType.BF16, 0.0079, DType.F16, 0.001);

  private final Device gpu = TestGpu.device();

  /** A step, and how many tensors it changes. */
  private record Case(Kernel step, int changed) {}

  private static final List<Case> CASES =
      List.of(
          new Case(new Sgd.Step(0.1, 0, 0, false), 1),
          new Case(new Sgd.Step(0.1, 0, 0.02, false), 1),
          new Case(new Sgd.Step(0.1, 0.9, 0.02, false), 2),
          new Case(new Sgd.Step(0.1, 0.9, 0, true), 2),
          new Case(new AdamStep(3, 0.01, 0.9, 0.99, 1e-6, 0, 0, false), 3),
          new Case(new AdamStep(3, 0.01, 0.9, 0.99, 1e-6, 0.1, 0, true), 4),
          new Case(new AdamStep(1, 0.01, 0.9, 0.99, 1e-6, 0, 0.001, false), 3));

  /** Tensors to change, none of which is below 0.1, and a gradient. */
  private static List<Tensor> inputs(int changed, long n, DType dtype) {
    List<Tensor> all = new ArrayList<>();
    for (int i = 0; i < changed; i++) {
      all.add(Tensor.uniform(new Philox(i), 0.1, 1, n).to(dtype));
    }
    all.add(Tensor.normal(new Philox(7), n).to(dtype));
    return all;
  }

  private static void run(Case c, String variant, List<Tensor> in) {
    Choice.with(
        c.step().getClass(),
        variant,
        () -> {
          Tensor.update(
              c.step(), in.subList(0, c.changed()).toArray(Tensor[]::new), in.get(c.changed()));
          return true;
        });
  }

  private static void compare(String what, List<Tensor> here, List<Tensor> there) {
    for (int i = 0; i < here.size() - 1; i++) {
      double[] expected = here.get(i).toDoubles();
      double[] got = there.get(i).to(Device.CPU).toDoubles();
      double rounding = ROUNDING.get(here.get(i).dtype());
      for (int k = 0; k < expected.length; k++) {
        assertEquals(
            expected[k], got[k], rounding * Math.max(0.1, Math.abs(expected[k])), what + " " + i);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"vector", "naive"})
  void aStepIsThatOfTheCpu(String variant) {
    for (Case c : CASES) {
      for (DType dtype : List.of(DType.F64, DType.F32, DType.BF16, DType.F16)) {
        for (long n : new long[] {0, 1, 9, 257, 1031}) {
          List<Tensor> here = inputs(c.changed(), n, dtype);
          List<Tensor> there = here.stream().map(x -> x.to(gpu)).toList();
          run(c, "reference", here);
          run(c, variant, there);
          compare(c.step() + " " + dtype + " " + n, here, there);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"vector", "naive"})
  void gradientsMayLieAnyhow(String variant) {
    Case c = CASES.get(2);
    List<Tensor> here = new ArrayList<>();
    inputs(2, 35, DType.F32).forEach(x -> here.add(x.reshape(Shape.of(5, 7).toArray())));
    List<Tensor> there = new ArrayList<>(here.stream().map(x -> x.to(gpu)).toList());
    here.set(2, here.get(2).reshape(7, 5).t());
    there.set(2, there.get(2).reshape(7, 5).t());
    run(c, "reference", here);
    run(c, variant, there);
    compare("transposed", here, there);
  }

  @ParameterizedTest
  @ValueSource(strings = {"naive"})
  void partsThatBeginAnywhere(String variant) {
    Case c = CASES.get(4);
    List<Tensor> here = inputs(3, 40, DType.F32);
    List<Tensor> there = here.stream().map(x -> x.to(gpu)).toList();
    run(c, "reference", here.stream().map(x -> x.slice(0, 1, 38)).toList());
    run(c, variant, there.stream().map(x -> x.slice(0, 1, 38)).toList());
    compare("unaligned", here, there);
  }
}
