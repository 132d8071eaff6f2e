package org.adjoint.check;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToLongFunction;
import org.adjoint.DType;
import org.adjoint.Grad;
import org.adjoint.Meta;
import org.adjoint.Scope;
import org.adjoint.Tensor;
import org.adjoint.autograd.Op;
import org.adjoint.backend.Dense;
import org.adjoint.backend.cpu.CpuBackend;
import org.adjoint.op.OpSpec;
import org.adjoint.op.OpSpec.Example;
import org.jspecify.annotations.Nullable;

/**
 * What users get, by vectors, blocks and views, against the reference.
 *
 * <ul>
 *   <li>F32 may differ as the spec's tolerance says, for each element.
 *   <li>On small integers a sum of products is exact in whatever order, so the bound is 0, forward
 *       and gradient: a summand that was lost shows.
 *   <li>NaN and infinities come out where the reference has them.
 *   <li>BF16 and F16 are the reference of the rounded inputs, rounded once.
 * </ul>
 *
 * <p>Of compositions only the NaN and infinities are looked at: the operations that they are made
 * of have specs of their own. The same holds for gradients that are not exact on integers.
 */
final class FastCheck {
  private static final List<Double> SPECIAL =
      List.of(Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY);

  private final OpSpec spec;
  private final Example example;
  private final @Nullable Op oracle;
  private final Tally tally;

  private FastCheck(OpSpec spec, Example example, @Nullable Op oracle, Tally tally) {
    this.spec = spec;
    this.example = example;
    this.oracle = oracle;
    this.tally = tally;
  }

  /** On integers alone, and against the reference of {@code oracle}, perhaps a mutant. */
  static void exact(OpSpec spec, Example example, Op oracle, Tally tally) {
    new FastCheck(spec, example, oracle, tally).compare(Inputs.integers(example), DType.F32, true);
  }

  /** Checks {@code example}. */
  static void run(OpSpec spec, Example example, Tally tally) {
    Op oracle = example.op();
    FastCheck check = new FastCheck(spec, example, oracle, tally);
    Inputs fair = Inputs.fair(example);
    Inputs integers = Inputs.integers(example);
    for (double special : SPECIAL) {
      check.compare(fair.planted(special), DType.F32, false);
    }
    if (spec.type() == null) {
      return;
    }
    check.compare(fair, DType.F32, false);
    if (spec.tolerance().terms() != null) {
      check.compare(integers, DType.F32, true);
      check.compareGradients(integers);
    }
    if (oracle != null) {
      check.compare(fair, DType.BF16, true);
      check.compare(fair, DType.F16, true);
      for (DType dtype : List.of(DType.I64, DType.I32, DType.U8, DType.BOOL)) {
        if (accepts(oracle, integers.tensors(dtype))) {
          check.compare(integers, dtype, true);
        }
      }
    }
  }

  /** Whether {@code op} takes such inputs. */
  static boolean accepts(Op op, Tensor... in) {
    try {
      return op.infer(metas(in)).length > 0;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static Meta[] metas(Tensor... in) {
    return Arrays.stream(in).map(Tensor::meta).toArray(Meta[]::new);
  }

  private void compare(Inputs inputs, DType dtype, boolean exact) {
    try (Scope _ = Scope.open()) {
      Tensor[] in = inputs.tensors(dtype);
      Tensor[] got = Grad.off(() -> example.call().apply(in));
      List<double[]> expected = expected(in);
      List<double[]> magnitudes = exact ? expected : magnitudes(inputs, expected);
      for (int i = 0; i < got.length; i++) {
        double[] bounds = new double[expected.get(i).length];
        double largest = largest(expected.get(i));
        for (int k = 0; k < bounds.length && !exact && got[i].dtype() == DType.F32; k++) {
          bounds[k] = bound(expected.get(i)[k], magnitudes.get(i)[k], largest, metas(in));
        }
        tally.compareAll(dtype + " output " + i, expected.get(i), got[i].toDoubles(), bounds);
      }
    }
  }

  /** See {@link OpSpec.Tolerance}. */
  private double bound(double expected, double magnitude, double largest, Meta... in) {
    if (!Double.isFinite(expected)) {
      return 0;
    }
    if (spec.type() == null) {
      return Double.POSITIVE_INFINITY;
    }
    double u = DType.F32.unitRoundoff();
    double scale = spec.tolerance().ofLargest() ? largest : Math.abs(expected);
    double bound = 2 * u * spec.tolerance().ulps() * scale;
    ToLongFunction<Meta[]> terms = spec.tolerance().terms();
    if (terms != null) {
      double k = terms.applyAsLong(in);
      bound += (4 * Math.sqrt(k) + 2) * u * magnitude + u * Math.abs(expected);
    }
    return bound;
  }

  private static double largest(double... x) {
    return Arrays.stream(x).map(Math::abs).filter(Double::isFinite).max().orElse(0);
  }

  /** The reference, rounded to the dtype of each output. */
  private List<double[]> expected(Tensor... in) {
    Op op = oracle;
    if (op == null) {
      return elements(CpuBackend.withReference(() -> example.call().apply(in)));
    }
    Meta[] metas = op.infer(metas(in));
    Dense[] y = Arrays.stream(metas).map(meta -> Dense.zeros(meta.shape())).toArray(Dense[]::new);
    op.reference(
        Arrays.stream(in).map(x -> new Dense(x.toDoubles(), x.shape())).toArray(Dense[]::new), y);
    List<double[]> rounded = new ArrayList<>();
    for (int i = 0; i < y.length; i++) {
      rounded.add(Tensor.of(y[i].shape(), y[i].data()).to(metas[i].dtype()).toDoubles());
    }
    return rounded;
  }

  /** Σ|terms| for each element: the reference's result for absolute values. */
  private List<double[]> magnitudes(Inputs inputs, List<double[]> otherwise) {
    if (spec.tolerance().terms() == null) {
      return otherwise;
    }
    Inputs absolute = inputs.map(x -> Arrays.stream(x).map(Math::abs).toArray());
    return elements(
        CpuBackend.withReference(() -> example.call().apply(absolute.tensors(DType.F64))));
  }

  private static List<double[]> elements(Tensor... tensors) {
    return Arrays.stream(tensors).map(Tensor::toDoubles).toList();
  }

  private void compareGradients(Inputs integers) {
    try (Scope _ = Scope.open()) {
      Tensor[] in = integers.tensors(DType.F32);
      Run quick = Run.of(example.call(), in);
      Run reference = CpuBackend.withReference(() -> Run.of(example.call(), in));
      for (int i = 0; i < quick.gradients().size(); i++) {
        tally.compareAll(
            "gradient " + i, reference.gradients().get(i), quick.gradients().get(i), 0);
      }
    }
  }
}
