package org.adjoint;

import java.util.Arrays;
import org.adjoint.backend.Arrival;
import org.adjoint.backend.Backend;
import org.adjoint.backend.Layout;
import org.adjoint.backend.Operand;

/**
 * Tensors on their way from the CPU to a device, while it computes. One thread may send what
 * another takes; {@link org.adjoint.data.Loader#to} does so with batches.
 */
public final class Upload implements AutoCloseable {
  private final Shape[] shapes;
  private final Arrival arrival;
  private boolean over;

  private Upload(Shape[] shapes, Arrival arrival) {
    this.shapes = shapes;
    this.arrival = arrival;
  }

  /**
   * Sends {@code tensors} to {@code device}; they may be closed or changed once this returns.
   *
   * @throws IllegalArgumentException if one of them is not on the CPU
   */
  public static Upload of(Device device, Tensor... tensors) {
    for (Tensor tensor : tensors) {
      tensor.requireOpen("upload");
      if (!tensor.device().equals(Device.CPU)) {
        throw new IllegalArgumentException(
            "upload: " + tensor.meta() + " is not on the CPU; use to(device)");
      }
    }
    Operand[] operands = Arrays.stream(tensors).map(Tensor::operand).toArray(Operand[]::new);
    return new Upload(
        Arrays.stream(tensors).map(Tensor::shape).toArray(Shape[]::new),
        Backend.of(device).receive(operands));
  }

  /**
   * The tensors, there, in the caller's scope and in no graph. It waits for nothing: what is
   * computed with them from now on waits by itself.
   *
   * @throws IllegalStateException if they were taken before, or this was closed
   */
  public Tensor[] take() {
    if (over) {
      throw new IllegalStateException("upload: taken, or closed, before");
    }
    var storages = arrival.await();
    over = true;
    Tensor[] taken = new Tensor[shapes.length];
    for (int i = 0; i < taken.length; i++) {
      taken[i] = new Tensor(storages[i], Layout.contiguous(shapes[i]), null);
    }
    return taken;
  }

  /** Gives them up, if nobody took them. */
  @Override
  public void close() {
    if (!over) {
      over = true;
      arrival.close();
    }
  }
}
