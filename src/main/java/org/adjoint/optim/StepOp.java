package org.adjoint.optim;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.adjoint.Meta;
import org.adjoint.Tensor;
import org.adjoint.autograd.Op;
import org.adjoint.autograd.Saved;
import org.adjoint.backend.Dense;
import org.adjoint.backend.cuda.Variant;
import org.adjoint.check.InPlace;
import org.adjoint.op.Draw;
import org.adjoint.op.OpSpec;
import org.adjoint.op.Require;

/**
 * The step of an optimiser as an operation, for who checks or times its kernels. Inputs are the
 * state and the gradient of each parameter, outputs the states; nobody differentiates a step.
 *
 * @param states tensors of a parameter's state, itself the first
 * @param squares which of them are never negative, counted from the last
 */
public record StepOp(OnePass step, int states, int squares) implements InPlace {
  /** One of each kernel. */
  public static List<StepOp> all() {
    return List.of(
        new StepOp(new Sgd.Step(0.1, 0, 0, false), 1, 0),
        new StepOp(new Sgd.Step(0.1, 0.9, 1e-4, false), 2, 0),
        new StepOp(new AdamStep(10, 1e-3, 0.9, 0.999, 1e-8, 0, 1e-5, false), 3, 1),
        new StepOp(new AdamStep(10, 1e-3, 0.9, 0.999, 1e-8, 0.01, 0, true), 4, 2),
        new StepOp(new RmsProp.Step(0.01, 0.99, 1e-8, 0, 0, false), 2, 1),
        new StepOp(new Adagrad.Step(0.01, 1e-10, 0), 2, 1));
  }

  @Override
  public String name() {
    return step.entry();
  }

  @Override
  public Meta[] infer(Meta... in) {
    for (Meta meta : in) {
      Require.floating(this, meta);
    }
    Meta[] out = new Meta[in.length / (states + 1) * states];
    for (int i = 0; i < out.length; i++) {
      out[i] = in[overwritten(i, in.length, out.length)];
    }
    return out;
  }

  @Override
  public int overwritten(int i, int inputs, int outputs) {
    return i + i / states;
  }

  @Override
  public void reference(Dense[] in, Dense[] out) {
    step.reference(in, out);
  }

  @Override
  public List<Variant> cuda() {
    return step.cuda();
  }

  @Override
  public Tensor[] backward(Saved saved, Tensor... dy) {
    return new Tensor[(states + 1) * (dy.length / states)];
  }

  @Override
  public double flop(Meta[] in, Meta[] out) {
    return 4 * Stream.of(out).mapToDouble(x -> x.shape().count()).sum();
  }

  /** What the states and the gradients of parameters of so many elements are drawn from. */
  public Draw[] draws(long... counts) {
    List<Draw> draws = new ArrayList<>();
    for (long count : counts) {
      for (int s = 0; s < states; s++) {
        draws.add(s < states - squares ? Draw.normal(count) : Draw.positive(count));
      }
      draws.add(Draw.normal(count));
    }
    return draws.toArray(Draw[]::new);
  }

  /** How exact its kernels must be. */
  public OpSpec spec() {
    return OpSpec.of((Op) this)
        .ulpsOfLargest(8)
        .example(this, draws(5))
        .example(this, draws(127, 129))
        .example(this, draws(1, 4096, 3))
        .build();
  }

  @Override
  public String toString() {
    return name();
  }
}
