package org.adjoint.peers;

import java.io.IOException;
import java.util.Map;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.TensorFlow;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.types.TFloat32;

/** TensorFlow Java: a graph of one operation, fed with tensors that stay where they are. */
public final class TensorFlowPeer extends Peer {
  private final ConfigProto config;

  private TensorFlowPeer(int threads) {
    config =
        ConfigProto.newBuilder()
            .setIntraOpParallelismThreads(threads)
            .setInterOpParallelismThreads(1)
            .build();
  }

  /** {@code args[0]} is the number of threads. */
  public static void main(String[] args) throws IOException {
    new TensorFlowPeer(Integer.parseInt(args[0])).serve();
  }

  @Override
  protected String version() {
    return "tensorflow=" + TensorFlow.version();
  }

  @Override
  protected void sgemm(String work, int n, float[] a, float[] b) {
    Graph graph = new Graph();
    Ops tf = Ops.create(graph);
    Placeholder<TFloat32> x = tf.placeholder(TFloat32.class);
    Placeholder<TFloat32> y = tf.placeholder(TFloat32.class);
    Shape shape = Shape.of(n, n);
    does(work, graph, tf.linalg.matMul(x, y), Map.of(x, tensor(shape, a), y, tensor(shape, b)));
  }

  @Override
  protected void softmax(String work, int rows, int columns, float[] values) {
    Graph graph = new Graph();
    Ops tf = Ops.create(graph);
    Placeholder<TFloat32> x = tf.placeholder(TFloat32.class);
    does(work, graph, tf.nn.softmax(x), Map.of(x, tensor(Shape.of(rows, columns), values)));
  }

  private static TFloat32 tensor(Shape shape, float[] values) {
    return TFloat32.tensorOf(shape, DataBuffers.of(values));
  }

  private void does(
      String work,
      Graph graph,
      Operand<TFloat32> result,
      Map<Placeholder<TFloat32>, TFloat32> fed) {
    Session session = new Session(graph, config);
    does(
        work,
        () -> run(session, result, fed).close(),
        () -> {
          try (Result all = run(session, result, fed)) {
            TFloat32 tensor = (TFloat32) all.get(0);
            float[] values = new float[(int) tensor.size()];
            tensor.copyTo(NdArrays.wrap(tensor.shape(), DataBuffers.of(values, false, false)));
            return values;
          }
        });
  }

  private static Result run(
      Session session, Operand<TFloat32> result, Map<Placeholder<TFloat32>, TFloat32> fed) {
    Session.Runner runner = session.runner();
    fed.forEach((placeholder, tensor) -> runner.feed(placeholder.asOutput(), tensor));
    return runner.fetch(result).run();
  }
}
