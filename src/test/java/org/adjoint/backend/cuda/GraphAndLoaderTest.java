package org.adjoint.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Iterator;
import org.adjoint.CudaGraph;
import org.adjoint.DType;
import org.adjoint.Device;
import org.adjoint.Meta;
import org.adjoint.Philox;
import org.adjoint.Scope;
import org.adjoint.Shape;
import org.adjoint.Tensor;
import org.adjoint.data.Batch;
import org.adjoint.data.Loader;
import org.adjoint.nn.Dropout;
import org.adjoint.nn.Linear;
import org.adjoint.nn.Sequential;
import org.adjoint.optim.Adam;
import org.junit.jupiter.api.Test;

/** A captured step that is fed by a loader, whose thread pins and uploads meanwhile. */
class GraphAndLoaderTest {
  private static final int BATCH = 4;
  private static final int FEATURES = 6;

  private final Device gpu = TestGpu.device();

  private final class Training {
    final Philox random = new Philox(1);
    final Sequential model =
        new Sequential(
            new Linear(FEATURES, 8, random), new Dropout(0.2, random), new Linear(8, 3, random));
    final Tensor x = Tensor.zeros(new Meta(Shape.of(BATCH, FEATURES), DType.F32, gpu));
    final Tensor y = Tensor.zeros(new Meta(Shape.of(BATCH), DType.I64, gpu));
    final Adam adam;

    Training() {
      model.to(gpu);
      adam = new Adam(model, 0.01);
    }

    void fill(Batch batch) {
      try (batch) {
        x.assign(batch.inputs());
        y.assign(batch.targets());
      }
    }

    void step() {
      try (Scope _ = Scope.open()) {
        Tensor loss = model.forward(x).crossEntropy(y);
        adam.zeroGrad();
        loss.backward();
        adam.step();
      }
    }

    float[] weights() {
      return ((Linear) model.get(0)).weight().toFloats();
    }
  }

  private static Loader batches() {
    int n = 15 * BATCH;
    Tensor labels = Tensor.arange(n).to(DType.F32).mul(0.05).to(DType.I64);
    return Loader.shuffled(Tensor.normal(new Philox(3), n, FEATURES), labels, BATCH, new Philox(4));
  }

  @Test
  void replaysStepOnEachBatchAsEagerStepsDo() {
    Training eager = new Training();
    for (Batch batch : batches()) {
      eager.fill(new Batch(batch.inputs().to(gpu), batch.targets().to(gpu)));
      eager.step();
    }
    Training captured = new Training();
    try (Loader loader = batches().prefetch(3).to(gpu)) {
      Iterator<Batch> all = loader.iterator();
      captured.fill(all.next());
      try (CudaGraph graph = CudaGraph.capture(gpu, captured::step)) {
        while (all.hasNext()) {
          captured.fill(all.next());
          graph.replay();
        }
      }
    }
    assertArrayEquals(eager.weights(), captured.weights());
  }
}
