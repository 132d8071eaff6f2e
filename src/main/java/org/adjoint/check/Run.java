package org.adjoint.check;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.adjoint.DType;
import org.adjoint.Grad;
import org.adjoint.Meta;
import org.adjoint.Philox;
import org.adjoint.Scope;
import org.adjoint.Tensor;

/**
 * What one call gave: the elements of its outputs, and of the gradient of Σ u ⊙ outputs in every
 * floating input. The weights u are small integers, which depend on nothing but their number.
 */
record Run(List<double[]> outputs, List<double[]> gradients) {
  /** Runs {@code call} on {@code in}, forward and, where it has a gradient, back. */
  static Run of(Function<Tensor[], Tensor[]> call, Tensor... in) {
    return of(call, false, in);
  }

  /** The same with absolute values of the weights: for absolute inputs, sums of |terms|. */
  static Run ofMagnitudes(Function<Tensor[], Tensor[]> call, Tensor... in) {
    return of(call, true, in);
  }

  private static Run of(Function<Tensor[], Tensor[]> call, boolean absolute, Tensor... in) {
    try (Scope _ = Scope.open()) {
      List<Tensor> variables = new ArrayList<>();
      Tensor[] x = new Tensor[in.length];
      for (int i = 0; i < in.length; i++) {
        x[i] = in[i].detach();
        if (x[i].dtype().isFloating()) {
          variables.add(x[i].requireGrad());
        }
      }
      Tensor[] y = call.apply(x);
      Tensor loss = Tensor.scalar(0).to(y[0].device());
      for (Tensor output : y) {
        if (output.dtype().isFloating() && output.requiresGrad()) {
          Tensor u = weights(output.meta(), absolute);
          loss = loss.add(u.mul(output).sum().to(DType.F64));
        }
      }
      List<double[]> gradients = new ArrayList<>();
      if (loss.requiresGrad()) {
        for (Tensor gradient : Grad.of(loss, variables.toArray(Tensor[]::new))) {
          gradients.add(gradient.toDoubles());
        }
      }
      return new Run(Arrays.stream(y).map(Tensor::toDoubles).toList(), gradients);
    }
  }

  private static Tensor weights(Meta meta, boolean absolute) {
    Philox random = new Philox(meta.shape().count());
    double[] u = new double[Math.toIntExact(meta.shape().count())];
    Arrays.setAll(u, i -> (1 + random.nextInt(3)) * (random.nextInt(2) == 0 ? -1 : 1));
    if (absolute) {
      Arrays.setAll(u, i -> Math.abs(u[i]));
    }
    return Tensor.of(meta.shape(), u).to(meta.dtype()).to(meta.device());
  }

  /** Compares with {@code other}, which must have the same bits (but for those of NaN). */
  void mustEqual(Run other, String what, Tally tally) {
    compareBits(outputs, other.outputs, what + ": output ", tally);
    compareBits(gradients, other.gradients, what + ": gradient ", tally);
  }

  private static void compareBits(List<double[]> a, List<double[]> b, String what, Tally tally) {
    if (a.size() != b.size()) {
      tally.fail(what + "s: " + a.size() + " and " + b.size());
      return;
    }
    for (int i = 0; i < a.size(); i++) {
      tally.compareAll(what + i, a.get(i), b.get(i), 0);
      if (!Arrays.equals(withSigns(a.get(i)), withSigns(b.get(i)))) {
        tally.fail(what + i + ": a zero has another sign");
      }
    }
  }

  /** 0 for +0, 1 for −0, 2 for the rest: what a comparison by value does not see. */
  private static int[] withSigns(double... x) {
    return Arrays.stream(x).mapToInt(v -> v != 0 ? 2 : 1 / v > 0 ? 0 : 1).toArray();
  }
}
