package org.adjoint.samples;

import java.util.concurrent.Callable;
import org.adjoint.Philox;
import org.adjoint.Tensor;
import org.adjoint.nn.Layer;
import org.adjoint.nn.Linear;
import org.adjoint.nn.Relu;
import org.adjoint.nn.Sequential;
import org.adjoint.samples.cli.RunOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * Layers, and models made of them: a linear layer from 3 numbers to 1, and a chain of three linear
 * layers with ReLUs between, 3 → 9 → 2 → 2. A layer's parameters have names, and come in the order
 * of the layers: each linear one has a weight [out, in] and a bias [out].
 *
 * <p>After F. Fleuret, "Apprentissage profond et intelligence artificielle" (CRM, 2019). Expect the
 * lecture's sizes, 4 and 62 parameters, and a batch of 5 inputs that goes through in one call.
 */
@Command(name = "sequential", description = "layers and their parameters, alone and in a chain")
public final class SequentialModel implements Callable<Integer> {
  @Mixin private RunOptions run;

  @Override
  public Integer call() {
    Lesson.begin(run);
    Philox random = new Philox(run.seed());
    Layer linear = new Linear(3, 1, random);
    Layer model =
        new Sequential(
            new Linear(3, 9, random),
            new Relu(),
            new Linear(9, 2, random),
            new Relu(),
            new Linear(2, 2, random));

    describe("Linear(3, 1)", linear);
    describe("Sequential 3-9-2-2", model);
    Tensor x = Tensor.normal(random, 5, 3);
    Tensor y = model.forward(x);
    System.out.println("a batch " + x.shape() + " through the sequential gives " + y.shape());
    System.out.println(y);
    Lesson.end(run, "sequential", model.parameterCount());
    return 0;
  }

  private static void describe(String title, Layer layer) {
    System.out.println(title + ": " + layer.parameterCount() + " parameters");
    layer
        .parameters()
        .forEach((name, tensor) -> System.out.printf("  %-9s %s%n", name, tensor.shape()));
  }
}
