package org.adjoint;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.adjoint.autograd.Backward;
import org.adjoint.autograd.Slot;
import org.adjoint.op.Copy;

/** Asking for derivatives, and asking not to be ready for them. */
public final class Grad {
  private static final ScopedValue<Boolean> OFF = ScopedValue.newInstance();
  private static final ScopedValue<Boolean> ANOMALY = ScopedValue.newInstance();

  private Grad() {}

  /**
   * ∂loss/∂x for each x, each of x's shape; leaves {@code grad()} alone and frees the graph.
   *
   * @param loss a scalar
   * @throws IllegalArgumentException if the loss is no scalar or does not depend on some x
   */
  public static Tensor[] of(Tensor loss, Tensor... xs) {
    return off(() -> gradients(loss, xs, false));
  }

  /** As {@link #of}, with results that can be differentiated again; the graph is kept. */
  public static Tensor[] ofDifferentiable(Tensor loss, Tensor... xs) {
    return gradients(loss, xs, true);
  }

  private static Tensor[] gradients(Tensor loss, Tensor[] xs, boolean retainGraph) {
    try (Span _ = Span.open(Span.Part.BACKWARD, "backward")) {
      return Backward.gradients(slot(loss), seed(loss), slots(xs), retainGraph);
    }
  }

  /**
   * The derivative of f at x in the direction v, Σⱼ ∂fᵢ/∂xⱼ·vⱼ, of the shape of f(x): what forward
   * mode computes. Here it is reverse mode twice: the gradient of u·f(x) is linear in u, and its
   * derivative in u is what is asked for, whatever u is (Townsend, A new trick for calculating
   * Jacobian vector products, 2017).
   *
   * @param v of x's shape and dtype
   * @throws IllegalArgumentException if it is not
   */
  public static Tensor jvp(UnaryOperator<Tensor> f, Tensor x, Tensor v) {
    if (!v.meta().equals(x.meta())) {
      throw new IllegalArgumentException(
          "jvp: the direction is " + v.meta() + " where x is " + x.meta());
    }
    Tensor at = x.detach().requireGrad();
    Tensor y = f.apply(at);
    Tensor u = Tensor.zeros(y.meta()).requireGrad();
    if (y.slot() == null) {
      return Tensor.zeros(y.meta()); // f does not depend on x
    }
    Tensor along = ofDifferentiable(y.mul(u).sum(), at)[0].mul(v).sum();
    return along.slot() == null ? Tensor.zeros(y.meta()) : of(along, u)[0];
  }

  /**
   * The gradient of Σ dy ⊙ f(x) in each x, what a backward of f would return: for fused operations
   * whose gradient's gradient is too seldom asked for to be fused. It can be differentiated again
   * where operations are being recorded.
   *
   * @param dy one for each of f's results, of its shape
   * @throws IllegalArgumentException if f makes no use of some x
   */
  public static Tensor[] vjp(Function<Tensor[], Tensor[]> f, Tensor[] x, Tensor... dy) {
    boolean again =
        isOn() && Stream.of(x, dy).flatMap(Arrays::stream).anyMatch(Tensor::requiresGrad);
    return ScopedValue.where(OFF, false)
        .call(() -> {
          // Each x anew, so that what x itself was computed from stays out of sight.
          Tensor[] at = new Tensor[x.length];
          for (int i = 0; i < at.length; i++) {
            boolean connected = again && x[i].slot() != null;
            at[i] = connected ? new Copy().apply(x[i]) : x[i].detach().requireGrad();
          }
          Tensor[] y = f.apply(at);
          Tensor loss = Tensor.zeros(new Meta(Shape.SCALAR, x[0].dtype(), x[0].device()));
          for (int i = 0; i < y.length; i++) {
            loss = loss.add(y[i].mul(dy[i]).sum());
          }
          return again ? ofDifferentiable(loss, at) : of(loss, at);
        });
  }

  /** {@code loss.backward()}: adds the gradients to those of the leaves. */
  static void backward(Tensor loss, boolean retainGraph) {
    off(() -> {
      try (Span _ = Span.open(Span.Part.BACKWARD, "backward")) {
        Backward.accumulate(slot(loss), seed(loss), retainGraph);
      }
    });
  }

  /** Runs {@code work} without recording: what it computes has no gradient. */
  public static <T> T off(Supplier<T> work) {
    return ScopedValue.where(OFF, true).call(work::get);
  }

  /** Runs {@code work} without recording. */
  public static void off(Runnable work) {
    ScopedValue.where(OFF, true).run(work);
  }

  /** Whether operations are being recorded here. */
  public static boolean isOn() {
    return !OFF.orElse(false);
  }

  /**
   * Runs {@code work} in anomaly mode: the first NaN or infinity, forward or backward, is an {@link
   * ArithmeticException} that names its operation and where in the program it was made. Slow.
   */
  public static void anomaly(Runnable work) {
    ScopedValue.where(ANOMALY, true).run(work);
  }

  /** As {@link #anomaly(Runnable)}, returning what {@code work} returns. */
  public static <T> T anomaly(Supplier<T> work) {
    return ScopedValue.where(ANOMALY, true).call(work::get);
  }

  /** Whether anomaly mode is on here. */
  public static boolean isAnomalyMode() {
    return ANOMALY.orElse(false);
  }

  /**
   * In anomaly mode, looks for NaN and infinity.
   *
   * @throws ArithmeticException naming {@code what} and the first bad element
   */
  public static void checkAnomaly(String what, Tensor value) {
    if (!isAnomalyMode() || !value.dtype().isFloating()) {
      return;
    }
    // Reading may need a conversion, which must not be looked at in turn.
    double[] elements = ScopedValue.where(ANOMALY, false).call(value::toDoubles);
    for (int i = 0; i < elements.length; i++) {
      if (!Double.isFinite(elements[i])) {
        throw new ArithmeticException(
            "anomaly: " + what + ", " + value.shape() + ", is " + elements[i] + " at element " + i);
      }
    }
  }

  private static Tensor seed(Tensor loss) {
    if (loss.shape().count() != 1) {
      throw new IllegalArgumentException(
          "backward: the loss must be one number but is "
              + loss.shape()
              + "; take sum() or mean()");
    }
    return Tensor.ones(loss.meta());
  }

  private static Slot slot(Tensor tensor) {
    Slot slot = tensor.slot();
    if (slot == null) {
      throw new IllegalArgumentException(
          "grad: "
              + tensor.describe()
              + " has no gradient: nothing it was computed from asks for"
              + " one; call requireGrad() on a parameter first");
    }
    return slot;
  }

  private static List<Slot> slots(Tensor... xs) {
    List<Slot> slots = new ArrayList<>();
    for (Tensor x : xs) {
      slots.add(slot(x));
    }
    return slots;
  }
}
