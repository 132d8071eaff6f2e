package org.adjoint.samples;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.adjoint.DType;
import org.adjoint.Grad;
import org.adjoint.Philox;
import org.adjoint.Tensor;
import org.adjoint.samples.cli.RunOptions;
import org.adjoint.samples.graph.GraphView;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * A network of two layers from nothing but tensors: h = tanh(w1·x + b1), y = tanh(w2·h + b2), and
 * the mean of (y − t)² as its loss. Is its gradient right? Every one of the 325 parameters is moved
 * a little up and down, and the slope of the loss between the two is compared with the gradient:
 *
 * <pre>∂loss/∂p ≈ (loss(p + ε) − loss(p − ε)) / 2ε</pre>
 *
 * <p>After F. Fleuret, "Apprentissage profond et intelligence artificielle" (CRM, 2019). Expect
 * relative differences below 1e-7, and the graph as a page and for Graphviz.
 */
@Command(
    name = "two-layer-tanh",
    description = "a network by hand, its gradient checked, its graph drawn")
public final class TwoLayerTanh implements Callable<Integer> {
  /** Near the cube root of the rounding error, where both errors of the slope are small. */
  private static final double EPSILON = 1e-5;

  @Mixin private RunOptions run;

  private record Network(Tensor w1, Tensor b1, Tensor w2, Tensor b2) {
    static Network random(Philox random) {
      return new Network(
          normal(random, 20, 10).mul(Math.sqrt(1 / 10.0)).requireGrad(),
          normal(random, 20).requireGrad(),
          normal(random, 5, 20).mul(Math.sqrt(1 / 20.0)).requireGrad(),
          normal(random, 5).requireGrad());
    }

    Tensor forward(Tensor x) {
      Tensor h = w1.matmul(x).add(b1).tanh();
      return w2.matmul(h).add(b2).tanh();
    }
  }

  @Override
  public Integer call() {
    Lesson.begin(run);
    Philox random = new Philox(run.seed());
    Network net = Network.random(random);
    Tensor x = normal(random, 10);
    Tensor t = normal(random, 5);

    Tensor y = net.forward(x);
    Tensor loss = y.sub(t).pow(2).mean();
    System.out.println("y    = " + y);
    System.out.println("loss = " + loss.item());

    Map<String, Tensor> parameters = new LinkedHashMap<>();
    parameters.put("w1", net.w1);
    parameters.put("b1", net.b1);
    parameters.put("w2", net.w2);
    parameters.put("b2", net.b2);
    Tensor[] grads = Grad.of(loss, parameters.values().toArray(Tensor[]::new));

    System.out.println("gradient against slope, largest relative difference");
    double worst = 0;
    int i = 0;
    for (var parameter : parameters.entrySet()) {
      double[] slope = slopes(() -> net.forward(x).mse(t), parameter.getValue());
      double difference = difference(grads[i++].toDoubles(), slope);
      worst = Math.max(worst, difference);
      System.out.printf(
          "  %s %-9s %s%n", parameter.getKey(), parameter.getValue().shape(), difference);
    }

    Map<Tensor, String> names = new HashMap<>(Map.of(y, "y", loss, "loss"));
    parameters.forEach((name, tensor) -> names.put(tensor, name));
    Lesson.draw(run, "two-layer-tanh", GraphView.of(loss, names));
    Lesson.end(
        run,
        "two-layer-tanh",
        325,
        Lesson.figure("loss", loss.item()),
        Lesson.figure("largest relative difference", worst));
    return 0;
  }

  /** The slope of the loss along each element of {@code parameter}, by central differences. */
  private static double[] slopes(Supplier<Tensor> loss, Tensor parameter) {
    double[] at = parameter.toDoubles();
    double[] slopes = new double[at.length];
    for (int i = 0; i < at.length; i++) {
      double middle = at[i];
      at[i] = middle + EPSILON;
      double above = lossAt(at, parameter, loss);
      at[i] = middle - EPSILON;
      double below = lossAt(at, parameter, loss);
      at[i] = middle;
      slopes[i] = (above - below) / (2 * EPSILON);
    }
    parameter.assign(Tensor.of(parameter.shape(), at));
    return slopes;
  }

  private static double lossAt(double[] elements, Tensor parameter, Supplier<Tensor> loss) {
    parameter.assign(Tensor.of(parameter.shape(), elements));
    return Grad.off(loss).item();
  }

  /** The largest difference as a share of the largest gradient. */
  private static double difference(double[] gradient, double[] slope) {
    double difference = 0;
    double size = 0;
    for (int i = 0; i < gradient.length; i++) {
      difference = Math.max(difference, Math.abs(gradient[i] - slope[i]));
      size = Math.max(size, Math.abs(gradient[i]));
    }
    return difference / size;
  }

  private static Tensor normal(Philox random, long... sizes) {
    return Tensor.normal(random, sizes).to(DType.F64);
  }
}
