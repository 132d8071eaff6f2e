package org.adjoint.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.adjoint.CudaGraph;
import org.adjoint.Device;
import org.adjoint.Scope;
import org.adjoint.Tensor;
import org.junit.jupiter.api.AfterEach;

/** What tests of graphs share: a step that is sound, and a look at what they leave behind. */
abstract class CudaGraphCase {
  final Device gpu = TestGpu.device();
  final CudaBackend backend = CudaBackend.of(gpu);
  final Tensor x = Tensor.of(1f, 2, 3).to(gpu);
  final Tensor y = Tensor.zeros(3).to(gpu);

  /** A step that is sound. */
  final void twice() {
    try (Scope _ = Scope.open()) {
      y.assign(x.mul(2));
    }
  }

  /** Eager work goes on, and so does capturing, whatever went wrong. */
  @AfterEach
  void nothingIsLeftBehind() {
    y.assign(Tensor.zeros(3));
    twice();
    assertArrayEquals(new float[] {2, 4, 6}, y.toFloats());
    try (CudaGraph graph = CudaGraph.capture(gpu, this::twice)) {
      x.assign(Tensor.of(4f, 5, 6));
      graph.replay();
      assertArrayEquals(new float[] {8, 10, 12}, y.toFloats());
    }
  }
}
