package org.adjoint.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.Function;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Grad;
import org.adjoint.Philox;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.backend.cpu.CpuBackend;
import org.adjoint.op.CrossEntropy;
import org.adjoint.op.Reduction;
import org.adjoint.op.SoftmaxNll;
import org.junit.jupiter.api.Test;

/** Cross-entropy by parts of a warp, blocks, columns, and single threads. */
class NllVariantsTest {
  private static final SoftmaxNll PLAIN = new SoftmaxNll(SoftmaxNll.NONE, 0);

  private static final List<String> LONG = List.of("rows", "columns", "naive");
  private static final List<String> SHORT = List.of("tile", "rows", "columns", "naive");

  private final Device gpu = TestGpu.device();

  private static Tensor logits(long... shape) {
    return Tensor.normal(new Philox(shape.length), shape).mul(3);
  }

  private static Tensor labels(long classes, long... shape) {
    Philox random = new Philox(classes);
    Tensor drawn = Tensor.uniform(random, 0, classes, shape);
    return drawn.to(DType.I64);
  }

  /** The losses, and the gradient of their sum where the n-th counts 1 + n/4. */
  private static Tensor[] run(SoftmaxNll op, Tensor x, Tensor labels, boolean expanded) {
    Tensor leaf = x.detach().requireGrad();
    Tensor losses = op.apply(leaf, labels);
    Tensor each = Grad.off(() -> losses.mul(0).add(expanded ? 2.5 : 0));
    if (!expanded) {
      long n = each.shape().count();
      Tensor steps = Tensor.ones(n).cumsum(0).mul(0.25).reshape(each.shape().toArray());
      each = steps.to(each.dtype()).to(each.device());
    }
    (expanded ? losses.sum().mul(2.5) : losses.mul(each).sum()).backward();
    return new Tensor[] {losses.detach(), leaf.grad()};
  }

  private void compare(String variant, SoftmaxNll op, Tensor x, Tensor labels, boolean expanded) {
    Tensor[] expected = CpuBackend.withReference(() -> run(op, x.to(DType.F64), labels, expanded));
    Tensor[] got =
        Choice.with(
            SoftmaxNll.class,
            variant,
            () -> {
              Tensor losses = Grad.off(() -> op.apply(x.to(gpu), labels.to(gpu)));
              Tensor dx =
                  Choice.with(
                      SoftmaxNll.InputGrad.class,
                      variant,
                      () -> run(op, x.to(gpu), labels.to(gpu), expanded)[1]);
              return new Tensor[] {losses, dx};
            });
    String what = variant + " " + op + " of " + x.shape();
    for (int i = 0; i < 2; i++) {
      double[] of = expected[i].toDoubles();
      double largest = 1;
      for (double value : of) {
        largest = Double.isFinite(value) ? Math.max(largest, Math.abs(value)) : largest;
      }
      assertArrayEquals(of, got[i].toDoubles(), 4e-6 * largest, what + ": " + i);
    }
  }

  @Test
  void rowsOfAllSizes() {
    long[][] shapes = {
      {9, 1}, {3, 10}, {2, 31}, {5, 33}, {130, 7}, {33, 24}, {64, 32}, {3, 129}, {2, 1023},
      {1, 8196}
    };
    for (long[] shape : shapes) {
      for (String variant : shape[1] <= 32 ? SHORT : LONG) {
        for (SoftmaxNll op : List.of(PLAIN, new SoftmaxNll(0, 0.1))) {
          compare(variant, op, logits(shape), labels(shape[1], shape[0]), shape[0] % 2 == 0);
        }
      }
    }
  }

  @Test
  void aVocabulary() {
    compare("rows", PLAIN, logits(2, 50257), labels(50257, 2), true);
    compare("rows", new SoftmaxNll(3, 0.2), logits(1, 50256), labels(50256, 1), false);
  }

