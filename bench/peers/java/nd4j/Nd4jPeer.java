package org.adjoint.peers;

import java.io.IOException;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.custom.SoftMax;
import org.nd4j.linalg.factory.Nd4j;

/** ND4J on its native backend; results go to one array that is reused. */
public final class Nd4jPeer extends Peer {
  private Nd4jPeer() {}

  /** {@code args[0]} is the number of threads. */
  public static void main(String[] args) throws IOException {
    Nd4j.getEnvironment().setMaxThreads(Integer.parseInt(args[0]));
    Nd4j.getEnvironment().setMaxMasterThreads(Integer.parseInt(args[0]));
    new Nd4jPeer().serve();
  }

  @Override
  protected String version() {
    return "nd4j=1.0.0-M2.1, " + Nd4j.getBackend().buildInfo().lines().findFirst().orElse("");
  }

  @Override
  protected void sgemm(String work, int n, float[] a, float[] b) {
    INDArray x = Nd4j.create(a, new long[] {n, n}, 'c');
    INDArray y = Nd4j.create(b, new long[] {n, n}, 'c');
    INDArray z = Nd4j.create(new float[n * n], new long[] {n, n}, 'f'); // its BLAS writes columns
    does(work, () -> x.mmuli(y, z), () -> x.mmuli(y, z).dup('c').data().asFloat());
  }

  @Override
  protected void softmax(String work, int rows, int columns, float[] values) {
    INDArray x = Nd4j.create(values, new long[] {rows, columns}, 'c');
    INDArray y = x.dup('c');
    Runnable body = () -> Nd4j.exec(new SoftMax(x, y, 1));
    does(
        work,
        body,
        () -> {
          body.run();
          return y.data().asFloat();
        });
  }
}
