package org.adjoint.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Grad;
import org.adjoint.Philox;
import org.adjoint.Tensor;
import org.adjoint.autograd.Op;
import org.adjoint.op.GatedCell;
import org.adjoint.op.GruCell;
import org.adjoint.op.LstmCell;
import org.adjoint.op.Unrolled;
import org.adjoint.op.UnrolledGradient;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whole runs with states of 8 and more elements, where kernels read several at once. */
class RecurrentVariantsTest {
  private static final List<Long> SIZES = List.of(5L, 5L, 3L, 1L);
  private static final int ROWS = 14;
  private static final int BATCH = 6;

  private final Device gpu = TestGpu.device();

  static GatedCell cell(String name) {
    return name.equals("lstm") ? new LstmCell() : new GruCell();
  }

  static Tensor normal(int seed, DType dtype, long... shape) {
    return Tensor.normal(new Philox(seed), shape).mul(0.5).to(dtype);
  }

  private void compare(Op op, List<Tensor> in) {
    Tensor[] here = Tensor.apply(op, in.toArray(Tensor[]::new));
    Tensor[] there = Tensor.apply(op, in.stream().map(x -> x.to(gpu)).toArray(Tensor[]::new));
    assertEquals(here.length, there.length);
    for (int i = 0; i < here.length; i++) {
      compare(op + " output " + i, 32, here[i], there[i]);
    }
  }

  static void compare(String what, double roundings, Tensor here, Tensor there) {
    double[] expected = here.toDoubles();
    double[] got = there.to(Device.CPU).toDoubles();
    double largest = Arrays.stream(expected).map(Math::abs).max().orElse(0);
    double bound = roundings * here.dtype().unitRoundoff() * largest;
    for (int k = 0; k < expected.length; k++) {
      assertEquals(expected[k], got[k], bound, what + ", element " + k);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "lstm,8,false,F32",
    "lstm,33,true,F32",
    "gru,36,false,F32",
    "gru,8,true,F32",
    "lstm,6,true,F64",
    "gru,16,false,BF16"
  })
  void aRunAndItsGradientAreThoseOfTheCpu(String name, int n, boolean reverse, DType dtype) {
    GatedCell cell = cell(name);
    int g = cell.gates() * n;
    List<Tensor> in =
        new ArrayList<>(
            List.of(normal(1, dtype, ROWS, g), normal(2, dtype, g), normal(3, dtype, g, n)));
    List<Tensor> back =
        new ArrayList<>(
            List.of(
                normal(3, dtype, g, n),
                normal(4, dtype, ROWS, cell.kept() * n),
                normal(5, dtype, ROWS, n)));
    for (int s = 0; s < cell.states(); s++) {
      in.add(normal(6 + s, dtype, BATCH, n));
      back.add(normal(8 + s, dtype, ROWS, n));
    }
    Unrolled unrolled = new Unrolled(cell, SIZES, reverse);
    compare(unrolled, in);
    compare(new UnrolledGradient(unrolled, BATCH), back);
    Tensor[] here = gradients(unrolled, in);
    Tensor[] there = gradients(unrolled, in.stream().map(x -> x.to(gpu)).toList());
    for (int i = 0; i < here.length; i++) {
      compare(unrolled + " gradient " + i, 64, here[i], there[i]);
    }
  }

  /** By what the forward run keeps. */
  private static Tensor[] gradients(Unrolled unrolled, List<Tensor> in) {
    Tensor[] x = in.toArray(Tensor[]::new);
    Tensor[] dy =
        Arrays.stream(Tensor.apply(unrolled, x))
            .map(y -> normal(20, y.dtype(), y.shape().toArray()).to(y.device()))
            .toArray(Tensor[]::new);
    return Grad.vjp(t -> Tensor.apply(unrolled, t), x, dy);
  }
}
