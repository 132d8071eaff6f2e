package org.adjoint.check;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Grad;
import org.adjoint.Philox;
import org.adjoint.Scope;
import org.adjoint.Tensor;
import org.adjoint.autograd.Op;
import org.adjoint.autograd.Transfer;
import org.adjoint.backend.cpu.CpuBackend;
import org.adjoint.backend.cuda.Choice;
import org.adjoint.backend.cuda.CudaBackend;
import org.adjoint.backend.cuda.NoKernelException;
import org.adjoint.backend.cuda.Trace;
import org.adjoint.backend.cuda.Variant;
import org.adjoint.op.Copy;
import org.adjoint.op.OpSpec;
import org.adjoint.op.OpSpec.Example;
import org.jspecify.annotations.Nullable;

/**
 * One variant of an operation on a GPU against the reference on the CPU.
 *
 * <ul>
 *   <li>F32 and F64 may differ as the spec's tolerance for GPUs says, for each element; BF16 and
 *       F16 by one rounding more, since what they are computed in is not exact.
 *   <li>On small integers a sum of products is exact in whatever order, so the bound is 0, forward
 *       and gradient.
 *   <li>Where a variant {@linkplain Variant#rounding rounds factors}, a sum of products may differ
 *       by so much of each factor, and another result by so much of the largest element.
 *   <li>NaN and infinities come out where the reference has them.
 *   <li>Integers and truth values are equal, and so is what views of the inputs give.
 *   <li>Where a library computed with {@linkplain Trace#hasTransformed transforms}, which it
 *       chooses as it likes, integers need not be exact, NaN and infinities may spread, and an
 *       error is one of the largest element.
 * </ul>
 *
 * <p>A failure names the kernels that were launched.
 */
final class DeviceComparison {
  /** The device can be used no more. */
  static final class LostDevice extends Error {
    private static final long serialVersionUID = 1L;
  }

  private static final List<Double> SPECIAL =
      List.of(Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY);

  private static final List<DType> WHOLE = List.of(DType.I64, DType.I32, DType.U8, DType.BOOL);

  private final OpSpec spec;
  private final Device device;
  private final @Nullable Variant variant;
  private final Tally tally;
  private final Set<DType> dtypes;
  private final CudaBackend backend;
  private boolean drawn;

  /**
   * One variant, null where there is no choice.
   *
   * @param dtypes to note there those that it takes
   */
  DeviceComparison(
      OpSpec spec, Device device, @Nullable Variant variant, Tally tally, Set<DType> dtypes) {
    this.spec = spec;
    this.device = device;
    this.variant = variant;
    this.tally = tally;
    this.dtypes = dtypes;
    backend = CudaBackend.of(device);
  }

  private Oracle oracle(Example example) {
    return new Oracle(spec, example, example.op(), spec.gpuTolerance());
  }

  private boolean isSum() {
    return spec.gpuTolerance().whole();
  }

  /** All dtypes, views, special values, and the gradient. */
  void inEveryWay(Example example) {
    drawn = false;
    Oracle oracle = oracle(example);
    Inputs fair = Inputs.fair(example);
    Inputs integers = Inputs.integers(example);
    for (double special : SPECIAL) {
      special(oracle, fair, special);
    }
    compare(oracle, fair, DType.F32, false);
    if (spec.type() == null) {
      return;
    }
    compare(oracle, fair, DType.F64, false);
    if (isSum()) {
      compare(oracle, integers, DType.F32, true);
      gradients(example, integers);
    }
    Op op = example.op();
    if (op != null) {
      compare(oracle, fair, DType.BF16, false);
      compare(oracle, fair, DType.F16, false);
      for (DType dtype : WHOLE) {
        if (FastCheck.accepts(op, integers.tensors(dtype))) {
          compare(oracle, integers, dtype, true);
        }
      }
      for (Views way : Views.values()) {
        view(oracle, fair, way);
      }
    }
  }

  /**
   * F32, the gradient, and one dtype or special value and one view that {@code seed} chooses;
   * nothing if the reference refuses the values of the inputs.
   */
  void inSomeWays(Example example, long seed) {
    drawn = !DeviceCheck.examples(spec).contains(example);
    Oracle oracle = oracle(example);
    Inputs fair = Inputs.fair(example);
    Inputs integers = Inputs.integers(example);
    try (Scope _ = Scope.open()) {
      int _ = oracle.expected(fair.tensors(DType.F32)).size();
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      return;
    }
    Philox random = new Philox(seed, example.label().hashCode());
    if (spec.type() == null) {
      special(oracle, fair, SPECIAL.get(random.nextInt(SPECIAL.size())));
      return;
    }
    compare(oracle, isSum() ? integers : fair, DType.F32, isSum());
    if (isSum()) {
      gradients(example, integers);
    }
    Op op = example.op();
    if (op == null) {
      return;
    }
    switch (random.nextInt(5)) {
      case 0 -> special(oracle, fair, SPECIAL.get(random.nextInt(SPECIAL.size())));
      case 1 -> compare(oracle, fair, DType.F64, false);
      case 2 -> compare(oracle, fair, DType.F16, false);
      case 3 -> compare(oracle, fair, DType.BF16, false);
      default -> {
        DType dtype = WHOLE.get(random.nextInt(WHOLE.size()));
        boolean takes = FastCheck.accepts(op, integers.tensors(dtype));
        compare(oracle, takes ? integers : fair, takes ? dtype : DType.F32, takes);
      }
    }
    view(oracle, fair, Views.values()[random.nextInt(Views.values().length)]);
  }

