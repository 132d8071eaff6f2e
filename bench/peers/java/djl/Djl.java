package org.adjoint.peers;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.util.function.Supplier;

/** Deep Java Library on its PyTorch engine; results are closed as soon as they are there. */
public final class Djl extends Peer {
  private final NDManager manager;

  private Djl() {
    manager = NDManager.newBaseManager();
  }

  /** {@code args[0]} is the number of threads. */
  public static void main(String[] args) throws IOException {
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("ai.djl.pytorch.num_threads", args[0]);
    System.setProperty("ai.djl.pytorch.num_interop_threads", "1");
    new Djl().serve();
  }

  @Override
  protected String version() {
    return "djl=" + Engine.getDjlVersion() + ", PyTorch " + Engine.getInstance().getVersion();
  }

  @Override
  protected void sgemm(String work, int n, float[] a, float[] b) {
    NDArray x = manager.create(a, new Shape(n, n));
    NDArray y = manager.create(b, new Shape(n, n));
    does(work, () -> x.matMul(y));
  }

  @Override
  protected void softmax(String work, int rows, int columns, float[] values) {
    NDArray x = manager.create(values, new Shape(rows, columns));
    does(work, () -> x.softmax(1));
  }

  private void does(String work, Supplier<NDArray> product) {
    does(
        work,
        () -> product.get().close(),
        () -> {
          try (NDArray result = product.get()) {
            return result.toFloatArray();
          }
        });
  }
}
