package org.adjoint.samples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.adjoint.Device;
import org.adjoint.Philox;
import org.adjoint.Tensor;
import org.adjoint.backend.cuda.TestGpu;
import org.adjoint.data.Batch;
import org.adjoint.data.Loader;
import org.adjoint.nn.Sequential;
import org.adjoint.optim.Sgd;
import org.adjoint.samples.cli.UserError;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** LeNet's steps, one by one and as a graph, with a last batch that is shorter. */
class LeNetOnGpuTest {
  private final Device gpu = TestGpu.device();

  /** Two epochs on noise; the losses go to {@code losses}. */
  private Map<String, Tensor> train(boolean asGraph, List<Double> losses) {
    Tensor images = Tensor.normal(new Philox(4), 5, 1, 28, 28).to(gpu);
    Tensor labels = Tensor.of(3L, 1, 4, 1, 5).to(gpu);
    Sequential model = LeNet.network(new Philox(1));
    model.to(gpu);
    Loader loader = Loader.shuffled(images, labels, 2, new Philox(2));
    try (LeNetStep step = new LeNetStep(model, new Sgd(model, 0.1, 0.9), gpu, asGraph)) {
      for (int epoch = 0; epoch < 2; epoch++) {
        step.begin();
        for (Batch digits : loader) {
          try (digits) {
            step.take(digits);
          }
          if (losses.size() % 2 == 0) {
            losses.add(step.meanLoss()); // to look changes nothing
          }
        }
        losses.add(step.meanLoss());
      }
    }
    return model.state();
  }

  @Test
  void theCpuHasNoGraphs() {
    LeNet sample = new LeNet();
    new CommandLine(sample).parseArgs("--graph");
    assertEquals(
        "--graph records what a GPU is to do; add --device cuda or emulator",
        assertThrows(UserError.class, sample::call).getMessage());
  }

  @Test
  void aGraphTrainsToTheSameBits() {
    List<Double> losses = new ArrayList<>();
    List<Double> replayed = new ArrayList<>();
    Map<String, Tensor> expected = train(false, losses);
    Map<String, Tensor> found = train(true, replayed);
    assertEquals(losses, replayed);
    assertNotEquals(losses.get(1), losses.get(3));
    expected.forEach(
        (name, weights) -> assertArrayEquals(weights.toFloats(), found.get(name).toFloats(), name));
  }
}