  /** A view whose rows begin at other places than those of the gradient. */
  @Test
  void logitsThatBeginAtNoMultipleOf16Bytes() {
    for (long n : new long[] {10, 64, 101}) {
      Tensor room = logits(1 + 3 * n);
      Tensor at = labels(n, 3).to(gpu);
      Tensor here = room.slice(0, 1, 1 + 3 * n).reshape(3, n);
      Tensor there = room.to(gpu).slice(0, 1, 1 + 3 * n).reshape(3, n);
      Tensor[] expected = run(PLAIN, here, at.to(Device.CPU), false);
      for (String variant : n <= 32 ? SHORT : LONG) {
        Tensor[] got =
            Choice.with(
                SoftmaxNll.class,
                variant,
                () ->
                    Choice.with(
                        SoftmaxNll.InputGrad.class, variant, () -> run(PLAIN, there, at, false)));
        for (int i = 0; i < 2; i++) {
          assertArrayEquals(expected[i].toFloats(), got[i].toFloats(), 1e-5f, variant + n);
        }
      }
    }
  }

  @Test
  void pictures() {
    long[][] shapes = {{2, 3, 5}, {1, 65, 33}, {3, 21, 4, 7}, {2, 1, 2}};
    for (long[] shape : shapes) {
      Tensor x = logits(shape);
      Tensor at = labels(shape[1], x.shape().remove(1).toArray());
      for (String variant : List.of("columns", "naive")) {
        compare(variant, new SoftmaxNll(1, 0.1), x, at, false);
        compare(variant, PLAIN, x, at, true);
      }
    }
  }

  @Test
  void labelsMayBeInts() {
    Tensor at = labels(10, 4).to(DType.I32);
    for (String variant : SHORT) {
      compare(variant, PLAIN, logits(4, 10), at, false);
    }
  }

  @Test
  void whereEverythingIsIgnored() {
    Tensor at = Tensor.of(7L, 7, 7);
    Tensor x = Tensor.full(logits(3, 4).meta(), Double.NaN);
    for (String variant : SHORT) {
      compare(variant, new SoftmaxNll(7, 0.1), x, at, true);
    }
  }

  @Test
  void infinitiesComeOutAsOfTheReference() {
    double inf = Double.POSITIVE_INFINITY;
    for (double special : new double[] {inf, -inf, Double.NaN}) {
      for (int at = 0; at < 3; at++) {
        double[] x = {0.5, -1, 2, 1, 0, -2};
        x[at] = special;
        for (SoftmaxNll op : List.of(PLAIN, new SoftmaxNll(5, 0.1))) {
          for (String variant : SHORT) {
            Tensor some = Tensor.of(Shape.of(2, 3), x).to(DType.F32);
            compare(variant, op, some, Tensor.of(1L, 2), true);
          }
        }
      }
    }
    double[] least = {-inf, -inf, -inf};
    Tensor none = Tensor.of(Shape.of(1, 3), least).to(DType.F32);
    compare("rows", PLAIN, none, Tensor.of(1L), true);
  }

  /** Also where nobody asked for the losses. */
  @Test
  void aGradientSaysSoToo() {
    Tensor x = logits(2, 4).to(gpu);
    Tensor row = Tensor.zeros(2).to(x.dtype()).to(gpu);
    for (String variant : SHORT) {
      IndexOutOfBoundsException e =
          assertThrows(
              IndexOutOfBoundsException.class,
              () ->
                  Choice.with(
                      SoftmaxNll.InputGrad.class,
                      variant,
                      () ->
                          new SoftmaxNll.InputGrad(PLAIN)
                              .apply(x, Tensor.of(1L, 4).to(gpu), row, row, row)
                              .toDoubles()));
      assertTrue(e.getMessage().endsWith("index 4 at element 1 lies outside 0 to 3"), e.toString());
    }
  }

  @Test
  void aLabelThatIsNoClassIsSaid() {
    for (String variant : SHORT) {
      for (Function<Tensor, Tensor> call :
          List.<Function<Tensor, Tensor>>of(
              x -> x.crossEntropy(Tensor.of(1L, 4).to(gpu)),
              x -> CrossEntropy.of(x, Tensor.of(-1L, 4).to(gpu), null, -1, 0, Reduction.NONE))) {
        Tensor x = logits(2, 4).to(gpu);
        IndexOutOfBoundsException e =
            assertThrows(
                IndexOutOfBoundsException.class,
                () -> Choice.with(SoftmaxNll.class, variant, () -> call.apply(x).toDoubles()));
        assertEquals("cross_entropy: index 4 at element 1 lies outside 0 to 3", e.getMessage());
      }
    }
  }
}
