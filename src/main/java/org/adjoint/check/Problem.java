package org.adjoint.check;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.adjoint.DType;
import org.adjoint.Grad;
import org.adjoint.Philox;
import org.adjoint.Scope;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.backend.cpu.CpuBackend;
import org.adjoint.op.Draw;
import org.adjoint.op.OpSpec.Example;
import org.jspecify.annotations.Nullable;

/**
 * A function of tensors at a point, seen as a function from Rⁿ to Rᵐ: all floating inputs in one
 * row, all floating outputs in another. It is evaluated in F64 and by references alone.
 */
final class Problem {
  /** An input: its shape, elements and dtype, and whether it is a variable. */
  private record Input(Shape shape, double[] values, DType dtype, boolean variable) {}

  // Multiples of this have so few digits that a step of a difference quotient adds exactly.
  private static final double GRID = 0x1p-20;

  private final String label;
  private final Function<Tensor[], Tensor[]> call;
  private final List<Input> inputs;

  private Problem(String label, Function<Tensor[], Tensor[]> call, List<Input> inputs) {
    this.label = label;
    this.call = call;
    this.inputs = inputs;
  }

  /** The call of {@code example}, at its fair inputs. */
  static Problem of(Example example) {
    return of(example, example.call());
  }

  /** Another call in the place of the example's. */
  static Problem of(Example example, Function<Tensor[], Tensor[]> call) {
    Inputs fair = Inputs.fair(example);
    List<Input> inputs = new ArrayList<>();
    for (int i = 0; i < fair.size(); i++) {
      double[] onGrid =
          Arrays.stream(fair.values(i)).map(x -> Math.rint(x / GRID) * GRID).toArray();
      Draw draw = fair.draw(i);
      inputs.add(new Input(draw.shape(), onGrid, draw.dtype(DType.F64), draw.differentiable()));
    }
    return new Problem(example.label(), call, inputs);
  }

  /**
   * The gradient of this as a problem of its own: (x, u) ↦ ∂(Σ u ⊙ f(x))/∂x. Its derivative in x is
   * f's second, and that in u tells whether the gradient is linear in what flows into it.
   */
  Problem gradientProblem() {
    int n = inputs.size();
    List<Input> both = new ArrayList<>(inputs);
    Philox random = Inputs.random("u of " + label);
    inside(() -> {
      for (Tensor y : floating(call.apply(tensors()))) {
        both.add(new Input(y.shape(), onGrid(random, y.shape()), DType.F64, true));
      }
      return 0;
    });
    Function<Tensor[], Tensor[]> gradient =
        in -> {
          Tensor[] x = Arrays.copyOf(in, n);
          Tensor[] variables = variables(x);
          for (Tensor variable : variables) {
            variable.requireGrad();
          }
          Tensor[] u = Arrays.copyOfRange(in, n, in.length);
          return Grad.ofDifferentiable(weighted(call.apply(x), u), variables);
        };
    return new Problem(label, gradient, both);
  }

  /** Whether there is anything to differentiate: some output is floating. */
  boolean isDifferentiable() {
    return inside(() -> floating(call.apply(tensors())).length > 0);
  }

  /** The variables' elements, one input after the other. */
  double[] point() {
    List<double[]> parts = new ArrayList<>();
    for (Input input : inputs) {
      if (input.variable) {
        parts.add(input.values);
      }
    }
    return join(parts);
  }

  /** The outputs' elements at {@code point}. */
  double[] value(double[] point) {
    return inside(() -> join(call.apply(tensors(point))));
  }

  /** The gradient of w·f at the point, by Adjoint. */
  double[] gradient(double[] w) {
    return inside(() -> {
      Tensor[] in = tensors();
      Tensor[] variables = variables(in);
      for (Tensor variable : variables) {
        variable.requireGrad();
      }
      Tensor[] y = floating(call.apply(in));
      Tensor[] weights = new Tensor[y.length];
      int at = 0;
      for (int i = 0; i < y.length; i++) {
        int count = (int) y[i].shape().count();
        weights[i] = Tensor.of(y[i].shape(), Arrays.copyOfRange(w, at, at + count));
        at += count;
      }
      Tensor loss = weighted(y, weights);
      // A gradient may well be constant, as that of a sum is: then there is no path.
      if (loss.requiresGrad()) {
        loss.backward();
      }
      List<double[]> parts = new ArrayList<>();
      for (Tensor variable : variables) {
        parts.add(
            variable.hasGrad()
                ? variable.grad().toDoubles()
                : new double[(int) variable.shape().count()]);
      }
      return join(parts);
    });
  }

  /** Σ u ⊙ y over the floating ones of {@code outputs}. */
  private static Tensor weighted(Tensor[] outputs, Tensor... u) {
    Tensor[] y = floating(outputs);
    Tensor sum = Tensor.scalar(0);
    for (int i = 0; i < y.length; i++) {
      sum = sum.add(u[i].mul(y[i]).sum());
    }
    return sum;
  }

  /** Numbers on the grid, none of them near 0: a weight of 0 would hide what it multiplies. */
  static double[] onGrid(Philox random, Shape shape) {
    double[] x = new double[Math.toIntExact(shape.count())];
    for (int i = 0; i < x.length; i++) {
      double size = (16 + random.nextInt(49)) / 64.0;
      x[i] = random.nextInt(2) == 0 ? size : -size;
    }
    return x;
  }

  private static <T> T inside(Supplier<T> work) {
    try (Scope _ = Scope.open()) {
      return CpuBackend.withReference(work);
    }
  }

  private Tensor[] tensors() {
    return tensors(null);
  }

  private Tensor[] tensors(double @Nullable [] point) {
    Tensor[] tensors = new Tensor[inputs.size()];
    int at = 0;
    for (int i = 0; i < tensors.length; i++) {
      Input input = inputs.get(i);
      double[] values = input.values;
      if (point != null && input.variable) {
        values = Arrays.copyOfRange(point, at, at + values.length);
        at += values.length;
      }
      tensors[i] = Tensor.of(input.shape, values).to(input.dtype);
    }
    return tensors;
  }

  private Tensor[] variables(Tensor... in) {
    List<Tensor> variables = new ArrayList<>();
    for (int i = 0; i < in.length; i++) {
      if (inputs.get(i).variable) {
        variables.add(in[i]);
      }
    }
    return variables.toArray(Tensor[]::new);
  }

  private static Tensor[] floating(Tensor... outputs) {
    return Arrays.stream(outputs).filter(y -> y.dtype().isFloating()).toArray(Tensor[]::new);
  }

  private static double[] join(Tensor... outputs) {
    return join(Arrays.stream(floating(outputs)).map(Tensor::toDoubles).toList());
  }

  private static double[] join(List<double[]> parts) {
    return parts.stream().flatMapToDouble(Arrays::stream).toArray();
  }
}
