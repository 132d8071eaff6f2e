package org.adjoint.optim;

import java.util.Collection;
import java.util.function.UnaryOperator;
import org.adjoint.DType;
import org.adjoint.Grad;
import org.adjoint.Scope;
import org.adjoint.Span;
import org.adjoint.Tensor;
import org.adjoint.nn.Layer;

/**
 * Keeps gradients from growing too large, between backward and step (Pascanu, Mikolov, Bengio, On
 * the difficulty of training recurrent neural networks, 2013, algorithm 1).
 */
public final class Clip {
  /** As in PyTorch: keeps the divisor from 0, and the result a little below the limit. */
  private static final double EPS = 1e-6;

  private Clip() {}

  /** As {@link #norm(Collection, double)}, for all parameters of {@code model}. */
  public static double norm(Layer model, double most) {
    return norm(model.parameters().values(), most);
  }

  /**
   * Scales all gradients together, so that √Σ g² over all their elements is at most {@code most}.
   *
   * @return that norm as it was before; NaN or infinite if a gradient was, and then all gradients
   *     are spoilt: {@link LossScaler} skips such steps
   * @throws IllegalArgumentException if {@code most} is not above 0
   */
  public static double norm(Collection<Tensor> parameters, double most) {
    requirePositive("norm", most);
    try (Span _ = Span.open(Span.Part.UPDATE, "clip")) {
      return shortened(parameters, most);
    }
  }

  private static double shortened(Collection<Tensor> parameters, double most) {
    double squares = 0;
    for (Tensor p : parameters.stream().distinct().filter(Tensor::hasGrad).toList()) {
      try (Scope _ = Scope.open()) {
        // In double, no square of a float overflows.
        Tensor wide = Grad.off(() -> p.grad().to(DType.F64));
        squares += Grad.off(() -> wide.mul(wide).sum()).item();
      }
    }
    double norm = Math.sqrt(squares);
    double factor = most / (norm + EPS);
    if (!(factor >= 1)) {
      change(parameters, g -> g.mul(factor));
    }
    return norm;
  }

  /** As {@link #value(Collection, double)}, for all parameters of {@code model}. */
  public static void value(Layer model, double most) {
    value(model.parameters().values(), most);
  }

  /**
   * Cuts each element of each gradient to −most .. most; NaN stays NaN.
   *
   * @throws IllegalArgumentException if {@code most} is not above 0
   */
  public static void value(Collection<Tensor> parameters, double most) {
    requirePositive("value", most);
    try (Span _ = Span.open(Span.Part.UPDATE, "clip")) {
      change(parameters, g -> g.clamp(-most, most));
    }
  }

  /** Puts {@code change} of each gradient in its place. */
  static void change(Collection<Tensor> parameters, UnaryOperator<Tensor> change) {
    for (Tensor p : parameters.stream().distinct().filter(Tensor::hasGrad).toList()) {
      try (Scope _ = Scope.open()) {
        Tensor g = p.grad();
        Grad.off(() -> g.assign(change.apply(g)));
      }
    }
  }

  private static void requirePositive(String what, double most) {
    if (!(most > 0)) {
      throw new IllegalArgumentException("clip: a " + what + " of " + most + " is not above 0");
    }
  }
}