  private void special(Oracle oracle, Inputs fair, double special) {
    String what = "F32 with " + special;
    step(
        what,
        () -> {
          Inputs planted = fair.planted(special);
          Tensor[] in = planted.tensors(DType.F32);
          Tensor[] got = onDevice(oracle.example(), moved(in));
          if (got != null && !backend.trace().hasTransformed()) {
            outputs(oracle, planted, false, what, in, got);
          }
        });
  }

  void compare(Oracle oracle, Inputs inputs, DType dtype, boolean exact) {
    step(
        dtype.toString(),
        () -> {
          Tensor[] in = inputs.tensors(dtype);
          Tensor[] got = onDevice(oracle.example(), moved(in));
          if (got != null) {
            if (Arrays.stream(got).anyMatch(y -> y.shape().count() > 0)) {
              dtypes.add(dtype);
            }
            outputs(oracle, inputs, exact, dtype.toString(), in, got);
          }
        });
  }

  private void view(Oracle oracle, Inputs inputs, Views way) {
    step(
        "F32 " + way,
        () -> {
          Tensor[] in = inputs.tensors(DType.F32);
          Tensor[] views = new Tensor[in.length];
          Tensor[] plain = new Tensor[in.length];
          for (int i = 0; i < in.length; i++) {
            views[i] = way.detached(in[i].to(device));
            Tensor view = views[i];
            plain[i] = Grad.off(() -> new Copy().apply(view).to(Device.CPU));
          }
          backend.trace().begin();
          Tensor[] got = onDevice(oracle.example(), views);
          if (got != null) {
            outputs(oracle, inputs.replaced(plain), false, "F32 " + way, plain, got);
          }
        });
  }

  private void outputs(
      Oracle oracle, Inputs inputs, boolean exact, String what, Tensor[] in, Tensor... got) {
    String by = by();
    Bounds bounds = new Bounds(oracle, inputs, exact, drawn, backend.trace().hasTransformed(), in);
    // Where what is drawn is too large for the dtype, infinities may have met on the way.
    boolean byLibrary = backend.trace().hasLibraryConvolution();
    boolean tooLarge = drawn && areFinite(in);
    for (int i = 0; i < got.length; i++) {
      if (!got[i].device().equals(device) && !(oracle.op() instanceof Transfer)) {
        tally.fail(what + " output " + i + " is on " + got[i].device());
      }
      double[] y = got[i].toDoubles();
      double[] expected = bounds.expected(i);
      if (byLibrary || tooLarge) {
        expected = finiteOr(y, expected);
      }
      tally.compareAll(
          what + " output " + i + by, expected, y, bounds.of(i, got[i].dtype(), variant));
    }
  }

  private static boolean areFinite(Tensor... in) {
    return Arrays.stream(in)
        .flatMapToDouble(x -> Arrays.stream(x.toDoubles()))
        .allMatch(Double::isFinite);
  }

  /** cuDNN does not say whether it multiplies by padding, and so whether 0 · NaN is seen there. */
  private static double[] finiteOr(double[] otherwise, double[] expected) {
    double[] y = expected.clone();
    for (int i = 0; i < y.length && y.length == otherwise.length; i++) {
      y[i] = Double.isFinite(y[i]) ? y[i] : otherwise[i];
    }
    return y;
  }

  private void gradients(Example example, Inputs integers) {
    step(
        "F32 gradient",
        () -> {
          Tensor[] there = moved(integers.tensors(DType.F32));
          Run got = whereSupported(() -> Run.of(example.call(), there));
          if (got == null) {
            return;
          }
          String by = by();
          Run expected =
              CpuBackend.withReference(() -> Run.of(example.call(), integers.tensors(DType.F64)));
          Run magnitudes =
              CpuBackend.withReference(
                  () -> Run.ofMagnitudes(example.call(), integers.absolute().tensors(DType.F64)));
          for (int i = 0; i < got.gradients().size(); i++) {
            tally.compareAll(
                "F32 gradient " + i + by,
                expected.gradients().get(i),
                got.gradients().get(i),
                Bounds.ofSums(magnitudes.gradients().get(i), backend.trace().hasTransformed()));
          }
        });
  }

  /** The kernels that were launched. */
  private String by() {
    return " by " + String.join(" ", backend.trace().kernels());
  }

  private void step(String what, Runnable work) {
    try (Scope _ = Scope.open()) {
      backend.trace().begin();
      work.run();
    } catch (RuntimeException | LinkageError e) {
      tally.fail(what + by() + ": threw " + e);
      if (backend.isLost()) {
        throw new LostDevice();
      }
    }
  }

  Tensor[] moved(Tensor... in) {
    return Grad.off(() -> Arrays.stream(in).map(x -> x.to(device)).toArray(Tensor[]::new));
  }

  private Tensor @Nullable [] onDevice(Example example, Tensor... in) {
    return whereSupported(() -> Grad.off(() -> example.call().apply(in)));
  }

  /** What {@code work} gives by the variant at hand; null if that does not take such operands. */
  <T> @Nullable T whereSupported(Supplier<T> work) {
    if (variant == null) {
      return work.get();
    }
    try {
      return Choice.with(Objects.requireNonNull(spec.type()), variant.name(), work);
    } catch (NoKernelException e) {
      if (e.kernel() == spec.type()) {
        return null;
      }
      throw e;
    }
  }
}
