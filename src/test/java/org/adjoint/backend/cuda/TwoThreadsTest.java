package org.adjoint.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.adjoint.Device;
import org.adjoint.Philox;
import org.adjoint.Scope;
import org.adjoint.Tensor;
import org.adjoint.nn.Dropout;
import org.adjoint.nn.Linear;
import org.adjoint.nn.Relu;
import org.adjoint.nn.Sequential;
import org.adjoint.optim.Adam;
import org.junit.jupiter.api.Test;

/** Threads that use one GPU at the same time, each with a model of its own. */
class TwoThreadsTest {
  private static final int STEPS = 12;

  private final Device gpu = TestGpu.device();

  /** A few steps of a small network, with views, scratch memory and random numbers. */
  private float[] train(long seed) {
    Philox random = new Philox(seed);
    Sequential model =
        new Sequential(
            new Linear(9, 17, random),
            new Relu(),
            new Dropout(0.25, random),
            new Linear(17, 3, random));
    model.to(gpu);
    Adam adam = new Adam(model, 0.01);
    Tensor x = Tensor.normal(random, 9, 11).to(gpu).permute(1, 0);
    Tensor y = Tensor.of(0L, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1).to(gpu);
    float[] losses = new float[STEPS];
    for (int step = 0; step < STEPS; step++) {
      try (Scope _ = Scope.open()) {
        Tensor loss = model.forward(x).crossEntropy(y);
        adam.zeroGrad();
        loss.backward();
        adam.step();
        losses[step] = loss.toFloats()[0];
      }
    }
    return losses;
  }

  @Test
  void threadsThatShareADeviceDoNotDisturbEachOther() throws Exception {
    List<float[]> alone = List.of(train(1), train(2), train(3));
    List<Callable<float[]>> tasks = List.of(() -> train(1), () -> train(2), () -> train(3));
    try (var platform = Executors.newFixedThreadPool(2);
        var virtual = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<float[]>> together =
          List.of(
              platform.submit(tasks.get(0)),
              virtual.submit(tasks.get(1)),
              platform.submit(tasks.get(2)));
      for (int i = 0; i < alone.size(); i++) {
        assertArrayEquals(alone.get(i), together.get(i).get());
      }
    }
  }
}
