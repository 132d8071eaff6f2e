package org.adjoint.optim;

import java.util.List;
import java.util.Map;
import org.adjoint.DType;
import org.adjoint.Tensor;
import org.adjoint.backend.Dense;
import org.adjoint.backend.Kernel;
import org.adjoint.backend.Operand;
import org.adjoint.backend.cpu.CpuBackend;
import org.adjoint.backend.cpu.CpuStorage;
import org.adjoint.backend.cpu.Parallel;
import org.adjoint.backend.cpu.StepMath;
import org.adjoint.backend.cuda.OptimVariants;
import org.adjoint.backend.cuda.Variant;
import org.adjoint.nn.Layer;

/**
 * Stochastic gradient descent, with momentum if wanted: v ← μ·v + g, w ← w − η·v, where g = ∇L +
 * λ·w (Polyak, Some methods of speeding up the convergence of iteration methods, 1964).
 *
 * <p>Nesterov's momentum looks ahead: w ← w − η·(g + μ·v) (Sutskever, Martens, Dahl, Hinton, On the
 * importance of initialization and momentum in deep learning, 2013). The forms are PyTorch's.
 */
public final class Sgd extends Optimizer {
  private static final String VELOCITY = "momentum_buffer";

  private final double momentum;
  private boolean nesterov;
  private double decay;

  /** Plain gradient descent on the parameters of {@code model} with learning rate η = rate. */
  public Sgd(Layer model, double rate) {
    this(model, rate, 0);
  }

  /**
   * With momentum μ.
   *
   * @throws IllegalArgumentException if the rate is negative or the momentum not in [0, 1)
   */
  public Sgd(Layer model, double rate, double momentum) {
    this(model.parameters(), rate, momentum);
  }

  /** As {@link #Sgd(Layer, double, double)}, on parameters of one's choice. */
  public Sgd(Map<String, Tensor> parameters, double rate, double momentum) {
    super("sgd", parameters, rate);
    this.momentum = require("momentum", momentum, 0, 1);
    if (momentum > 0) {
      remember(VELOCITY, 0);
    }
  }

  /**
   * Looks ahead as Nesterov does.
   *
   * @throws IllegalStateException without momentum, where there is nothing to look ahead along
   */
  public Sgd nesterov() {
    if (momentum == 0) {
      throw new IllegalStateException("sgd: nesterov needs a momentum above 0");
    }
    nesterov = true;
    return this;
  }

  /** Adds λ·w to each gradient. */
  public Sgd weightDecay(double lambda) {
    decay = require("weight decay", lambda, 0, Double.POSITIVE_INFINITY);
    return this;
  }

  @Override
  protected void update(Parameter p, Tensor gradient) {
    Step step = new Step(rate(), momentum, decay, nesterov);
    if (momentum > 0) {
      p.update(step, gradient, VELOCITY);
    } else {
      p.update(step, gradient);
    }
  }

  /** The lines above, on one parameter: in one pass over w and v, if there is one, and ∇L. */
  record Step(double rate, double momentum, double decay, boolean nesterov) implements Kernel {
    /** Elements that are worth a thread. */
    static final int GRAIN = 1 << 15;

    @Override
    public void reference(Dense[] in, Dense[] out) {
      double[] gradient = in[in.length - 1].data();
      for (int i = 0; i < gradient.length; i++) {
        double w = in[0].data()[i];
        double g = decay == 0 ? gradient[i] : gradient[i] + decay * w;
        double direction = g;
        if (momentum > 0) {
          double v = momentum * in[1].data()[i] + g;
          out[1].data()[i] = v;
          direction = nesterov ? g + momentum * v : v;
        }
        out[0].data()[i] = w - rate * direction;
      }
    }

    @Override
    public boolean fast(Operand[] in, Operand[] out) {
      if (in[0].dtype() != DType.F32 || !inPlace(in, out)) {
        return false;
      }
      Operand g = CpuBackend.contiguous(in[in.length - 1]);
      Operand v = out[out.length - 1]; // without a momentum, anything
      StepMath.Descent by =
          new StepMath.Descent((float) rate, (float) momentum, (float) decay, nesterov);
      Parallel.forRange(
          g.count(),
          GRAIN,
          (from, to) ->
              StepMath.best()
                  .descend(
                      by,
                      CpuStorage.floats(out[0]),
                      at(out[0], from),
                      CpuStorage.floats(v),
                      at(v, from),
                      CpuStorage.floats(g),
                      at(g, from),
                      (int) (to - from)));
      return true;
    }

    @Override
    public List<Variant> cuda() {
      return OptimVariants.of(
          momentum > 0 ? "sgd_momentum" : "sgd", rate, momentum, decay, nesterov ? 1 : 0);
    }

    /** Whether outputs are the inputs themselves, and all lie in order. */
    static boolean inPlace(Operand[] in, Operand[] out) {
      boolean fit = true;
      for (int i = 0; i < out.length; i++) {
        fit &= in[i].equals(out[i]) && out[i].layout().isContiguous();
      }
      return fit;
    }

    /** Where an element lies. */
    static int at(Operand operand, long element) {
      return CpuStorage.at(operand) + (int) element;
    }
  }
}
