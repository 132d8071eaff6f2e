package org.adjoint.check;

import java.util.List;
import org.adjoint.DType;
import org.adjoint.Grad;
import org.adjoint.Scope;
import org.adjoint.Tensor;
import org.adjoint.autograd.Op;
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

  private final Example example;
  private final Oracle oracle;
  private final Tally tally;

  private FastCheck(OpSpec spec, Example example, @Nullable Op op, Tally tally) {
    this.example = example;
    this.oracle = new Oracle(spec, example, op, spec.tolerance());
    this.tally = tally;
  }

  /** On integers alone, and against the reference of {@code oracle}, perhaps a mutant. */
  static void exact(OpSpec spec, Example example, Op oracle, Tally tally) {
    new FastCheck(spec, example, oracle, tally).compare(Inputs.integers(example), DType.F32, true);
  }

  /** Checks {@code example}. */
  static void run(OpSpec spec, Example example, Tally tally) {
    Op op = example.op();
    FastCheck check = new FastCheck(spec, example, op, tally);
    Inputs fair = Inputs.fair(example);
    Inputs integers = Inputs.integers(example);
    for (double special : SPECIAL) {
      check.compare(fair.planted(special), DType.F32, false);
    }
    if (spec.type() == null) {
      return;
    }
    check.compare(fair, DType.F32, false);
    if (spec.tolerance().whole()) {
      check.compare(integers, DType.F32, true);
      check.compareGradients(integers);
    }
    if (op != null) {
      check.compare(fair, DType.BF16, true);
      check.compare(fair, DType.F16, true);
      for (DType dtype : List.of(DType.I64, DType.I32, DType.U8, DType.BOOL)) {
        if (accepts(op, integers.tensors(dtype))) {
          check.compare(integers, dtype, true);
        }
      }
    }
  }

  /** Whether {@code op} takes such inputs. */
  static boolean accepts(Op op, Tensor... in) {
    try {
      return op.infer(Oracle.metas(in)).length > 0;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private void compare(Inputs inputs, DType dtype, boolean exact) {
    try (Scope _ = Scope.open()) {
      Tensor[] in = inputs.tensors(dtype);
      Tensor[] got = Grad.off(() -> example.call().apply(in));
      List<double[]> expected = oracle.expected(in);
      List<double[]> magnitudes = exact ? expected : oracle.magnitudes(inputs, expected);
      for (int i = 0; i < got.length; i++) {
        double[] bounds =
            exact || !got[i].dtype().isFloating()
                ? new double[expected.get(i).length]
                : oracle.bounds(expected.get(i), magnitudes.get(i), DType.F32, Oracle.metas(in));
        tally.compareAll(dtype + " output " + i, expected.get(i), got[i].toDoubles(), bounds);
      }
    }
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
