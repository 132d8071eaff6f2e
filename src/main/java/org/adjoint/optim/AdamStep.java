package org.adjoint.optim;

import java.util.List;
import org.adjoint.DType;
import org.adjoint.backend.Dense;
import org.adjoint.backend.Kernel;
import org.adjoint.backend.Operand;
import org.adjoint.backend.cpu.CpuBackend;
import org.adjoint.backend.cpu.CpuStorage;
import org.adjoint.backend.cpu.Parallel;
import org.adjoint.backend.cpu.StepMath;
import org.adjoint.backend.cuda.OptimVariants;
import org.adjoint.backend.cuda.Variant;

/**
 * One step of {@link Adam} and its relatives on one parameter, in one pass over w, m, v and the
 * largest v so far, if that counts; beside them the gradient.
 *
 * @param steps t, 1 at the first step
 * @param rate η
 * @param decay λ in the gradient: g = ∇L + λ·w
 * @param shrink how much of w goes beforehand: η·λ where the decay stands beside the gradient
 * @param amsgrad whether the largest v divides
 */
record AdamStep(
    long steps,
    double rate,
    double beta1,
    double beta2,
    double eps,
    double decay,
    double shrink,
    boolean amsgrad)
    implements Kernel {
  private double unbias1() {
    return 1 - StrictMath.pow(beta1, (double) steps);
  }

  private double unbias2() {
    return 1 - StrictMath.pow(beta2, (double) steps);
  }

  @Override
  public void reference(Dense[] in, Dense[] out) {
    double[] gradient = in[in.length - 1].data();
    for (int i = 0; i < gradient.length; i++) {
      double w = in[0].data()[i] * (1 - shrink);
      double g = decay == 0 ? gradient[i] : gradient[i] + decay * w;
      double m = beta1 * in[1].data()[i] + (1 - beta1) * g;
      double v = beta2 * in[2].data()[i] + (1 - beta2) * g * g;
      out[1].data()[i] = m;
      out[2].data()[i] = v;
      if (amsgrad) {
        v = Math.max(in[3].data()[i], v);
        out[3].data()[i] = v;
      }
      double divisor = Math.sqrt(v) / Math.sqrt(unbias2()) + eps;
      out[0].data()[i] = w - rate / unbias1() * (m / divisor);
    }
  }

  @Override
  public boolean fast(Operand[] in, Operand[] out) {
    if (in[0].dtype() != DType.F32 || !Sgd.Step.inPlace(in, out)) {
      return false;
    }
    Operand gradient = CpuBackend.contiguous(in[in.length - 1]);
    StepMath.Moments by =
        new StepMath.Moments(
            (float) (1 - shrink),
            (float) decay,
            (float) beta1,
            (float) (1 - beta1),
            (float) beta2,
            (float) (1 - beta2),
            (float) Math.sqrt(unbias2()),
            (float) eps,
            (float) (rate / unbias1()));
    Operand peak = out[amsgrad ? 3 : 2];
    Parallel.forRange(
        gradient.count(),
        Sgd.Step.GRAIN,
        (from, to) ->
            StepMath.best()
                .adapt(
                    by,
                    CpuStorage.floats(out[0]),
                    Sgd.Step.at(out[0], from),
                    CpuStorage.floats(out[1]),
                    Sgd.Step.at(out[1], from),
                    CpuStorage.floats(out[2]),
                    Sgd.Step.at(out[2], from),
                    CpuStorage.floats(peak),
                    Sgd.Step.at(peak, from),
                    CpuStorage.floats(gradient),
                    Sgd.Step.at(gradient, from),
                    (int) (to - from)));
    return true;
  }

  @Override
  public List<Variant> cuda() {
    return OptimVariants.of(
        amsgrad ? "adam_amsgrad" : "adam",
        1 - shrink,
        decay,
        beta1,
        1 - beta1,
        beta2,
        1 - beta2,
        Math.sqrt(unbias2()),
        eps,
        rate / unbias1());
  }
}
