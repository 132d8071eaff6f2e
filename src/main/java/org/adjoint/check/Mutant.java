package org.adjoint.check;

import java.util.Arrays;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import org.adjoint.Meta;
import org.adjoint.Tensor;
import org.adjoint.autograd.Keep;
import org.adjoint.autograd.Op;
import org.adjoint.autograd.Saved;
import org.adjoint.autograd.View;
import org.adjoint.backend.Dense;
import org.adjoint.backend.Layout;

/**
 * An operation with a fault in it: as the original, but for what its backward returns, or for what
 * its reference is given.
 */
class Mutant implements Op {
  private final Op original;
  private final BiFunction<Tensor[], Meta[], Tensor[]> backward;
  private final UnaryOperator<Dense[]> reference;

  private Mutant(
      Op original,
      BiFunction<Tensor[], Meta[], Tensor[]> backward,
      UnaryOperator<Dense[]> reference) {
    this.original = original;
    this.backward = backward;
    this.reference = reference;
  }

  /** {@code original}, with the gradients that it returns changed. */
  static Op ofBackward(Op original, BiFunction<Tensor[], Meta[], Tensor[]> change) {
    // A view computes nothing; whoever runs it must see that it is one.
    return original instanceof View view
        ? new OfView(view, change)
        : new Mutant(original, change, in -> in);
  }

  /** {@code original}, whose reference does not see the last element of its first input. */
  static Op thatDropsTheLast(Op original) {
    return new Mutant(
        original,
        (gradients, in) -> gradients,
        in -> {
          double[] shorter = in[0].data().clone();
          if (shorter.length > 0) {
            shorter[shorter.length - 1] = 0;
          }
          Dense[] changed = in.clone();
          changed[0] = new Dense(shorter, in[0].shape());
          return changed;
        });
  }

  private static final class OfView extends Mutant implements View {
    private final View view;

    OfView(View view, BiFunction<Tensor[], Meta[], Tensor[]> change) {
      super(view, change, in -> in);
      this.view = view;
    }

    @Override
    public Layout view(Layout in) {
      return view.view(in);
    }

    @Override
    public double flop(Meta[] in, Meta[] out) {
      return view.flop(in, out);
    }
  }

  @Override
  public String name() {
    return original.name();
  }

  @Override
  public Meta[] infer(Meta... in) {
    return original.infer(in);
  }

  @Override
  public void reference(Dense[] in, Dense[] out) {
    original.reference(reference.apply(in), out);
  }

  @Override
  public int workspace() {
    return original.workspace();
  }

  @Override
  public Keep keep() {
    return original.keep();
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    Tensor[] gradients = original.backward(saved, dy);
    Meta[] in = new Meta[gradients.length];
    Arrays.setAll(in, saved::meta);
    return backward.apply(gradients, in);
  }

  @Override
  public double flop(Meta[] in, Meta[] out) {
    return original.flop(in, out);
  }
}
