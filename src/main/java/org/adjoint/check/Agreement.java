package org.adjoint.check;

import java.util.Arrays;
import java.util.List;
import org.adjoint.DType;
import org.adjoint.Meta;
import org.adjoint.Tensor;
import org.adjoint.autograd.Op;
import org.adjoint.op.OpSpec;
import org.adjoint.op.OpSpec.Example;
import org.jspecify.annotations.Nullable;

/**
 * Whether what another library computed is what an operation is to give for the same inputs. Others
 * round in other places, and numbers of ours beforehand: they may err {@value #TIMES} times as much
 * as our kernels on a GPU, and always by {@value #UNITS} units in the last place of the element and
 * one of the largest.
 */
public final class Agreement {
  private static final double TIMES = 4;
  private static final double UNITS = 4;

  private final String op;
  private final DType dtype;
  private final double rounding;
  private final Meta[] results;
  private final Bounds bounds;

  private Agreement(String op, DType dtype, double rounding, Meta[] results, Bounds bounds) {
    this.op = op;
    this.dtype = dtype;
    this.rounding = rounding;
    this.results = results;
    this.bounds = bounds;
  }

  /**
   * Asks the reference once, on the CPU, whoever is compared with it.
   *
   * @param rounding the unit roundoff to which factors are rounded before they are multiplied, that
   *     of TF32 for instance; 0 if they are not
   */
  public static Agreement with(OpSpec spec, Op op, DType dtype, double rounding, Tensor... in) {
    Example example = new Example(op.name(), op, x -> Tensor.apply(op, x), List.of());
    // Whoever convolves may do so by transforms.
    boolean transforms = op.name().startsWith("conv");
    Oracle oracle = new Oracle(spec, example, op, spec.gpuTolerance());
    return new Agreement(
        op.name(),
        dtype,
        rounding,
        op.infer(Oracle.metas(in)),
        new Bounds(oracle, Inputs.given(in), false, false, transforms, in));
  }

  /**
   * What {@code who} computed beside what is right.
   *
   * @param outputs the elements of each, or null for one that was not computed
   */
  public Tally of(String who, List<double @Nullable []> outputs) {
    Tally tally = new Tally(op, "beside the reference");
    tally.during(
        who,
        () -> {
          for (int i = 0; i < outputs.size(); i++) {
            double[] got = outputs.get(i);
            if (got != null) {
              tally.compareAll("output " + i, bounds.expected(i), got, bound(i));
            }
          }
          if (tally.compared() == 0
              && Arrays.stream(results).anyMatch(y -> y.shape().count() > 0)) {
            tally.fail("computed nothing");
          }
        });
    return tally;
  }

  private double[] bound(int i) {
    double[] bound = bounds.of(i, dtype, rounding);
    double[] expected = bounds.expected(i);
    if (results[i].dtype().isFloating()) {
      double unit = 2 * Math.max(dtype.unitRoundoff(), results[i].dtype().unitRoundoff());
      double largest = Oracle.largest(expected);
      for (int k = 0; k < bound.length; k++) {
        double own = unit * (UNITS * Math.abs(expected[k]) + largest);
        bound[k] = Double.isFinite(own) ? Math.max(TIMES * bound[k], own) : bound[k];
      }
    }
    return bound;
  }
}
