package org.adjoint.samples;

import java.util.concurrent.Callable;
import org.adjoint.Grad;
import org.adjoint.Tensor;
import org.adjoint.samples.cli.RunOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * Autograd in four lines: the squared norm of a vector t, and its gradient, which is 2t.
 *
 * <p>After F. Fleuret, "Apprentissage profond et intelligence artificielle" (CRM, 2019). Expect 21
 * and the gradient (2, 4, 8) of t = (1, 2, 4), exactly.
 */
@Command(name = "autograd", description = "the gradient of a squared norm, in four lines")
public final class Autograd implements Callable<Integer> {
  @Mixin private RunOptions run;

  @Override
  public Integer call() {
    Lesson.begin(run);
    Tensor t = Tensor.of(1.0, 2.0, 4.0).requireGrad();
    Tensor u = t.pow(2).sum();
    Tensor grad = Grad.of(u, t)[0];

    System.out.println("t           = " + t);
    System.out.println("u = sum t^2 = " + u);
    System.out.println("du/dt       = " + grad);
    Lesson.end(run, "autograd", 3, Lesson.figure("u", u.item()));
    return 0;
  }
}
