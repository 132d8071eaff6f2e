package org.adjoint.samples;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.adjoint.DType;
import org.adjoint.Grad;
import org.adjoint.Tensor;
import org.adjoint.samples.cli.RunOptions;
import org.adjoint.samples.common.Series;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * What bends a network: without an activation between them two linear layers are one. Here are
 * tanh, the sigmoid σ and the ReLU, and their slopes by autograd.
 *
 * <p>After F. Fleuret, "Apprentissage profond et intelligence artificielle" (CRM, 2019), and E.
 * Viennet, "Apprentissage et fouille de données visuelles" (Paris 13, 2018–2019), who gives tanh x
 * = 2/(1 + e⁻²ˣ) − 1. Expect both sides to differ by no more than two units in the last place of 1:
 * the right one subtracts two numbers near 1 where x is near 0, and what is left has their error,
 * not its own size's. So it is a definition to read, not to compute with: the last line shows what
 * it makes of 1e-17.
 *
 * <p>The ReLU has a corner at 0, where any slope from 0 to 1 would do; Adjoint takes 0.
 */
@Command(name = "activations", description = "tanh, sigmoid and ReLU, their slopes, an identity")
public final class Activations implements Callable<Integer> {
  private static final double REACH = 20;
  private static final int POINTS = 20_001;

  @Mixin private RunOptions run;

  @Override
  public Integer call() {
    Lesson.begin(run);
    double[] places = new double[POINTS];
    Arrays.setAll(places, i -> -REACH + 2 * REACH * i / (POINTS - 1));
    Tensor x = Tensor.of(places);

    double f64 = identityError(x) / Math.ulp(1.0);
    double f32 = identityError(x.to(DType.F32)) / Math.ulp(1f);
    System.out.println("largest |tanh x - (2/(1 + e^-2x) - 1)| for x from -20 to 20");
    System.out.println("  F64: " + f64 + " ulp(1)");
    System.out.println("  F32: " + f32 + " ulp(1)");
    Tensor small = Tensor.scalar(1e-17);
    System.out.println("  at 1e-17: " + small.tanh().item() + " and " + byExp(small).item());

    System.out.println("slopes at 0");
    Tensor zero = Tensor.scalar(0);
    double relu = slope(Tensor::relu, zero).item();
    System.out.println("  tanh'(0) = " + slope(Tensor::tanh, zero).item());
    System.out.println("  sigmoid'(0) = " + slope(Tensor::sigmoid, zero).item());
    System.out.println("  ReLU'(0) = " + relu);

    draw();
    Lesson.end(
        run,
        "activations",
        0,
        Lesson.figure("largest deviation in F64, in ulp(1)", f64),
        Lesson.figure("largest deviation in F32, in ulp(1)", f32),
        Lesson.figure("ReLU'(0)", relu));
    return 0;
  }

  /** tanh as the lecture defines it. */
  private static Tensor byExp(Tensor x) {
    return x.mul(-2).exp().add(1).pow(-1).mul(2).sub(1);
  }

  private static double identityError(Tensor x) {
    return Arrays.stream(x.tanh().sub(byExp(x)).toDoubles()).map(Math::abs).max().orElseThrow();
  }

  /** The derivative of {@code f} at each element: of the sum of all, since each moves its own. */
  private static Tensor slope(UnaryOperator<Tensor> f, Tensor at) {
    Tensor x = at.detach().requireGrad();
    return Grad.of(f.apply(x).sum(), x)[0];
  }

  private void draw() {
    double[] places = new double[401];
    Arrays.setAll(places, i -> -4 + i / 50.0);
    Tensor x = Tensor.of(places);
    Lesson.pictures(run)
        .lines(
            "activations.png",
            "Activations and their slopes",
            "x",
            "y",
            Stream.of(
                    curve("tanh", Tensor::tanh, x),
                    curve("sigmoid", Tensor::sigmoid, x),
                    curve("ReLU", Tensor::relu, x))
                .flatMap(List::stream)
                .toList());
  }

  private static List<Series> curve(String name, UnaryOperator<Tensor> f, Tensor x) {
    double[] places = x.toDoubles();
    return List.of(
        new Series(name, places, f.apply(x).toDoubles()),
        new Series(name + "′", places, slope(f, x).toDoubles()));
  }
}
