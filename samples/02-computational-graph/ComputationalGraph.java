package org.adjoint.samples;

import java.util.Map;
import java.util.concurrent.Callable;
import org.adjoint.Tensor;
import org.adjoint.samples.cli.RunOptions;
import org.adjoint.samples.graph.GraphView;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * What backpropagation does, on a graph that fits on a blackboard: loss = (x·w − y)² at x = 1, y =
 * 2, w = 1. Forward, each operation computes a value from those before it. Backward, the chain rule
 * turns the gradient of an operation's output into those of its inputs: for L(g(f(x, w))), ∂L/∂w =
 * ∂L/∂g · ∂g/∂f · ∂f/∂w.
 *
 * <p>After E. Viennet, "Apprentissage et fouille de données visuelles" (Paris 13, 2018–2019).
 * Expect a prediction of 1 and a loss of 1, and −2 for the gradients of the prediction and of w;
 * and the graph as a picture, with the same numbers.
 */
@Command(
    name = "computational-graph",
    description = "values forward, gradients backward, in a picture")
public final class ComputationalGraph implements Callable<Integer> {
  @Mixin private RunOptions run;

  @Override
  public Integer call() {
    Lesson.begin(run);
    Tensor x = Tensor.scalar(1).requireGrad();
    Tensor y = Tensor.scalar(2).requireGrad();
    Tensor w = Tensor.scalar(1).requireGrad();

    // Leaves keep their gradients; computed values do so on request.
    Tensor prediction = x.mul(w).retainGrad();
    Tensor error = prediction.sub(y).retainGrad();
    Tensor loss = error.pow(2).retainGrad();
    loss.backward();

    System.out.println("forward");
    print("y_pred", "x w", prediction);
    print("e", "y_pred - y", error);
    print("loss", "e^2", loss);
    System.out.println("backward");
    print("dloss/dloss", "1", loss.grad());
    print("dloss/de", "dloss/dloss * 2 e", error.grad());
    print("dloss/dy_pred", "dloss/de * 1", prediction.grad());
    print("dloss/dw", "dloss/dy_pred * x", w.grad());
    print("dloss/dx", "dloss/dy_pred * w", x.grad());
    print("dloss/dy", "dloss/de * (-1)", y.grad());

    Map<Tensor, String> names =
        Map.of(x, "x", w, "w", y, "y", prediction, "y_pred", error, "e", loss, "loss");
    Lesson.draw(run, "computational-graph", GraphView.of(loss, names));
    Lesson.end(
        run,
        "computational-graph",
        1,
        Lesson.figure("loss", loss.item()),
        Lesson.figure("dloss/dy_pred", prediction.grad().item()),
        Lesson.figure("dloss/dw", w.grad().item()));
    return 0;
  }

  private static void print(String name, String formula, Tensor value) {
    System.out.printf("  %-14s= %-18s= %s%n", name, formula, value.item());
  }
}
