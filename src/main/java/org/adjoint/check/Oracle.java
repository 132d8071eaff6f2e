package org.adjoint.check;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.ToLongFunction;
import org.adjoint.DType;
import org.adjoint.Meta;
import org.adjoint.Philox;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.autograd.Op;
import org.adjoint.backend.Dense;
import org.adjoint.backend.cpu.CpuBackend;
import org.adjoint.op.OpSpec;
import org.adjoint.op.OpSpec.Example;
import org.adjoint.op.OpSpec.Tolerance;
import org.jspecify.annotations.Nullable;

/**
 * What an example must give, from the references alone, and how far from that a quick road may be.
 *
 * @param op the operation whose reference is asked; null where the call is made of several
 * @param tolerance of the road
 */
record Oracle(OpSpec spec, Example example, @Nullable Op op, Tolerance tolerance) {
  private static final int SPREAD_DRAWS = 4;

  /** The reference, rounded to the dtype of each output. */
  List<double[]> expected(Tensor... in) {
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
  List<double[]> magnitudes(Inputs inputs, List<double[]> otherwise) {
    if (tolerance.terms() == null) {
      return otherwise;
    }
    Inputs absolute = inputs.absolute();
    return elements(
        CpuBackend.withReference(() -> example.call().apply(absolute.tensors(DType.F64))));
  }

  /**
   * The bound of each element of an output; see {@link Tolerance}.
   *
   * @param dtype what the road computes in
   */
  double[] bounds(double[] expected, double[] magnitudes, DType dtype, Meta... in) {
    double largest = largest(expected);
    double[] bounds = new double[expected.length];
    for (int k = 0; k < bounds.length; k++) {
      bounds[k] = bound(expected[k], magnitudes[k], largest, dtype.unitRoundoff(), in);
    }
    return bounds;
  }

  /** The largest absolute value among those that are finite. */
  static double largest(double... expected) {
    return Arrays.stream(expected).map(Math::abs).filter(Double::isFinite).max().orElse(0);
  }

  private double bound(double expected, double magnitude, double largest, double u, Meta... in) {
    if (!Double.isFinite(expected)) {
      return 0;
    }
    if (spec.type() == null) {
      return Double.POSITIVE_INFINITY;
    }
    double scale = tolerance.ofLargest() ? largest : Math.abs(expected);
    double bound = 2 * u * tolerance.ulps() * scale;
    ToLongFunction<Meta[]> inner = tolerance.inner();
    if (inner != null) {
      bound += (4 * Math.sqrt(inner.applyAsLong(in)) + 2) * u * scale;
    }
    ToLongFunction<Meta[]> terms = tolerance.terms();
    if (terms != null) {
      double k = terms.applyAsLong(in);
      bound += (4 * Math.sqrt(k) + 2) * u * magnitude + u * Math.abs(expected);
    }
    return bound;
  }

  /**
   * How far outputs move, at most, where each element of an input moves by {@code u} of it, up or
   * down: what no algorithm can help, as its input has been rounded. Of a few draws.
   */
  List<double[]> spread(double u, Tensor... in) {
    Op definition = Objects.requireNonNull(op);
    Shape[] shapes =
        Arrays.stream(definition.infer(metas(in))).map(Meta::shape).toArray(Shape[]::new);
    Philox random = Inputs.random("spread of " + example.label());
    Dense[] exact = computed(definition, shapes, 0, random, in);
    List<double[]> spread = Arrays.stream(exact).map(y -> new double[y.data().length]).toList();
    for (int draw = 0; draw < SPREAD_DRAWS; draw++) {
      Dense[] moved = computed(definition, shapes, u, random, in);
      for (int i = 0; i < exact.length; i++) {
        double[] widest = spread.get(i);
        for (int k = 0; k < widest.length; k++) {
          double distance = Math.abs(moved[i].data()[k] - exact[i].data()[k]);
          widest[k] = Double.isFinite(distance) ? Math.max(widest[k], distance) : widest[k];
        }
      }
    }
    return spread;
  }

  private static Dense[] computed(Op op, Shape[] shapes, double u, Philox random, Tensor... in) {
    Dense[] x = new Dense[in.length];
    for (int i = 0; i < in.length; i++) {
      double[] elements = in[i].toDoubles();
      boolean moves = in[i].dtype().isFloating();
      for (int k = 0; moves && k < elements.length; k++) {
        elements[k] *= random.nextInt(2) == 0 ? 1 + u : 1 - u;
      }
      x[i] = new Dense(elements, in[i].shape());
    }
    Dense[] y = Arrays.stream(shapes).map(Dense::zeros).toArray(Dense[]::new);
    op.reference(x, y);
    return y;
  }

  /** What the tensors look like. */
  static Meta[] metas(Tensor... in) {
    return Arrays.stream(in).map(Tensor::meta).toArray(Meta[]::new);
  }

  private static List<double[]> elements(Tensor... tensors) {
    return Arrays.stream(tensors).map(Tensor::toDoubles).toList();
  }
}
