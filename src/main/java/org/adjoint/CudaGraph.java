package org.adjoint;

import org.adjoint.backend.cuda.RecordedStep;

/**
 * A step on a GPU that is launched as a whole. A step of a small model is a hundred kernels of a
 * few microseconds each, and to launch them one by one takes longer than they run; so the step is
 * recorded once as a CUDA graph, and replayed by one call.
 *
 * <pre>{@code
 * Tensor x = Tensor.zeros(new Meta(Shape.of(64, 1, 28, 28), DType.F32, gpu));
 * Tensor y = Tensor.zeros(new Meta(Shape.of(64), DType.I64, gpu));
 * Tensor last = Tensor.zeros(new Meta(Shape.SCALAR, DType.F32, gpu));
 * x.assign(first.inputs());
 * y.assign(first.targets());
 * Runnable step = () -> {
 *   try (Scope _ = Scope.open()) {
 *     Tensor loss = model.forward(x).crossEntropy(y);
 *     optimizer.zeroGrad();
 *     loss.backward();
 *     optimizer.step();
 *     last.assign(loss.detach());
 *   }
 * };
 * try (CudaGraph graph = CudaGraph.capture(gpu, step)) {   // the first step
 *   for (Batch batch : others) {
 *     x.assign(batch.inputs());
 *     y.assign(batch.targets());
 *     graph.replay();                                      // one more
 *   }
 * }
 * System.out.println(last.item());
 * }</pre>
 *
 * <p>A replay runs the kernels of the recorded step on the tensors of then, so:
 *
 * <ul>
 *   <li>Inputs are tensors from outside the step, filled by {@link Tensor#assign} before a replay;
 *       their shapes stay. A shorter last batch is a step of its own, taken without the graph.
 *   <li>Results are assigned to tensors from outside, to be read after a replay. What the step
 *       makes anew, gradients included, holds the elements of the latest replay, and before the
 *       first one none at all.
 *   <li>Nothing of the step may look at elements: {@code item()} and its like are errors, as are
 *       new tensors from the host. The step calls {@code zeroGrad()} itself.
 *   <li>What the library draws and counts goes on as it would: the masks of {@link
 *       org.adjoint.nn.Dropout}, the steps of an optimiser, and its rate, which may be set before
 *       any replay. Whatever else the program does in the step, it does when it is captured, twice.
 * </ul>
 *
 * <p>A graph keeps all memory of its step for itself until it is closed, and tensors from outside
 * that the step uses. Between replays anything else may be computed.
 */
public final class CudaGraph implements AutoCloseable {
  private final RecordedStep step;

  private CudaGraph(RecordedStep step) {
    this.step = step;
  }

  /**
   * Takes one step, and records it: with n replays, n + 1 steps have been taken, to the bit. Other
   * threads that use the device wait until it is recorded, so the step must not wait for them.
   *
   * @param device a GPU
   * @param step runs on it alone
   * @throws IllegalArgumentException if the device is the CPU
   * @throws IllegalStateException if the step does what cannot be recorded; the message says what.
   *     The one step was taken nevertheless
   */
  public static CudaGraph capture(Device device, Runnable step) {
    if (device.equals(Device.CPU)) {
      throw new IllegalArgumentException(
          "capture: cpu records no steps, cuda:0 does; run the step as it is");
    }
    return new CudaGraph(RecordedStep.capture(device, step));
  }

  /**
   * Queues one more step, and waits for nothing. An index out of range in it comes to light when
   * elements are read the next time.
   *
   * @throws IllegalStateException if the graph was closed, or a step is being captured
   */
  public void replay() {
    try (Span _ = Span.open("graph replay")) {
      step.replay();
    }
  }

  /** Gives its memory back; what was queued is still done. Closing again does nothing. */
  @Override
  public void close() {
    step.close();
  }
}
